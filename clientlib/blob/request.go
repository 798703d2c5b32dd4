package blob

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib"
)

// query is the parameters of a request in their order, not escaped.
type query [][2]string

// url is the address of an account, a container or a blob.
func (c *Client) url(container, blob string, q query) *url.URL {
	u := *c.base
	u.Path += "/"
	if container != "" {
		u.Path += container
	}
	if blob != "" {
		u.Path += "/" + blob
	}
	u.RawPath = string(escape(make([]byte, 0, len(u.Path)+16), u.Path, "/$"))
	if len(q) > 0 {
		b := make([]byte, 0, 96)
		for i, p := range q {
			if i > 0 {
				b = append(b, '&')
			}
			b = append(append(b, p[0]...), '=')
			b = escape(b, p[1], "")
		}
		u.RawQuery = string(b)
	}
	return &u
}

// escape puts a text, with all but letters, digits, "-._~" and some more characters escaped, behind b.
func escape(b []byte, text, more string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(text) {
		c := text[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 || strings.IndexByte(more, c) >= 0 {
			b = append(b, c)
			continue
		}
		b = append(b, '%', hex[c>>4], hex[c&15])
	}
	return b
}

// request is a request without a body.
func (c *Client) request(ctx context.Context, method, container, blob string, q query) (*http.Request, error) {
	if container == "" && (blob != "" || len(q) > 0 && q[0][1] == "container") {
		return nil, errors.New("blob: a container needs a name")
	}
	u := c.url(container, blob, q)
	req := &http.Request{Method: method, URL: u, Host: u.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}}
	req.Header["X-Ms-Version"] = []string{Version}
	return req.WithContext(ctx), nil
}

// withBody gives a request a body that can be sent again.
func withBody(req *http.Request, size int64, open func() io.ReadCloser) {
	req.ContentLength = size
	if size == 0 {
		req.Body = http.NoBody
		return
	}
	req.GetBody = func() (io.ReadCloser, error) { return open(), nil }
	req.Body = open()
}

// set puts a header where there is a value.
func set(h http.Header, name, value string) {
	if value != "" {
		h[name] = []string{value}
	}
}

// Conditions are what a request asks of the blob or container it is about; where one is not met, the answer is an error
// of status 304 or 412, or 409 where something is there already ("Specifying conditional headers for
// Blob service operations"). The zero value asks for nothing.
type Conditions struct {
	// IfMatch and IfNoneMatch are ETags as the service wrote them, or "*" for any.
	IfMatch, IfNoneMatch string
	// IfModifiedSince and IfUnmodifiedSince are compared by the second.
	IfModifiedSince, IfUnmodifiedSince time.Time
	// Lease is the id of the lease that the caller holds.
	Lease string
}

func (c *Conditions) put(h http.Header) {
	set(h, "If-Match", c.IfMatch)
	set(h, "If-None-Match", c.IfNoneMatch)
	if !c.IfModifiedSince.IsZero() {
		set(h, "If-Modified-Since", c.IfModifiedSince.UTC().Format(http.TimeFormat))
	}
	if !c.IfUnmodifiedSince.IsZero() {
		set(h, "If-Unmodified-Since", c.IfUnmodifiedSince.UTC().Format(http.TimeFormat))
	}
	set(h, "X-Ms-Lease-Id", c.Lease)
}

// putMetadata puts metadata into headers whose names keep their case.
func putMetadata(h http.Header, metadata map[string]string) error {
	for name, value := range metadata {
		if name == "" || strings.IndexFunc(name+value, func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
			return errors.New("blob: metadata " + strconv.Quote(name) + ": names and values are ASCII that can be seen, and names are not empty")
		}
		h["x-ms-meta-"+name] = []string{value}
	}
	return nil
}

// do sends a request whose answer has no content that matters.
func (c *Client) do(req *http.Request) (http.Header, error) {
	resp, err := c.pipeline.Do(req)
	if err != nil {
		return nil, err
	}
	clientlib.Drain(resp)
	return resp.Header, nil
}

// missing tells whether an error says that a blob or container is not there.
func missing(err error) bool {
	var e *clientlib.Error
	if !errors.As(err, &e) || e.Status != http.StatusNotFound {
		return false
	}
	return e.Code == "BlobNotFound" || e.Code == "ContainerNotFound" || e.Code == "" && e.Method == http.MethodHead
}

func parseTime(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	t, _ := http.ParseTime(text) // a time that is none is nobody's
	return t
}
