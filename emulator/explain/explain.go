package explain

import (
	"time"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/state"
)

// World is what an explanation rests on beside the exchange itself.
type World struct {
	// Tx is the world as it is now: it may have changed since the request.
	Tx    *state.Tx
	Cloud *cloud.Cloud
	// Now is the world's time.
	Now time.Time
	// Rules finds a rule by its id; nil knows none, and an explanation names ids alone.
	Rules func(id string) (Rule, bool)
}

// Rule is one observable fact about Azure, and how it is known.
type Rule struct {
	ID string `json:"id"`
	// Level is MUST, SHOULD or MAY.
	Level string `json:"level,omitempty"`
	// Standing is recorded, specified, documented, sdk or unverified.
	Standing string `json:"standing,omitempty"`
	Text     string `json:"text,omitempty"`
	// Evidence names the public places that say so.
	Evidence []string `json:"evidence,omitempty"`
}

// Explanation is an exchange in words.
type Explanation struct {
	Seq       uint64    `json:"seq"`
	RequestID string    `json:"requestId"`
	Time      time.Time `json:"time"`
	Refused   bool      `json:"refused"`
	Status    int       `json:"status"`
	Code      string    `json:"code,omitempty"`
	// Asked is the method and the redacted URL; Service and Operation say what that is.
	Asked     string `json:"asked"`
	Service   string `json:"service"`
	Operation string `json:"operation,omitempty"`
	// Caller says who it was.
	Caller Caller `json:"caller"`
	// Decision is the authorisation decision, where it came to one.
	Decision *journal.Decision `json:"decision,omitempty"`
	// Considered and Nearest put it into words.
	Considered string `json:"considered,omitempty"`
	Nearest    string `json:"nearest,omitempty"`
	// Why are sentences: the reason, as far as it is known beyond the answer.
	Why []string `json:"why,omitempty"`
	// Answer is the text that the caller got, redacted; Details what stood beside it.
	Answer  string          `json:"answer,omitempty"`
	Details []journal.Field `json:"details,omitempty"`
	Rules   []Rule          `json:"rules,omitempty"`
	// Mend is what to do about it.
	Mend Mend `json:"mend,omitzero"`
	// WhatIf is what a grant would change, where that was asked.
	WhatIf *WhatIf `json:"whatIf,omitempty"`
}

// Mend is what helps: a sentence, and commands to choose from.
type Mend struct {
	Text     string   `json:"text,omitempty"`
	Commands []string `json:"commands,omitempty"`
}

// Of explains an exchange.
func Of(e journal.Entry, w World) Explanation {
	x := Explanation{
		Seq: e.Seq, RequestID: e.RequestID, Time: e.Time.UTC(), Refused: e.Refused(), Status: e.Status, Code: e.Code,
		Asked: e.Method + " " + e.URL, Service: service(e.Plane), Operation: e.Operation,
		Decision: e.Decision, Answer: e.Message, Details: e.Details,
	}
	x.Caller = callerOf(e, w)
	for _, id := range e.Rules {
		if d := e.Decision; x.Refused && d != nil && d.Allowed && id == d.Rule() {
			continue // how the caller came to be allowed is not what the refusal rests on
		}
		rule := Rule{ID: id}
		if w.Rules != nil {
			if known, ok := w.Rules(id); ok {
				rule = known
			}
		}
		x.Rules = append(x.Rules, rule)
	}
	if d := e.Decision; d != nil {
		x.decided(d, w)
		if x.Refused && d.Allowed {
			x.Why = []string{"The caller may do this: the refusal is about something else."}
		}
	}
	x.Why = append(x.Why, circumstances(e, w)...)
	if e.Kind != "" {
		x.Mend = mendOf(e, w)
	}
	return x
}

// service is what people call a plane.
func service(plane string) string {
	names := map[string]string{
		"imds": "the instance metadata service", "msi": "App Service's token endpoint", "entra": "Entra ID", "graph": "Microsoft Graph",
		"arm": "Azure Resource Manager", "blob": "Blob storage", "vault": "Key Vault", "front": "no service of Azure",
		"queue": "Queue storage", "table": "Table storage", "file": "File storage", "dfs": "Data Lake storage", "web": "static websites",
	}
	if name, ok := names[plane]; ok {
		return name
	}
	return plane
}
