package arm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/internal/pages"
)

// Versions of the APIs that this package speaks, by who provides them.
const (
	VersionResources     = "2021-04-01"
	VersionStorage       = "2023-05-01"
	VersionIdentity      = "2023-01-31"
	VersionCompute       = "2024-07-01"
	VersionAuthorization = "2022-04-01"
	VersionKeyVault      = "2023-07-01"
)

// Client asks Resource Manager about one subscription. It may be used by many goroutines.
type Client struct {
	pipeline     *clientlib.Pipeline
	base         *url.URL
	subscription string
}

// New returns a client for a subscription, at the Resource Manager of Options.Cloud.
func New(subscription string, cred clientlib.Credential, o clientlib.Options) (*Client, error) {
	o = o.Resolve()
	switch {
	case subscription == "" || strings.ContainsAny(subscription, "/?#%"):
		return nil, fmt.Errorf("arm: %q is no id of a subscription", subscription)
	case cred == nil:
		return nil, errors.New("arm: Resource Manager needs a credential")
	}
	base, err := url.Parse(o.Cloud.ARM)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("arm: %q is no address of a Resource Manager", o.Cloud.ARM)
	}
	pipeline := clientlib.NewPipeline(o, clientlib.Service{
		Name:   "arm",
		PerTry: []clientlib.Policy{clientlib.Bearer(cred, o.Cloud.ARMAudience)},
		Retry:  clientlib.Retry{LongestAsked: longestAsked},
	})
	return &Client{pipeline, base, subscription}, nil
}

// longestAsked is how long Resource Manager may ask to wait.
const longestAsked = 10 * time.Minute

// ask sends a request about an id.
func (c *Client) ask(ctx context.Context, method, id, version string, in, out any) (*http.Response, error) {
	address, err := c.address(id, "", version)
	if err != nil {
		return nil, err
	}
	return c.pipeline.JSON(ctx, method, address, in, out)
}

// Get reads a resource, or what else an id names, into out.
func (c *Client) Get(ctx context.Context, id, version string, out any) error {
	_, err := c.ask(ctx, http.MethodGet, id, version, nil, out)
	return err
}

// Exists tells whether there is a resource, by HEAD.
func (c *Client) Exists(ctx context.Context, id, version string) (bool, error) {
	_, err := c.ask(ctx, http.MethodHead, id, version, nil, nil)
	if clientlib.HasStatus(err, http.StatusNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Put makes a resource, or replaces it.
func (c *Client) Put(ctx context.Context, id, version string, body any) (*Operation, error) {
	return c.begin(ctx, http.MethodPut, id, version, body)
}

// Patch changes the members of a resource that body has.
func (c *Client) Patch(ctx context.Context, id, version string, body any) (*Operation, error) {
	return c.begin(ctx, http.MethodPatch, id, version, body)
}

// Delete deletes a resource. That there is none is no error, except for a resource group.
func (c *Client) Delete(ctx context.Context, id, version string) (*Operation, error) {
	return c.begin(ctx, http.MethodDelete, id, version, nil)
}

// Post asks for an action, whose answer is read into out unless that is nil. Body may be nil. For actions that
// take a while there is Begin.
func (c *Client) Post(ctx context.Context, id, version string, body, out any) error {
	_, err := c.ask(ctx, http.MethodPost, id, version, body, out)
	return err
}

// Begin asks for an action that takes a while.
func (c *Client) Begin(ctx context.Context, id, version string, body any) (*Operation, error) {
	return c.begin(ctx, http.MethodPost, id, version, body)
}

// ErrForeignLink is the refusal to follow a link to another host: the token would go with it.
var ErrForeignLink = errors.New("a link of Resource Manager's leads to another host")

// own checks that a link stays with this Resource Manager, and returns it whole.
func (c *Client) own(link string) (string, error) {
	u, err := c.base.Parse(link)
	if err != nil {
		return "", fmt.Errorf("a link of Resource Manager's: %w", cause(err))
	}
	if u.Scheme != c.base.Scheme || !strings.EqualFold(plainHost(u), plainHost(c.base)) || u.User != nil {
		return "", fmt.Errorf("%w: %s", ErrForeignLink, u.Host)
	}
	return u.String(), nil
}

// plainHost is a URL's host, without the port that goes without saying.
func plainHost(u *url.URL) string { return strings.TrimSuffix(u.Host, ":443") }

// cause takes the link out of an error about it.
func cause(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// List walks through the list that a path names, page by page; filter is its $filter, "" for none. After an error it
// ends.
func List[T any](ctx context.Context, c *Client, path, version, filter string) iter.Seq2[T, error] {
	query := ""
	if filter != "" {
		query = "$filter=" + url.QueryEscape(filter)
	}
	return pages.Walk(func(link string) (items []T, next string, err error) {
		if link == "" {
			if link, err = c.address(path, query, version); err != nil {
				return nil, "", err
			}
		}
		var page struct {
			Value    []T
			NextLink string
		}
		if _, err := c.pipeline.JSON(ctx, http.MethodGet, link, nil, &page); err != nil || page.NextLink == "" {
			return page.Value, "", err
		}
		next, err = c.own(page.NextLink)
		return page.Value, next, err
	})
}

// Collect reads a whole list into a slice.
func Collect[T any](list iter.Seq2[T, error]) ([]T, error) {
	var out []T
	for item, err := range list {
		if err != nil {
			return out, err
		}
		out = append(out, item)
	}
	return out, nil
}

// location is where a resource is made if nobody says: the cloud's example region.
func (c *Client) location(said string) string {
	return cmp.Or(said, c.pipeline.Options().Cloud.Location)
}
