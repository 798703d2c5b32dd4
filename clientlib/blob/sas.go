package blob

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib/wire/sign"
)

// SAS says what a shared access signature allows, on a container or on a blob ("Create a service SAS", "Create a user
// delegation SAS").
type SAS struct {
	// Permissions are letters, in any order: of a blob read, add, create, write, delete, x delete a version, y delete
	// for good, t tags, move, execute, ownership, p permissions, i immutability; of a container also list and find by
	// tags, and not y. They are put in the order that the service asks for.
	Permissions string
	// Start is when it begins, at once if zero. A clock that is behind refuses one that begins now.
	Start time.Time
	// Expiry is when it ends. Both are to the second, and written as UTC.
	Expiry time.Time
	// Policy is the name of a stored access policy of the container, which may say permissions and times instead.
	Policy string
	// IP is an address, or two with a hyphen between: who may use it. "" is anybody.
	IP string
	// AllowHTTP lets it be used over http too.
	AllowHTTP bool
	// Headers, where they are set, are what a blob is served with.
	Headers Headers
	// EncryptionScope is what new blobs are encrypted with.
	EncryptionScope string
	// Key is a delegation key that signs, so that no account key is needed: see Client.DelegationKey. Nil signs by the
	// key of the client.
	Key *DelegationKey
}

// What each kind of SAS may allow, in the order that the service asks for.
const (
	blobLetters      = "racwdxytmeopi"
	containerLetters = "racwdxltfmeopi"
	accountLetters   = "rwdxylacuptfi"
)

// SAS makes a signature for the blob: a query without a question mark. URL()+"?"+query is an address that opens it.
func (b *Blob) SAS(s SAS) (string, error) {
	if err := b.named(); err != nil {
		return "", err
	}
	return s.make(b.container, "b", b.name, blobLetters)
}

// SAS makes a signature for the container and what is in it: a query without a question mark.
func (c *Container) SAS(s SAS) (string, error) { return s.make(c, "c", "", containerLetters) }

func (s *SAS) make(c *Container, resource, blob, letters string) (string, error) {
	if c.name == "" {
		return "", errors.New("blob: a container needs a name")
	}
	if err := s.complete(c.client); err != nil {
		return "", fmt.Errorf("blob: a SAS for %s: %w", c.name, err)
	}
	permissions, err := inOrder(s.Permissions, letters)
	if err != nil {
		return "", fmt.Errorf("blob: a SAS for %s: %w", c.name, err)
	}
	h := s.Headers
	out := &sign.SAS{
		Version: Version, Resource: resource, Permissions: permissions, Start: sasTime(s.Start), Expiry: sasTime(s.Expiry),
		Identifier: s.Policy, IP: s.IP, Protocol: protocol(s.AllowHTTP), Account: c.client.account(), Container: c.name, Blob: blob,
		EncryptionScope: s.EncryptionScope, CacheControl: h.CacheControl, ContentDisposition: h.ContentDisposition,
		ContentEncoding: h.ContentEncoding, ContentLanguage: h.ContentLanguage, ContentType: h.ContentType,
	}
	if s.Key == nil {
		return out.Query(c.client.key.value), nil
	}
	out.Key = &s.Key.signed
	return out.Query(nil), nil
}

// complete tells what is missing, or too much.
func (s *SAS) complete(c *Client) error {
	switch {
	case s.Key == nil && c.key == nil:
		return errors.New("the client has no account key to sign with: make it with NewWithKey, or set Key to a delegation key")
	case s.Key != nil && s.Policy != "":
		return errors.New("a delegation key signs no stored access policies")
	case s.Policy == "" && s.Expiry.IsZero():
		return errors.New("it needs an Expiry")
	case s.Policy == "" && s.Permissions == "":
		return errors.New("it needs Permissions")
	case !s.Expiry.IsZero() && !s.Start.IsZero() && !s.Start.Before(s.Expiry):
		return fmt.Errorf("it ends at %s, before it begins", sasTime(s.Expiry))
	case s.Key != nil && s.Expiry.After(s.Key.Expiry):
		return fmt.Errorf("it ends at %s, after its key (%s)", sasTime(s.Expiry), sasTime(s.Key.Expiry))
	}
	return nil
}

// AccountSAS says what a shared access signature of an account allows, on its Blob storage ("Create an account SAS").
type AccountSAS struct {
	// Permissions are letters, in any order: read, write, delete, x delete a version, y delete for good, list, add,
	// create, update, process, tags, find by tags, i immutability.
	Permissions string
	// Service, Containers and Blobs are the levels that it is for; at least one.
	Service, Containers, Blobs bool
	// Start is when it begins, at once if zero, and Expiry when it ends. They are to the second, and written as UTC.
	Start, Expiry time.Time
	// IP is an address, or two with a hyphen between: who may use it. "" is anybody.
	IP string
	// AllowHTTP lets it be used over http too.
	AllowHTTP bool
	// EncryptionScope is what new blobs are encrypted with.
	EncryptionScope string
}

// SAS makes a signature for the account: a query without a question mark.
func (c *Client) SAS(s AccountSAS) (string, error) {
	types := ""
	for i, on := range []bool{s.Service, s.Containers, s.Blobs} {
		if on {
			types += "sco"[i : i+1]
		}
	}
	permissions, err := inOrder(s.Permissions, accountLetters)
	switch {
	case err != nil:
	case c.key == nil:
		err = errors.New("the client has no account key to sign with: make it with NewWithKey")
	case s.Expiry.IsZero():
		err = errors.New("it needs an Expiry")
	case permissions == "":
		err = errors.New("it needs Permissions")
	case types == "":
		err = errors.New("it needs a level: Service, Containers or Blobs")
	case !s.Start.IsZero() && !s.Start.Before(s.Expiry):
		err = fmt.Errorf("it ends at %s, before it begins", sasTime(s.Expiry))
	}
	if err != nil {
		return "", fmt.Errorf("blob: a SAS for the account: %w", err)
	}
	out := &sign.AccountSAS{
		Account: c.key.account, Version: Version, Services: "b", ResourceTypes: types, Permissions: permissions, Start: sasTime(s.Start),
		Expiry: sasTime(s.Expiry), IP: s.IP, Protocol: protocol(s.AllowHTTP), EncryptionScope: s.EncryptionScope,
	}
	return out.Query(c.key.value), nil
}

// inOrder puts letters in an order, each once.
func inOrder(permissions, order string) (string, error) {
	out := make([]byte, 0, len(permissions))
	for _, letter := range []byte(order) {
		if strings.IndexByte(permissions, letter) >= 0 {
			out = append(out, letter)
		}
	}
	if i := strings.IndexFunc(permissions, func(r rune) bool { return !strings.ContainsRune(order, r) }); i >= 0 {
		return "", fmt.Errorf("%q is no permission here: those are %s", permissions[i:], order)
	}
	return string(out), nil
}

func protocol(http bool) string {
	if http {
		return "https,http"
	}
	return "https"
}

func sasTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}
