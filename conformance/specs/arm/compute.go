package arm

import (
	"context"
	"strings"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// machineVersion is the version of these specs, which is not that of the suite's own changes.
const machineVersion = "2024-07-01"

// both is the identity type of a machine that keeps its own and has others.
const both = "SystemAssigned, UserAssigned"

// machineSpecs are about a machine and its identities.
func machineSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-COMPUTE-001/identities", Title: "gives a machine identities, and takes them away",
			Covers: []string{"ARM-COMPUTE-002", "ARM-COMPUTE-003", "ARM-COMPUTE-004", "ARM-COMPUTE-005"},
			Run:    machineIdentities,
		},
		{
			ID: "ARM-COMPUTE-006/take-all", Title: "takes a machine's identities away by their type",
			Covers: []string{"ARM-COMPUTE-007", "ARM-COMPUTE-010"}, Spare: true,
			Run: takeAll,
		},
		{
			ID: "ARM-COMPUTE-008/unknown-identity", Title: "refuses an identity that is not there",
			Run: func(ctx context.Context, t *suite.T) {
				other := t.Identity(ctx)
				a := changeMachine(ctx, t, both, map[string]any{other.ID + "x": map[string]any{}})
				t.Rule("ARM-COMPUTE-008").Expect(a).To(match.Status(400))
				t.Rule("ARM-COMPUTE-008").Expect(a).To(match.Code("FailedIdentityOperation"))
				giveAndTake(ctx, t, other.ID)
			},
		},
		{
			ID: "ARM-COMPUTE-009/missing", Title: "refuses to read a machine that is not there",
			Run: func(ctx context.Context, t *suite.T) {
				a := get(ctx, t, t.World.Machine+"x", machineVersion)
				t.Rule("ARM-COMPUTE-009").Expect(a).To(match.Status(404))
				t.Rule("ARM-COMPUTE-009").Expect(a).To(match.Code("ResourceNotFound"))
				t.Require(get(ctx, t, t.World.Machine, machineVersion), match.JSON("type", "Microsoft.Compute/virtualMachines"), "the machine")
			},
		},
	}
}

// giveAndTake gives the machine an identity until the spec has ended.
func giveAndTake(ctx context.Context, t *suite.T, id string) *wire.Answer {
	t.Cleanup(func(ctx context.Context) { changeMachine(ctx, t, both, map[string]any{id: nil}) })
	a := changeMachine(ctx, t, both, map[string]any{id: map[string]any{}})
	t.Require(a, match.Status(gomega.BeElementOf(200, 202)), "giving the machine an identity")
	return a
}

// takeAll leaves the spare machine with an identity of its own, which it may not have had.
func takeAll(ctx context.Context, t *suite.T) {
	machine, other := t.SpareMachine(ctx), t.Identity(ctx)
	spare := func(block map[string]any) {
		t.Require(change(ctx, t, machine, block), match.Status(gomega.BeElementOf(200, 202)), "changing the spare machine")
	}
	shows := func(context.Context) any { return get(ctx, t, machine, machineVersion) }
	has := func(what string, m types.GomegaMatcher) {
		t.Settle(ctx, what, func(ctx context.Context) bool { ok, err := m.Match(shows(ctx)); return ok && err == nil })
	}
	own := map[string]any{"type": "SystemAssigned"}
	t.Cleanup(func(ctx context.Context) { change(ctx, t, machine, own) })
	spare(map[string]any{"type": both, "userAssignedIdentities": map[string]any{other.ID: map[string]any{}}})
	has("both kinds of identity", match.JSON("identity.userAssignedIdentities", gomega.HaveKey(other.ID)))
	spare(own)
	t.Rule("ARM-COMPUTE-010").Eventually(ctx, shows, match.JSON("identity.userAssignedIdentities", match.Absent()))
	has("its own identity", match.JSON("identity.principalId", some()))
	spare(map[string]any{"type": "None"})
	t.Rule("ARM-COMPUTE-006").Eventually(ctx, shows, match.JSON("identity.principalId", match.Absent()))
	t.Rule("ARM-COMPUTE-007").Eventually(ctx, shows, match.JSON("identity", match.Absent()))
	t.Require(shows(ctx), match.JSON("name", some()), "the machine")
}

func machineIdentities(ctx context.Context, t *suite.T) {
	one, other := t.Identity(ctx), t.Identity(ctx)
	const identities = "identity.userAssignedIdentities"
	a := giveAndTake(ctx, t, one.ID)
	t.Rule("ARM-COMPUTE-001").Expect(a).To(match.Status(200))
	t.Rule("ARM-COMPUTE-001").Expect(a).To(match.Header("Azure-AsyncOperation", gomega.HavePrefix("https://")))
	t.Rule("ARM-COMPUTE-002").Expect(a).To(match.JSON("properties.provisioningState", "Updating"))
	t.Rule("ARM-COMPUTE-003").Expect(a).To(match.JSON(identities, gomega.HaveKeyWithValue(one.ID, gomega.Not(gomega.HaveKey("principalId")))))
	if operation := a.Header.Get("Azure-AsyncOperation"); operation != "" {
		t.Settle(ctx, "the end of the change", func(ctx context.Context) bool {
			return match.Text(t.Send(ctx, absolute(t, operation)), "status") == "Succeeded"
		})
	}
	giveAndTake(ctx, t, other.ID)
	has := func() any { return match.Value(get(ctx, t, t.World.Machine, machineVersion), identities) }
	t.Rule("ARM-COMPUTE-004").Eventually(ctx, func(context.Context) any { return has() }, gomega.And(
		gomega.HaveKeyWithValue(one.ID, gomega.HaveKeyWithValue("principalId", one.PrincipalID)), gomega.HaveKey(other.ID)))

	t.Require(changeMachine(ctx, t, both, map[string]any{strings.ToLower(one.ID): nil}), match.Status(gomega.BeElementOf(200, 202)), "taking one away")
	t.Rule("ARM-COMPUTE-005").Eventually(ctx, func(context.Context) any { return has() }, gomega.And(gomega.Not(gomega.HaveKey(one.ID)), gomega.HaveKey(other.ID)))
}

// changeMachine changes the identities of the machine as the deployer. On real Azure another
// change may be under way, which is waited for.
func changeMachine(ctx context.Context, t *suite.T, kind string, identities map[string]any) *wire.Answer {
	block := map[string]any{"type": kind}
	if identities != nil {
		block["userAssignedIdentities"] = identities
	}
	return change(ctx, t, t.World.Machine, block)
}

// change changes the identity block of a machine.
func change(ctx context.Context, t *suite.T, machine string, block map[string]any) *wire.Answer {
	var a *wire.Answer
	t.Settle(ctx, "changing the machine", func(ctx context.Context) bool {
		a = patch(ctx, t, machine, machineVersion, map[string]any{"identity": block})
		return a.Status != 409 && a.Status != 429
	})
	return a
}
