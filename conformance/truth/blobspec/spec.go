package blobspec

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
)

// Spec is a description.
type Spec struct {
	Paths       map[string]map[string]json.RawMessage `json:"x-ms-paths"`
	Definitions map[string]*schema                    `json:"definitions"`
}

// operation is one method of a path.
type operation struct {
	ID        string              `json:"operationId"`
	Responses map[string]response `json:"responses"`
}

type response struct {
	Headers map[string]*schema `json:"headers"`
	Schema  *schema            `json:"schema"`
}

// schema is a type of a header or of a part of a body.
type schema struct {
	Ref        string             `json:"$ref"`
	Type       string             `json:"type"`
	Format     string             `json:"format"`
	Enum       []string           `json:"enum"`
	Required   []string           `json:"required"`
	Properties map[string]*schema `json:"properties"`
	Items      *schema            `json:"items"`
	// Additional says that there may be elements of any name.
	Additional json.RawMessage `json:"additionalProperties"`
	// Prefix begins the names of headers that a caller chose.
	Prefix string `json:"x-ms-header-collection-prefix"`
	XML    struct {
		Name      string `json:"name"`
		Attribute bool   `json:"attribute"`
		Wrapped   bool   `json:"wrapped"`
		Text      bool   `json:"x-ms-text"`
	} `json:"xml"`
}

// Load reads a description.
func Load(file string) (Spec, error) {
	var s Spec
	data, err := os.ReadFile(file)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("%s: %w", file, err)
	}
	if len(s.Paths) == 0 {
		return s, fmt.Errorf("%s: no x-ms-paths; is it the description of Blob storage?", file)
	}
	return s, nil
}

// find finds the operation that a request asks for.
func (s Spec) find(method string, u *url.URL, header map[string]string) (operation, bool) {
	for path, methods := range s.Paths {
		raw, there := methods[strings.ToLower(method)]
		if !there || !fits(path, u, header) {
			continue
		}
		var o operation
		if json.Unmarshal(raw, &o) == nil {
			return o, true
		}
	}
	return operation{}, false
}

// fits tells whether a path of the description is a request's: as many segments, the same comp and restype, and the
// words that the description puts into queries to tell operations of one path apart.
func fits(path string, u *url.URL, header map[string]string) bool {
	before, query, _ := strings.Cut(path, "?")
	if segments(before) != segments(u.Path) {
		return false
	}
	q := u.Query()
	want := map[string]string{}
	for _, part := range strings.Split(query, "&") {
		name, value, pair := strings.Cut(part, "=")
		switch {
		case part == "":
		case pair:
			want[name] = value
		case !said(part, q, header):
			return false
		}
	}
	copies := header["x-ms-copy-source"] != ""
	return q.Get("comp") == want["comp"] && q.Get("restype") == want["restype"] && copies == copying(query)
}

// segments counts container and blob; the rest of a path belongs to the blob's name.
func segments(path string) int {
	path = strings.Trim(path, "/")
	if path == "" {
		return 0
	}
	return min(2, strings.Count(path, "/")+1)
}

func copying(query string) bool {
	return strings.Contains(strings.ToLower(query), "fromurl") || slices.Contains([]string{"comp=copy", "comp=copy&sync", "comp=incrementalcopy"}, query)
}

// said tells whether a request says a word of the description in its own way.
func said(word string, q url.Values, header map[string]string) bool {
	switch word {
	case "BlockBlob", "PageBlob", "AppendBlob":
		return header["x-ms-blob-type"] == word
	case "acquire", "release", "renew", "change", "break":
		return header["x-ms-lease-action"] == word
	case "flat":
		return q.Get("delimiter") == ""
	case "hierarchy":
		return q.Get("delimiter") != ""
	case "SetHTTPHeaders":
		return header["x-ms-blob-content-length"] == "" && header["x-ms-sequence-number-action"] == ""
	case "Resize":
		return header["x-ms-blob-content-length"] != ""
	case "UpdateSequenceNumber":
		return header["x-ms-sequence-number-action"] != ""
	case "update", "clear":
		return header["x-ms-page-write"] == word
	case "diff":
		return q.Has("prevsnapshot")
	case "copyid":
		return q.Has("copyid")
	case "sync":
		return header["x-ms-requires-sync"] == "true"
	}
	return strings.EqualFold(word, "fromUrl")
}
