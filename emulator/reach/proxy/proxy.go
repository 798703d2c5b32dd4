package proxy

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/linarite/linarite/emulator/ids"
)

const (
	// headerTimeout is how long a client may take over the start of a tunnel, its TLS
	// handshake, or the header of a request in it.
	headerTimeout = 30 * time.Second
	// keepAliveTimeout ends a connection on which no further request comes.
	keepAliveTimeout = 3 * time.Minute
	// tunnelTimeout ends a blind tunnel in which nothing moves either way.
	tunnelTimeout = 15 * time.Minute
)

// Class says whose a host is.
type Class int

const (
	// Other is a host that is none of our business: passed on for its caller.
	Other Class = iota
	// Served is a host the emulator answers for.
	Served
	// Azure is an Azure name that nobody serves here: refused, never passed on.
	Azure
)

// Options configure a Proxy. Next, Class and TLS are required.
type Options struct {
	// Next answers requests in origin form, and those for Served and Azure hosts
	// (for the latter with a refusal). Of a proxied request it sees r.Host and an
	// absolute r.URL as the client asked, r.RequestURI in origin form, and no Proxy-
	// headers.
	Next http.Handler
	// Class is asked with a lower-case host name without port and trailing dot, or
	// with an address; it is not asked about loopback, which is Other unless the
	// request comes back to the proxy itself.
	Class func(host string) Class
	// TLS answers CONNECT to Served and Azure hosts; by ALPN it may offer http/1.1 only.
	// Where its GetCertificate has no certificate for the host, the CONNECT itself is
	// refused with status 403.
	TLS *tls.Config
	// Serves lists what is served in words for people ("*.blob.core.windows.net").
	// Refusals name it.
	Serves []string
	// Offline refuses Other hosts too, except on loopback: those do not leave the machine.
	// Loopback is for callers on it alone, Offline or not: to others it is another machine's.
	Offline bool
	// Sealed passes nothing on, not to loopback either: its callers are in a sealed world,
	// and what this proxy reaches is outside. A tunnel to a Served host is such a way in too.
	Sealed bool
	// Chain, where set, names the proxy by which a URL of an Other host is reached, or nil
	// for none, as http.Transport's Proxy does for a request. It is not asked about loopback.
	Chain func(*url.URL) (*url.URL, error)
	// Upstream dials Other hosts and the proxies of Chain. Nil means a net.Dialer that
	// refuses metadata addresses also where a name leads to one.
	Upstream func(ctx context.Context, network, addr string) (net.Conn, error)
	// Place, where set, marks the context of every request that comes to Next through the
	// proxy with where its caller is. r is the request as the proxy got it; user is the user
	// name of Proxy-Authorization (Basic), or empty; the password is ignored. An error refuses
	// the request with status 403, in its words. A tunnel is asked about once.
	Place func(r *http.Request, user string) (context.Context, error)
	// AskUser refuses what is for Next and comes without a user, with status 407: there are
	// clients that name theirs only when they are asked (Java, .NET).
	AskUser bool
	// Log gets refusals and failed connections. Nil means none.
	Log *slog.Logger
}

// Proxy is the handler that New returns. Close it when its server stops.
type Proxy struct {
	opts      Options
	via       string // how this proxy names itself in messages passed on
	passOn    httputil.ReverseProxy
	transport *http.Transport

	// life is over when Close is called.
	life   context.Context
	cancel context.CancelFunc

	mu      sync.Mutex // orders tunnels.Add before the Wait in Close
	tunnels sync.WaitGroup
}

// New returns the proxy over o.Next.
func New(o Options) *Proxy {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Upstream == nil {
		o.Upstream = (&net.Dialer{Timeout: headerTimeout, ControlContext: refuseMetadata}).DialContext
	}
	p := &Proxy{opts: o, via: "1.1 linarite-" + ids.New(ids.RandomSeed()).Hex(4)}
	p.transport = newTransport(o.Upstream, p.chained)
	p.life, p.cancel = context.WithCancel(context.Background())
	p.passOn = httputil.ReverseProxy{
		Rewrite:        p.rewrite,
		Transport:      p.transport,
		FlushInterval:  -1, // pass every byte on as it comes
		ModifyResponse: p.passBack,
		ErrorHandler:   p.unreachable,
		ErrorLog:       slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	return p
}

// Close ends all tunnels and all requests that are being passed on, and waits for the
// tunnels. It leaves requests outside tunnels that Next is answering to their server.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.cancel()
	p.mu.Unlock()
	p.tunnels.Wait()
	p.transport.CloseIdleConnections()
	return nil
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		p.connect(w, r)
	case r.URL.IsAbs():
		p.absolute(w, r)
	default:
		p.opts.Next.ServeHTTP(w, r)
	}
}

