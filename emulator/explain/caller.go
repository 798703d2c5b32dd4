package explain

import (
	"net/url"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/state"
)

// Caller says who asked.
type Caller struct {
	// Text says it in words.
	Text     string `json:"text"`
	Name     string `json:"name,omitempty"`
	ObjectID string `json:"objectId,omitempty"`
	ClientID string `json:"clientId,omitempty"`
	// Machine is the name of the machine that the request came from, as far as the way in tells.
	Machine string `json:"machine,omitempty"`
}

// lastSegment is the name in an ARM id.
func lastSegment(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

func callerOf(e journal.Entry, w World) Caller {
	c := Caller{Name: e.PrincipalName, ObjectID: e.Principal, ClientID: e.ClientID, Machine: lastSegment(e.Machine)}
	switch {
	case e.Principal != "":
		c.Text = whoIs(e.Principal, e.PrincipalName, w)
	case e.Plane == "imds" || e.Plane == "msi":
		c.Text = "the machine " + c.Machine + ": its metadata service asks nobody for a token"
		if c.Machine == "" {
			c.Text = "a machine that the world does not know"
		}
	default:
		c.Text = stranger(e)
	}
	return c
}

// whoIs is a principal in words.
func whoIs(objectID, name string, w World) string {
	p, ok := w.Tx.Principals.Get(strings.ToLower(objectID))
	switch {
	case !ok && name == "":
		return "a principal that the directory does not know (any more)"
	case !ok:
		return name + ", which the directory does not know any more"
	}
	return p.DisplayName + ", " + kindOf(p)
}

func kindOf(p state.Principal) string {
	switch p.Kind {
	case state.PrincipalSystemAssigned:
		return "the system-assigned identity of " + lastSegment(p.ResourceID)
	case state.PrincipalUserAssigned:
		return "a user-assigned identity"
	}
	return "an application"
}

// stranger says what a request without an authenticated caller had to show for itself.
func stranger(e journal.Entry) string {
	authorization := header(e.Request.Header, "Authorization")
	scheme, credentials, _ := strings.Cut(authorization, " ")
	account, _, _ := strings.Cut(credentials, ":")
	switch {
	case strings.EqualFold(scheme, "Bearer") && e.Claims != nil:
		return "nobody who is believed: the token was not accepted"
	case strings.EqualFold(scheme, "Bearer"):
		return "nobody: what stands after Bearer is no token"
	case strings.HasPrefix(strings.ToLower(scheme), "sharedkey"):
		if e.Refused() && strings.HasPrefix(string(e.Kind), "storage.Authentication") {
			return "nobody who is believed: a signature that claims to be by a key of the account " + account
		}
		return "whoever has a key of the account " + account
	case authorization != "":
		return "nobody: the Authorization header has another scheme than Bearer"
	case slices.Contains([]string{"blob", "queue", "table", "file"}, e.Plane) && parameter(e.URL, "sig") != "":
		return "whoever has the shared access signature" + sasOf(e.URL)
	case e.Plane == "entra":
		return "a client on its way to a token: who it is stands in the body, which is not kept"
	}
	return "nobody: no token, no signature"
}

// sasOf lists what a shared access signature says of itself.
func sasOf(target string) string {
	var said []string
	for _, name := range []string{"sv", "ss", "srt", "sr", "si", "sp", "st", "se", "sip", "spr"} {
		if v := parameter(target, name); v != "" {
			said = append(said, name+"="+v)
		}
	}
	if len(said) == 0 {
		return ""
	}
	return " (" + strings.Join(said, " ") + ")"
}

func header(fields []journal.Field, name string) string {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// parameter is the first value of a query parameter.
func parameter(target, name string) string {
	_, raw, _ := strings.Cut(target, "?")
	values, _ := url.ParseQuery(raw) // what could be read
	for k, v := range values {
		if strings.EqualFold(k, name) && len(v) > 0 {
			return v[0]
		}
	}
	return ""
}
