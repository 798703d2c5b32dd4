package wire

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
)

// No secret of a request or an answer comes into the log or the text of an error.
func TestCanaries(t *testing.T) {
	const canary = "c4nary"
	const token = "eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiJ4In0.c4narysignature"
	answer := func(text string) func(net.Conn, *bufio.Reader) {
		return func(c net.Conn, r *bufio.Reader) {
			_, _ = http.ReadRequest(r)
			_, _ = io.WriteString(c, text)
		}
	}
	dialing := func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no way to https://h/?sig=c4nary&x with Bearer " + token)
	}
	signed := "http://h/c/b?sv=1&sig=c4nary%2F&se=2"
	head := Header{{"Authorization", "Bearer " + token}, {"x-ms-meta-a", canary}, {"x-ms-copy-source", "https://h/b?sig=" + canary}}
	for name, test := range map[string]struct {
		request Request
		script  func(net.Conn, *bufio.Reader)
	}{
		"answered":           {Request{URL: signed, Header: head, Body: []byte(canary)}, answer(fine)},
		"cut short":          {Request{URL: signed, Header: head}, answer("HTTP/1.1 200 OK\r\nA: " + canary)},
		"no answer":          {Request{URL: signed, Header: head}, answer("")},
		"echoed in a line":   {Request{URL: signed, Header: head}, answer("GET /?sig=c4nary%2F HTTP/1.1\r\n\r\n")},
		"echoed in a field":  {Request{URL: signed, Header: head}, answer("HTTP/1.1 200 OK\r\nlong and authorization Bearer " + token + "\r\n\r\n")},
		"long echo":          {Request{URL: signed, Header: head}, answer(strings.Repeat("x", 60) + " " + token + "\r\n\r\n")},
		"dial":               {Request{URL: signed, Header: head}, nil},
		"credentials":        {Request{URL: "http://user:c4nary@h/"}, nil},
		"credentials, no %":  {Request{URL: "http://user:c4nary@h:x/%zz?sig=c4nary"}, nil},
		"no URL":             {Request{URL: "h/c?sig=c4nary"}, nil},
		"broken URL":         {Request{URL: "http://h/%zz?sig=c4nary"}, nil},
		"break in a field":   {Request{URL: signed, Header: Header{{"Authorization", "Bearer c4nary\r\n"}}}, nil},
		"break in the query": {Request{URL: "http://h/?sig=c4nary\n"}, nil},
		"method":             {Request{URL: signed, Raw: []byte("eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiJ4In0.c4nary x")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			c, _ := client(t, test.script)
			if test.script == nil {
				c.Dial = dialing
			}
			c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			_, err := c.Send(t.Context(), &test.request)
			if (err == nil) != (name == "answered") {
				t.Fatal(err)
			}
			said := log.String()
			if err != nil {
				said += err.Error()
			}
			if strings.Contains(said, canary) || !strings.Contains(said, "method=") || !strings.Contains(said, "url=") {
				t.Error(said)
			}
			if e := (*Error)(nil); errors.As(err, &e) && strings.Contains(e.URL, canary) {
				t.Error(e.URL)
			}
		})
	}
}
