package suite

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"strings"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/internal/redact"
)

// Exchange is a request and its answer as a report shows them: without secrets, which are taken
// out when it is recorded.
type Exchange struct {
	Method  string      `json:"method"`
	URL     string      `json:"url"`
	Header  wire.Header `json:"header,omitempty"`
	Body    string      `json:"body,omitempty"`
	Status  int         `json:"status"`
	Answer  wire.Header `json:"answerHeader,omitempty"`
	Content string      `json:"answerBody,omitempty"`
}

// shown is how much of a body is recorded, in bytes.
const shown = 8 << 10

// record makes an exchange fit for a report.
func (t *T) record(r *wire.Request, a *wire.Answer) Exchange {
	return Exchange{
		Method: r.Method, URL: t.cleanURL(r.URL), Header: t.cleanHeader(r.Header), Body: t.cleanBody(r.URL, r.Body),
		Status: a.Status, Answer: t.cleanHeader(a.Header), Content: t.cleanBody(r.URL, a.Body),
	}
}

// cleanBody leaves out bodies that are secrets as a whole: keys of accounts, values of secrets.
func (t *T) cleanBody(url string, body []byte) string {
	if len(body) == 0 {
		return ""
	}
	path, _, _ := strings.Cut(strings.ToLower(url), "?")
	for _, secret := range []string{"/listkeys", "/regeneratekey", "/oauth2/token", "/oauth2/v2.0/token", "/msi/token"} {
		if strings.HasSuffix(strings.TrimSuffix(path, "/"), secret) && !strings.Contains(string(body), `"error"`) {
			return "(left out: it holds a secret)"
		}
	}
	text := string(body)
	if len(text) > shown {
		text = text[:shown] + " …"
	}
	if strings.Contains(path, "/secrets") || strings.Contains(path, "/deletedsecrets") || strings.Contains(path, "key") {
		text = withoutValues(text)
	}
	return t.clean(strings.ToValidUTF8(text, "\uFFFD"))
}

// secretValue is the member "value" of a JSON object where it is a string: a secret in a vault, a
// key of an account. It may stand in a text that was quoted once more.
var secretValue = regexp.MustCompile(`(?i)(value)(\\?")\s*:\s*\\?"[^"]*`)

// withoutValues takes such members out.
func withoutValues(text string) string {
	return secretValue.ReplaceAllString(text, "$1$2:${2}REDACTED$2")
}

// clean takes secrets out of a text: what looks like one, and what the spec or the run knows as
// one.
func (t *T) clean(text string) string {
	text = redact.Text(text)
	for _, s := range t.secrets {
		text = strings.ReplaceAll(text, s, "REDACTED")
	}
	for _, s := range t.Env.secrets() {
		text = strings.ReplaceAll(text, s, "REDACTED")
	}
	return text
}

func (t *T) cleanURL(u string) string {
	parsed, err := url.Parse(u)
	if err != nil {
		return t.clean(u)
	}
	return t.clean(redact.URL(parsed))
}

func (t *T) cleanHeader(h wire.Header) wire.Header {
	out := make(wire.Header, 0, len(h))
	for _, f := range h {
		out = append(out, wire.Field{Name: f.Name, Value: t.clean(redact.Header(f.Name, f.Value))})
	}
	return out
}

// secrets are the key and the tokens that an Env has had.
func (e *Env) secrets() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []string
	if e.key != nil {
		out = append(out, base64.StdEncoding.EncodeToString(e.key))
	}
	for _, h := range e.tokens {
		out = append(out, h.token)
	}
	return out
}
