package emulator

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/reach/proxy"
	"github.com/linarite/linarite/emulator/wire"
)

// Ports of the sockets that Serve opens when none are named.
const (
	DefaultPort      = 4280
	DefaultHTTPSPort = 4443
	DefaultBlobPort  = 10000
)

// DefaultURL is the front door on its usual port.
const DefaultURL = "http://127.0.0.1:4280"

// NoPort as a port means: open no socket.
const NoPort = -1

// ServeOptions say where a world listens. Zero ports mean any free one.
type ServeOptions struct {
	// Host is the address to listen on; empty means 127.0.0.1.
	Host string
	// Port is the front door's: HTTP, and forward proxy. NoPort opens none.
	Port int
	// HTTPSPort takes TLS for every served name. NoPort opens none.
	HTTPSPort int
	// BlobPort takes Blob storage by http with the account in the path. NoPort opens none.
	BlobPort int
	// IMDSAddress is an IP:port that answers as the metadata service whatever the
	// Host header says, such as 169.254.169.254:80. Empty opens none.
	IMDSAddress string
	// Offline makes the proxy refuse hosts outside Azure too.
	Offline bool
}

// Server is a world on sockets.
type Server struct {
	// URL is the front door, HTTPSURL the TLS socket; empty where not opened.
	URL      string
	HTTPSURL string
	// BlobURL is Blob storage with the account in the path, empty where not opened.
	BlobURL string
	// IMDS is the URL of the metadata service's own socket, empty where not opened.
	IMDS string

	proxy *proxy.Proxy
	http  []*http.Server
	wait  sync.WaitGroup
	fail  chan error
}

// BusyError tells that a socket could not be opened, and which option chooses another.
type BusyError struct {
	// Flag is the command-line flag that names the socket.
	Flag    string
	Address string
	Err     error
}

// Error is one line that says what to do.
func (e *BusyError) Error() string {
	return fmt.Sprintf("cannot listen on %s: %v: choose another by %s", e.Address, e.Err, e.Flag)
}

func (e *BusyError) Unwrap() error { return e.Err }

// Serve opens the sockets and answers on them until Close. TLS needs a Home.
func (e *Emulator) Serve(o ServeOptions) (*Server, error) {
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Server{fail: make(chan error, 4)}
	door := e.Handler()
	if e.home != nil {
		s.proxy = proxy.New(e.proxyOptions(door, o.Offline))
		door = s.proxy
	}
	if err := s.open(e, o, door); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// check finds the options that no machine could serve.
func (o ServeOptions) check() error {
	for flag, port := range map[string]int{"--port": o.Port, "--https-port": o.HTTPSPort, "--blob-port": o.BlobPort} {
		if port < NoPort || port > math.MaxUint16 {
			return fmt.Errorf("%w: %s %d: a port is 1 to 65535, 0 for any free one, or -1 for none", ErrUsage, flag, port)
		}
	}
	if o.Port == NoPort && o.HTTPSPort == NoPort && o.BlobPort == NoPort && o.IMDSAddress == "" {
		return fmt.Errorf("%w: every port is -1, so nothing would be served: give one of them", ErrUsage)
	}
	return nil
}

func (s *Server) open(e *Emulator, o ServeOptions, door http.Handler) error {
	if o.Port != NoPort {
		at, err := s.listen("--port", net.JoinHostPort(o.Host, strconv.Itoa(o.Port)), door, nil)
		if err != nil {
			return err
		}
		s.URL = "http://" + at
	}
	if o.HTTPSPort != NoPort && e.home != nil {
		at, err := s.listen("--https-port", net.JoinHostPort(o.Host, strconv.Itoa(o.HTTPSPort)), e.Handler(), e.TLSConfig())
		if err != nil {
			return err
		}
		s.HTTPSURL = "https://" + at
	}
	if o.BlobPort != NoPort {
		if err := e.addWellKnownAccount(); err != nil {
			return err
		}
		at, err := s.listen("--blob-port", net.JoinHostPort(o.Host, strconv.Itoa(o.BlobPort)), e.pathStyleHandler(), nil)
		if err != nil {
			return err
		}
		s.BlobURL = "http://" + at
	}
	if o.IMDSAddress != "" {
		at, err := s.listen("--imds-address", o.IMDSAddress, e.imdsHandler(wire.Origin{}), nil)
		if err != nil {
			return err
		}
		s.IMDS = "http://" + at
	}
	return nil
}

func (s *Server) listen(flag, address string, h http.Handler, t *tls.Config) (string, error) {
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return "", &BusyError{Flag: flag, Address: address, Err: err}
	}
	at := ln.Addr().String()
	if t != nil {
		ln = tls.NewListener(ln, t)
	}
	server := NewHTTPServer(h)
	s.http = append(s.http, server)
	s.wait.Go(func() {
		if err := server.Serve(wire.KeepHeaderNames(server, ln)); !errors.Is(err, http.ErrServerClosed) {
			s.fail <- fmt.Errorf("serving %s: %w", at, err)
		}
	})
	return at, nil
}

// NewHTTPServer is a server with the limits of every socket of a world: HTTP/1.1 only,
// headers within 30 seconds, idle connections closed after three minutes.
func NewHTTPServer(h http.Handler) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Server{
		Handler: h, Protocols: protocols, ReadHeaderTimeout: 30 * time.Second, IdleTimeout: 3 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: log.New(io.Discard, "", 0), // what a stranger sends is no news
	}
}

// Failed gives an error when a socket stops answering by itself.
func (s *Server) Failed() <-chan error { return s.fail }

// Close ends the server: sockets at once, running requests after a short grace.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	var errs []error
	for _, h := range s.http {
		if err := h.Shutdown(ctx); err != nil {
			errs = append(errs, h.Close())
		}
	}
	if s.proxy != nil {
		errs = append(errs, s.proxy.Close())
	}
	s.wait.Wait()
	return errors.Join(errs...)
}

// TLSConfig ends TLS for every name that the world serves, and for every other name of
// Azure's, so that a request to one is refused in words and not by a handshake.
func (e *Emulator) TLSConfig() *tls.Config {
	return e.home.CA.TLSConfig(func(host string) bool { return front.IsLoopback(host) || cloud.IsAzure(host) })
}

func (e *Emulator) proxyOptions(door http.Handler, offline bool) proxy.Options {
	return proxy.Options{
		Next: door, TLS: e.TLSConfig(), Offline: offline, Serves: front.Hosts(e.world.Cloud), Log: e.world.Log,
		Class: func(host string) proxy.Class {
			service, _, ok := e.world.Cloud.Resolve(host)
			switch {
			case host == front.IMDSHost || ok && front.Serves(service):
				return proxy.Served
			case cloud.IsAzure(host):
				return proxy.Azure
			}
			return proxy.Other
		},
	}
}

// pathStyleHandler answers as Blob storage whatever host is asked for.
func (e *Emulator) pathStyleHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.front.ServeHTTP(w, r.WithContext(wire.WithOrigin(r.Context(), wire.Origin{PathStyle: true})))
	})
}

// imdsHandler answers as the metadata service whatever host is asked for.
func (e *Emulator) imdsHandler(origin wire.Origin) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = front.IMDSHost
		e.front.ServeHTTP(w, r.WithContext(wire.WithOrigin(r.Context(), origin)))
	})
}
