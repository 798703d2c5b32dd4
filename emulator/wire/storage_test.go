package wire

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/state"
)

func TestParseRange(t *testing.T) {
	for in, want := range map[string]Range{
		"bytes=0-0": {0, 0}, "bytes=5-": {5, -1}, " bytes=1-9 ": {1, 9}, "bytes=9223372036854775807-": {9223372036854775807, -1},
	} {
		if got, ok := ParseRange(in); !ok || got != want {
			t.Errorf("%q: %v %v", in, got, ok)
		}
	}
	for _, bad := range []string{"", "bytes", "bytes=", "bytes=-", "bytes=-5", "bytes=5-4", "bytes=0-1,2-3", "bytes=+1-2", "items=0-1", "bytes=9223372036854775808-", "bytes=a-b"} {
		if got, ok := ParseRange(bad); ok {
			t.Errorf("%q: %v", bad, got)
		}
	}
}

func TestRangeWithin(t *testing.T) {
	for _, row := range []struct {
		r                  Range
		size, offset, long int64
	}{{Range{0, -1}, 5, 0, 5}, {Range{0, 99}, 5, 0, 5}, {Range{4, 4}, 5, 4, 1}, {Range{2, 3}, 5, 2, 2}} {
		if offset, n, err := row.r.Within(row.size); err != nil || offset != row.offset || n != row.long {
			t.Errorf("%v of %d: %d %d %v", row.r, row.size, offset, n, err)
		}
	}
	for _, row := range []struct {
		r    Range
		size int64
		want string
	}{{Range{5, -1}, 5, "bytes */5"}, {Range{0, 0}, 0, "bytes */0"}} {
		_, _, err := row.r.Within(row.size)
		var e *apierr.Error
		if !errors.As(err, &e) || e.Code != "InvalidRange" || e.ContentRange != row.want {
			t.Errorf("%v of %d: %v", row.r, row.size, err)
		}
	}
}

func FuzzParseRange(f *testing.F) {
	f.Add("bytes=0-5", int64(3))
	f.Fuzz(func(t *testing.T, s string, size int64) {
		r, ok := ParseRange(s)
		if !ok || size < 0 {
			return
		}
		if offset, n, err := r.Within(size); err == nil && (offset < 0 || n < 1 || offset+n > size) {
			t.Fatalf("%q of %d: %d %d", s, size, offset, n)
		}
	})
}

const (
	noon    = "Tue, 10 Nov 2026 12:00:00 GMT"
	earlier = "Tue, 10 Nov 2026 11:59:59 GMT"
	later   = "Tue, 10 Nov 2026 12:00:01 GMT"
)

// BLOB-COND-001 to BLOB-COND-011. The blob has the tag A and was modified within the
// second that begins at noon.
func TestConditions(t *testing.T) {
	at := time.Date(2026, 11, 10, 12, 0, 0, 500, time.UTC)
	there := Entity{Tag: "A", Modified: at}
	const ok, unmet, same, many, star, exists, bad = "", "412 ConditionNotMet", "304 ConditionNotMet", "400 MultipleConditionHeadersNotSupported", "400 UnsatisfiableCondition", "409 BlobAlreadyExists", "400 InvalidHeaderValue"
	for _, row := range []struct {
		headers                        string
		read, readGone, write, putGone string
	}{
		{"", ok, ok, ok, ok},
		{`If-Match: "A"`, ok, unmet, ok, unmet},
		{`If-Match: A`, ok, unmet, ok, unmet},
		{`If-Match: "B"`, unmet, unmet, unmet, unmet},
		{`If-Match: *`, ok, unmet, ok, unmet},
		{`If-Match: "B","A"`, ok, unmet, many, many},
		{`If-None-Match: "A"`, same, ok, unmet, ok},
		{`If-None-Match: "B"`, ok, ok, ok, ok},
		{`If-None-Match: *`, star, star, exists, ok},
		{"If-Modified-Since: " + earlier, ok, ok, ok, ok},
		{"If-Modified-Since: " + noon, same, ok, unmet, ok},
		{"If-Unmodified-Since: " + noon, ok, ok, ok, ok},
		{"If-Unmodified-Since: " + earlier, unmet, ok, unmet, ok},
		{"If-Modified-Since: yesterday", bad, bad, bad, bad},
		// RFC 9110 lets If-None-Match win; Storage takes either.
		{`If-None-Match: "A"|If-Modified-Since: ` + earlier, ok, ok, unmet, ok},
		{`If-None-Match: "B"|If-Modified-Since: ` + later, ok, ok, ok, ok},
		{`If-None-Match: "A"|If-Modified-Since: ` + later, same, ok, unmet, ok},
		{`If-Match: "A"|If-Unmodified-Since: ` + earlier, unmet, unmet, ok, unmet},
		{`If-Match: "A"|If-None-Match: "A"`, same, unmet, many, many},
		{`If-Match: "B"|If-None-Match: "A"`, unmet, unmet, many, many},
		{"If-Modified-Since: " + earlier + "|If-Unmodified-Since: " + later, ok, ok, many, many},
		{`If-None-Match: "B"|If-Unmodified-Since: ` + later, ok, ok, many, many},
	} {
		h := http.Header{}
		for line := range strings.SplitSeq(row.headers, "|") {
			if name, value, found := strings.Cut(line, ": "); found {
				h.Set(name, value)
			}
		}
		judge := func(f func(Conditions) error) string {
			c, err := ParseConditions(h)
			if err == nil {
				err = f(c)
			}
			var e *apierr.Error
			if !errors.As(err, &e) {
				return ""
			}
			return strconv.Itoa(e.Status) + " " + e.Code
		}
		for _, one := range []struct {
			what, want string
			f          func(Conditions) error
		}{
			{"read", row.read, func(c Conditions) error { return c.Read(there, "2021-12-02") }},
			{"read of nothing", row.readGone, func(c Conditions) error { return c.Read(Entity{}, "2021-12-02") }},
			{"put", row.write, func(c Conditions) error { return c.Write(there, true) }},
			{"put of new", row.putGone, func(c Conditions) error { return c.Write(Entity{}, true) }},
		} {
			if got := judge(one.f); got != one.want {
				t.Errorf("%s, %s: %q, want %q", row.headers, one.what, got, one.want)
			}
		}
	}
	if err := (Conditions{NoneMatch: []string{"*"}}).Write(there, false); err != nil {
		t.Errorf("If-None-Match: * on a change of what is there: %v", err)
	}
}

