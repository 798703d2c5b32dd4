package armreplay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/linarite/linarite/conformance/recordings"
	"github.com/linarite/linarite/conformance/truth"
)

// ignored are headers that say when and where a request was answered, and those that the recorder or a proxy made.
func ignored(name string) bool {
	switch name {
	case "date", "server", "content-length", "transfer-encoding", "vary", "retry-after", "x-ms-correlation-request-id", "etag",
		"duration", "client-request-id", "x-cache", "x-msedge-ref", "x-powered-by", "x-aspnet-version", "x-ms-request-charge":
		return true
	}
	return strings.HasPrefix(name, "x-ms-ratelimit-") || strings.HasPrefix(name, "ocp-aad-")
}

// valued are headers whose values are compared too.
func valued(name string) bool {
	switch name {
	case "content-type", "cache-control", "pragma", "expires", "strict-transport-security", "x-content-type-options", "odata-version":
		return true
	}
	return false
}

// differences says in what an answer is not as recorded. Headers and bodies are compared where the status is the same.
func (m *mapping) differences(it recordings.Interaction, got answer) (out []truth.Difference) {
	add := func(what, want, got string) {
		if want != got {
			out = append(out, truth.Difference{What: what, Want: want, Got: got})
		}
	}
	wantCode, wantMessage := refusal(it.RespBody.Data)
	gotCode, gotMessage := refusal(got.body)
	if it.Status != got.status {
		add("status", strings.TrimSpace(fmt.Sprint(it.Status, " ", wantCode)), strings.TrimSpace(fmt.Sprint(got.status, " ", gotCode)))
		return out
	}
	add("code", wantCode, gotCode)
	add("message", anonymous(wantMessage), anonymous(gotMessage))
	missing, other := headers(it, got)
	add("headers missing", strings.Join(missing, " "), "")
	for _, name := range other {
		add("header "+name, it.RespHeaders[name], got.header.Get(name))
	}
	want, have := members(it.RespBody.Data), members(got.body)
	var only, extra []string
	for _, m := range want {
		if !slices.Contains(have, m) {
			only = append(only, m)
		}
	}
	for _, m := range have {
		if it.RespBody.Whole() && !slices.Contains(want, m) {
			extra = append(extra, m)
		}
	}
	add("members missing", strings.Join(topmost(only), " "), "")
	add("members of ours", "", strings.Join(topmost(extra), " "))
	if wantCode == "" && it.RespBody.Whole() {
		m.values(it.RespBody.Data, got.body, add)
	}
	return out
}

// topmost leaves the members out that stand in another one of the list.
func topmost(all []string) []string {
	inside := func(m string) bool {
		path, _, _ := strings.Cut(m, ":")
		return slices.ContainsFunc(all, func(other string) bool {
			above, kind, _ := strings.Cut(other, ":")
			return kind == "object" && strings.HasPrefix(path, above+".") || kind == "array" && strings.HasPrefix(path, above+"[]")
		})
	}
	return slices.DeleteFunc(slices.Clone(all), inside)
}

// moving are texts that no two answers have in common: instants, identifiers, what a recorder put for secrets.
var moving = regexp.MustCompile(`^\d{4}-\d\d-\d\dT|^` + guid.String() + `$|^MGMT_PLACEHOLDER$|REDACTED|^https://identity\.azure\.net/|\.z\d+\.web\.`)

// values compares the values of the members that both bodies have, where a value says something.
func (m *mapping) values(recorded, ours []byte, add func(what, want, got string)) {
	var a, b any
	if json.Unmarshal([]byte(m.apply(string(recorded))), &a) != nil || json.Unmarshal(ours, &b) != nil {
		return
	}
	want, got := map[string]string{}, map[string]string{}
	flatten("", a, want)
	flatten("", b, got)
	for _, path := range slices.Sorted(maps.Keys(want)) {
		ours, both := got[path]
		if both && !moving.MatchString(want[path]) && !moving.MatchString(ours) {
			add("value "+path, want[path], ours)
		}
	}
}

func flatten(path string, value any, out map[string]string) {
	switch v := value.(type) {
	case map[string]any:
		for name, below := range v {
			flatten(strings.TrimPrefix(path+"."+name, "."), below, out)
		}
	case []any:
		for i, below := range v {
			flatten(fmt.Sprintf("%s[%d]", path, i), below, out)
		}
	case nil: // a member's type is compared elsewhere
	default:
		out[path] = fmt.Sprint(v)
	}
}

func headers(it recordings.Interaction, got answer) (missing, other []string) {
	for name, value := range it.RespHeaders {
		switch ours := got.header.Get(name); {
		case ignored(name):
		case ours == "":
			missing = append(missing, name)
		case valued(name) && ours != value:
			other = append(other, name)
		}
	}
	slices.Sort(missing)
	slices.Sort(other)
	return missing, other
}

// refusal is the code and the message of an error.
func refusal(body []byte) (code, message string) {
	var form struct {
		Error struct{ Code, Message string }
	}
	if json.Unmarshal(body, &form) != nil {
		return "", ""
	}
	return form.Error.Code, form.Error.Message
}

// anonymous takes identifiers out of a message.
func anonymous(message string) string {
	return hex.ReplaceAllString(guid.ReplaceAllString(message, "GUID"), "HEX")
}

// members lists the paths of a JSON body with the types of their values, elements of arrays under one path. Of a body
// that is cut, it lists what stands before the cut.
func members(body []byte) []string {
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	seen := map[string]bool{}
	walk(dec, "", seen)
	var out []string
	for m := range seen {
		out = append(out, m)
	}
	slices.Sort(out)
	return out
}

// walk reads one value; false means that the text ended or is no JSON.
func walk(dec *json.Decoder, path string, seen map[string]bool) bool {
	token, err := dec.Token()
	if err != nil {
		return false
	}
	note := func(kind string) {
		if path != "" {
			seen[path+":"+kind] = true
		}
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			note("object")
			for dec.More() {
				name, err := dec.Token()
				if err != nil || !walk(dec, strings.TrimPrefix(path+"."+member(path, fmt.Sprint(name)), "."), seen) {
					return false
				}
			}
		} else {
			note("array")
			for dec.More() {
				if !walk(dec, path+"[]", seen) {
					return false
				}
			}
		}
		_, err := dec.Token() // the closing delimiter
		return err == nil
	case string:
		note("string")
	case float64:
		note("number")
	case bool:
		note("boolean")
	case nil:
		note("null")
	}
	return true
}

// member is the name of a member: those of maps that a caller fills are all one.
func member(path, name string) string {
	if path == "tags" || strings.HasSuffix(path, ".tags") || strings.HasSuffix(path, ".userAssignedIdentities") {
		return "*"
	}
	return name
}
