package wire

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/internal/redact"
)

// sent is what went out: the answer's headers, and the size of its body, -1 where no length was
// said.
type sent struct {
	header http.Header
	size   int64
	body   []byte // of refusals alone
}

// exchange is a request and its answer as the journal keeps them: the pieces as they
// are, because few are ever looked at. Credentials are not among them. Everything else is
// rendered, and its secrets taken out, by Entry.
type exchange struct {
	world     *World
	plane     *Plane
	operation *Operation
	requestID string
	now       time.Time
	machine   string
	caller    identity.Caller
	claims    *journal.Claims

	method, scheme, host string
	url                  url.URL
	// fields are the request's headers, then from answer on the answer's.
	fields                []journal.Field
	answer                int
	requested, answerSize int64

	status   int
	refusal  *apierr.Error
	decision *journal.Decision
	beside   []journal.Decision
	fault    string // the id of the planned fault that acted
	body     string
	internal string
	// secrets are those that the request came with, kept only where it was refused: refusals
	// say back what they do not like.
	secrets []string
	size    int
}

// overhead is about what an exchange takes beside its texts.
const overhead = 700

func (p *Plane) record(c *Call, status int, refusal *apierr.Error, bug error, out sent) {
	if p.Unrecorded && bug == nil {
		return
	}
	if status == 0 && bug == nil {
		status = http.StatusOK
	}
	r := c.Request
	x := &exchange{
		world: c.World, plane: p, operation: c.Operation, requestID: c.RequestID, now: c.Now, machine: c.Machine.ID, caller: c.Caller,
		method: r.Method, scheme: c.Scheme(), host: r.Host, url: *r.URL,
		requested: r.ContentLength, answerSize: out.size, status: status, decision: c.Decision, beside: c.Beside, body: string(out.body),
	}
	x.url.User = nil
	x.keep(r.Header, out.header)
	if refusal != nil {
		x.refused(c, refusal)
	}
	if c.struck != nil {
		x.fault = c.struck.ID
	}
	if bug != nil {
		x.internal = bug.Error()
	}
	x.size += overhead*(1+len(x.beside)) + len(r.URL.Path) + len(r.URL.RawQuery) + len(x.body) + len(x.internal)
	c.World.Journal.Add(x)
	if log := c.World.Log; log != nil {
		x.line(log)
	}
}

// line is the exchange's line of the request log.
func (x *exchange) line(log *slog.Logger) {
	u := x.url
	u.Scheme, u.Host = x.scheme, x.host
	attrs := []any{"plane", x.plane.Name, "status", x.status}
	if x.operation != nil {
		attrs = append(attrs, "operation", x.operation.Name)
	}
	if x.refusal != nil && x.refusal.Code != "" {
		attrs = append(attrs, "code", x.refusal.Code)
	}
	if x.fault != "" {
		attrs = append(attrs, "fault", x.fault)
	}
	log.Info(x.method+" "+redact.URL(&u), attrs...)
}

// keep copies headers, for they belong to others. Credentials are left out at once: they are
// the longest, and the least to be kept.
func (x *exchange) keep(request, answer http.Header) {
	x.fields = make([]journal.Field, 0, len(request)+len(answer)+4)
	add := func(name string, values []string) {
		for _, v := range values {
			x.size += len(name) + len(v)
			if name == "Authorization" {
				v = redact.Credentials(v)
			}
			x.fields = append(x.fields, journal.Field{Name: name, Value: v})
		}
	}
	for name, values := range request {
		add(name, values)
	}
	x.answer = len(x.fields)
	for name, values := range answer {
		add(name, values)
	}
}

// refused notes what only a refusal needs: what it says, and what it must not say.
func (x *exchange) refused(c *Call, e *apierr.Error) {
	x.refusal = e
	for name, values := range c.Request.Header {
		name = strings.ToLower(name)
		for _, v := range values {
			switch {
			case redact.IsCredentials(name):
				_, proof, _ := strings.Cut(v, " ")
				x.secret(proof)
				if _, signature, signed := strings.Cut(proof, ":"); signed {
					x.secret(signature)
				}
			case redact.IsHidden(name):
				x.secret(v)
			case name == "x-ms-copy-source":
				if u, err := url.Parse(v); err == nil {
					x.secretsOf(u.RawQuery)
				}
			}
		}
	}
	x.secretsOf(c.Request.URL.RawQuery)
	if raw, _, ok := Bearer(c.Request.Header["Authorization"]); ok && c.Caller.IsZero() {
		x.claims = claimsOf(raw)
	}
	if c.Assertion != "" {
		x.secret(c.Assertion)
		x.claims = assertedClaims(c.Assertion)
	}
	if said := x.claims; said != nil {
		x.size += len(said.Audience) + len(said.Issuer) + len(said.TenantID) + len(said.ClientID) + len(said.ObjectID) + len(said.Subject)
	}
}

// minSecret is the length from which a request's own secrets are looked for in texts that may
// echo them: shorter ones are no secrets, and stand everywhere.
const minSecret = 8

