package identity

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib"
)

// metadata is the address of the metadata service, the same on every machine of Azure.
const metadata = "http://169.254.169.254"

// imds asks a metadata service.
type imds struct {
	pipeline *clientlib.Pipeline
	base     string
	moved    bool // by the environment: it need not be looked for
	identity Selector
}

// IMDS gets tokens from the metadata service of an Azure virtual machine or scale set. AZURE_POD_IDENTITY_AUTHORITY_HOST
// may name another place for it.
//
// Its guidance for trying again: 404 and 410 mean an update, which takes up to 70 seconds, 429 too many requests;
// exponential waits from 2 s. Unless Options.Transport says otherwise, no proxy is asked: the address is of the machine
// itself.
func IMDS(o Options) (*Credential, error) {
	s, err := newIMDS(o)
	if err != nil {
		return nil, err
	}
	return newCredential("IMDS ("+o.Identity.String()+")", s.pipeline.Options(), s.token), nil
}

func newIMDS(o Options) (*imds, error) {
	if err := o.Identity.check(); err != nil {
		return nil, err
	}
	base, moved := metadata, false
	if host := o.env("AZURE_POD_IDENTITY_AUTHORITY_HOST"); host != "" {
		u, err := url.Parse(host)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, errors.New("identity: AZURE_POD_IDENTITY_AUTHORITY_HOST is no address: want http://HOST or http://HOST:PORT, with a path before /metadata where there is one")
		}
		base, moved = u.Scheme+"://"+u.Host+strings.TrimRight(u.EscapedPath(), "/"), true
	}
	return &imds{local(o, "imds", http.StatusNotFound, http.StatusGone), base, moved, o.Identity}, nil
}

// local is a pipeline to a token service on this machine, which no proxy leads to. updating are answers that mean, from
// it, that it will be back.
func local(o Options, name string, updating ...int) *clientlib.Pipeline {
	if o.Transport == nil {
		client := clientlib.NewTransport()
		if t, ok := client.Transport.(*http.Transport); ok {
			t.Proxy = nil
		}
		o.Transport = client
	}
	retry := clientlib.Retry{Tries: 6, First: 2 * time.Second, Longest: time.Minute, Answer: 30 * time.Second}
	retry.Statuses = append(updating, http.StatusRequestTimeout, http.StatusTooManyRequests) //nolint:gocritic // a slice of its own
	for status := 500; status < 600; status++ {
		retry.Statuses = append(retry.Statuses, status)
	}
	if slices.Contains(updating, http.StatusGone) {
		retry.Patience = map[int]time.Duration{http.StatusGone: 75 * time.Second}
	}
	return clientlib.NewPipeline(o.Options, clientlib.Service{Name: name, LongestBody: 1 << 20, Retry: retry})
}

func (s *imds) token(ctx context.Context, r clientlib.TokenRequest) (clientlib.Token, error) {
	query := url.Values{"api-version": {"2018-02-01"}, "resource": {r.Audience}}
	if s.identity.kind != "" {
		query.Set(s.identity.kind, s.identity.value)
	}
	if r.Claims != "" {
		query.Set("bypass_cache", "true") // the API's description has it, the documentation for users has not
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/metadata/identity/oauth2/token?"+query.Encode(), nil)
	if err != nil {
		return clientlib.Token{}, err
	}
	req.Header.Set("Metadata", "true")
	token, err := fetch(s.pipeline, req, r.Audience, s.identity)
	return token, s.explain(err)
}

// fetch sends a request for a token and reads the answer.
func fetch(p *clientlib.Pipeline, req *http.Request, audience string, identity Selector) (clientlib.Token, error) {
	_, body, err := p.Read(req)
	if err != nil {
		if clientlib.HasCode(err, "invalid_resource") {
			err = fmt.Errorf("nobody has the audience %s here: is it one of another cloud (Options.Cloud)? %w", audience, err)
		}
		return clientlib.Token{}, err
	}
	said, token, err := parse(body, p.Options().Clock.Now())
	if err == nil {
		err = said.check(audience, identity)
	}
	if err != nil {
		return clientlib.Token{}, fmt.Errorf("%s: %w", req.URL.Host, err)
	}
	return token, nil
}

// explain says what a failure means, and what may be done.
func (s *imds) explain(err error) error {
	var refused *clientlib.Error
	var transport *clientlib.TransportError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused) && strings.Contains(refused.Message, "Identity not found"):
		if s.identity.kind == "" {
			return fmt.Errorf("identity: this machine has no managed identity (%w): assign it one: %w", ErrUnavailable, err)
		}
		return fmt.Errorf("identity: this machine does not have %s: assign it, or name another: %w", s.identity, err)
	case errors.As(err, &refused) && strings.Contains(refused.Message, "Multiple user assigned identities"):
		return fmt.Errorf("identity: this machine has several user-assigned identities: say which (Options.Identity, or AZURE_CLIENT_ID): %w", err)
	case errors.As(err, &refused) && refused.Status == http.StatusForbidden && strings.Contains(refused.Message, "unreachable"),
		errors.As(err, &transport) && errors.As(err, new(*net.OpError)):
		return fmt.Errorf("identity: no metadata service answers (%w): is this a machine of Azure's, with an identity? %w", ErrUnavailable, err)
	}
	return fmt.Errorf("identity: IMDS: %w", err)
}

// there tells whether a metadata service of Azure answers, ready or not: a request without the header that it wants, which
// brings no token. It takes two seconds where none does.
func (s *imds) there(ctx context.Context) error {
	if s.moved {
		return nil
	}
	o := s.pipeline.Options()
	var last error
	for _, limit := range []time.Duration{500 * time.Millisecond, 1500 * time.Millisecond} {
		if last = s.knock(ctx, o, limit); last == nil || ctx.Err() != nil {
			break
		}
	}
	return last
}

func (s *imds) knock(ctx context.Context, o clientlib.Options, limit time.Duration) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer o.Clock.AfterFunc(limit, cancel)()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/metadata/identity/oauth2/token", nil)
	if err != nil {
		return err
	}
	resp, err := o.Transport.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("no answer within %s", limit)
		}
		var u *url.Error
		if errors.As(err, &u) {
			return u.Err
		}
		return err
	}
	if resp == nil {
		return errors.New("the transport returned neither an answer nor an error")
	}
	defer clientlib.Drain(resp)
	switch resp.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		// Azure's says 400 to such a request, and what it refuses it refuses in JSON. So do not the proxy of Docker Desktop,
		// which says 403, and the metadata services of other clouds, which say 404, or 401 where they want a session.
		if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind != "application/json" {
			return fmt.Errorf("it answered %d: a proxy or another cloud's, and no metadata service of Azure", resp.StatusCode)
		}
	}
	return nil
}
