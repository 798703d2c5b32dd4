package emulator

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/pki"
	"github.com/linarite/linarite/emulator/reach/memory"
	"github.com/linarite/linarite/emulator/reach/proxy"
	"github.com/linarite/linarite/emulator/wire"
)

// Ports of the sockets that Serve opens when none are named.
const (
	DefaultPort      = 4280
	DefaultHTTPSPort = 4443
	DefaultBlobPort  = 10000
	DefaultQueuePort = 10001
	DefaultTablePort = 10002
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
	// QueuePort and TablePort take Queue and Table storage likewise. Zero goes with
	// BlobPort: one and two above it, any free ones, or none.
	QueuePort, TablePort int
	// IMDSAddress is an IP:port that answers as the metadata service whatever the
	// Host header says, such as 169.254.169.254:80. Empty opens none.
	IMDSAddress string
	AzureOptions
	// Offline makes the proxy refuse hosts outside Azure too.
	Offline bool
	// AskUser makes the proxy refuse what is for a world and comes without a user (407).
	AskUser bool
	// Chain names the proxy by which the proxy reaches a host outside Azure, or nil for none,
	// as the ProxyFunc of golang.org/x/net/http/httpproxy does; nil reaches all directly.
	Chain func(*url.URL) (*url.URL, error)
}

// Server is a world on sockets.
type Server struct {
	// URL is the front door, HTTPSURL the TLS socket; empty where not opened.
	URL      string
	HTTPSURL string
	// BlobURL is Blob storage with the account in the path, empty where not opened.
	BlobURL string
	// QueueURL and TableURL are those of Queue and Table storage, empty where not opened.
	QueueURL, TableURL string
	// IMDS is the URL of the metadata service's own socket, empty where not opened.
	IMDS string
	// DNS is the IP:port of the name server, empty where not opened.
	DNS string

	// ends undo what is no HTTP socket.
	ends  []func() error
	proxy *proxy.Proxy
	lists *revocation
	of    *served
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

// Serve opens the sockets and answers on them until Close, or until the world is closed.
func (e *Emulator) Serve(o ServeOptions) (*Server, error) {
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	ca, err := e.authority()
	if err != nil {
		return nil, err
	}
	lists := &revocation{ca: ca}
	tlsConfig := tlsConfigOf(ca, lists.at)
	s := &Server{lists: lists, fail: make(chan error, 8), proxy: proxy.New(e.proxyOptions(tlsConfig, o)), of: &e.served}
	err = s.open(e, o, tlsConfig)
	if err == nil {
		err = e.served.add(s)
	}
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// served is the open servers of a world, and what else ends with it.
type served struct {
	mu     sync.Mutex
	open   map[*Server]bool
	closed bool
	// env is the environment that leads child processes here, once there is one.
	env     []string
	private string // the folder that goes with it
}

func (s *served) add(server *Server) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return memory.ErrClosed
	}
	if s.open == nil {
		s.open = map[*Server]bool{}
	}
	s.open[server] = true
	return nil
}

func (s *served) remove(server *Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, server)
}

func (s *served) close() error {
	s.mu.Lock()
	s.closed = true
	open, private := slices.Collect(maps.Keys(s.open)), s.private
	s.private = ""
	s.mu.Unlock()
	var errs []error
	for _, server := range open {
		errs = append(errs, server.Close())
	}
	if private != "" {
		errs = append(errs, os.RemoveAll(private))
	}
	return errors.Join(errs...)
}

// check finds the options that no machine could serve.
func (o ServeOptions) check() error {
	for flag, port := range map[string]int{"--port": o.Port, "--https-port": o.HTTPSPort, "--blob-port": o.BlobPort, "--queue-port": o.QueuePort, "--table-port": o.TablePort} {
		if port < NoPort || port > math.MaxUint16 {
			return fmt.Errorf("%w: %s %d: a port is 1 to 65535, 0 for any free one, or -1 for none", ErrUsage, flag, port)
		}
	}
	if o.Port == NoPort && o.HTTPSPort == NoPort && o.BlobPort == NoPort && o.IMDSAddress == "" && o.HTTPSAddress == "" {
		return fmt.Errorf("%w: every port is -1, so nothing would be served: give one of them", ErrUsage)
	}
	return o.checkAzure()
}

func (s *Server) open(e *Emulator, o ServeOptions, t *tls.Config) error {
	if err := s.prepare(e, o); err != nil {
		return err
	}
	if o.Port != NoPort {
		at, err := s.listen("--port", net.JoinHostPort(o.Host, strconv.Itoa(o.Port)), s.lists.before(s.proxy), nil)
		if err != nil {
			return err
		}
		s.lists.opened(at)
		s.URL = "http://" + at
	}
	if o.HTTPSPort != NoPort {
		at, err := s.listen("--https-port", net.JoinHostPort(o.Host, strconv.Itoa(o.HTTPSPort)), e.Handler(), t)
		if err != nil {
			return err
		}
		s.HTTPSURL = "https://" + at
	}
	if o.BlobPort != NoPort || o.QueuePort > 0 || o.TablePort > 0 {
		if err := e.addDevAccounts(); err != nil {
			return err
		}
	}
	if err := s.openStorage(e, o); err != nil {
		return err
	}
	if o.IMDSAddress != "" {
		at, err := s.listen("--imds-address", o.IMDSAddress, e.metadataHandler(), nil)
		if err != nil {
			return err
		}
		s.IMDS = "http://" + at
	}
	return s.openAzure(e, o, t)
}

