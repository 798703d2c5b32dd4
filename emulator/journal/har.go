package journal

import (
	"encoding/json"
	"io"
	"iter"
	"net/url"
	"strings"
)

// The members of HTTP Archive 1.2 that are not optional, and those that say what only
// Linarite knows: their names begin with an underscore, as the specification asks.
type (
	harEntry struct {
		Started  string      `json:"startedDateTime"`
		Time     int         `json:"time"`
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
		Comment  string      `json:"comment,omitempty"`
		Plane    string      `json:"_plane"`
		Decision *Decision   `json:"_decision,omitempty"`
		Rules    []string    `json:"_rules,omitempty"`
	}
	harRequest struct {
		Method      string  `json:"method"`
		URL         string  `json:"url"`
		HTTPVersion string  `json:"httpVersion"`
		Cookies     []Field `json:"cookies"`
		Headers     []Field `json:"headers"`
		Query       []Field `json:"queryString"`
		HeadersSize int     `json:"headersSize"`
		BodySize    int64   `json:"bodySize"`
	}
	harResponse struct {
		Status      int        `json:"status"`
		StatusText  string     `json:"statusText"`
		HTTPVersion string     `json:"httpVersion"`
		Cookies     []Field    `json:"cookies"`
		Headers     []Field    `json:"headers"`
		Content     harContent `json:"content"`
		RedirectURL string     `json:"redirectURL"`
		HeadersSize int        `json:"headersSize"`
		BodySize    int64      `json:"bodySize"`
	}
	harContent struct {
		Size     int64  `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text,omitempty"`
	}
	harTimings struct {
		Send    int `json:"send"`
		Wait    int `json:"wait"`
		Receive int `json:"receive"`
	}
)

// WriteHAR writes entries as one HTTP Archive 1.2. How long an answer took is not known: all
// durations are 0. Bodies other than those of refusals are not in it.
func WriteHAR(w io.Writer, version string, entries iter.Seq[Entry]) error {
	creator, err := json.Marshal(struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}{"Linarite", version})
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, `{"log":{"version":"1.2","creator":`+string(creator)+`,"pages":[],"entries":[`); err != nil {
		return err
	}
	enc := json.NewEncoder(w) // one by one: an archive of a whole journal need not be in memory
	enc.SetEscapeHTML(false)
	separator := ""
	for e := range entries {
		if _, err := io.WriteString(w, separator); err != nil {
			return err
		}
		if err := enc.Encode(archived(&e)); err != nil {
			return err
		}
		separator = ","
	}
	_, err = io.WriteString(w, "]}}\n")
	return err
}

func archived(e *Entry) harEntry {
	const proto = "HTTP/1.1"
	out := harEntry{
		Started: e.Time.UTC().Format("2006-01-02T15:04:05.000Z"), Plane: e.Plane, Decision: e.Decision, Rules: e.Rules, Comment: e.Operation,
		Request: harRequest{
			Method: e.Method, URL: e.URL, HTTPVersion: proto, Cookies: []Field{}, Headers: listed(e.Request.Header),
			Query: query(e.URL), HeadersSize: -1, BodySize: e.Request.Size,
		},
		Response: harResponse{
			Status: e.Status, StatusText: e.Code, HTTPVersion: proto, Cookies: []Field{}, Headers: listed(e.Response.Header),
			Content:     harContent{Size: max(0, e.Response.Size), MimeType: e.Response.ContentType, Text: e.Response.Body},
			HeadersSize: -1, BodySize: e.Response.Size,
		},
	}
	for _, h := range e.Response.Header {
		if strings.EqualFold(h.Name, "Location") && e.Status/100 == 3 {
			out.Response.RedirectURL = h.Value
		}
	}
	return out
}

// listed is never nil: a list that is missing makes an archive invalid.
func listed(fields []Field) []Field {
	if fields == nil {
		return []Field{}
	}
	return fields
}

// query takes the parameters of a URL apart, in their order.
func query(target string) []Field {
	out := []Field{}
	_, raw, _ := strings.Cut(target, "?")
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		out = append(out, Field{unescaped(name), unescaped(value)})
	}
	return out
}

func unescaped(s string) string {
	if text, err := url.QueryUnescape(s); err == nil {
		return text
	}
	return s
}
