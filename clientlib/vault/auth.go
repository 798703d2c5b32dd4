package vault

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/linarite/linarite/clientlib"
)

// ErrForeignChallenge is the refusal to get a token for whom a vault names: that is not who the vault belongs to.
var ErrForeignChallenge = errors.New("the vault's challenge names a resource that it does not belong to")

// door is how a vault is entered: what its challenge has said, or what is known of its cloud.
type door struct {
	cred clientlib.Credential
	host string

	mu    sync.Mutex
	known clientlib.TokenRequest
}

func newDoor(cred clientlib.Credential, host, suffix, audience string) *door {
	d := &door{cred: cred, host: host}
	if suffix != "" && below(hostname(host), suffix) {
		d.known.Audience = audience
	}
	return d
}

// policy puts a token on a request. A challenge is followed once, and a claims challenge once after that.
func (d *door) policy(req *http.Request, next clientlib.Next) (*http.Response, error) {
	if req.URL.Scheme != "https" {
		return nil, clientlib.ErrPlainHTTP
	}
	d.mu.Lock()
	with := d.known
	d.mu.Unlock()
	resp, err := d.send(req, next, with)
	for challenged, claimed := false, false; err == nil && resp.StatusCode == http.StatusUnauthorized; {
		again := with
		if claims := clientlib.ClaimsChallenge(resp.Header); claims != "" && !claimed && with.Audience != "" {
			again.Claims, claimed = claims, true
		} else if !challenged {
			again, err = d.read(resp.Header)
			if err != nil {
				clientlib.Drain(resp)
				return nil, err
			}
			challenged = true
			if again.Audience == "" || again == with { // it says nothing new: the refusal stands
				return resp, nil
			}
			d.mu.Lock()
			d.known = again
			d.mu.Unlock()
		} else {
			return resp, nil
		}
		repeated, failed := clientlib.Rewind(req)
		if failed != nil {
			return resp, nil //nolint:nilerr // the body cannot be sent again: the refusal stands
		}
		clientlib.Drain(resp)
		with = again
		resp, err = d.send(repeated, next, with)
	}
	return resp, err
}

// send sends a request with a token, or without one and without its body where nobody knows yet whom for.
func (d *door) send(req *http.Request, next clientlib.Next, with clientlib.TokenRequest) (*http.Response, error) {
	if with.Audience != "" {
		return clientlib.WithToken(req, next, d.cred, with)
	}
	bare := req.Body == nil || req.Body == http.NoBody
	empty := req.Clone(req.Context())
	empty.Body, empty.GetBody, empty.ContentLength = http.NoBody, nil, 0
	empty.Header.Del("Content-Type")
	resp, err := next(empty)
	if err == nil && !bare && resp.StatusCode/100 == 2 {
		clientlib.Drain(resp)
		return nil, fmt.Errorf("vault: %s did not ask for a token, and took a request whose body was held back until it would: nothing was stored", d.host)
	}
	return resp, err
}

// read takes from a challenge whom the token is for and in which directory. Nothing is an answer without a challenge.
func (d *door) read(h http.Header) (clientlib.TokenRequest, error) {
	for _, c := range clientlib.Challenges(h) {
		resource := strings.TrimSuffix(c.Params["scope"], "/.default")
		if r := c.Params["resource"]; r != "" {
			resource = r
		}
		if !strings.EqualFold(c.Scheme, "Bearer") || resource == "" {
			continue
		}
		if !plain(resource) || !below(hostname(d.host), hostname(strings.TrimSuffix(strings.TrimPrefix(resource, "https://"), "/"))) {
			return clientlib.TokenRequest{}, fmt.Errorf("vault: %w: %q, at %s: no token was sent", ErrForeignChallenge, clip(resource), d.host)
		}
		return clientlib.TokenRequest{Audience: resource, Tenant: tenant(c.Params)}, nil
	}
	return clientlib.TokenRequest{}, nil
}

// tenant is the directory in the address of a challenge's authority. The authority itself is not followed: tokens come
// from the credential's own.
func tenant(params map[string]string) string {
	for _, name := range []string{"authorization", "authorization_uri"} {
		u, err := url.Parse(params[name])
		if err != nil {
			continue
		}
		first, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
		switch strings.ToLower(first) {
		case "", "common", "organizations", "consumers":
		default:
			if strings.Trim(strings.ToLower(first), "abcdefghijklmnopqrstuvwxyz0123456789.-") == "" {
				return first
			}
		}
	}
	return ""
}

// below tells whether a host is in a domain, and is not the domain itself.
func below(host, domain string) bool {
	return strings.Contains(domain, ".") && strings.HasSuffix(strings.ToLower(host), "."+strings.ToLower(domain))
}

func hostname(host string) string { return (&url.URL{Host: host}).Hostname() }

// plain tells whether a resource is https:// and a name, with a slash behind it or not. What else an address may have
// would be read one way here and another way by who issues tokens.
func plain(resource string) bool {
	name, ok := strings.CutPrefix(resource, "https://")
	name = strings.TrimSuffix(name, "/")
	_, err := url.Parse(resource)
	return ok && err == nil && name != "" && strings.IndexFunc(name, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '-' || r == ':')
	}) < 0
}

// clip keeps what somebody else wrote short.
func clip(text string) string { return text[:min(len(text), 80)] }