func TestStorageRefusal(t *testing.T) {
	b := newBench()
	refuse := func(e *apierr.Error) *Plane {
		return NewPlane(Plane{Name: "blob", Steps: []Step{func(c *Call) error { c.Version = "2021-12-02"; return e }}, Envelope: Storage{}, NewRequestID: StorageRequestID}, nil)
	}
	e := apierr.New(apierr.StorageQueryValue).WithField("QueryParameterName", "comp").WithField("QueryParameterValue", "<x>\x01")
	w := b.serve(refuse(e), httptest.NewRequest("GET", "/", nil))
	id := w.Header()["x-ms-request-id"][0]
	want := "\xef\xbb\xbf" + `<?xml version="1.0" encoding="utf-8"?><Error><Code>InvalidQueryParameterValue</Code><Message>Value for one of the query parameters specified in the request URI is invalid.` +
		"\nRequestId:" + id + "\nTime:"
	end := `Z</Message><QueryParameterName>comp</QueryParameterName><QueryParameterValue>&lt;x&gt;&#x1;</QueryParameterValue></Error>`
	if got := w.Body.String(); w.Code != 400 || !strings.HasPrefix(got, want) || !strings.HasSuffix(got, end) {
		t.Errorf("%d %q", w.Code, got)
	}
	if h := w.Header(); h["x-ms-error-code"][0] != "InvalidQueryParameterValue" || h["x-ms-version"][0] != "2021-12-02" || h.Get("Content-Type") != "application/xml" ||
		h.Get("Server") != "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0" || len(id) != 36 || !strings.HasSuffix(id, "000000") {
		t.Errorf("%v", h)
	}
	if w := b.serve(refuse(e), httptest.NewRequest("HEAD", "/", nil)); w.Body.Len() != 0 || w.Header()["Content-Length"] != nil || w.Header()["x-ms-error-code"] == nil {
		t.Errorf("HEAD: %v %s", w.Header(), w.Body)
	}
	gate := b.serve(refuse(apierr.New(apierr.StorageKeysForbidden)), httptest.NewRequest("GET", "/", nil))
	if h := gate.Header(); h.Get("Server") != "Microsoft-HTTPAPI/2.0" || len(h["x-ms-version"]) != 0 {
		t.Errorf("front end: %v", h)
	}
	if w := b.serve(refuse(apierr.New(apierr.StorageNotModified)), httptest.NewRequest("GET", "/", nil)); w.Code != 304 || w.Body.Len() != 0 || w.Header()["x-ms-error-code"] == nil {
		t.Errorf("304: %v %s", w.Header(), w.Body)
	}
}

func TestStreams(t *testing.T) {
	b := newBench()
	content := state.NewContent([]byte("hello "), []byte("world"))
	p := plane(false,
		Operation{Name: "sized", Method: "GET", Path: "/sized", View: func(*Call, *state.Tx) (Response, error) {
			return Response{Body: Stream{Size: content.Size, From: content}}, nil
		}},
		Operation{Name: "head", Method: "HEAD", Path: "/sized", View: func(*Call, *state.Tx) (Response, error) {
			return Response{Body: Stream{Size: content.Size, From: content}}, nil
		}},
		Operation{Name: "open", Method: "GET", Path: "/open", View: func(*Call, *state.Tx) (Response, error) {
			return Response{Body: Stream{Size: -1, From: content}}, nil
		}})
	if w := b.serve(p, httptest.NewRequest("GET", "/sized", nil)); w.Body.String() != "hello world" || w.Header().Get("Content-Length") != "11" {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	if w := b.serve(p, httptest.NewRequest("HEAD", "/sized", nil)); w.Body.Len() != 0 || w.Header().Get("Content-Length") != "11" {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	if w := b.serve(p, httptest.NewRequest("GET", "/open", nil)); w.Body.String() != "hello world" || w.Header()["Content-Length"] != nil || !w.Flushed {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	if a, b := StorageRequestID(ids.New(ids.NamedSeed("a"))), StorageRequestID(ids.New(ids.NamedSeed("b"))); a == b || !ids.IsGUID(a) {
		t.Errorf("%s %s", a, b)
	}
}
