package vault

import (
	"context"
	"encoding/base64"
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

// Version is the version of the API that this package speaks.
const Version = "7.4"

// Client speaks to one vault. It may be used by many goroutines.
type Client struct {
	pipeline *clientlib.Pipeline
	base     *url.URL
}

// New returns a client for a vault: https://NAME.vault.azure.net, with or without a slash at the end, or the NAME alone
// for one of Options.Cloud.
func New(endpoint string, cred clientlib.Credential, o clientlib.Options) (*Client, error) {
	o = o.Resolve()
	if cred == nil {
		return nil, errors.New("vault: a vault needs a credential")
	}
	if endpoint != "" && !strings.ContainsAny(endpoint, ":/.") {
		endpoint = o.Cloud.Vault(endpoint)
	}
	base, err := url.Parse(endpoint)
	if err != nil || base.Host == "" || strings.Trim(base.Path, "/") != "" || strings.ContainsAny(endpoint, "?#") || base.User != nil {
		return nil, fmt.Errorf("vault: %q is no address of a vault: want https://NAME.%s, or NAME", endpoint, o.Cloud.VaultSuffix)
	}
	if base.Scheme != "https" {
		return nil, fmt.Errorf("vault: %s: %w", endpoint, clientlib.ErrPlainHTTP)
	}
	base.Path = ""
	d := newDoor(cred, base.Host, o.Cloud.VaultSuffix, o.Cloud.VaultAudience)
	pipeline := clientlib.NewPipeline(o, clientlib.Service{
		Name: "vault", PerTry: []clientlib.Policy{d.policy},
		Retry: clientlib.Retry{Tries: 6, First: time.Second, Longest: 16 * time.Second},
	})
	return &Client{pipeline, base}, nil
}

func (c *Client) ask(ctx context.Context, method, path string, in, out any) error {
	_, err := c.pipeline.JSON(ctx, method, c.base.String()+path+"?api-version="+Version, in, out)
	return err
}

// about asks about one secret, and reads what is answered as a secret.
func (c *Client) about(ctx context.Context, method, before, name, behind string, in any) (Secret, error) {
	if err := checkName(name); err != nil {
		return Secret{}, err
	}
	return c.secret(ctx, method, before+name+behind, in)
}

// secret asks, and reads what is answered as a secret.
func (c *Client) secret(ctx context.Context, method, path string, in any) (Secret, error) {
	var out Secret
	err := c.ask(ctx, method, path, in, &out)
	if err == nil && out.Name == "" {
		err = fmt.Errorf("vault: %s %s: %w", method, path, errNoSecret)
	}
	return out, err
}

// errNoSecret is an answer of success without the id of a secret: not Key Vault's, and no secret with an empty value.
var errNoSecret = errors.New("the answer is no secret: something else than Key Vault has answered")

// Set makes a secret, or a new version of the one that is there: Set Secret. more may be nil.
func (c *Client) Set(ctx context.Context, name, value string, more *Changes) (Secret, error) {
	b := more.bundle()
	b.Value = &value
	return c.about(ctx, http.MethodPut, "/secrets/", name, "", b)
}

// Get reads a version of a secret, the latest where version is "": Get Secret.
func (c *Client) Get(ctx context.Context, name, version string) (Secret, error) {
	if err := checkVersion(version); err != nil {
		return Secret{}, err
	}
	if version != "" {
		version = "/" + version
	}
	return c.about(ctx, http.MethodGet, "/secrets/", name, version, nil)
}

// Update changes what a version has beside its value, the latest version where that is "": Update Secret.
func (c *Client) Update(ctx context.Context, name, version string, changes Changes) (Secret, error) {
	if err := checkVersion(version); err != nil {
		return Secret{}, err
	}
	return c.about(ctx, http.MethodPatch, "/secrets/", name, "/"+version, changes.bundle())
}

// Delete deletes a secret with all its versions: Delete Secret. In a vault with soft delete it can be recovered, some
// seconds later, until its time is over or it is purged.
func (c *Client) Delete(ctx context.Context, name string) (Secret, error) {
	return c.about(ctx, http.MethodDelete, "/secrets/", name, "", nil)
}

// GetDeleted reads a deleted secret: Get Deleted Secret.
func (c *Client) GetDeleted(ctx context.Context, name string) (Secret, error) {
	return c.about(ctx, http.MethodGet, "/deletedsecrets/", name, "", nil)
}

// Recover brings a deleted secret back: Recover Deleted Secret. It can be read some seconds later: WaitSecret.
func (c *Client) Recover(ctx context.Context, name string) (Secret, error) {
	return c.about(ctx, http.MethodPost, "/deletedsecrets/", name, "/recover", nil)
}

// Purge ends a deleted secret for good: Purge Deleted Secret.
func (c *Client) Purge(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	return c.ask(ctx, http.MethodDelete, "/deletedsecrets/"+name, nil, nil)
}

// WaitDeleted waits until a secret that was deleted is among the deleted ones, where it can be recovered and purged.
func (c *Client) WaitDeleted(ctx context.Context, name string) (Secret, error) {
	return c.wait(ctx, func() (Secret, error) { return c.GetDeleted(ctx, name) })
}

// WaitSecret waits until a secret that was recovered or restored can be read.
func (c *Client) WaitSecret(ctx context.Context, name string) (Secret, error) {
	return c.wait(ctx, func() (Secret, error) { return c.Get(ctx, name, "") })
}

// wait asks every two seconds, for two minutes at most, while what is asked for is not there.
func (c *Client) wait(ctx context.Context, ask func() (Secret, error)) (Secret, error) {
	const pause, most = 2 * time.Second, 60
	for asked := 1; ; asked++ {
		s, err := ask()
		if !clientlib.HasStatus(err, http.StatusNotFound) || asked == most {
			return s, err
		}
		if err := clientlib.Sleep(ctx, c.pipeline.Options().Clock, pause); err != nil {
			return Secret{}, err
		}
	}
}

type blob struct {
	Value string `json:"value"`
}

// Backup returns a secret with all its versions, in a form that only Key Vault can read: Backup Secret.
func (c *Client) Backup(ctx context.Context, name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	var out blob
	if err := c.ask(ctx, http.MethodPost, "/secrets/"+name+"/backup", nil, &out); err != nil {
		return nil, err
	}
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(out.Value, "="))
	if err != nil {
		return nil, errors.New("vault: the backup that came is not base64url")
	}
	return text, nil
}

