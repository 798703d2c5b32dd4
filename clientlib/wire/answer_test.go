package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// receive reads an answer from bytes behind which the connection ends.
func receive(text, method string, limit int64) (*Answer, error) {
	br := bufio.NewReader(strings.NewReader(text))
	a, err := readHead(br)
	if err == nil {
		err = a.readBody(br, method, limit)
	}
	return a, err
}

func TestAnswer(t *testing.T) {
	for _, test := range []struct {
		name, method, text, framing, body, reason string
		header, trailer                           Header
	}{
		{"length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef", FramingLength, "abc", "OK", Header{{"Content-Length", "3"}}, nil},
		{"case, order, blanks", "GET", "HTTP/1.1 404 Not  Found\r\nx-ms-B:1\r\nX-Ms-A: \t a  b \t\r\nx-ms-B:\r\nContent-length: 0\r\n\r\n", FramingLength, "", "Not  Found",
			Header{{"x-ms-B", "1"}, {"X-Ms-A", "a  b"}, {"x-ms-B", ""}, {"Content-length", "0"}}, nil},
		{"chunked", "GET", "HTTP/1.1 200 \r\ntransfer-encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\n0a \r\n0123456789\r\n000\r\nA: 1\r\n\r\nz", FramingChunked, "abc0123456789", "",
			Header{{"transfer-encoding", "Chunked"}}, Header{{"A", "1"}}},
		{"close", "GET", "HTTP/1.0 200 OK\r\n\r\nabc", FramingClose, "abc", "OK", nil, nil},
		{"HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", FramingNone, "", "OK", Header{{"Content-Length", "3"}}, nil},
		{"not modified", "GET", "HTTP/1.1 304 N\r\nContent-Length: 3\r\n\r\n", FramingNone, "", "N", Header{{"Content-Length", "3"}}, nil},
		{"no content", "GET", "HTTP/1.1 204 N\r\n\r\nabc", FramingNone, "", "N", nil, nil},
		{"tunnel", "CONNECT", "HTTP/1.1 200 N\r\n\r\nabc", FramingNone, "", "N", nil, nil},
	} {
		a, err := receive(test.text, test.method, 100)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if a.Framing != test.framing || string(a.Body) != test.body || a.Reason != test.reason || !reflect.DeepEqual(a.Header, test.header) || !reflect.DeepEqual(a.Trailer, test.trailer) {
			t.Errorf("%s: %+v", test.name, a)
		}
		if head, _, _ := strings.Cut(test.text, "\r\n\r\n"); string(a.Raw) != head+"\r\n\r\n" || !strings.HasPrefix(test.text, a.Proto+" ") {
			t.Errorf("%s: %q", test.name, a.Raw)
		}
	}
}

