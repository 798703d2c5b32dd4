package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/textproto"
)

// net/http writes the names of headers in its canonical form, but Storage keeps the case
// in which the name of metadata was sent. So a listener looks at the heads of requests as
// its connections are read, and hands the names on by the request's context.

// KeepHeaderNames lets a server's handler ask HeaderName for the names of headers as they
// were sent. The listener returned is the one to serve; it may be one of package tls.
func KeepHeaderNames(s *http.Server, ln net.Listener) net.Listener {
	handler, connContext := s.Handler, s.ConnContext
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		if connContext != nil {
			ctx = connContext(ctx, c)
		}
		return context.WithValue(ctx, connKey{}, c)
	}
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := r.Context().Value(connKey{}).(*namedConn); ok {
			r = c.describe(r)
		}
		handler.ServeHTTP(w, r)
	})
	return namedListener{ln}
}

type (
	connKey  struct{}
	namesKey struct{}
)

// HeaderName is the name of a header of metadata as the client sent it: of the first one that has the
// canonical form given. Where the way in could not tell, it is that form itself.
func HeaderName(r *http.Request, canonical string) string {
	names, _ := r.Context().Value(namesKey{}).([]string)
	for _, name := range names {
		if len(name) == len(canonical) && textproto.CanonicalMIMEHeaderKey(name) == canonical {
			return name
		}
	}
	return canonical
}

// WithHeaderNames is for carriers that know the header that a client sends: HeaderName
// takes the names as they are there.
func WithHeaderNames(r *http.Request, sent http.Header) *http.Request {
	var names []string
	for name := range sent {
		if isMetadata(name) {
			names = append(names, name)
		}
	}
	if names == nil {
		return r
	}
	return r.WithContext(context.WithValue(r.Context(), namesKey{}, names))
}

type namedListener struct{ net.Listener }

func (l namedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &namedConn{Conn: c}, nil
}

// namedConn is a connection whose requests are looked at as they are read.
type namedConn struct {
	net.Conn
	heads heads
}

func (c *namedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.heads.feed(p[:n])
	var plain tls.RecordHeaderError
	if errors.As(err, &plain) && plain.Conn != nil && looksLikeHTTP(plain.RecordHeader) {
		// What net/http answers where it sees the TLS connection itself.
		_, _ = io.WriteString(plain.Conn, "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")
	}
	return n, err
}

// looksLikeHTTP tells whether the first bytes of a connection are those of a request.
func looksLikeHTTP(first [5]byte) bool {
	switch string(first[:]) {
	case "GET /", "HEAD ", "POST ", "PUT /", "OPTIO", "DELET", "PATCH", "CONNE":
		return true
	}
	return false
}

// CloseWrite tells the peer that no more will come, and leaves the way back open.
func (c *namedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Close()
}

// describe adds to a request what the connection knows about it: the names of its
// headers, and the state of TLS, which net/http does not see through a namedConn.
func (c *namedConn) describe(r *http.Request) *http.Request {
	names := c.heads.take(r.Method, r.RequestURI)
	r = r.WithContext(context.WithValue(r.Context(), namesKey{}, names))
	if t, ok := c.Conn.(*tls.Conn); ok {
		state := t.ConnectionState()
		r.TLS = &state
	}
	return r
}