// Restore brings back what Backup returned: Restore Secret.
func (c *Client) Restore(ctx context.Context, backup []byte) (Secret, error) {
	return c.secret(ctx, http.MethodPost, "/secrets/restore", blob{base64.RawURLEncoding.EncodeToString(backup)})
}

// List walks through the vault's secrets, without their values: Get Secrets.
func (c *Client) List(ctx context.Context) iter.Seq2[Secret, error] { return c.list(ctx, "/secrets") }

// ListDeleted walks through the deleted secrets: Get Deleted Secrets.
func (c *Client) ListDeleted(ctx context.Context) iter.Seq2[Secret, error] {
	return c.list(ctx, "/deletedsecrets")
}

// ListVersions walks through the versions of a secret, in no order that says which is the latest: Get Secret Versions.
func (c *Client) ListVersions(ctx context.Context, name string) iter.Seq2[Secret, error] {
	if err := checkName(name); err != nil {
		return func(yield func(Secret, error) bool) { yield(Secret{}, err) }
	}
	return c.list(ctx, "/secrets/"+name+"/versions")
}

// ErrForeignLink is the refusal to follow a link to another host: the token would go with it.
var ErrForeignLink = errors.New("a link of the vault's leads to another host")

func (c *Client) list(ctx context.Context, path string) iter.Seq2[Secret, error] {
	return pages.Walk(func(link string) (items []Secret, next string, err error) {
		if link == "" {
			link = c.base.String() + path + "?api-version=" + Version
		}
		var page struct {
			Value    []Secret
			NextLink string
		}
		if _, err := c.pipeline.JSON(ctx, http.MethodGet, link, nil, &page); err != nil || page.NextLink == "" {
			return page.Value, "", err
		}
		next, err = c.own(page.NextLink)
		return page.Value, next, err
	})
}

// own is a link of the vault's, without the port that it has and the vault's address has not.
func (c *Client) own(link string) (string, error) {
	u, err := url.Parse(link)
	if err != nil {
		return "", errors.New("vault: a link of the vault's is no address")
	}
	same := func(u *url.URL) string {
		port := u.Port()
		if port == "" {
			port = "443"
		}
		return strings.ToLower(u.Hostname()) + ":" + port
	}
	if u.Scheme != "https" || same(u) != same(c.base) || u.User != nil {
		return "", fmt.Errorf("%w: %s", ErrForeignLink, u.Host)
	}
	u.Host = c.base.Host
	return u.String(), nil
}
