package wire

import (
	"context"
	"crypto/tls"
)

// How the end of an answer's body was found.
const (
	FramingLength  = "length"  // Content-Length
	FramingChunked = "chunked" // Transfer-Encoding: chunked
	FramingClose   = "close"   // the connection's end
	FramingNone    = "none"    // no body: the answer to HEAD, 1xx, 204, 304
)

// Answer is what came back, whole.
type Answer struct {
	// Proto to Reason are the first line: "HTTP/1.1", 404, "Not Found".
	Proto  string
	Status int
	Reason string
	// Header has the fields as they came. Blanks around a value are not part of it.
	Header Header
	// Body is the body, out of its chunks. It is not decompressed.
	Body []byte
	// Trailer is the fields behind the last chunk.
	Trailer Header
	// Raw is the head as received, with the empty line that ends it.
	Raw []byte
	// Framing is one of the constants.
	Framing string
	// Informational is the 1xx statuses that came before.
	Informational []int
	// TLS is nil without TLS.
	TLS *tls.ConnectionState
}

// Transport sends a request and has its answer. It is the one seam: what stands here stands
// for the network. An answer, whatever its status, is no error.
type Transport interface {
	Send(ctx context.Context, r *Request) (*Answer, error)
}

// TransportFunc is a function as a Transport.
type TransportFunc func(ctx context.Context, r *Request) (*Answer, error)

// Send calls f.
func (f TransportFunc) Send(ctx context.Context, r *Request) (*Answer, error) { return f(ctx, r) }