// absolute handles a request in absolute form.
func (p *Proxy) absolute(w http.ResponseWriter, r *http.Request) {
	if r.URL.Scheme != "http" || r.URL.Host == "" {
		p.refuse(w, r, http.StatusBadRequest, "this proxy takes http:// URLs; for https:// use CONNECT, as clients do with https_proxy")
		return
	}
	port := r.URL.Port()
	if port == "" {
		port = "80"
	}
	t := p.target(r, r.URL.Hostname(), port)
	switch {
	case !t.valid:
		p.refuse(w, r, http.StatusBadRequest, notASCII)
	case t.class != Other:
		ctx, ok := p.place(w, r)
		if !ok {
			return
		}
		p.opts.Next.ServeHTTP(w, asDirect(ctx, r, "http"))
	case t.refused != nil:
		p.refuse(w, r, t.refused.status, t.refused.why)
	default:
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(p.life, cancel)()
		// Let an answer overtake its request, as it may on a direct connection. Where the
		// carrier cannot, it reads the request first, which is only slower.
		_ = http.NewResponseController(w).EnableFullDuplex()
		p.passOn.ServeHTTP(w, r.WithContext(withRoute(ctx, t.by)))
	}
}

// place returns r's context, marked with where its caller is. Where it reports false, r is
// refused already.
func (p *Proxy) place(w http.ResponseWriter, r *http.Request) (ctx context.Context, ok bool) {
	basic := http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
	user, _, _ := basic.BasicAuth()
	if user == "" && p.opts.AskUser && !tunnelled(r.Context()) {
		w.Header().Set("Proxy-Authenticate", `Basic realm="Linarite: the user is WORLD.MACHINE, the password anything"`)
		p.refuse(w, r, http.StatusProxyAuthRequired, "this proxy wants a user, which says the world and the machine: http://WORLD.MACHINE:any@HOST:PORT")
		return nil, false
	}
	if p.opts.Place == nil {
		return r.Context(), true
	}
	ctx, err := p.opts.Place(r, user)
	if err != nil {
		p.refuse(w, r, http.StatusForbidden, err.Error())
		return nil, false
	}
	return ctx, true
}

// asDirect returns r as Next would have got it without a proxy, but for the absolute
// URL, which tells the scheme.
func asDirect(ctx context.Context, r *http.Request, scheme string) *http.Request {
	direct := r.WithContext(ctx)
	direct.RequestURI = originForm(r.RequestURI)
	u := *r.URL
	u.Scheme, u.Host = scheme, r.Host
	if u.Path == "" {
		u.Path = "/"
	}
	direct.URL = &u
	direct.Header = r.Header.Clone()
	direct.Header.Del("Proxy-Authorization")
	direct.Header.Del("Proxy-Connection")
	return direct
}

// originForm cuts scheme and authority off a request target, and keeps the rest byte
// for byte: signatures are computed over what the client wrote. A target has no fragment, so
// it is read as the server that took it reads it.
func originForm(target string) string {
	u, err := url.ParseRequestURI(target)
	if err != nil || !u.IsAbs() {
		return target
	}
	_, rest, _ := strings.Cut(target, "://")
	i := strings.IndexAny(rest, "/?")
	switch {
	case i < 0:
		return "/"
	case rest[i] == '?':
		return "/" + rest[i:]
	default:
		return rest[i:]
	}
}

// refuse answers in plain text, for people: clients print it or nothing.
func (p *Proxy) refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	p.opts.Log.InfoContext(r.Context(), "proxy refused", "method", r.Method, "host", r.Host, "status", status, "why", why)
	if r.Method == http.MethodConnect {
		// The client may already have sent bytes for the tunnel it will not get.
		w.Header().Set("Connection", "close")
	}
	http.Error(w, "linarite: "+why, status)
}

// served ends a refusal with what would be answered.
func (p *Proxy) served() string {
	if len(p.opts.Serves) == 0 {
		return ""
	}
	return " Served here: " + strings.Join(p.opts.Serves, ", ")
}
