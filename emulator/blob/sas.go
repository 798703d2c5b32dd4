package blob

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/storageauth"
	"github.com/linarite/linarite/emulator/wire"
)

// sharedAccess accepts a shared access signature of the account's keys, and from where it
// may be used; what it allows is authorise's question.
func sharedAccess(c *wire.Call, r *request, version string) error {
	sas, failure := storageauth.ParseSAS(r.query)
	if failure != nil {
		c.Version = orDefault(version, failure.Version)
		return sasFailure(failure)
	}
	c.Version = sasVersion(r, sas, version)
	switch {
	case c.Version != "" && !isVersion(c.Version):
		return queryValue("api-version", c.Version)
	case sas.Kind == storageauth.KindUserDelegation:
		return wire.Refuse(apierr.StorageNotEmulated, "user delegation signatures")
	case !r.account.SharedKeyAllowed():
		return wire.Refuse(apierr.StorageKeysForbidden)
	}
	if sas, failure = sas.WithPolicy(policy(c, r, sas.Identifier)); failure != nil {
		return sasFailure(failure)
	}
	target := storageauth.Target{Account: r.account.Name, Container: r.container, Blob: r.name, Header: c.Request.Header, Query: r.query}
	for _, check := range []func() *storageauth.Failure{
		func() *storageauth.Failure { return sas.Within(target) },
		func() *storageauth.Failure { return sas.InWindow(c.Now) },
		func() *storageauth.Failure { _, f := sas.Verify(target, keys(r)...); return f },
		func() *storageauth.Failure { return sas.AllowsIP(caller(c)) },
		func() *storageauth.Failure { return sas.AllowsProtocol(c.Scheme() == "https") },
	} {
		if failure = check(); failure != nil {
			return sasFailure(failure)
		}
	}
	r.sas = sas
	return nil
}

// sasVersion is the version of a request with a signature: that of the header, of the
// parameter, or of the signature; two old ones look at no header ("Versioning for Azure
// Storage").
func sasVersion(r *request, sas *storageauth.SAS, header string) string {
	switch {
	case sas.Version == "2012-02-12" || sas.Version == "2013-08-15":
		return sas.Version
	case header != "":
		return header
	}
	parameter := ""
	if sas.Version >= "2014-02-14" {
		parameter, _ = r.query.Get("api-version")
	}
	return orDefault(parameter, sas.Version, anonymousVersion)
}

// caller is the address that a request came from.
func caller(c *wire.Call) netip.Addr {
	at, err := netip.ParseAddrPort(c.Request.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap()
}

// policy finds a stored access policy of the container asked for.
func policy(c *wire.Call, r *request, id string) (found *storageauth.Policy) {
	c.World.State.View(func(tx *state.Tx) {
		container, _ := tx.Containers.Get(state.ContainerKey(r.account.Name, r.container))
		for _, p := range container.Policies {
			if p.ID == id {
				found = &storageauth.Policy{Permissions: p.Permissions, Start: p.Start, Expiry: p.Expiry}
			}
		}
	})
	return found
}

// sasFailure words a failure of a shared access signature.
func sasFailure(f *storageauth.Failure) error {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(http.TimeFormat)
	}
	switch f.Kind {
	case storageauth.FieldMissing:
		return authenticationFailed(f.Field + " is mandatory. Cannot be empty")
	case storageauth.FieldMalformed:
		return authenticationFailed("Signature fields not well formed.") // BLOB-SAS-047
	case storageauth.PolicyUnknown:
		return authenticationFailed("SAS identifier cannot be found for specified signed identifier")
	case storageauth.PolicyConflict:
		return authenticationFailed("SAS field '" + f.Field + "' must be specified in the signature or in the stored access policy, not in both.")
	case storageauth.ResourceLevel:
		return authenticationFailed("The specified signed resource is not allowed for the this resource level")
	case storageauth.ExpiryNotAfterStart:
		return authenticationFailed("Signed expiry time [" + at(f.Expiry) + "] must be after signed start time [" + at(f.Start) + "]")
	case storageauth.OutsideWindow:
		return authenticationFailed("Signature not valid in the specified time frame: Start [" + at(f.Start) + "] - Expiry [" + at(f.Expiry) + "] - Current [" + at(f.Now) + "]")
	case storageauth.SASMismatch:
		return authenticationFailed("Signature did not match. String to sign used was " + f.StringToSign)
	case storageauth.SourceIPMismatch:
		return wire.Refuse(apierr.StorageSourceIP, f.Value)
	case storageauth.ProtocolMismatch:
		return wire.Refuse(apierr.StorageProtocol)
	case storageauth.PermissionMismatch:
		if f.Version < "2015-04-05" {
			return wire.Refuse(apierr.StorageResourceNotFound)
		}
		return wire.Refuse(apierr.StoragePermission)
	case storageauth.OverwriteMismatch:
		return wire.Refuse(apierr.StorageOverwrite)
	case storageauth.ServiceMismatch:
		return wire.Refuse(apierr.StorageService)
	case storageauth.ResourceTypeMismatch:
		return wire.Refuse(apierr.StorageResourceType)
	case storageauth.NotForSAS:
		return wire.Refuse(apierr.StorageFailure)
	}
	return authenticationFailed("")
}

// override puts the headers that the signature names in place of the blob's
// (BLOB-AUTH-032).
func (r *request) override(h http.Header) {
	if r.sas == nil {
		return
	}
	for name, value := range map[string]string{
		"Cache-Control": r.sas.CacheControl, "Content-Disposition": r.sas.ContentDisposition, "Content-Encoding": r.sas.ContentEncoding,
		"Content-Language": r.sas.ContentLanguage, "Content-Type": r.sas.ContentType,
	} {
		if strings.TrimSpace(value) != "" {
			h[name] = []string{value}
		}
	}
}
