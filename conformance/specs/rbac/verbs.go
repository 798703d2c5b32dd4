package rbac

import (
	"context"
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// Actions on an identity, which roles of the specs have one by one.
const (
	readIdentity   = "Microsoft.ManagedIdentity/userAssignedIdentities/read"
	writeIdentity  = "Microsoft.ManagedIdentity/userAssignedIdentities/write"
	deleteIdentity = "Microsoft.ManagedIdentity/userAssignedIdentities/delete"
)

// verbSpecs are about which action a method needs.
func verbSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "RBAC-EVAL-016/read", Title: "needs read for GET and HEAD",
			Run: func(ctx context.Context, t *suite.T) {
				v := newVerbs(ctx, t, writeIdentity, deleteIdentity)
				t.Until(ctx, 200, v.patch)
				t.Rule("RBAC-EVAL-016").Expect(t.Send(ctx, v.get()), "GET").To(match.Status(403))
				t.Rule("RBAC-EVAL-016").Expect(t.Send(ctx, v.ask("HEAD")), "HEAD").To(match.Status(403))
				v.grant(ctx, readIdentity)
				t.Until(ctx, 200, v.get)
			},
		},
		{
			ID: "RBAC-EVAL-017/write", Title: "needs write for PUT and PATCH",
			Run: func(ctx context.Context, t *suite.T) {
				v := newVerbs(ctx, t, readIdentity, deleteIdentity)
				t.Until(ctx, 200, v.get)
				t.Rule("RBAC-EVAL-017").Expect(t.Send(ctx, v.patch()), "PATCH").To(match.Status(403))
				t.Rule("RBAC-EVAL-017").Expect(t.Send(ctx, v.put()), "PUT").To(match.Status(403))
				v.grant(ctx, writeIdentity)
				t.Until(ctx, 200, v.patch)
				t.Require(t.Send(ctx, v.put()), match.Status(200), "PUT with write")
			},
		},
		{
			ID: "RBAC-EVAL-018/delete", Title: "needs delete for DELETE",
			Run: func(ctx context.Context, t *suite.T) {
				v := newVerbs(ctx, t, readIdentity, writeIdentity)
				t.Until(ctx, 200, v.patch)
				t.Rule("RBAC-EVAL-018").Expect(t.Send(ctx, v.ask("DELETE"))).To(match.Status(403))
				v.grant(ctx, deleteIdentity)
				t.Until(ctx, 200, func() *suite.Request { return v.ask("DELETE") })
			},
		},
		{
			ID: "RBAC-EVAL-019/action", Title: "needs the action that the path ends in for POST",
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Stranger(ctx)
				t.Grant(ctx, who, t.Role(ctx, map[string][]string{"actions": {
					"Microsoft.Storage/storageAccounts/read", "Microsoft.Storage/storageAccounts/write", "Microsoft.Storage/storageAccounts/regeneratekey/action",
				}}), t.World.AccountID())
				read := func() *suite.Request { return as(t, who, "GET", t.World.AccountID(), suite.StorageVersion) }
				shut(ctx, t, "RBAC-EVAL-019", read, keys(t, who), func() {
					t.Grant(ctx, who, t.Role(ctx, map[string][]string{"actions": {"Microsoft.Storage/storageAccounts/listkeys/action"}}), t.World.AccountID())
				}, 200)
			},
		},
		{
			ID: "RBAC-EVAL-020/new-resource", Title: "needs write for a new resource, which gives its maker no role",
			Covers: []string{"RBAC-EVAL-021"},
			Run:    newResource,
		},
	}
}

// verbs ask about an identity as somebody who may do some of it.
type verbs struct {
	t     *suite.T
	who   suite.Who
	other string
}

// newVerbs makes the identity, and somebody with a role of these actions on it.
func newVerbs(ctx context.Context, t *suite.T, actions ...string) verbs {
	v := verbs{t, t.Stranger(ctx), t.Identity(ctx).ID}
	v.grant(ctx, actions...)
	return v
}

func (v verbs) grant(ctx context.Context, actions ...string) {
	v.t.Grant(ctx, v.who, v.t.Role(ctx, map[string][]string{"actions": actions}), v.other)
}

func (v verbs) ask(method string) *suite.Request {
	return as(v.t, v.who, method, v.other, suite.IdentityVersion)
}

func (v verbs) get() *suite.Request { return v.ask("GET") }

func (v verbs) patch() *suite.Request {
	return v.ask("PATCH").JSON(map[string]any{"tags": v.t.World.Tags()})
}

func (v verbs) put() *suite.Request {
	return v.ask("PUT").JSON(map[string]any{"location": v.t.World.Location, "tags": v.t.World.Tags()})
}

// newResource makes an identity as somebody who may write and no more, and looks at who has a
// role on it.
func newResource(ctx context.Context, t *suite.T) {
	who, other := t.Stranger(ctx), t.Identity(ctx)
	group := t.World.GroupID()
	t.Grant(ctx, who, t.Role(ctx, map[string][]string{"actions": {readIdentity, deleteIdentity}}), group)
	v := verbs{t, who, other.ID}
	t.Until(ctx, 200, v.get)
	v.other = group + identities + "/" + t.Unique("id")
	t.Owns("identity", v.other, suite.IdentityVersion)
	t.Rule("RBAC-EVAL-020").Expect(t.Send(ctx, v.put())).To(match.Status(403))
	t.Grant(ctx, who, t.Role(ctx, map[string][]string{"actions": {writeIdentity}}), group)
	t.Until(ctx, 201, v.put)

	all := scopes(ctx, t, v.other)
	t.Require(all, gomega.ContainElement(strings.ToLower(group)), "the assignments at the identity and above it")
	t.Rule("RBAC-EVAL-021").Expect(all).NotTo(gomega.ContainElement(gomega.ContainSubstring("/userassignedidentities/")))
}

// scopes are the scopes of all assignments at a scope and above it, in lower case.
func scopes(ctx context.Context, t *suite.T, scope string) []string {
	var out []string
	r := t.ARM("GET", scope+authorization+"roleAssignments?$filter=atScope()&api-version="+suite.AssignmentVersion)
	for {
		page := t.Send(ctx, r)
		t.Require(page, match.Status(200), "a list of assignments")
		all, _ := match.Value(page, "value").([]any)
		for i := range all {
			out = append(out, strings.ToLower(match.Text(page, fmt.Sprintf("value.%d.properties.scope", i))))
		}
		next := match.Text(page, "nextLink")
		if next == "" {
			return out
		}
		r = t.ARM("GET", strings.TrimPrefix(next, t.World.ARM))
	}
}
