package blob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/wire/sign"
)

// Version is the version of the service that requests are written for, and that signatures are made for.
const Version = "2026-04-06"

// Client is a client of one storage account. It may be used by many goroutines.
type Client struct {
	pipeline *clientlib.Pipeline
	base     *url.URL // its path has no slash at the end
	key      *key     // nil without one
}

// New returns a client of an account for a credential; without one (nil) it is anonymous, and reads what is public.
//
// The endpoint is as cloud.Cloud.Blob has it, https://tutorialstore.blob.core.windows.net, or the account's name alone,
// in Options.Cloud. Tokens are sent over https alone. An account that stands in the path goes too:
// http://127.0.0.1:10000/devstoreaccount1.
func New(endpoint string, cred clientlib.Credential, o clientlib.Options) (*Client, error) {
	o = o.Resolve()
	if cred == nil {
		return newClient(endpoint, o, nil)
	}
	return newClient(endpoint, o, nil, clientlib.Bearer(cred, o.Cloud.StorageAudience))
}

// NewWithKey returns a client that signs with an account's key, which is base64 as the portal shows it.
func NewWithKey(endpoint, account, accountKey string, o clientlib.Options) (*Client, error) {
	value, err := sign.DecodeKey(accountKey)
	if err != nil {
		return nil, fmt.Errorf("blob: the key of %s: %w", account, err)
	}
	if account == "" {
		return nil, errors.New("blob: a key is of an account: name it")
	}
	o = o.Resolve()
	k := newKey(account, value)
	return newClient(endpoint, o, k, k.policy(o.Clock))
}

// NewWithSAS returns a client that shows a shared access signature: "sv=…&sig=…", with or without a question mark in
// front.
func NewWithSAS(endpoint, sas string, o clientlib.Options) (*Client, error) {
	sas = strings.TrimPrefix(strings.TrimSpace(sas), "?")
	if values, err := url.ParseQuery(sas); err != nil || values.Get("sig") == "" {
		return nil, errors.New(`blob: a shared access signature is a query with a parameter sig; this one, which is not shown, has none`)
	}
	return newClient(endpoint, o, nil, func(req *http.Request, next clientlib.Next) (*http.Response, error) {
		if req.URL.RawQuery != "" {
			req.URL.RawQuery += "&"
		}
		req.URL.RawQuery += sas
		return next(req)
	})
}

func newClient(endpoint string, o clientlib.Options, k *key, auth ...clientlib.Policy) (*Client, error) {
	o = o.Resolve()
	if endpoint != "" && !strings.ContainsAny(endpoint, ":/.?") {
		endpoint = o.Cloud.Blob(endpoint)
	}
	base, err := url.Parse(endpoint)
	switch {
	case err != nil:
		return nil, errors.New("blob: the endpoint is no URL; it is written like https://account.blob.core.windows.net")
	case base.RawQuery != "":
		return nil, errors.New("blob: the endpoint has a query; hand a shared access signature to NewWithSAS instead")
	case base.Scheme != "https" && base.Scheme != "http" || base.Host == "" || base.User != nil || base.Fragment != "":
		return nil, fmt.Errorf("blob: the endpoint %q is not like https://account.blob.core.windows.net", base.Redacted())
	}
	base = &url.URL{Scheme: base.Scheme, Host: base.Host, Path: strings.TrimRight(base.Path, "/")}
	return &Client{base: base, key: k, pipeline: clientlib.NewPipeline(o, clientlib.Service{
		Name: "blob", PerTry: auth, Retry: clientlib.Retry{Tries: 5, First: time.Second}, LongestBody: 64 << 20,
	})}, nil
}

// account is the name of the account: that of the key, or what the endpoint says.
func (c *Client) account() string {
	if c.key != nil {
		return c.key.account
	}
	if path := strings.Trim(c.base.Path, "/"); path != "" {
		return path
	}
	name, _, _ := strings.Cut(c.base.Hostname(), ".")
	return strings.TrimSuffix(name, "-secondary")
}

// URL is the address of the account's Blob storage.
func (c *Client) URL() string { return c.base.String() }

// Container is the container of a name, be it there or not.
func (c *Client) Container(name string) *Container { return &Container{client: c, name: name} }

// Container is a container of an account, or the place for one.
type Container struct {
	client *Client
	name   string
}

// Name is the container's name.
func (c *Container) Name() string { return c.name }

// URL is the container's address.
func (c *Container) URL() string { return c.client.url(c.name, "", nil).String() }

// Blob is the blob of a name in the container, be it there or not.
func (c *Container) Blob(name string) *Blob { return &Blob{container: c, name: name} }

// Blob is a blob in a container, or the place for one.
type Blob struct {
	container *Container
	name      string
}

// Name is the blob's name.
func (b *Blob) Name() string { return b.name }

// URL is the blob's address, with what has to be escaped in its name escaped.
func (b *Blob) URL() string { return b.client().url(b.container.name, b.name, nil).String() }

func (b *Blob) client() *Client { return b.container.client }

// request is a request about the blob.
func (b *Blob) request(ctx context.Context, method string, q query) (*http.Request, error) {
	if err := b.named(); err != nil {
		return nil, err
	}
	return b.client().request(ctx, method, b.container.name, b.name, q)
}

// named tells whether the blob's name is one.
func (b *Blob) named() error {
	switch {
	case b.name == "":
		return errors.New("blob: a blob needs a name")
	case strings.Contains(b.name, `\`):
		return fmt.Errorf(`blob: the name %q has a \, which the service takes for a /: write that, or another character`, b.name)
	}
	return nil
}

// request is a request about the container.
func (c *Container) request(ctx context.Context, method string, q query) (*http.Request, error) {
	return c.client.request(ctx, method, c.name, "", append(query{{"restype", "container"}}, q...))
}
