package rbac

import (
	"context"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// The paths of providers that the specs ask, below a scope.
const (
	authorization = "/providers/Microsoft.Authorization/"
	vaults        = "/providers/Microsoft.KeyVault/vaults"
	machines      = "/providers/Microsoft.Compute/virtualMachines"
	machineSets   = "/providers/Microsoft.Compute/virtualMachineScaleSets"
	identities    = "/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
	accounts      = "/providers/Microsoft.Storage/storageAccounts"
)

// as sends a request to Resource Manager as somebody.
func as(t *suite.T, who suite.Who, method, path, apiVersion string) *suite.Request {
	return t.As(who, t.ARM(method, path+"?api-version="+apiVersion))
}

// opens holds a rule by which a grant allows something: the request is refused, the grant is
// made, and then the request is answered with a status.
func opens(ctx context.Context, t *suite.T, rule string, ask func() *suite.Request, grant func(), status int) {
	t.Require(t.Send(ctx, ask()), match.Status(403), "before the grant")
	grant()
	t.Rule(rule).Eventually(ctx, func(ctx context.Context) any { return t.Send(ctx, ask()) }, match.Status(status))
}

// shut holds a rule by which something stays refused: what was granted counts where it should,
// the request is refused, and with another grant it is not.
func shut(ctx context.Context, t *suite.T, rule string, counts, ask func() *suite.Request, grant func(), status int) {
	t.Until(ctx, 200, counts)
	t.Rule(rule).Expect(t.Send(ctx, ask())).To(match.Status(403))
	grant()
	t.Until(ctx, status, ask)
}
