package wire

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Request is what goes out. The zero values of the knobs make a right request.
type Request struct {
	// Method goes out as it is; "" is GET.
	Method string
	// URL is absolute, http or https. All that follows the host is the target, byte for byte;
	// where that is nothing, or no path, a slash goes in front.
	URL string
	// Header goes out as it stands, in order, behind the fields that are added: Host, and
	// Content-Length or Transfer-Encoding, each unless it is here.
	Header Header
	// Body nil is none, though PUT, POST and PATCH say Content-Length: 0; any other has its
	// length written.
	Body []byte

	// Target stands in place of the URL's, without anything put in front.
	Target string
	// Proto is the version in the first line; "" is HTTP/1.1.
	Proto string
	// NoHost leaves the field Host out.
	NoHost bool
	// NoLength leaves Content-Length and Transfer-Encoding out; the body goes out all the same.
	NoLength bool
	// Chunks, where not nil, is the body in place of Body, sent chunked. Empty chunks are left
	// out: one would end the body.
	Chunks [][]byte
	// Expect100 adds Expect: 100-continue and keeps the body back until the server answers: an
	// informational status lets it go, a final one keeps it here. Without an answer the request
	// waits until its context ends.
	Expect100 bool
	// Raw is the whole message. All other fields but URL, which says where it goes, CutAfter
	// and Method are ignored; Method says whether the answer has a body ("" is the first
	// word of Raw).
	Raw []byte
	// CutAfter, where positive, is after how many bytes of the message, head included, the
	// sending half of the connection is closed.
	CutAfter int
}

// Clone returns a copy that shares nothing with the original.
func (r *Request) Clone() *Request {
	c := *r
	c.Header = r.Header.Clone()
	c.Body, c.Raw, c.Chunks = slices.Clone(r.Body), slices.Clone(r.Raw), slices.Clone(r.Chunks)
	for i := range c.Chunks {
		c.Chunks[i] = slices.Clone(c.Chunks[i])
	}
	return &c
}

// method is what decides about the answer's body.
func (r *Request) method() string {
	if r.Method != "" {
		return r.Method
	}
	if r.Raw != nil {
		word, _, _ := bytes.Cut(r.Raw, []byte(" "))
		return string(word)
	}
	return "GET"
}

// RequestTarget is what stands behind the method in the first line.
func (r *Request) RequestTarget() (string, error) {
	if r.Target != "" {
		return r.Target, nil
	}
	a, err := parseAddress(r.URL)
	return a.target, err
}

// Fields is the head as it goes out: Header, and in front of it what is added to it.
func (r *Request) Fields() (Header, error) {
	a, err := parseAddress(r.URL)
	if err != nil {
		return nil, err
	}
	var added Header
	if !r.NoHost && !r.Header.Has("Host") {
		added = append(added, Field{"Host", a.authority})
	}
	length, coded := r.Header.Has("Content-Length"), r.Header.Has("Transfer-Encoding")
	switch method := r.method(); {
	case r.NoLength:
	case r.Chunks != nil && !coded:
		added = append(added, Field{"Transfer-Encoding", "chunked"})
	case r.Chunks != nil || length || coded:
	case r.Body != nil || method == "PUT" || method == "POST" || method == "PATCH":
		added = append(added, Field{"Content-Length", strconv.Itoa(len(r.Body))})
	}
	if r.Expect100 && !r.Header.Has("Expect") {
		added = append(added, Field{"Expect", "100-continue"})
	}
	return append(added, r.Header...), nil
}

// message is what goes out, in two parts: with Expect100 the second waits for an answer.
func (r *Request) message() (head, body []byte, err error) {
	if r.Raw != nil {
		return r.Raw, nil, nil
	}
	target, err := r.RequestTarget()
	if err != nil {
		return nil, nil, err
	}
	fields, err := r.Fields()
	if err != nil {
		return nil, nil, err
	}
	proto := r.Proto
	if proto == "" {
		proto = "HTTP/1.1"
	}
	for _, part := range []struct{ what, text string }{{"method", r.method()}, {"target", target}, {"protocol", proto}} {
		if strings.ContainsAny(part.text, "\r\n") {
			return nil, nil, fmt.Errorf("the %s holds a line break, which would make two lines of one; to send that, write the message as Raw", part.what)
		}
	}
	var b bytes.Buffer
	b.WriteString(r.method() + " " + target + " " + proto + "\r\n")
	for _, f := range fields {
		if strings.ContainsAny(f.Name, "\r\n") || brokenValue(f.Value) {
			return nil, nil, errors.New("a header field holds a line break, which would make two fields of one; to send that, write the message as Raw")
		}
		b.WriteString(f.Name + ": " + f.Value + "\r\n")
	}
	b.WriteString("\r\n")
	return b.Bytes(), r.body(), nil
}

func (r *Request) body() []byte {
	if r.Chunks == nil {
		return r.Body
	}
	var b bytes.Buffer
	for _, chunk := range r.Chunks {
		if len(chunk) > 0 {
			fmt.Fprintf(&b, "%x\r\n%s\r\n", len(chunk), chunk)
		}
	}
	b.WriteString("0\r\n\r\n")
	return b.Bytes()
}

// brokenValue tells whether a value has a line break other than one that folds it (CR, LF,
// and a blank or a tab), which leaves it one value.
func brokenValue(value string) bool {
	for _, fold := range []string{"\r\n ", "\r\n\t"} {
		value = strings.ReplaceAll(value, fold, "")
	}
	return strings.ContainsAny(value, "\r\n")
}
