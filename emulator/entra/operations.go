package entra

import (
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// New makes the token service.
func New() *wire.Plane {
	return wire.NewPlane(wire.Plane{
		Name:     "entra",
		Steps:    wire.EntraPipeline(found),
		Envelope: wire.Entra{},
		FoldCase: true,
		Path:     func(p string) string { return "/" + strings.Trim(p, "/") },
		Describe: describe, Usual: usual, Throttle: throttle,
	}, []wire.Operation{
		{Name: "InstanceDiscovery", Method: "GET", Path: "/common/discovery/instance", View: instanceDiscovery},
		{Name: "OpenIDConfigurationV2", Method: "GET", Path: "/{tenant}/v2.0/.well-known/openid-configuration", View: openIDConfigurationV2},
		{Name: "OpenIDConfiguration", Method: "GET", Path: "/{tenant}/.well-known/openid-configuration", View: openIDConfiguration},
		{Name: "KeysV2", Method: "GET", Path: "/{tenant}/discovery/v2.0/keys", View: keysV2},
		{Name: "Keys", Method: "GET", Path: "/{tenant}/discovery/keys", View: keys},
		{Name: "TokenV2", Method: "POST", Path: "/{tenant}/oauth2/v2.0/token", Prepare: readForm, View: tokenV2},
		{Name: "Token", Method: "POST", Path: "/{tenant}/oauth2/token", Prepare: readForm, View: tokenV1},
	})
}

func found(c *wire.Call) error {
	switch {
	case c.Operation != nil:
		return nil
	case len(c.Methods()) > 0 && c.Methods()[0] == "POST":
		return wire.Refuse(apierr.EntraPOSTOnly, c.Request.Method)
	}
	return wire.Refuse(apierr.EntraNotFound)
}

// The tenant names that stand for many.
func shared(name string) bool {
	switch strings.ToLower(name) {
	case "common", "organizations", "consumers":
		return true
	}
	return false
}

// tenantOf resolves the first segment of a path. The two kinds are what an unknown
// tenant and an impossible one are answered with: discovery and the token endpoints differ.
func tenantOf(c *wire.Call, tx *state.Tx, unknown, invalid apierr.Kind) (state.Tenant, error) {
	name := c.Var("tenant")
	if t, ok := tx.Tenants.Get(strings.ToLower(name)); ok {
		return t, nil
	}
	for t := range tx.Tenants.All() {
		if t.Domain != "" && strings.EqualFold(t.Domain, name) {
			return t, nil
		}
	}
	if !ids.IsGUID(name) && !strings.Contains(name, ".") {
		return state.Tenant{}, wire.Refuse(invalid, name)
	}
	return state.Tenant{}, wire.Refuse(unknown, name)
}
