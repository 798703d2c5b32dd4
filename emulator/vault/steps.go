package vault

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/sabotage"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/vaultstore"
	"github.com/linarite/linarite/emulator/wire"
)

// exists refuses a host without a vault; the front lets none through that there is not,
// but a vault may go at any time.
func exists(c *wire.Call) error {
	_, err := vaultOf(c)
	return err
}

func vaultOf(c *wire.Call) (v state.Vault, err error) {
	c.World.State.View(func(tx *state.Tx) { v, err = vaultstore.Find(tx, c.Account) })
	return v, err
}

// authenticate refuses whoever has no good token for vaults. Each refusal carries the
// challenge that tells a client where to get one: most have none when they come first, and
// send neither token nor body to hear it.
func authenticate(c *wire.Call) error {
	if c.Operation != nil && c.Operation.Anonymous {
		return nil
	}
	v, err := vaultOf(c)
	if err != nil {
		return err
	}
	raw, _, ok := wire.Bearer(c.Request.Header["Authorization"])
	if !ok {
		return unauthorized(c, v, apierr.VaultNoToken)
	}
	caller, failure, _ := c.Verify(raw)
	switch failure {
	case identity.Verified:
	case identity.OtherWorld:
		return wire.RefuseOtherWorld(c)
	case identity.Expired:
		return unauthorized(c, v, apierr.VaultTokenExpired)
	case identity.NotYetValid:
		return unauthorized(c, v, apierr.VaultTokenNotYet)
	default:
		if header, ok := jwtHeader(raw); ok {
			return unauthorized(c, v, apierr.VaultTokenKey, header)
		}
		return unauthorized(c, v, apierr.VaultTokenUnreadable)
	}
	// The bare id of the application is an audience too; the URL with a slash is not, nor
	// is the vault's own (KV-AUTH-009, KV-AUTH-010).
	resource := c.World.Cloud.Endpoints.Vault
	if got := caller.Audience(); got != resource && got != cloud.AppKeyVault && !sabotage.On(sabotage.TokenAudience) {
		return unauthorized(c, v, apierr.VaultTokenAudience, resource, got)
	}
	if !strings.EqualFold(caller.TenantID(), v.TenantID) {
		return unauthorized(c, v, apierr.VaultTokenIssuer, issuers(c.World.Cloud, v.TenantID), caller.Issuer())
	}
	c.Caller = caller
	return nil
}

// firstParty are the tenants of Microsoft's own that every vault names beside its own.
func firstParty() []string {
	return []string{"f8cdef31-a31e-4b4a-93e4-5f571e91255a", "e2d54eb5-3869-4f70-8578-dee5fc7331f4"}
}

func issuers(c *cloud.Cloud, tenant string) string {
	var out []string
	for _, t := range append([]string{tenant}, firstParty()...) {
		out = append(out, c.V1Issuer(t))
	}
	return strings.Join(out, ", ")
}

// jwtHeader returns the encoded header of what has the form of a signed token.
func jwtHeader(raw string) (string, bool) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return "", false
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[0])
	return parts[0], err == nil && json.Valid(text)
}

func unauthorized(c *wire.Call, v state.Vault, kind apierr.Kind, args ...any) error {
	cl := c.World.Cloud
	return apierr.New(kind, args...).WithChallenge(
		`Bearer authorization="` + strings.TrimSuffix(cl.Entra.LoginEndpoint, "/") + "/" + v.TenantID + `", resource="` + cl.Endpoints.Vault + `"`)
}

// network refuses everybody where the vault is closed to the public: no caller here has a
// private link.
func network(c *wire.Call) error {
	if c.Operation != nil && c.Operation.Anonymous {
		return nil
	}
	v, err := vaultOf(c)
	if err == nil && strings.EqualFold(v.PublicNetworkAccess, "Disabled") {
		err = wire.Refuse(apierr.VaultConnection, callerLine(c), v.Name, v.Location)
	}
	return err
}

// version refuses api-versions that nobody knows, none among them.
func version(c *wire.Call) error {
	if c.Operation != nil && c.Operation.Anonymous {
		return nil
	}
	asked := c.Query.Get("api-version")
	i := slices.IndexFunc(versions(), func(known string) bool { return strings.EqualFold(known, asked) })
	if i < 0 {
		return wire.Refuse(apierr.VaultVersion, asked, latestVersion())
	}
	c.Version = versions()[i]
	return nil
}

// found refuses what has no operation.
func found(c *wire.Call) error {
	if c.Operation != nil {
		return nil
	}
	family, _, _ := strings.Cut(strings.TrimPrefix(c.Path, "/"), "/")
	switch strings.ToLower(family) {
	case "keys", "deletedkeys", "certificates", "deletedcertificates", "storage", "deletedstorage", "rng":
		return wire.Refuse(apierr.FrontVaultFamily, family)
	}
	if len(c.Methods()) > 0 {
		return wire.Refuse(apierr.VaultMethod, c.Request.Method)
	}
	return wire.Refuse(apierr.VaultPath, c.Path)
}
