package entra

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

const (
	// guid is the form of ids.
	guid = `^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`
	// noOne is the id of nobody.
	noOne = "99999999-9999-4999-8999-999999999999"
)

// endpoint is a version of the token endpoint.
type endpoint struct{ path, target string }

func v1() endpoint { return endpoint{"/oauth2/token", "resource"} }
func v2() endpoint { return endpoint{"/oauth2/v2.0/token", "scope"} }

// ask is a client-credentials grant of the suite's application for a target: a resource at one
// endpoint, a scope at the other. Changes are names and values of the form; an empty value takes
// the name out.
func (e endpoint) ask(t *suite.T, target string, changes ...string) *suite.Request {
	pairs := []string{"grant_type", "client_credentials", "client_id", t.Application().ClientID, "client_secret", t.ApplicationSecret(), e.target, target}
	for i := 0; i+1 < len(changes); i += 2 {
		pairs = change(pairs, changes[i], changes[i+1])
	}
	return t.Login("POST", "/"+t.World.Tenant+e.path).Form(pairs...)
}

func change(pairs []string, name, value string) []string {
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] != name {
			out = append(out, pairs[i], pairs[i+1])
		}
	}
	if value != "" {
		out = append(out, name, value)
	}
	return out
}

// scope is that of a resource.
func scope(resource string) string { return resource + "/.default" }

// bare is Resource Manager's audience without the slash.
func bare(t *suite.T) string { return strings.TrimSuffix(t.Cloud.ARMAudience, "/") }

// hasToken matches an answer with a token, which no target has by chance.
func hasToken() types.GomegaMatcher {
	return match.JSON("access_token", gomega.Not(gomega.BeZero()))
}

// claims are those of the token in an answer; none where there is no token.
func claims(a *wire.Answer) map[string]any {
	all, err := suite.ClaimsOf(match.Text(a, "access_token"))
	if err != nil {
		return map[string]any{}
	}
	return all
}

// claim is a claim that is text.
func claim(a *wire.Answer, name string) string {
	text, _ := claims(a)[name].(string)
	return text
}

// number is a claim that is a number, -1 where it is none.
func number(a *wire.Answer, name string) float64 {
	n, ok := claims(a)[name].(float64)
	if !ok {
		return -1
	}
	return n
}

// at is the date of an answer, or the suite's where it has none.
func at(t *suite.T, a *wire.Answer) time.Time {
	if date, err := time.Parse(http.TimeFormat, a.Header.Get("Date")); err == nil {
		return date
	}
	return t.Now()
}

// imds asks the metadata service until it is not too busy.
func imds(ctx context.Context, t *suite.T, r *suite.Request) *wire.Answer {
	var a *wire.Answer
	t.Settle(ctx, "an answer other than 429", func(ctx context.Context) bool {
		a = t.Send(ctx, r)
		return a.Status != http.StatusTooManyRequests
	})
	return a
}

// members are the names of the members of a JSON object, in their order.
func members(object []byte) []string {
	decoder := json.NewDecoder(bytes.NewReader(object))
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

// list is a member that is a list.
func list(a *wire.Answer, path string) []any {
	all, _ := match.Value(a, path).([]any)
	return all
}
