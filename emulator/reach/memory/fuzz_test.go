package memory

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/iotest"
)

// FuzzBody sends a body by a length or in chunks, read in pieces of every size, and gets it
// back as it was.
func FuzzBody(f *testing.F) {
	f.Add([]byte("abc"), true, 2, "PUT")
	f.Add([]byte{}, false, 1, "POST")
	f.Add(bytes.Repeat([]byte("\r\n0\r\n\r\n"), 40), true, 3, "GET")
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		w.Header()["Length"] = []string{fmt.Sprint(r.ContentLength)}
		_, _ = w.Write(body)
	})
	client := &http.Client{Transport: &Codec{Resolve: single(h), OnPanic: func(err error) { f.Error(err) }}}
	f.Fuzz(func(t *testing.T, content []byte, chunks bool, piece int, method string) {
		var body io.Reader = bytes.NewReader(content)
		if piece%2 == 0 {
			body = iotest.OneByteReader(body)
		} else {
			body = iotest.DataErrReader(body)
		}
		req, err := http.NewRequest(method, "http://a.test/", body)
		if err != nil || method == http.MethodConnect || method == http.MethodHead {
			t.Skip()
		}
		req.ContentLength = -1
		if !chunks {
			req.ContentLength = int64(len(content))
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if got, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes came back of %d: %v", len(got), len(content), err)
		}
	})
}

// FuzzHeader sends any header: what arrives is what net/http would have sent, and nothing
// in it becomes another line.
func FuzzHeader(f *testing.F) {
	f.Add("x-ms-meta-A", "value")
	f.Add("A", "b\r\nInjected: 1")
	f.Add("Content-Length", "5")
	f.Add("Transfer-Encoding", "chunked")
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Injected") != "" {
			panic("a header was injected")
		}
		body, err := io.ReadAll(r.Body)
		if string(body) != "body" {
			panic(fmt.Sprintf("the body is %q: %v", body, err))
		}
		w.WriteHeader(http.StatusNoContent)
	})
	client := &http.Client{Transport: &Codec{Resolve: single(h), OnPanic: func(err error) { f.Error(err) }}}
	f.Fuzz(func(t *testing.T, name, value string) {
		switch http.CanonicalHeaderKey(name) {
		case "Injected":
			t.Skip()
		case "Transfer-Encoding", "Content-Length": // a client that frames its body wrongly is on its own
			t.Skip()
		}
		req, err := http.NewRequest(http.MethodPut, "http://a.test/", bytes.NewReader([]byte("body")))
		if err != nil {
			t.Fatal(err)
		}
		req.Header[name] = []string{value}
		resp, err := client.Do(req)
		if err != nil {
			return // what is no header cannot be sent
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNoContent {
			t.Errorf("%q: %q: %s", name, value, resp.Status)
		}
	})
}
