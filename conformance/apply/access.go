package apply

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/fixtures/world"
)

// authorization is what role definitions and assignments are below, at any scope.
const authorization = "/providers/Microsoft.Authorization"

func (r *run) role(ctx context.Context, want *world.Role) (Outcome, error) {
	scopes, err := r.assignable(want)
	if err != nil {
		return "", err
	}
	c, err := r.clientAt(scopes[0])
	if err != nil {
		return "", err
	}
	name := want.ID
	if name == "" {
		name = guid("role", r.me.TenantID, want.Name)
	}
	scope := strings.TrimSuffix(scopes[0], "/")
	id := scope + authorization + arm.ID("roleDefinitions", name)
	wanted := arm.RoleDefinition{Name: name, Properties: arm.RoleProperties{
		RoleName: want.Name, Description: want.Description, AssignableScopes: scopes,
		Permissions: []arm.Permission{{
			Actions: want.Actions, NotActions: want.NotActions, DataActions: want.DataActions, NotDataActions: want.NotDataActions,
		}},
	}}
	put := func() error {
		_, err := c.PutRole(ctx, scope, wanted)
		return err
	}
	is, found, err := r.roleNamed(ctx, c, scope, want.Name)
	switch {
	case err != nil:
		return "", err
	case !found:
		return Made, r.making("role", id, put)
	}
	difference := roleDiffers(is.Properties, wanted.Properties)
	if !strings.EqualFold(is.Name, name) {
		if difference == "" && want.ID == "" {
			return There, nil
		}
		return "", differs("its id is %s; %s", is.Name, difference)
	}
	switch {
	case difference == "":
		return There, nil
	case !r.held[strings.ToLower(id)]:
		return "", differs("%s; without a line in the ledger, a role may be anybody's", difference)
	}
	return Changed, put()
}

// roleNamed finds a role by its name, or tells that there is none.
func (r *run) roleNamed(ctx context.Context, c *arm.Client, scope, name string) (arm.RoleDefinition, bool, error) {
	filter := "roleName eq '" + strings.ReplaceAll(name, "'", "''") + "'"
	for role, err := range arm.List[arm.RoleDefinition](ctx, c, scope+authorization+"/roleDefinitions", arm.VersionAuthorization, filter) {
		if err != nil || strings.EqualFold(role.Properties.RoleName, name) {
			return role, err == nil, err
		}
	}
	return arm.RoleDefinition{}, false, nil
}

// assignable are the scopes that a role can be assigned at, as ids.
func (r *run) assignable(role *world.Role) ([]string, error) {
	var ids []string
	for _, scope := range role.AssignableScopes {
		id, err := r.plan.scope(scope)
		if err != nil {
			return nil, err
		}
		if id == "" {
			id = "/"
		}
		ids = append(ids, id)
	}
	for i := range r.plan.world.Subscriptions {
		if len(role.AssignableScopes) == 0 {
			ids = append(ids, arm.ID("subscriptions", r.plan.subscription(&r.plan.world.Subscriptions[i])))
		}
	}
	return ids, nil
}

func roleDiffers(is, want arm.RoleProperties) string {
	var have arm.Permission
	for _, p := range is.Permissions {
		have.Actions, have.NotActions = append(have.Actions, p.Actions...), append(have.NotActions, p.NotActions...)
		have.DataActions, have.NotDataActions = append(have.DataActions, p.DataActions...), append(have.NotDataActions, p.NotDataActions...)
	}
	p := want.Permissions[0]
	for _, part := range []struct {
		name       string
		have, want []string
	}{
		{"actions", have.Actions, p.Actions}, {"notActions", have.NotActions, p.NotActions},
		{"dataActions", have.DataActions, p.DataActions}, {"notDataActions", have.NotDataActions, p.NotDataActions},
		{"assignableScopes", is.AssignableScopes, want.AssignableScopes},
	} {
		if !sameWords(part.have, part.want) {
			return fmt.Sprintf("its %s are %q, and not %q", part.name, part.have, part.want)
		}
	}
	if is.Description != want.Description {
		return fmt.Sprintf("its description is %q, and not %q", is.Description, want.Description)
	}
	return ""
}

