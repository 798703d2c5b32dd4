package arm

import (
	"context"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/suite"
)

// changeMachine changes the identities of the machine as the deployer. On real Azure another
// change may be under way, which is waited for.
func changeMachine(ctx context.Context, t *suite.T, kind string, identities map[string]any) *wire.Answer {
	block := map[string]any{"type": kind}
	if identities != nil {
		block["userAssignedIdentities"] = identities
	}
	var a *wire.Answer
	t.Settle(ctx, "changing the machine", func(ctx context.Context) bool {
		a = patch(ctx, t, t.World.Machine, suite.MachineVersion, map[string]any{"identity": block})
		return a.Status != 409 && a.Status != 429
	})
	return a
}
