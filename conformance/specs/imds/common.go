package imds

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// tokenPath is the token endpoint, in the spelling that is documented.
const tokenPath = "/metadata/identity/oauth2/token"

// guid is the form of ids.
const guid = `^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`

// noOne is the id of nobody.
const noOne = "99999999-9999-4999-8999-999999999999"

// hasToken matches an answer with a token, which no target has by chance.
func hasToken() types.GomegaMatcher {
	return match.JSON("access_token", gomega.Not(gomega.BeZero()))
}

// send asks until the service is not too busy: it takes some requests a second from a machine,
// whoever sends them.
func send(ctx context.Context, t *suite.T, r *suite.Request) *wire.Answer {
	var a *wire.Answer
	t.Settle(ctx, "an answer other than 429", func(ctx context.Context) bool {
		a = t.Send(ctx, r)
		return a.Status != http.StatusTooManyRequests
	})
	return a
}

// armToken asks for a token for Resource Manager, with more of a query.
func armToken(t *suite.T, pairs ...string) *suite.Request {
	r := t.IMDSToken(t.Cloud.ARMAudience)
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Query(pairs[i], pairs[i+1])
	}
	return r
}

// number reads a member that is a string of digits, -1 where it is none.
func number(a *wire.Answer, member string) int64 {
	return seconds(match.Text(a, member))
}

// near matches a string of digits that is at most a minute from a number.
func near(n int64) types.GomegaMatcher {
	return gomega.WithTransform(seconds, gomega.BeNumerically("~", n, 60))
}

// left is how long it is until a Unix time, by the date of an answer, or the suite's where it
// has none.
func left(t *suite.T, a *wire.Answer, until int64) int64 {
	now := t.Now()
	if date, err := time.Parse(http.TimeFormat, a.Header.Get("Date")); err == nil {
		now = date
	}
	return until - now.Unix()
}

// claim is a claim of the token in an answer, as text.
func claim(a *wire.Answer, name string) string {
	claims, err := suite.ClaimsOf(match.Text(a, "access_token"))
	if err != nil {
		return ""
	}
	switch v := claims[name].(type) {
	case string:
		return v
	case float64:
		return strconv.FormatInt(int64(v), 10)
	}
	return ""
}

// members are the names of the members of a JSON object, in their order.
func members(a *wire.Answer) []string {
	decoder := json.NewDecoder(bytes.NewReader(a.Body))
	if first, err := decoder.Token(); err != nil || first != json.Delim('{') {
		return nil
	}
	var names []string
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil
		}
		text, _ := name.(string)
		names = append(names, text)
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return nil
		}
	}
	return names
}

// seconds reads a string of digits, -1 where it is none.
func seconds(v any) int64 {
	text, _ := v.(string)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func unix(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