// sameWords compares lists without regard to case and order.
func sameWords(a, b []string) bool {
	lower := func(words []string) []string {
		out := make([]string, len(words))
		for i, w := range words {
			out[i] = strings.ToLower(w)
		}
		return sorted(out)
	}
	return slices.Equal(lower(a), lower(b))
}

// system sees that a machine has an identity of its own.
func (r *run) system(ctx context.Context, at world.Place, m *world.Machine) (Outcome, error) {
	c, err := r.client(at.Subscription)
	if err != nil {
		return "", err
	}
	id := c.MachineID(at.Group.Name, kindOf(m), m.Name)
	is, err := r.machine(ctx, c, id)
	if err != nil {
		return "", err
	}
	outcome := There
	if !is.Identity.System() {
		outcome = Made
		kind := "SystemAssigned"
		if len(is.Identity.UserAssigned) > 0 {
			kind = "SystemAssigned, UserAssigned"
		}
		err := r.making("machineIdentity", id+systemMark, func() error { return setIdentity(ctx, c, id, kind, &is) })
		if err != nil {
			return "", err
		}
	}
	r.principals[strings.ToLower(id)] = is.Identity.PrincipalID
	return outcome, nil
}

// systemMark ends an id of the ledger that stands for the machine's own identity.
const systemMark = "#system"

// setIdentity sets the type of a machine's identities, and nothing else of them.
func setIdentity(ctx context.Context, c *arm.Client, machine, kind string, out *arm.Machine) error {
	op, err := c.Patch(ctx, machine, arm.VersionCompute, map[string]any{"identity": map[string]any{"type": kind}})
	if err != nil {
		return err
	}
	return op.Wait(ctx, out)
}

func (r *run) machine(ctx context.Context, c *arm.Client, id string) (arm.Machine, error) {
	is, err := c.Machine(ctx, id)
	if missing(err) {
		return is, fmt.Errorf("machines are not made, and this one is not there: make it first, or take it out of the world file: %w", err)
	}
	return is, err
}

// user sees that a machine has a user-assigned identity.
func (r *run) user(ctx context.Context, at world.Place, m *world.Machine, ref string) (Outcome, error) {
	c, err := r.client(at.Subscription)
	if err != nil {
		return "", err
	}
	place, identity, err := r.plan.world.UserIdentity(ref)
	if err != nil {
		return "", err
	}
	wanted := r.resource(place, "Microsoft.ManagedIdentity/userAssignedIdentities", identity.Name)
	id := c.MachineID(at.Group.Name, kindOf(m), m.Name)
	is, err := r.machine(ctx, c, id)
	if err != nil {
		return "", err
	}
	for has := range is.Identity.UserAssigned {
		if arm.SameID(has, wanted) {
			return There, nil
		}
	}
	return Made, r.making("machineIdentity", id+"#"+wanted, func() error {
		_, err := c.AssignIdentity(ctx, id, wanted)
		return err
	})
}

func (r *run) policy(ctx context.Context, at world.Place, v *world.Vault, want *world.AccessPolicy) (Outcome, error) {
	c, err := r.client(at.Subscription)
	if err != nil {
		return "", err
	}
	who, _, err := r.principal(want.Principal)
	if err != nil {
		return "", err
	}
	name := r.plan.global(v.Name)
	is, err := c.Vault(ctx, at.Group.Name, name)
	if err != nil {
		return "", err
	}
	p := arm.AccessPolicy{TenantID: r.me.TenantID, ObjectID: who, Permissions: arm.VaultPermissions{
		Secrets: texts(want.Secrets), Keys: texts(want.Keys), Certificates: texts(want.Certificates),
	}}
	add := func() error { return c.AddPolicies(ctx, at.Group.Name, name, p) }
	id := c.VaultID(at.Group.Name, name)
	line := id + arm.ID("accessPolicies", who)
	has, found := policyOf(is, who)
	switch {
	case !found:
		return Made, r.making("policy", line, add)
	case lacks(has, p.Permissions) == "":
		return There, nil
	case !r.ours(is.Tags):
		return "", differs("it lacks %s", lacks(has, p.Permissions))
	}
	return Changed, add()
}

