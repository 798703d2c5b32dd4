package blob

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/sabotage"
	"github.com/linarite/linarite/emulator/storageauth"
	"github.com/linarite/linarite/emulator/wire"
)

const (
	// firstVersion is the service's first; what is before is no version.
	firstVersion = "2009-04-14"
	// anonymousVersion is that of anonymous requests where nothing says another.
	anonymousVersion = "2009-09-19"
	// bearerVersion is the first that knows tokens.
	bearerVersion = "2017-11-09"
	// challengeVersion is the first that tells clients where to get a token.
	challengeVersion = "2019-12-12"
)

// authenticate finds the version of the request, which decides about the words of
// refusals, and who sends it: the Authorization header goes before a signature in the
// query.
func authenticate(c *wire.Call) error {
	r := of(c)
	version := c.Request.Header.Get("x-ms-version")
	if c.Operation != nil && c.Operation.Name == preflight { // BLOB-CORS-001
		c.Version = orDefault(version, anonymousVersion)
		return nil
	}
	if version != "" && !isVersion(version) {
		return wire.HeaderValue("x-ms-version", version)
	}
	header := c.Request.Header["Authorization"]
	switch {
	case len(header) > 0 && header[0] != "":
		scheme, _, _ := strings.Cut(header[0], " ")
		if strings.EqualFold(scheme, "Bearer") {
			return bearer(c, r, version)
		}
		return sharedKey(c, r, version, header[0])
	case storageauth.HasSAS(r.query):
		return sharedAccess(c, r, version)
	}
	c.Version = orDefault(version, r.account.DefaultServiceVersion, anonymousVersion)
	return nil
}

// isVersion takes every date since the first version: clients know newer ones than any
// list here (BLOB-COMMON-004).
func isVersion(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil && s >= firstVersion
}

// orDefault is the first that is not empty.
func orDefault(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// authenticationFailed is the refusal with a reason for people, which may be empty.
func authenticationFailed(detail string) *apierr.Error {
	e := apierr.New(apierr.StorageAuthenticationFailed)
	if detail != "" {
		e = e.WithField("AuthenticationErrorDetail", detail)
	}
	return e
}

// bearer accepts a token of the account's tenant for Storage, or for this account.
func bearer(c *wire.Call, r *request, version string) error {
	c.Version = version
	if version < bearerVersion { // BLOB-AUTH-001
		return authenticationFailed("Authentication scheme Bearer is not supported in this version.")
	}
	if c.Scheme() != "https" { // BLOB-AUTH-003
		return authenticationFailed("Authentication scheme Bearer is not allowed with HTTP.")
	}
	raw, _, ok := wire.Bearer(c.Request.Header["Authorization"])
	if !ok || !isJWT(raw) {
		if version < challengeVersion { // BLOB-AUTH-011
			return wire.Refuse(apierr.StorageAuthenticationInfo)
		}
		return badToken(c, r, "The access token was missing or malformed.")
	}
	caller, failure, _ := c.Verify(raw)
	switch failure {
	case identity.Verified:
	case identity.OtherWorld:
		return wire.RefuseOtherWorld(c)
	case identity.Expired:
		return badToken(c, r, "Lifetime validation failed. The token is expired.")
	case identity.NotYetValid:
		return badToken(c, r, "Lifetime validation failed. The token is not yet valid.")
	default:
		return badToken(c, r, "Signature validation failed. The token is not signed by a key of the tenant.")
	}
	if !strings.EqualFold(caller.TenantID(), r.tenant) {
		return badToken(c, r, "Issuer validation failed. Issuer did not match.")
	}
	if !slices.Contains(audiences(c.World.Cloud, r.account.Name, r.service), strings.TrimSuffix(caller.Audience(), "/")) && !sabotage.On(sabotage.TokenAudience) {
		return badToken(c, r, "Audience validation failed. Audience did not match.")
	}
	c.Caller = caller
	return nil
}

// audiences are those that an account accepts, without the slash that each may have
// (BLOB-AUTH-004).
func audiences(in *cloud.Cloud, account string, service cloud.Service) []string {
	return []string{
		strings.TrimSuffix(in.Endpoints.Storage, "/"), cloud.AppStorage,
		"https://" + account + "." + orDefault(string(service), string(cloud.Blob)) + "." + in.DNS.Storage,
	}
}

// isJWT tells whether a text has the form of a token: three parts, the first of them a
// JSON object.
func isJWT(raw string) bool {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return false
	}
	head, err := base64.RawURLEncoding.DecodeString(parts[0])
	return err == nil && strings.HasPrefix(strings.TrimSpace(string(head)), "{")
}

