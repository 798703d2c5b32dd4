package blob

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/blobstore"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/storageauth"
	"github.com/linarite/linarite/emulator/wire"
)

// request is what the plane's steps find out about a call, in Call.Local.
type request struct {
	account state.StorageAccount
	// tenant is the account's.
	tenant string
	// secondary tells that the read-only secondary endpoint is asked.
	secondary bool
	// service is the service asked; empty is Blob storage.
	service cloud.Service
	// container and name are decoded; empty where the request is not about one.
	container, name string
	query           storageauth.Query
	// sas is the shared access signature that authenticated the request; key tells that a
	// signature by the account's key did. Neither, and no Caller: the request is anonymous.
	sas *storageauth.SAS
	key bool
}

func of(c *wire.Call) *request { return c.Local.(*request) }

// address finds the account, the container and the blob. What is left of the path for
// operations to match on is its form: "/", "/container" or "/container/blob".
func address(c *wire.Call) error {
	r := &request{query: storageauth.ParseQuery(c.Request.URL.RawQuery)}
	c.Local = r
	if err := r.findAccount(c); err != nil {
		return err
	}
	first, rest, deep := strings.Cut(strings.TrimPrefix(decoded(c.Path), "/"), "/")
	restype := c.Query.Get("restype")
	switch {
	case strings.EqualFold(restype, "account"): // BLOB-SAS-038: whoever has rights below may ask there
		c.Path, r.container, r.name = "/", first, rest
	case first == "" && !deep:
		c.Path = "/"
	case strings.EqualFold(restype, "container") && rest == "":
		c.Path, r.container = "/container", first
	case !deep: // BLOB-COMMON-022
		c.Path, r.container, r.name = "/container/blob", blobstore.Root, first
	default:
		c.Path, r.container, r.name = "/container/blob", first, rest
	}
	return nil
}

// findAccount refuses accounts that are not there.
func (r *request) findAccount(c *wire.Call) error {
	var ok bool
	var there []string
	c.World.State.View(func(tx *state.Tx) {
		if r.account, r.secondary, ok = findAccount(tx, c.Account); ok {
			sub, _ := tx.Subscriptions.Get(r.account.SubscriptionID)
			r.tenant = sub.TenantID
			return
		}
		for a := range tx.Accounts.All() {
			there = append(there, a.Name)
		}
	})
	if ok {
		return nil
	}
	return wire.Refuse(apierr.FrontAccount, c.Account, orDefault(strings.Join(there, ", "), "none"))
}

// decoded is a path with its names as they are: %2F and / are the same, and so is \
// (BLOB-COMMON-020, BLOB-COMMON-021).
func decoded(escaped string) string {
	name, err := url.PathUnescape(escaped)
	if err != nil {
		return escaped // net/http has refused what does not decode
	}
	return strings.ReplaceAll(name, `\`, "/")
}

// findAccount finds the storage account of a host's first label, or of a path's first
// segment, which may be marked as the secondary of an account that has one.
func findAccount(tx *state.Tx, name string) (account state.StorageAccount, secondary, ok bool) {
	if account, ok = tx.Accounts.Get(strings.ToLower(name)); ok {
		return account, false, true
	}
	primary, marked := cloud.SplitSecondary(strings.ToLower(name))
	if account, ok = tx.Accounts.Get(primary); ok && marked && strings.Contains(account.SKU, "RA") {
		return account, true, true
	}
	return state.StorageAccount{}, false, false
}

// secure refuses plain HTTP where the account wants TLS.
func secure(c *wire.Call) error {
	if of(c).account.HTTPSOnly && c.Scheme() != "https" {
		return wire.Refuse(apierr.StorageHTTPSRequired)
	}
	return nil
}

// found refuses what is no operation, and writes where only reads are served.
func (p *plane) found(c *wire.Call) error {
	r := of(c)
	switch {
	case c.Operation == nil:
		return notFound(c, r)
	case r.secondary && p.operations[c.Operation.Name].write:
		return wire.Refuse(apierr.StorageSecondaryWrite)
	}
	return nil
}

func notFound(c *wire.Call, r *request) error {
	for _, method := range c.Methods() {
		if method != c.Request.Method && method != http.MethodOptions {
			return wire.Refuse(apierr.StorageVerb)
		}
	}
	return queryValue("comp", c.Query.Get("comp"))
}

// queryValue refuses the value of a parameter, naming both.
func queryValue(name, value string) *apierr.Error {
	return apierr.New(apierr.StorageQueryValue).WithField("QueryParameterName", name).WithField("QueryParameterValue", value)
}
