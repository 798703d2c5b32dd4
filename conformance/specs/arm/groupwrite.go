package arm

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// groupWriteSpecs are about making and changing groups.
func groupWriteSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-GROUP-015/create", Title: "makes a group, and takes it again",
			Covers: []string{"ARM-GROUP-010", "ARM-GROUP-016", "ARM-GROUP-007", "ARM-GROUP-019", "ARM-GROUP-020", "ARM-COMMON-049"}, Subscription: true,
			Run: makeGroup,
		},
		{
			ID: "ARM-GROUP-021/tags", Title: "keeps a group's tags as they were put last",
			Covers: []string{"ARM-GROUP-012", "ARM-GROUP-013", "ARM-GROUP-014", "ARM-GROUP-034"}, Subscription: true,
			Run: tagGroup,
		},
		{
			ID: "ARM-GROUP-017/no-location", Title: "refuses to make a group nowhere",
			Covers: []string{"ARM-GROUP-018", "ARM-GROUP-032"}, Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				id := groupID(t)
				a := put(ctx, t, id, suite.GroupVersion, map[string]any{"tags": t.World.Tags()})
				t.Rule("ARM-GROUP-017").Expect(a).To(match.Status(400))
				t.Rule("ARM-GROUP-017").Expect(a).To(match.Code("LocationRequired"))
				t.Rule("ARM-GROUP-018").Expect(a).To(match.Message("The location property is required for this definition."))
				a = put(ctx, t, id, suite.GroupVersion, ofGroup(t, "location", "atlantis"))
				t.Rule("ARM-GROUP-032").Expect(a).To(match.Status(400))
				t.Rule("ARM-GROUP-032").Expect(a).To(match.Code("LocationNotAvailableForResourceGroup"))
				t.Put(ctx, "resourceGroup", id, suite.GroupVersion, ofGroup(t))
			},
		},
		{
			ID: "ARM-GROUP-030/write-action", Title: "needs the action of writing a group",
			Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				const action = "Microsoft.Resources/subscriptions/resourceGroups/write"
				id, who := newGroup(ctx, t), t.Stranger(ctx)
				ask := func() *suite.Request { return as(t, who, "PUT", id, suite.GroupVersion).JSON(ofGroup(t)) }
				a := t.Send(ctx, ask())
				t.Rule("ARM-GROUP-030").Expect(a).To(match.Status(403))
				t.Rule("ARM-GROUP-030").Expect(a).To(match.Message(gomega.ContainSubstring("action '" + action + "'")))
				t.Grant(ctx, who, suite.RoleContributor, id)
				t.Until(ctx, 200, ask)
			},
		},
	}
}

func makeGroup(ctx context.Context, t *suite.T) {
	display, other := regions(ctx, t)
	name := "LZ" + t.Unique("g")
	id := t.World.SubscriptionID() + "/resourceGroups/" + name
	t.Owns("resourceGroup", id, suite.GroupVersion)
	a := put(ctx, t, id, suite.GroupVersion, ofGroup(t, "location", display))
	t.Rule("ARM-GROUP-015").Expect(a).To(match.Status(201))
	t.Rule("ARM-GROUP-010").Expect(a).To(match.JSON("location", t.World.Location))
	t.Rule("ARM-COMMON-049").Expect(get(ctx, t, id, suite.GroupVersion)).To(match.JSON("location", t.World.Location))
	a = put(ctx, t, strings.ToLower(id), suite.GroupVersion, ofGroup(t))
	t.Rule("ARM-GROUP-016").Expect(a).To(match.Status(200))
	t.Rule("ARM-GROUP-007").Expect(a).To(match.JSON("name", name))
	a = put(ctx, t, id, suite.GroupVersion, ofGroup(t, "location", other))
	t.Rule("ARM-GROUP-019").Expect(a).To(match.Status(409))
	t.Rule("ARM-GROUP-019").Expect(a).To(match.Code("InvalidResourceGroupLocation"))
	t.Rule("ARM-GROUP-020").Expect(a).To(match.Message("Invalid resource group location '" + other + "'. The Resource group already exists in location '" + t.World.Location + "'."))
}