// badToken refuses a token: with a challenge where the client's version knows that
// (BLOB-AUTH-010).
func badToken(c *wire.Call, r *request, detail string) error {
	if c.Version < challengeVersion {
		return authenticationFailed(detail)
	}
	return apierr.New(apierr.StorageBearerInvalid).WithField("AuthenticationErrorDetail", detail).WithChallenge(challenge(c, r))
}

// challenge tells where to get a token, and for what (BLOB-AUTH-012). Services name the login host as the
// cloud's metadata does, in China too, where Entra's own documents name the newer alias.
func challenge(c *wire.Call, r *request) string {
	in := c.World.Cloud
	return "Bearer authorization_uri=" + in.Entra.LoginEndpoint + "/" + r.tenant + "/oauth2/authorize resource_id=" +
		strings.TrimSuffix(in.Endpoints.Storage, "/")
}

// sharedKey accepts what a key of the account signed.
func sharedKey(c *wire.Call, r *request, version, header string) error {
	a, failure := storageauth.ParseAuthorization(header)
	if failure != nil { // BLOB-AUTH-016
		return wire.Refuse(apierr.StorageAuthenticationInfo)
	}
	if !r.account.SharedKeyAllowed() {
		return wire.Refuse(apierr.StorageKeysForbidden)
	}
	if c.Version = orDefault(version, r.account.DefaultServiceVersion); c.Version == "" { // BLOB-COMMON-005
		return apierr.New(apierr.StorageHeaderMissing).WithField("HeaderName", "x-ms-version")
	}
	signed := storageauth.Request{
		Method: c.Request.Method, Account: r.account.Name, Path: rawPath(c.Request), PathStyle: c.Mount != "", Table: r.service == cloud.Table,
		Query: r.query, Header: c.Request.Header, Version: c.Version,
	}
	if failure = signed.CheckDate(c.World.Clock.Host()); failure == nil {
		_, failure = signed.Verify(a, keys(r)...)
	}
	if failure != nil {
		return keyFailure(failure)
	}
	r.key = true
	return nil
}

func keys(r *request) [][]byte {
	return [][]byte{r.account.Keys[0].Value, r.account.Keys[1].Value}
}

// rawPath is the path as it was sent.
func rawPath(req *http.Request) string {
	if path, _, _ := strings.Cut(req.RequestURI, "?"); strings.HasPrefix(path, "/") {
		return path
	}
	return req.URL.EscapedPath()
}

// keyFailure words a failure of a signature in the Authorization header.
func keyFailure(f *storageauth.Failure) error {
	switch f.Kind {
	case storageauth.HeaderRepeated:
		return apierr.New(apierr.StorageHeaderValue).WithField("HeaderName", f.Field)
	case storageauth.DateMalformed:
		return wire.HeaderValue(f.Field, f.Value)
	case storageauth.DateTooOld:
		return authenticationFailed("Request date header too old: '" + f.Value + "'")
	case storageauth.DateTooNew:
		return authenticationFailed("Request date header too new: '" + f.Value + "'")
	case storageauth.SignatureMismatch: // BLOB-AUTH-018
		return authenticationFailed("The MAC signature found in the HTTP request '" + f.Value +
			"' is not the same as any computed signature. Server used following string to sign: '" + f.StringToSign + "'.")
	}
	return authenticationFailed("")
}
