package wire

import (
	"reflect"
	"strings"
	"testing"
)

func TestMessage(t *testing.T) {
	for _, test := range []struct {
		name    string
		request Request
		want    string // "" is an error that says wrong
		wrong   string
	}{
		{"least", Request{URL: "http://h"}, "GET / HTTP/1.1\r\nHost: h\r\n\r\n", ""},
		{"query without path", Request{URL: "https://h:444?comp=list"}, "GET /?comp=list HTTP/1.1\r\nHost: h:444\r\n\r\n", ""},
		{"target as it is", Request{Method: "DELETE", URL: "HTTP://H/a//../%2f%zz?%&+=ü#f"}, "DELETE /a//../%2f%zz?%&+=ü#f HTTP/1.1\r\nHost: H\r\n\r\n", ""},
		{"address", Request{URL: "http://[::1]:80/"}, "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", ""},
		{"order and case", Request{URL: "http://h", Header: Header{{"x-ms-B", "1"}, {"X-Ms-A", "  2 "}, {"x-ms-B", ""}}},
			"GET / HTTP/1.1\r\nHost: h\r\nx-ms-B: 1\r\nX-Ms-A:   2 \r\nx-ms-B: \r\n\r\n", ""},
		{"empty body", Request{Method: "PUT", URL: "http://h"}, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", ""},
		{"body", Request{URL: "http://h", Body: []byte("abc")}, "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", ""},
		{"own fields", Request{Method: "POST", URL: "http://h", Header: Header{{"content-length", "7"}, {"HOST", "i"}}, Body: []byte("abc")},
			"POST / HTTP/1.1\r\ncontent-length: 7\r\nHOST: i\r\n\r\nabc", ""},
		{"own coding", Request{Method: "POST", URL: "http://h", Header: Header{{"Transfer-Encoding", "x"}}, Body: []byte("abc")},
			"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: x\r\n\r\nabc", ""},
		{"chunks", Request{Method: "PUT", URL: "http://h", Chunks: [][]byte{[]byte("hello world, "), {}, []byte("x")}},
			"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nd\r\nhello world, \r\n1\r\nx\r\n0\r\n\r\n", ""},
		{"chunks and a length", Request{Method: "PUT", URL: "http://h", Header: Header{{"Content-Length", "1"}}, Chunks: [][]byte{}},
			"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n", ""},
		{"knobs", Request{URL: "http://h/a", Target: "*", Proto: "HTTP/1.0", NoHost: true, NoLength: true, Body: []byte("abc")}, "GET * HTTP/1.0\r\n\r\nabc", ""},
		{"expect", Request{Method: "PUT", URL: "http://h", Expect100: true}, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n", ""},
		{"raw", Request{Method: "PUT", URL: "http://h/a", Body: []byte("a"), Raw: []byte("\n")}, "\n", ""},
		{"folded", Request{URL: "http://h", Header: Header{{"a", "b\r\n c"}}}, "GET / HTTP/1.1\r\nHost: h\r\na: b\r\n c\r\n\r\n", ""},
		{"two fields in one", Request{URL: "http://h", Header: Header{{"a", "b\r\nc: d"}}}, "", "two fields of one"},
		{"break at the end", Request{URL: "http://h", Header: Header{{"a", "b\r\n"}}}, "", "two fields of one"},
		{"break in a name", Request{URL: "http://h", Header: Header{{"a\n", "b"}}}, "", "two fields of one"},
		{"break in the target", Request{URL: "http://h/a\r\nb: c"}, "", "target holds a line break"},
		{"break in the method", Request{URL: "http://h/", Method: "A\nB"}, "", "method holds a line break"},
		{"relative", Request{URL: "/a"}, "", "http:// or https://"},
		{"other scheme", Request{URL: "ftp://h/a"}, "", "http:// or https://"},
		{"no host", Request{URL: "http:///a"}, "", "names no host"},
		{"port", Request{URL: "http://h:x/a"}, "", `port "x"`},
		{"port 0", Request{URL: "http://h:0/a"}, "", `port "0"`},
		{"credentials", Request{URL: "http://u:p@h/a"}, "", "credentials"},
		{"a blank", Request{URL: "http://h i/a"}, "", "no host has"},
	} {
		t.Run(test.name, func(t *testing.T) {
			head, body, err := test.request.message()
			if test.want == "" {
				if err == nil || !strings.Contains(err.Error(), test.wrong) {
					t.Errorf("%q, %v, want an error with %q", head, err, test.wrong)
				}
				return
			}
			if got := string(head) + string(body); err != nil || got != test.want {
				t.Errorf("%q, %v\n want %q", got, err, test.want)
			}
		})
	}
}

func TestAddress(t *testing.T) {
	for url, want := range map[string]address{
		"http://h/a":          {"http", "h", "h", "h:80", "/a"},
		"https://H":           {"https", "H", "H", "H:443", "/"},
		"https://h:":          {"https", "h:", "h", "h:443", "/"},
		"http://[::1]/":       {"http", "[::1]", "::1", "[::1]:80", "/"},
		"http://[fe80::1]:8/": {"http", "[fe80::1]:8", "fe80::1", "[fe80::1]:8", "/"},
	} {
		if got, err := parseAddress(url); got != want || err != nil {
			t.Errorf("%s: %+v, %v", url, got, err)
		}
	}
}

func TestHeader(t *testing.T) {
	var h Header
	h.Add("A", "1")
	h.Add("b", "2")
	h.Add("a", "3")
	before := h.Clone()
	if h.Get("a") != "1" || h.Get("c") != "" || !reflect.DeepEqual(h.Values("A"), []string{"1", "3"}) || !h.Has("B") || h.Has("c") {
		t.Error(h)
	}
	h.Set("a", "4")
	h.Set("c", "5")
	if want := (Header{{"a", "4"}, {"b", "2"}, {"c", "5"}}); !reflect.DeepEqual(h, want) {
		t.Error(h)
	}
	h.Del("B")
	if want := (Header{{"a", "4"}, {"c", "5"}}); !reflect.DeepEqual(h, want) {
		t.Error(h)
	}
	if want := (Header{{"A", "1"}, {"b", "2"}, {"a", "3"}}); !reflect.DeepEqual(before, want) {
		t.Errorf("a clone changed: %v", before)
	}
	if Header(nil).Clone() != nil {
		t.Error("none is none")
	}
}

// A clone shares nothing, also of fields that do not exist yet.
func TestClone(t *testing.T) {
	full := func() *Request {
		return &Request{
			Method: "PUT", URL: "http://h", Header: Header{{"a", "1"}}, Body: []byte("b"), Target: "t", Proto: "p", NoHost: true, NoLength: true,
			Chunks: [][]byte{[]byte("c")}, Expect100: true, Raw: []byte("d"), CutAfter: 5,
		}
	}
	original := full()
	for i := range reflect.TypeFor[Request]().NumField() {
		if reflect.ValueOf(*original).Field(i).IsZero() {
			t.Fatalf("give %s a value", reflect.TypeFor[Request]().Field(i).Name)
		}
	}
	clone := original.Clone()
	if !reflect.DeepEqual(clone, original) {
		t.Errorf("%+v", clone)
	}
	clone.Header.Set("a", "2")
	clone.Header[0].Name = "x"
	clone.Body[0], clone.Chunks[0][0], clone.Raw[0] = 'x', 'x', 'x'
	if !reflect.DeepEqual(original, full()) {
		t.Errorf("the original changed: %+v", original)
	}
}
