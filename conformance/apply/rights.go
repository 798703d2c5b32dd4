package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/conformance/ledger"
	"github.com/linarite/linarite/fixtures/world"
)

// Rights that the deployer needs to write secrets, as the ledger calls them. They end with the run.
const (
	deployerRole   = "deployerRole"
	deployerPolicy = "deployerPolicy"
)

func isRight(kind string) bool { return kind == deployerRole || kind == deployerPolicy }

// secretsOfficer is the built-in role Key Vault Secrets Officer.
const secretsOfficer = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"

// A right counts within minutes on real Azure: "Troubleshoot Azure RBAC", Microsoft documentation.
const (
	settles  = 10 * time.Minute
	settling = 5 * time.Second
)

// allowed does something with a vault's secrets. Where the deployer may not, it gets the right for the time of the run.
func (r *run) allowed(ctx context.Context, at world.Place, name string, do func() error) error {
	err := do()
	if !forbidden(err) {
		return err
	}
	given, failed := r.right(ctx, at, name)
	if failed != nil {
		return errors.Join(err, fmt.Errorf("getting the right to write secrets: %w", failed))
	}
	for waited := time.Duration(0); given && forbidden(err) && waited < settles; waited += settling {
		if err = do(); forbidden(err) {
			if stopped := r.sleep(settling); stopped != nil {
				return stopped
			}
		}
	}
	return err
}

func forbidden(err error) bool {
	return clientlib.HasStatus(err, 403) && !clientlib.HasCode(err, "SecretDisabled")
}

// right gives the deployer what writing secrets of a vault needs, and tells whether that may take a while to count.
func (r *run) right(ctx context.Context, at world.Place, name string) (bool, error) {
	c, err := r.client(at.Subscription)
	if err != nil {
		return false, err
	}
	v, err := c.Vault(ctx, at.Group.Name, name)
	if err != nil {
		return false, err
	}
	id := c.VaultID(at.Group.Name, name)
	if v.Properties.RBAC != nil && *v.Properties.RBAC {
		role := c.SubscriptionID() + authorization + arm.ID("roleDefinitions", secretsOfficer)
		outcome, err := r.assign(ctx, c, deployerRole, id, role, r.me.ObjectID, "")
		line := id + authorization + arm.ID("roleAssignments", guid("assignment", id, secretsOfficer, r.me.ObjectID))
		if outcome != There {
			r.ends(deployerRole, line)
		}
		return r.willEnd(line), err
	}
	has, _ := policyOf(v, r.me.ObjectID)
	var need []string
	for _, p := range []string{"get", "set"} {
		if !holds(has.Secrets, p) {
			need = append(need, p)
		}
	}
	line := id + arm.ID("accessPolicies", r.me.ObjectID)
	if len(need) == 0 {
		return r.willEnd(line), nil
	}
	line += "#" + strings.Join(need, ",")
	r.ends(deployerPolicy, line)
	return true, r.making(deployerPolicy, line, func() error {
		return c.AddPolicies(ctx, at.Group.Name, name, arm.AccessPolicy{
			TenantID: r.me.TenantID, ObjectID: r.me.ObjectID, Permissions: arm.VaultPermissions{Secrets: need},
		})
	})
}

// ends keeps in mind that a right ends with the run. It may not be there, where giving it failed.
func (r *run) ends(kind, line string) {
	if !r.willEnd(line) {
		r.undo = append(r.undo, ledger.Entry{Run: r.plan.Name, Kind: kind, ID: line})
	}
}

func (r *run) willEnd(line string) bool {
	return slices.ContainsFunc(r.undo, func(e ledger.Entry) bool {
		return strings.HasPrefix(strings.ToLower(e.ID), strings.ToLower(line))
	})
}

// giveBack takes away the rights that the deployer got for the run.
func (r *run) giveBack(ctx context.Context) error {
	var all error
	for _, e := range r.undo {
		c, err := r.clientOf(subscriptionOf(e.ID))
		if err == nil {
			err = takeRight(ctx, c, e, r.me.TenantID)
		}
		if err == nil && r.o.Ledger != nil {
			err = r.o.Ledger.Gone(e.ID)
		}
		if err != nil {
			all = errors.Join(all, fmt.Errorf("a right that was needed to write secrets is still there, %s: %w; apply again, or sweep the ledger", e.ID, err))
		}
	}
	return all
}

// takeRight takes away a role assignment or permissions of a policy; one that is gone is no error.
func takeRight(ctx context.Context, c *arm.Client, e ledger.Entry, tenant string) error {
	if e.Kind == deployerRole {
		switch _, why, err := foreignAssignment(ctx, c, e.ID); {
		case err != nil:
			return err
		case why != "":
			return errors.New(why)
		}
		return c.Unassign(ctx, e.ID)
	}
	id, words, _ := strings.Cut(e.ID, "#")
	at := splitID(id)
	v, err := c.Vault(ctx, at["resourcegroups"], at["vaults"])
	if missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	has, _ := policyOf(v, at["accesspolicies"])
	var gone []string
	for _, w := range strings.Split(words, ",") {
		if slices.ContainsFunc(has.Secrets, func(h string) bool { return strings.EqualFold(h, w) }) {
			gone = append(gone, w)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return c.RemovePolicies(ctx, at["resourcegroups"], at["vaults"], arm.AccessPolicy{
		TenantID: tenant, ObjectID: at["accesspolicies"], Permissions: arm.VaultPermissions{Secrets: gone},
	})
}

// splitID reads the segments of an id by name, in lower case: resourcegroups, vaults. What follows containers is not
// cut further: names of blobs have slashes.
func splitID(id string) map[string]string {
	out := map[string]string{}
	if at := strings.Index(id, "/blobs/"); at >= 0 {
		id, out["blobs"] = id[:at], id[at+len("/blobs/"):]
	}
	parts := strings.Split(strings.TrimPrefix(id, "/"), "/")
	for i := 0; i+1 < len(parts); i++ {
		name := strings.ToLower(parts[i])
		if name == "providers" { // its value is a namespace, whose types follow
			i++
			continue
		}
		out[name] = parts[i+1]
		i++
	}
	return out
}