func tagGroup(ctx context.Context, t *suite.T) {
	id := groupID(t)
	t.Owns("resourceGroup", id, suite.GroupVersion)
	bare := map[string]any{"location": t.World.Location}
	t.Require(put(ctx, t, id, suite.GroupVersion, bare), match.Status(gomega.BeElementOf(200, 201)), "making a group")
	untagged := get(ctx, t, id, suite.GroupVersion)
	t.Require(untagged, match.JSON("name", some()), "the group")
	t.Rule("ARM-GROUP-012").Expect(untagged).To(match.JSON("tags", match.Absent()))

	t.Require(put(ctx, t, id, suite.GroupVersion, ofGroup(t, "tags", map[string]string{"a": "b"})), match.JSON("tags.a", "b"), "tags put")
	tagged := get(ctx, t, id, suite.GroupVersion)
	t.Require(tagged, match.JSON("tags.a", "b"), "tags")
	t.Rule("ARM-GROUP-014").Expect(tagged).To(match.Keys("", inOrder("id", "name", "type", "location", "tags", "properties")))

	t.Rule("ARM-GROUP-034").Expect(patch(ctx, t, id, suite.GroupVersion, map[string]any{"tags": map[string]string{"c": "d"}}), "PATCH of the tags").To(match.JSON("tags", map[string]any{"c": "d"}))
	a := put(ctx, t, id, suite.GroupVersion, bare)
	t.Require(a, match.Status(gomega.BeElementOf(200, 201)), "PUT without tags")
	a = get(ctx, t, id, suite.GroupVersion)
	t.Require(a, match.JSON("name", some()), "the group")
	t.Rule("ARM-GROUP-021").Expect(a).NotTo(match.JSON("tags", gomega.HaveKey("c")))
	t.Rule("ARM-GROUP-013").Expect(a).To(match.JSON("tags", map[string]any{}))
}

// groupNameSpecs are about what a group may be called.
func groupNameSpecs() []suite.Spec {
	refused := func(ctx context.Context, t *suite.T, rule, name, good string) {
		at := t.World.SubscriptionID() + "/resourceGroups/"
		t.Rule(rule).Expect(put(ctx, t, at+name, suite.GroupVersion, ofGroup(t))).To(match.Status(400))
		t.Put(ctx, "resourceGroup", at+good, suite.GroupVersion, ofGroup(t))
		t.Require(get(ctx, t, at+good, suite.GroupVersion), match.JSON("name", good), "the group of a good name")
	}
	return []suite.Spec{
		{
			ID: "ARM-GROUP-022/characters", Title: "refuses a group's name with a character that is not allowed",
			Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("g")
				a := put(ctx, t, t.World.SubscriptionID()+"/resourceGroups/"+name+"%21", suite.GroupVersion, ofGroup(t))
				t.Rule("ARM-GROUP-022").Expect(a).To(match.Code("InvalidResourceGroup"))
				refused(ctx, t, "ARM-GROUP-022", name+"%21", name+"(1)")
			},
		},
		{
			ID: "ARM-GROUP-023/length", Title: "refuses a group's name of more than 90 characters",
			Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("g")
				name += strings.Repeat("x", 90-len(name))
				refused(ctx, t, "ARM-GROUP-023", name+"x", name)
			},
		},
		{
			ID: "ARM-GROUP-024/full-stop", Title: "refuses a group's name that ends with a full stop",
			Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("g")
				refused(ctx, t, "ARM-GROUP-024", name+".", name+".1")
			},
		},
	}
}

// groupDeleteSpecs are about deleting groups.
func groupDeleteSpecs() []suite.Spec {
	return []suite.Spec{{
		ID: "ARM-GROUP-035/delete", Title: "deletes a group with all that is in it",
		Covers: []string{"ARM-GROUP-036", "ARM-GROUP-037"}, Subscription: true, Slow: true,
		Run: func(ctx context.Context, t *suite.T) {
			id := newGroup(ctx, t)
			inside := id + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/" + t.Unique("id")
			t.Put(ctx, "identity", inside, suite.IdentityVersion, ofGroup(t))
			a := remove(ctx, t, id, suite.GroupVersion)
			t.Rule("ARM-GROUP-035").Expect(a).To(match.Status(202))
			t.Rule("ARM-GROUP-035").Expect(a).To(match.HasHeader("Location"))
			last := poll(ctx, t, a)
			t.Rule("ARM-GROUP-036").Expect(last).To(match.Status(200))
			t.Rule("ARM-GROUP-036").Expect(last).To(empty())
			t.Put(ctx, "resourceGroup", id, suite.GroupVersion, ofGroup(t))
			a = get(ctx, t, inside, suite.IdentityVersion)
			t.Rule("ARM-GROUP-037").Expect(a, "what was in the group").To(match.Status(404))
		},
	}}
}
