package clientlib

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/clientlib/internal/clock"
)

// Transport sends one request and returns its answer, as http.Client does. It is the one seam: what stands here stands
// for the network. It does not follow redirects and does not try again.
type Transport interface {
	Do(req *http.Request) (*http.Response, error)
}

// TransportFunc is a function as a Transport.
type TransportFunc func(req *http.Request) (*http.Response, error)

// Do calls f.
func (f TransportFunc) Do(req *http.Request) (*http.Response, error) { return f(req) }

// Clock is what the library asks for the time and waits by.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f in its own goroutine when d has passed. stop prevents that, and tells whether it did.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// Next carries a request on: to the next policy, and in the end to the transport.
type Next func(req *http.Request) (*http.Response, error)

// Policy is a step that requests pass on their way out and answers on their way back. One that calls next more than
// once gives each call a request of its own, with a body that is at its beginning (Rewind).
type Policy func(req *http.Request, next Next) (*http.Response, error)

// Options are what every client takes. The zero value is fit for production.
type Options struct {
	// Cloud is where the services are: cloud.Public() if it is the zero value.
	Cloud cloud.Cloud
	// Transport sends the requests: NewTransport() if nil. Clients that share one share its connections.
	Transport Transport
	// Retry overrides, field by field, what a service's own guidance says about trying again.
	Retry Retry
	// Log is told of every try: at level Debug, at Warn where it is tried again. Nil is silent.
	Log *slog.Logger
	// Application names the program that calls, as "name/version", in front of User-Agent.
	Application string
	// Clock is the machine's if nil.
	Clock Clock
	// PerCall are passed once a call, PerTry once a try, after the request is signed.
	PerCall, PerTry []Policy
}

// Resolve returns the options with the meaning of their zero values put in, for packages that are clients themselves.
func (o Options) Resolve() Options {
	if o.Cloud == (cloud.Cloud{}) {
		o.Cloud = cloud.Public()
	}
	if o.Transport == nil {
		o.Transport = NewTransport()
	}
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	return o
}

// NewTransport returns a transport over the network, with a pool of connections of its own. It takes proxies from the
// environment, as Go's default transport does, and follows no redirects: what a redirect would carry is a token.
func NewTransport() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: 32,
			IdleConnTimeout:     90 * time.Second,
			TLSHandshakeTimeout: 10 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Sleep waits by a clock, until d has passed or ctx ends, whose error it returns then.
func Sleep(ctx context.Context, c Clock, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	done := make(chan struct{})
	stop := c.AfterFunc(d, func() { close(done) })
	defer stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-done:
		return nil
	}
}