// A wrong answer is an error that says what was seen, and keeps what came.
func TestWrongAnswer(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	const chunked = ok + "Transfer-Encoding: chunked\r\n\r\n"
	for _, test := range []struct{ text, phase, says, body string }{
		{"HTTP/2 200 OK\r\n\r\n", PhaseParse, "does not begin with HTTP/1.1", ""},
		{"\r\n" + ok + "\r\n", PhaseParse, "does not begin with HTTP/1.1", ""},
		{"<html>\r\n", PhaseParse, `"<html>"`, ""},
		{"HTTP/1.1  200 OK\r\n\r\n", PhaseParse, "not three digits", ""},
		{"HTTP/1.1 2000 OK\r\n\r\n", PhaseParse, "not three digits", ""},
		{"HTTP/1.1 -20 OK\r\n\r\n", PhaseParse, "not three digits", ""},
		{"HTTP/1.1 099 OK\r\n\r\n", PhaseParse, "first of them not 0", ""},
		{"HTTP/1.1 200\r\n\r\n", PhaseParse, "without a blank behind", ""},
		{"HTTP/1.1 200 O\x01K\r\n\r\n", PhaseParse, "control characters", ""},
		{"HTTP/1.1 200 OK\n\r\n", PhaseParse, "LF without CR", ""},
		{ok + "A: 1\n\r\n", PhaseParse, "LF without CR", ""},
		{ok + "A: 1\rB: 2\r\n\r\n", PhaseParse, "CR or NUL inside", ""},
		{ok + "A: 1\x00\r\n\r\n", PhaseParse, "CR or NUL inside", ""},
		{ok + "A: 1\x7f\r\n\r\n", PhaseParse, "control character in the value", ""},
		{ok + "A: 1\r\n 2\r\n\r\n", PhaseParse, "folded", ""},
		{ok + "A 1\r\n\r\n", PhaseParse, "without a colon", ""},
		{ok + "A : 1\r\n\r\n", PhaseParse, `names do not have: "A "`, ""},
		{ok + ": 1\r\n\r\n", PhaseParse, "names do not have", ""},
		{ok + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", PhaseParse, `2 lengths: "3, 3"`, ""},
		{ok + "Content-Length: 3, 3\r\n\r\nabc", PhaseParse, "no number of bytes", ""},
		{ok + "Content-Length: +3\r\n\r\nabc", PhaseParse, "no number of bytes", ""},
		{ok + "Content-Length:\r\n\r\nabc", PhaseParse, "no number of bytes", ""},
		{ok + "Content-Length: 99999999999999999999\r\n\r\n", PhaseParse, "no number of bytes", ""},
		{ok + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", PhaseParse, "both Content-Length and", ""},
		{ok + "Transfer-Encoding: gzip, chunked\r\n\r\n", PhaseParse, "other than chunked", ""},
		{"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", PhaseParse, "an answer of HTTP/1.0", ""},
		{"HTTP/1.1 204 OK\r\nContent-Length: x\r\n\r\n", PhaseParse, "no number of bytes", ""},
		{chunked + "x\r\n", PhaseParse, "no hexadecimal number", ""},
		{chunked + "\r\n", PhaseParse, "no hexadecimal number", ""},
		{chunked + "-1\r\n", PhaseParse, "no hexadecimal number", ""},
		{chunked + "7fffffffffffffff\r\n", PhaseParse, "no hexadecimal number", ""},
		{chunked + "3\r\nabcde\r\n", PhaseParse, `"de" behind a chunk of 3`, "abc"},
		{chunked + "3\nabc", PhaseParse, "LF without CR", ""},
		{chunked + "0\r\nA\r\n\r\n", PhaseParse, "without a colon", ""},
		{chunked + "3;" + strings.Repeat("x", maxChunkLine) + "\r\n", PhaseParse, "more than 4096 bytes", ""},
		{ok + "A: " + strings.Repeat("x", maxHead), PhaseParse, "more than 262144 bytes", ""},
		{ok + strings.Repeat("A: 1\r\n", maxHead/6), PhaseParse, "more than 262144 bytes", ""},

		{ok + "Content-Length: 3\r\n\r\nab", PhaseRead, "after 2 of 3 bytes", "ab"},
		{ok + "Content-Length: 101\r\n\r\nab", PhaseRead, "MaxBody is 100", ""},
		{ok + "\r\n" + strings.Repeat("x", 101), PhaseRead, "more than MaxBody, 100", strings.Repeat("x", 100)},
		{chunked + "3\r\nabc\r\n", PhaseRead, "after 3 bytes, before its last chunk", "abc"},
		{chunked + "3\r\nab", PhaseRead, "after 2 bytes, inside a chunk", "ab"},
		{chunked + "3\r\nabc", PhaseRead, "behind a chunk", "abc"},
		{chunked + "3\r\nabc\r\n0\r\n", PhaseRead, "behind its last chunk", "abc"},
		{chunked + "3\r\nabc\r\n62\r\n", PhaseRead, "more than MaxBody, 100", "abc"},
	} {
		a, err := receive(test.text, "GET", 100)
		if err == nil || phaseOf(err) != test.phase || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%.60q: %v, want %s with %q", test.text, err, test.phase, test.says)
			continue
		}
		if string(a.Body) != test.body || !strings.HasPrefix(test.text, string(a.Raw)) || len(a.Raw) == 0 {
			t.Errorf("%.60q: kept %q and %q", test.text, a.Raw, a.Body)
		}
	}
}

// What is read is what came: head and fields say the same, and net/http, which allows more, reads
// the same of it.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nx-ms-A:  b \r\n\r\nabc", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: 1\r\n\r\n",
		"HTTP/1.0 404 \r\n\r\nrest", "HTTP/1.1 304 N\r\nA:\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
	} {
		f.Add(seed, "GET")
	}
	f.Fuzz(func(t *testing.T, text, method string) {
		a, err := receive(text, method, 1<<10)
		if !strings.HasPrefix(text, string(a.Raw)) || len(a.Body) > 1<<10 {
			t.Errorf("%q, body %q", a.Raw, a.Body)
		}
		if err != nil {
			return
		}
		lines := strings.Split(string(a.Raw), "\r\n")
		if len(lines) != len(a.Header)+3 {
			t.Fatalf("%d fields of %q", len(a.Header), lines)
		}
		for i, field := range a.Header {
			name, value, _ := strings.Cut(lines[i+1], ":")
			if name != field.Name || strings.Trim(value, " \t") != field.Value {
				t.Errorf("%q of %q", field, lines[i+1])
			}
		}
		theirs, err := http.ReadResponse(bufio.NewReader(bytes.NewReader([]byte(text))), &http.Request{Method: method})
		if err != nil {
			t.Fatalf("net/http: %v", err)
		}
		defer theirs.Body.Close()
		body, err := io.ReadAll(theirs.Body)
		if theirs.StatusCode != a.Status || !bytes.Equal(body, a.Body) && a.Framing != FramingNone || err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d %q, net/http: %d %q %v", a.Status, a.Body, theirs.StatusCode, body, err)
		}
	})
}
