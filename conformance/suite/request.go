package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/linarite/linarite/clientlib/wire"
)

// Request is a request that a spec still changes. Its methods change it and return it; what
// signs or authorises it comes last, when it is sent, and so covers the changes.
type Request struct {
	wire.Request
	authorize func(ctx context.Context, r *wire.Request) error
}

// Clone is a copy to change one thing in.
func (r *Request) Clone() *Request {
	c := *r
	c.Header = r.Header.Clone()
	c.Body = slices.Clone(r.Body)
	return &c
}

// Set gives a header field this one value.
func (r *Request) Set(name, value string) *Request {
	r.Header.Set(name, value)
	return r
}

// Without takes a header field out.
func (r *Request) Without(name string) *Request {
	r.Header.Del(name)
	return r
}

// Query adds a parameter, escaped.
func (r *Request) Query(name, value string) *Request {
	separator := "?"
	if strings.Contains(r.URL, "?") {
		separator = "&"
	}
	r.URL += separator + url.QueryEscape(name) + "=" + url.QueryEscape(value)
	return r
}

// Raw adds a query as it stands, such as a shared access signature.
func (r *Request) Raw(query string) *Request {
	separator := "?"
	if strings.Contains(r.URL, "?") {
		separator = "&"
	}
	r.URL += separator + query
	return r
}

// Text sets the body; its type is left to the spec.
func (r *Request) Text(body string) *Request {
	r.Body = []byte(body)
	return r
}

// JSON sets a body and its type.
func (r *Request) JSON(body any) *Request {
	text, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("a body that is no JSON: %v", err))
	}
	r.Body = text
	return r.Set("Content-Type", "application/json")
}

// Form sets a body of application/x-www-form-urlencoded: names and values in turn.
func (r *Request) Form(pairs ...string) *Request {
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, url.QueryEscape(pairs[i])+"="+url.QueryEscape(pairs[i+1]))
	}
	r.Body = []byte(strings.Join(out, "&"))
	return r.Set("Content-Type", "application/x-www-form-urlencoded")
}

// Anonymous sends it without any credential.
func (r *Request) Anonymous() *Request { return r.Authorize(nil) }

// Bearer sends it with a token as it is.
func (r *Request) Bearer(token string) *Request {
	return r.Authorize(func(_ context.Context, w *wire.Request) error {
		w.Header.Set("Authorization", "Bearer "+token)
		return nil
	})
}

// Authorize sets what is done last, when the request is sent: a signature made wrong on
// purpose, say.
func (r *Request) Authorize(f func(ctx context.Context, r *wire.Request) error) *Request {
	r.authorize = f
	return r
}

// Who is a principal that can ask for tokens.
type Who struct {
	// Source is where its tokens come from, as in a target file.
	Source string
	// PrincipalID is its object id, ClientID its application's; ID the resource id of an
	// identity that the run made.
	PrincipalID, ClientID, ID string
}

// As sends the request with a token of somebody's for the plane that it is for.
func (t *T) As(who Who, r *Request) *Request {
	audience := t.audienceOf(r.URL)
	return r.Authorize(func(ctx context.Context, w *wire.Request) error {
		token, err := t.Env.TokenFrom(ctx, who.Source, audience)
		if err != nil {
			return err
		}
		w.Header.Set("Authorization", "Bearer "+token)
		return nil
	})
}

// Token is a token of somebody's for an audience. A refusal is an error of the suite.
func (t *T) Token(ctx context.Context, who Who, audience string) string {
	token, err := t.Env.TokenFrom(ctx, who.Source, audience)
	if err != nil {
		t.Broken("token: %v", err)
	}
	return token
}

// audienceOf is whom a token for a URL is meant for.
func (t *T) audienceOf(u string) string {
	c := t.Env.Cloud()
	w := t.World
	switch {
	case w.ARM != "" && strings.HasPrefix(u, w.ARM):
		return c.ARMAudience
	case w.Graph != "" && strings.HasPrefix(u, w.Graph):
		return c.Graph
	case w.Blob != "" && strings.HasPrefix(u, w.Blob):
		return c.StorageAudience
	case strings.Contains(u, "."+c.BlobSuffix):
		return c.StorageAudience
	}
	return c.VaultAudience
}

// request makes one for a base URL.
func request(method, base, path string) *Request {
	if !strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "?") {
		path = "/" + path
	}
	return &Request{Request: wire.Request{Method: method, URL: base + path}}
}

// IMDS asks the machine's metadata service: GET, with the header that it wants.
func (t *T) IMDS(path string) *Request {
	return request("GET", t.World.IMDS, path).Set("Metadata", "true")
}

// IMDSToken asks it for a token for an audience.
func (t *T) IMDSToken(audience string) *Request {
	return t.IMDS("/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" + url.QueryEscape(audience))
}

// Login asks Entra ID, without a credential; the path begins with the tenant.
func (t *T) Login(method, path string) *Request { return request(method, t.World.Login, path) }

// ARM asks Resource Manager as the deployer. The path has the api-version in its query.
func (t *T) ARM(method, path string) *Request {
	return t.As(t.Deployer(), request(method, t.World.ARM, path))
}

// Graph asks Microsoft Graph as the deployer.
func (t *T) Graph(method, path string) *Request {
	return t.As(t.Deployer(), request(method, t.World.Graph, path))
}

// Blob asks the world's storage account, signed with its key. The path is container/blob with
// its query; names in it are escaped by the spec.
func (t *T) Blob(method, path string) *Request {
	return t.Key(request(method, t.World.Blob, path).Set("x-ms-version", t.Env.Target.Versions.Blob))
}

// Vault asks the world's vault of policies as the deployer. The path has no api-version: the
// target's is added where there is none.
func (t *T) Vault(method, path string) *Request { return t.VaultOf(t.World.Vault, method, path) }

// VaultOf asks a vault by its name.
func (t *T) VaultOf(name, method, path string) *Request {
	r := request(method, t.World.VaultBase(name), path)
	if !strings.Contains(path, "api-version") {
		r.Query("api-version", t.Env.Target.Versions.Vault)
	}
	return t.As(t.Deployer(), r)
}