func texts[T ~string](words []T) []string {
	var out []string
	for _, w := range words {
		out = append(out, string(w))
	}
	return out
}

// policyOf is what a vault allows a principal.
func policyOf(v arm.Vault, objectID string) (arm.VaultPermissions, bool) {
	for _, p := range v.Properties.Policies {
		if strings.EqualFold(p.ObjectID, objectID) {
			return p.Permissions, true
		}
	}
	return arm.VaultPermissions{}, false
}

// lacks names the permissions that are wanted and not there.
func lacks(has, want arm.VaultPermissions) string {
	var out []string
	for _, part := range []struct {
		of        string
		has, want []string
	}{{"secrets", has.Secrets, want.Secrets}, {"keys", has.Keys, want.Keys}, {"certificates", has.Certificates, want.Certificates}} {
		for _, w := range part.want {
			if !holds(part.has, w) {
				out = append(out, w+" of "+part.of)
			}
		}
	}
	return list(out)
}

// holds tells whether permissions have one among them; all has every one but purge.
func holds(has []string, want string) bool {
	return slices.ContainsFunc(has, func(h string) bool {
		return strings.EqualFold(h, want) || strings.EqualFold(h, "all") && !strings.EqualFold(want, "purge")
	})
}

func (r *run) grant(ctx context.Context, g *world.Grant) (Outcome, error) {
	scope, err := r.plan.scope(g.Scope)
	if err != nil {
		return "", err
	}
	c, err := r.clientAt(scope)
	if err != nil {
		return "", err
	}
	who, kind, err := r.principal(g.Principal)
	if err != nil {
		return "", err
	}
	role, err := r.roleID(ctx, c, scope, g.Role)
	if err != nil {
		return "", err
	}
	return r.assign(ctx, c, "roleAssignment", scope, role, who, kind)
}

// assign gives a role, unless it is given at just this scope.
func (r *run) assign(ctx context.Context, c *arm.Client, line, scope, role, who, kind string) (Outcome, error) {
	short := role[strings.LastIndexByte(role, '/')+1:]
	for a, err := range c.Assignments(ctx, scope, who) {
		if err != nil {
			return "", err
		}
		if arm.SameID(a.Properties.Scope, scope) && strings.EqualFold(a.Properties.PrincipalID, who) &&
			strings.HasSuffix(strings.ToLower(a.Properties.RoleDefinitionID), "/"+strings.ToLower(short)) {
			return There, nil
		}
	}
	id := scope + authorization + arm.ID("roleAssignments", guid("assignment", scope, short, who))
	return Made, r.making(line, id, func() error {
		op, err := c.Put(ctx, id, arm.VersionAuthorization, arm.Assignment{Properties: arm.AssignmentProperties{
			RoleDefinitionID: role, PrincipalID: who, PrincipalType: kind,
		}})
		if err != nil {
			return err
		}
		return op.Wait(ctx, nil)
	})
}

// roleID is the id of a role by its name or GUID.
func (r *run) roleID(ctx context.Context, c *arm.Client, scope, role string) (string, error) {
	at := c.SubscriptionID()
	if isGUID(role) {
		return at + authorization + arm.ID("roleDefinitions", role), nil
	}
	key := at + " " + strings.ToLower(role)
	if id := r.roleIDs[key]; id != "" {
		return id, nil
	}
	is, found, err := r.roleNamed(ctx, c, scope, role)
	if err == nil && !found {
		err = fmt.Errorf("no role is called %q there: write its name as Azure does, or its GUID", role)
	}
	if err != nil {
		return "", err
	}
	r.roleIDs[key] = is.ID
	return is.ID, nil
}

// guid makes a GUID from texts, without regard to case: the same from the same.
func guid(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.ToLower("linarite-apply\n" + strings.Join(texts, "\n"))))
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80 // RFC 9562: version 8, custom
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func isGUID(text string) bool {
	return len(text) == 36 && strings.Count(text, "-") == 4 && strings.Trim(strings.ToLower(text), "0123456789abcdef-") == ""
}
