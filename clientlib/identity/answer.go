package identity

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib"
)

// answer is what sources of tokens say, in all their forms: numbers as numbers or in quotes.
type answer struct {
	Token     string  `json:"access_token"`
	ExpiresOn lenient `json:"expires_on"`
	ExpiresIn lenient `json:"expires_in"`
	RefreshIn lenient `json:"refresh_in"`
	Type      string  `json:"token_type"`
	// Resource is whom the token is for, as most sources repeat it.
	Resource lenient `json:"resource"`
	// These are echoed by some sources: what was selected by, and by IMDS and App Service the client id always.
	ClientID   lenient `json:"client_id"`
	ObjectID   lenient `json:"object_id"`
	ResourceID lenient `json:"msi_res_id"`
}

// echo is what an answer says of the identity in the words of a selector; "" if it does not.
func (a answer) echo(s Selector) string {
	switch s.kind {
	case "client_id":
		return string(a.ClientID)
	case "object_id":
		return string(a.ObjectID)
	case "msi_res_id":
		return string(a.ResourceID)
	}
	return ""
}

// check holds what an answer says of its token to what was asked for. What it does not say is taken to be right.
func (a answer) check(audience string, s Selector) error {
	if got := string(a.Resource); got != "" && !strings.EqualFold(strings.TrimSuffix(got, "/"), strings.TrimSuffix(audience, "/")) {
		return fmt.Errorf("the token that came is for %s, and one for %s was asked for", clip(got, 200), audience)
	}
	if got := a.echo(s); got != "" && !strings.EqualFold(got, s.value) {
		return fmt.Errorf("the token that came is another identity's (%s), and one of %s was asked for", clip(got, 300), s)
	}
	return nil
}

// lenient is the text of a member that is a string or a number.
type lenient string

func (l *lenient) UnmarshalJSON(text []byte) error {
	var s string
	if json.Unmarshal(text, &s) == nil {
		*l = lenient(strings.TrimSpace(s))
		return nil
	}
	var n json.Number
	if json.Unmarshal(text, &n) == nil {
		*l = lenient(n.String())
		return nil
	}
	return errors.New("neither a number nor a text")
}

// errNoToken begins errors about answers of 200 that have no token in them.
var errNoToken = errors.New("the answer has no token in it")

// parse reads an answer of 200.
func parse(body []byte, now time.Time) (a answer, t clientlib.Token, err error) {
	if err := json.Unmarshal(body, &a); err != nil {
		// What the body is, is not said: it may be a token in another form.
		return a, t, fmt.Errorf("%w: it is not JSON as a token service writes it", errNoToken)
	}
	if a.Token == "" {
		return a, t, errNoToken
	}
	if strings.IndexFunc(a.Token, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
		return a, t, fmt.Errorf("%w: what stands in its place has characters that no token has", errNoToken)
	}
	if a.Type != "" && !strings.EqualFold(a.Type, "Bearer") {
		return a, t, fmt.Errorf("the token is of the type %q, and only Bearer is known", clip(a.Type, 40))
	}
	expires, err := a.expires(now)
	if err != nil {
		return a, t, err
	}
	if !now.Before(expires) {
		return a, t, fmt.Errorf("the token that came has expired at %s: is this machine's clock right?", expires.UTC().Format(time.RFC3339))
	}
	t = clientlib.Token{Value: a.Token, Expires: expires}
	if life := expires.Sub(now); life >= 2*time.Hour {
		t.Refresh = now.Add(life / 2)
	}
	if in, ok := seconds(string(a.RefreshIn)); ok && in > 0 && in < expires.Sub(now) {
		t.Refresh = now.Add(in)
	}
	return a, t, nil
}

// clip keeps what somebody else wrote short.
func clip(text string, most int) string { return text[:min(len(text), most)] }

// expires is when a token ends: expires_on counts, and expires_in where that is missing.
func (a answer) expires(now time.Time) (time.Time, error) {
	if a.ExpiresOn != "" {
		if t, ok := moment(string(a.ExpiresOn), now); ok {
			return t, nil
		}
		if a.ExpiresIn == "" {
			return time.Time{}, fmt.Errorf("expires_on is no time: %q", clip(string(a.ExpiresOn), 40))
		}
	}
	if in, ok := seconds(string(a.ExpiresIn)); ok {
		return now.Add(in), nil
	}
	return time.Time{}, errors.New("the answer does not say when the token expires")
}

func seconds(text string) (time.Duration, bool) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || n < 0 || n > 1e9 {
		return 0, false
	}
	return time.Duration(n * float64(time.Second)), true
}

// moment reads a time in one of the forms that sources write: Unix seconds, ISO 8601, and the dates of App Service's
// first version.
func moment(text string, now time.Time) (time.Time, bool) {
	if n, err := strconv.ParseFloat(text, 64); err == nil && n >= 0 && n < 1e12 {
		const year = 365 * 24 * 60 * 60
		if n < 9*year { // so early that it is a span: some services write one here
			return now.Add(time.Duration(n) * time.Second), true
		}
		return time.Unix(int64(n), 0), true
	}
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04:05", "01/02/2006 15:04:05 -07:00", "1/2/2006 15:04:05 -07:00", "1/2/2006 3:04:05 PM -07:00", "01/02/2006 15:04:05 PM -07:00",
		"01/02/2006 15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04:05 -07:00",
	} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
