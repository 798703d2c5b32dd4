package vault

import (
	"net/http"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/wire"
)

// describe names the object by the vault's host, and by its name.
func describe(c *wire.Call, p *fault.Point) error {
	v, err := vaultOf(c)
	if err != nil {
		return err
	}
	name := c.Var("name")
	p.Resource = strings.TrimRight(c.Host+"/"+name, "/")
	p.Alias = strings.TrimRight(v.Name+"/"+name, "/")
	p.Roles = v.RBAC && p.ObjectID != ""
	return nil
}

// usual are the service's refusals when it is in trouble.
func usual(c *wire.Call, e fault.Effect) *apierr.Error {
	switch {
	case e.Status == http.StatusTooManyRequests:
		return apierr.New(apierr.VaultThrottled)
	case e.Status == http.StatusServiceUnavailable && c.Operation != nil:
		// The service's own names of operations have the noun first: SecretSet.
		name := strings.ReplaceAll(c.Operation.Name, "Secrets", "Secret")
		if verb, rest, ok := strings.Cut(name, "Secret"); ok {
			name = "Secret" + verb + rest
		}
		return apierr.New(apierr.VaultReadOnly, name)
	}
	return nil
}
