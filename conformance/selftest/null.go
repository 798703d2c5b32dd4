package selftest

import (
	"context"
	"errors"
	"fmt"

	"github.com/linarite/linarite/clientlib/wire"
)

// Null is a target that is none: on it, no rule may pass.
type Null struct {
	Name      string
	Transport wire.Transport
}

// Nulls returns them: nothing listens; 200 and an empty body to all; an error to all; what was
// sent; answers of another plane; silence until the spec's time is over.
func Nulls() []Null {
	always := func(status int, body string, header ...wire.Field) wire.Transport {
		return wire.TransportFunc(func(context.Context, *wire.Request) (*wire.Answer, error) {
			return &wire.Answer{Proto: "HTTP/1.1", Status: status, Header: append(wire.Header{}, header...), Body: []byte(body), Framing: "length"}, nil
		})
	}
	return []Null{
		{"nothing listens", wire.TransportFunc(func(context.Context, *wire.Request) (*wire.Answer, error) {
			return nil, &wire.Error{Phase: "dial", Err: errors.New("connection refused")}
		})},
		{"200 and an empty body", always(200, "")},
		{"200 and an empty object", always(200, "{}", wire.Field{Name: "Content-Type", Value: "application/json"})},
		{"201 and an empty body", always(201, "")},
		{"400", always(400, `{"error":"invalid_request"}`)},
		{"401", always(401, "")},
		{"403", always(403, `{"error":{"code":"AuthorizationFailed","message":""}}`)},
		{"404", always(404, "")},
		{"500", always(500, "")},
		{"503", always(503, "")},
		{"echo", wire.TransportFunc(func(_ context.Context, r *wire.Request) (*wire.Answer, error) {
			return &wire.Answer{Proto: "HTTP/1.1", Status: 200, Header: r.Header.Clone(), Body: r.Body, Framing: "length"}, nil
		})},
		{"another plane", always(400, "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>InvalidUri</Code><Message>no</Message></Error>",
			wire.Field{Name: "Content-Type", Value: "application/xml"}, wire.Field{Name: "x-ms-error-code", Value: "InvalidUri"})},
		{"silence", wire.TransportFunc(func(ctx context.Context, r *wire.Request) (*wire.Answer, error) {
			<-ctx.Done()
			return nil, &wire.Error{Phase: "read", Err: fmt.Errorf("no answer: %w", ctx.Err())}
		})},
	}
}