// openStorage opens the sockets of the storage services with the account in the path.
func (s *Server) openStorage(e *Emulator, o ServeOptions) error {
	for _, at := range []struct {
		flag    string
		port    int
		above   int
		service cloud.Service
		url     *string
	}{
		{"--blob-port", o.BlobPort, 0, cloud.Blob, &s.BlobURL},
		{"--queue-port", o.QueuePort, 1, cloud.Queue, &s.QueueURL},
		{"--table-port", o.TablePort, 2, cloud.Table, &s.TableURL},
	} {
		switch {
		case at.port == 0 && o.BlobPort > 0:
			at.port = o.BlobPort + at.above
		case at.port == 0 && o.BlobPort == NoPort:
			at.port = NoPort
		}
		if at.port == NoPort || at.port > math.MaxUint16 {
			continue
		}
		on, err := s.listen(at.flag, net.JoinHostPort(o.Host, strconv.Itoa(at.port)), e.pathStyleHandler(wire.Origin{}, at.service), nil)
		if err != nil {
			return err
		}
		*at.url = "http://" + on
	}
	return nil
}

func (s *Server) listen(flag, address string, h http.Handler, t *tls.Config) (string, error) {
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if err != nil {
		return "", &BusyError{Flag: flag, Address: address, Err: cause(err)}
	}
	at := reachable(ln.Addr().String())
	if t != nil {
		ln = tls.NewListener(ln, t)
	}
	server := NewHTTPServer(h)
	s.http = append(s.http, server)
	s.wait.Go(func() {
		if err := server.Serve(wire.KeepHeaderNames(server, ln)); !errors.Is(err, http.ErrServerClosed) {
			s.fails(fmt.Errorf("serving %s: %w", at, err))
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
	s.of.remove(s)
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	var errs []error
	for _, h := range s.http {
		if err := h.Shutdown(ctx); err != nil {
			errs = append(errs, h.Close())
		}
	}
	errs = append(errs, s.proxy.Close(), s.unwind())
	s.wait.Wait()
	return errors.Join(errs...)
}

// TLSConfig ends TLS for every name that the world serves, and for every other name of
// Azure's, so that a request to one is refused in words and not by a handshake.
func (e *Emulator) TLSConfig() (*tls.Config, error) {
	ca, err := e.authority()
	if err != nil {
		return nil, err
	}
	return tlsConfigOf(ca, nil), nil
}

func tlsConfigOf(ca *pki.CA, crl func() string) *tls.Config {
	return ca.TLSConfig(func(host string) bool { return front.IsLoopback(host) || cloud.IsAzure(host) }, crl)
}

func (e *Emulator) proxyOptions(t *tls.Config, o ServeOptions) proxy.Options {
	return proxy.Options{
		Next: e.Handler(), TLS: t, Offline: o.Offline, Chain: o.Chain, Place: e.place, AskUser: o.AskUser, Serves: front.Hosts(e.world.Cloud), Log: e.world.Log,
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

// place marks a request that came by the proxy with where its user is, beginning the world
// that is not there yet, and a tunnel to one of the metadata address's storage ports with
// that: so sealed commands reach storage with the account in the path, in any world.
func (e *Emulator) place(r *http.Request, user string) (context.Context, error) {
	origin := wire.OriginOf(r.Context())
	if user != "" {
		at, err := e.origin(r, user)
		if refusal := new(apierr.Error); errors.As(err, &refusal) {
			return r.Context(), errors.New(refusal.Message)
		}
		if err != nil {
			return r.Context(), err
		}
		origin = at
	}
	if r.Method == http.MethodConnect {
		origin.Service = storageAt(r.URL.Host)
		origin.PathStyle = origin.Service != ""
	}
	return wire.WithOrigin(r.Context(), origin), nil
}

// storageAt is the storage service that a tunnel to a host and port is for, empty for others.
func storageAt(host string) cloud.Service {
	for port, service := range map[int]cloud.Service{DefaultBlobPort: cloud.Blob, DefaultQueuePort: cloud.Queue, DefaultTablePort: cloud.Table} {
		if host == net.JoinHostPort(front.IMDSHost, strconv.Itoa(port)) {
			return service
		}
	}
	return ""
}

// doorHandler tells the world's services apart by host and path.
func (e *Emulator) doorHandler(origin wire.Origin) http.Handler {
	if origin == (wire.Origin{}) {
		return e.Handler()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.enter(w, r.WithContext(wire.WithOrigin(r.Context(), origin)))
	})
}

// pathStyleHandler answers as a storage service whatever host is asked for.
func (e *Emulator) pathStyleHandler(origin wire.Origin, service cloud.Service) http.Handler {
	origin.PathStyle, origin.Service = true, service
	return e.doorHandler(origin)
}

// imdsHandler answers as the metadata service whatever host is asked for.
func (e *Emulator) imdsHandler(origin wire.Origin) http.Handler {
	door := e.doorHandler(origin)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = front.IMDSHost
		door.ServeHTTP(w, r)
	})
}