func (x *exchange) secret(s string) {
	if s = strings.TrimSpace(s); len(s) >= minSecret && !slices.Contains(x.secrets, s) {
		x.secrets = append(x.secrets, s)
		x.size += len(s)
	}
}

// secretsOf notes the secret values of a query, as they are and as they mean.
func (x *exchange) secretsOf(raw string) {
	for part := range strings.FieldsFuncSeq(raw, func(r rune) bool { return r == '&' || r == ';' }) {
		name, value, _ := strings.Cut(part, "=")
		if decoded, err := url.QueryUnescape(name); err != nil || !redact.SecretParameter(decoded) {
			continue
		}
		x.secret(value)
		for _, unescape := range []func(string) (string, error){url.QueryUnescape, url.PathUnescape} {
			if plain, err := unescape(value); err == nil {
				x.secret(plain)
			}
		}
	}
}

// longestClaim is how many characters of a claim are kept: all that a federated credential
// can trust.
const longestClaim = state.FederatedLength

// claimsOf reads what a token says, good or not; nil where it is none. Only the few claims that
// say whose and for what are kept, and no more of each than a reader needs.
func claimsOf(raw string) *journal.Claims {
	c := assertedClaims(raw)
	if c != nil {
		c.Subject = "" // the same as the object in Entra's own tokens
	}
	return c
}

// assertedClaims is claimsOf for a token that is about its subject.
func assertedClaims(raw string) *journal.Claims {
	const longest = 32 << 10
	parts := strings.Split(raw, ".")
	if len(parts) != 3 || len(raw) > longest {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil
	}
	var said map[string]json.RawMessage // by their exact names
	if json.Unmarshal(text, &said) != nil {
		return nil
	}
	claim := func(name string) (v any) { // whatever it is: nobody has looked at it yet
		_ = json.Unmarshal(said[name], &v)
		return v
	}
	word := func(name string) string {
		v := claim(name)
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
		}
		s, _ := v.(string)
		if runes := []rune(s); len(runes) > longestClaim {
			s = string(runes[:longestClaim])
		}
		return redact.Text(s)
	}
	instant := func(name string) time.Time {
		seconds, ok := claim(name).(float64)
		if !ok || seconds <= 0 || seconds > 1<<35 {
			return time.Time{}
		}
		return time.Unix(int64(seconds), 0).UTC()
	}
	return &journal.Claims{
		Audience: word("aud"), Issuer: word("iss"), TenantID: word("tid"), ClientID: cmp.Or(word("appid"), word("azp")), ObjectID: word("oid"), Subject: word("sub"),
		NotBefore: instant("nbf"), Expires: instant("exp"),
	}
}

// Size is about the number of bytes that the exchange takes.
func (x *exchange) Size() int { return x.size }

// Entry renders the exchange. The caller's display name is that of now, while there is one.
func (x *exchange) Entry() journal.Entry {
	u := x.url
	u.Scheme, u.Host = x.scheme, x.host
	e := journal.Entry{
		RequestID: x.requestID, Time: x.now, Machine: x.machine, Principal: x.caller.ObjectID(), ClientID: x.caller.AppID(), Claims: x.claims,
		Plane: x.plane.Name, Method: x.method, URL: redact.URL(&u), Status: x.status, Fault: x.fault, Decision: x.decision, Beside: x.beside, Internal: redact.Text(x.internal),
		Request:  x.message(x.fields[:x.answer], x.requested),
		Response: x.message(x.fields[x.answer:], x.answerSize),
	}
	if x.operation != nil {
		e.Operation = x.operation.Name
	}
	if e.Principal != "" {
		x.world.State.View(func(tx *state.Tx) {
			p, _ := tx.Principals.Get(e.Principal)
			e.PrincipalName = p.DisplayName
		})
	}
	if r := x.refusal; r != nil {
		e.Kind, e.Code, e.Rule, e.Message = r.Kind, r.Code, r.Rule, redact.Text(without(r.Message, x.secrets))
		for _, f := range r.Fields {
			e.Details = append(e.Details, journal.Field{Name: f.Name, Value: redact.Text(without(f.Value, x.secrets))})
		}
		e.Response.Body = redact.Text(without(x.body, x.secrets))
	}
	if e.Rule != "" {
		e.Rules = append(e.Rules, e.Rule)
	}
	if e.Decision != nil {
		if rule := e.Decision.Rule(); rule != "" {
			e.Rules = append(e.Rules, rule)
		}
	}
	return e
}

func (x *exchange) message(fields []journal.Field, size int64) journal.Message {
	m := journal.Message{Size: size, Header: make([]journal.Field, len(fields))}
	for i, f := range fields {
		f.Value = redact.Header(f.Name, without(f.Value, x.secrets))
		if m.Header[i] = f; strings.EqualFold(f.Name, "Content-Type") {
			m.ContentType = f.Value
		}
	}
	slices.SortStableFunc(m.Header, func(a, b journal.Field) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return m
}

// without takes a request's own secrets out of a text that may say them back.
func without(text string, secrets []string) string {
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, redact.Mark)
	}
	return text
}
