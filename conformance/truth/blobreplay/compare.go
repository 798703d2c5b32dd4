package blobreplay

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/linarite/linarite/conformance/recordings"
	"github.com/linarite/linarite/conformance/truth"
)

// moving are headers whose values no two answers have in common, and that later requests may name.
func moving(name string) bool {
	switch name {
	case "etag", "last-modified", "x-ms-creation-time", "x-ms-lease-id", "x-ms-snapshot", "x-ms-copy-id", "x-ms-version-id", "x-ms-copy-source", "x-ms-copy-completion-time",
		"x-ms-access-tier-change-time":
		return true
	}
	return false
}

// ignored are headers that say when and by what an answer was sent.
func ignored(name string) bool {
	switch name {
	case "date", "server", "x-ms-request-id", "x-ms-client-request-id", "transfer-encoding", "content-length", "connection":
		return true
	}
	return false
}

// leftOut are recordings that the replayer beside them leaves out. What is of another status in the others is its to say.
var leftOut = regexp.MustCompile(`token_credential|no_sas|public_access|batch`)

func (r *replay) compare(at int, it recordings.Interaction, got answer) {
	r.score.Sent++
	before := len(r.differences)
	add := func(what, want, got string) {
		if want != got {
			r.differences = append(r.differences, truth.Difference{Of: r.recording.Name, At: at, What: what, Want: want, Got: got})
		}
	}
	if it.Status != got.status {
		if leftOut.MatchString(r.recording.Name) {
			add("status", strings.TrimSpace(fmt.Sprint(it.Status, " ", it.RespHeaders["x-ms-error-code"])), strings.TrimSpace(fmt.Sprint(got.status, " ", got.header.Get("x-ms-error-code"))))
		}
		return
	}
	r.score.Status++
	r.headers(it, got.header, add)
	recorded := bytes.TrimPrefix(it.RespBody.Data, []byte("\xef\xbb\xbf"))
	switch {
	case it.Method == http.MethodHead || !it.RespBody.Whole():
	case bytes.HasPrefix(recorded, []byte("<?xml")):
		r.texts(recorded, got.body, add)
	case it.RespHeaders["content-md5"]+it.RespHeaders["x-ms-blob-content-md5"] != "" && !bytes.Equal(recorded, got.body):
		add("content", fmt.Sprintf("%d bytes", len(recorded)), fmt.Sprintf("%d others", len(got.body)))
	}
	if len(r.differences) == before {
		r.score.All++
	}
}

func (r *replay) headers(it recordings.Interaction, ours http.Header, add func(what, want, got string)) {
	for _, name := range slices.Sorted(maps.Keys(it.RespHeaders)) {
		want, got := it.RespHeaders[name], ours.Get(name)
		switch {
		case ignored(name) || got == "": // those missing are the other replayer's
		case moving(name):
			r.values[want] = got
		default:
			add("header "+name, want, got)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(ours)) {
		lower := strings.ToLower(name)
		if _, there := it.RespHeaders[lower]; !there && !ignored(lower) {
			add("header of ours "+lower, "", ours.Get(name))
		}
	}
}

// instant are texts that no two answers have in common.
var instant = regexp.MustCompile(`^\w{3}, \d\d \w{3} \d{4} |^\d{4}-\d\d-\d\dT|^"?0x8D`)

// texts compares the texts of XML, element by element; elements are told apart by their path and number.
func (r *replay) texts(recorded, ours []byte, add func(what, want, got string)) {
	want, got := flatten(recorded), flatten(ours)
	for _, path := range slices.Sorted(maps.Keys(want)) {
		text, there := got[path]
		said := want[path]
		if name, rest, cut := strings.Cut(said, "\n"); cut && strings.HasPrefix(rest, "RequestId:") {
			said = name // and the instant
			text, _, _ = strings.Cut(text, "\n")
		}
		if there && !instant.MatchString(said) {
			add("text of "+path, said, r.recordedNames(text))
		}
	}
}

// recordedNames gives containers and the account the names that they have in the recording.
func (r *replay) recordedNames(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, r.suffix, ""), r.base, "https://storagename.blob.core.windows.net")
}

func flatten(text []byte) map[string]string {
	out := map[string]string{}
	dec := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	type level struct {
		path  string
		count map[string]int
	}
	stack := []level{{"", map[string]int{}}}
	for {
		token, err := dec.Token()
		if err != nil {
			return out
		}
		switch t := token.(type) {
		case xml.StartElement:
			above := stack[len(stack)-1]
			name := t.Name.Local
			above.count[name]++
			here := strings.TrimPrefix(above.path+"/"+name, "/")
			if n := above.count[name]; n > 1 {
				here += fmt.Sprintf("[%d]", n)
			}
			for _, a := range t.Attr {
				out[here+"@"+a.Name.Local] = a.Value
			}
			stack = append(stack, level{here, map[string]int{}})
			out[here] = ""
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			out[stack[len(stack)-1].path] += strings.TrimSpace(string(t))
		}
	}
}
