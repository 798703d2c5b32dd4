package journal

import (
	"time"

	"github.com/linarite/linarite/emulator/apierr"
)

// Entry is one exchange with the world, without secrets. Its members are written in this
// order.
type Entry struct {
	// Seq numbers the entries of a world from 1; the answer's request id finds one too.
	Seq       uint64    `json:"seq"`
	RequestID string    `json:"requestId"`
	Time      time.Time `json:"time"`
	// Machine is the ARM id of the machine the caller is on, where the way in tells.
	Machine string `json:"machine,omitempty"`
	// Principal is the object id of the authenticated caller, PrincipalName its display name
	// as long as the directory knows it, ClientID its application id.
	Principal     string `json:"principal,omitempty"`
	PrincipalName string `json:"principalName,omitempty"`
	ClientID      string `json:"clientId,omitempty"`
	// Claims is what a token says that did not make its bearer a caller.
	Claims *Claims `json:"claims,omitempty"`
	Plane  string  `json:"plane"`
	// Operation is the name in the plane's map, empty when nothing matched.
	Operation string `json:"operation,omitempty"`
	Method    string `json:"method"`
	// URL is the request's, redacted.
	URL    string `json:"url"`
	Status int    `json:"status"`
	// Kind is the refusal's row in the table of refusals, Code the error's code, Rule the
	// rule that the refusal implements; all empty where nothing was refused.
	Kind apierr.Kind `json:"kind,omitempty"`
	Code string      `json:"code,omitempty"`
	Rule string      `json:"rule,omitempty"`
	// Rules are the ids of all rules that are known to have had a part.
	Rules []string `json:"rules,omitempty"`
	// Message is the refusal's text, Details what stands beside it; redacted.
	Message string  `json:"message,omitempty"`
	Details []Field `json:"details,omitempty"`
	// Fault is the id of the planned fault that acted on the request. Status is then what
	// was answered, or would have been, had the connection not been dropped.
	Fault string `json:"fault,omitempty"`
	// Decision is the authorisation decision, where one was made.
	Decision *Decision `json:"decision,omitempty"`
	// Beside are the decisions that the operation took beside it; all of them allowed.
	Beside   []Decision `json:"beside,omitempty"`
	Request  Message    `json:"request"`
	Response Message    `json:"response"`
	// Internal is the text of a bug in Linarite, with its stack.
	Internal string `json:"internal,omitempty"`
}

// Refused tells whether the world said no; a blob that has not changed is no refusal.
func (e *Entry) Refused() bool { return e.Status >= 400 }

// Message is one side of an exchange. There is no body but that of a refusal: bodies hold what
// is secret, or somebody's data.
type Message struct {
	// Header is sorted by name, redacted.
	Header      []Field `json:"headers,omitempty"`
	ContentType string  `json:"contentType,omitempty"`
	// Size is the length of the body in bytes, -1 where it was not said beforehand.
	Size int64 `json:"size"`
	// Body is the body of a refusal, redacted.
	Body string `json:"body,omitempty"`
}

// Field is a header, or an element of an error.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Claims are those of a token that was refused: they are what the token says, and nothing
// vouches for them.
type Claims struct {
	Audience string `json:"aud,omitempty"`
	Issuer   string `json:"iss,omitempty"`
	TenantID string `json:"tid,omitempty"`
	ClientID string `json:"appid,omitempty"`
	ObjectID string `json:"oid,omitempty"`
	// Subject is of client assertions alone.
	Subject string `json:"sub,omitempty"`
	// NotBefore and Expires are zero where the token says nothing.
	NotBefore time.Time `json:"nbf,omitzero"`
	Expires   time.Time `json:"exp,omitzero"`
}

// Entry makes an Entry an Exchange that is rendered already.
func (e Entry) Entry() Entry { return e }

// Size is about the number of bytes that the entry takes.
func (e Entry) Size() int {
	n := 600*(1+len(e.Beside)) + len(e.URL) + len(e.Message) + len(e.Internal) + len(e.Response.Body)
	for _, fields := range [][]Field{e.Details, e.Request.Header, e.Response.Header} {
		for _, f := range fields {
			n += len(f.Name) + len(f.Value)
		}
	}
	return n
}
