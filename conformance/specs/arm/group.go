package arm

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// groupID is the id of a group that is not there yet.
func groupID(t *suite.T) string {
	return t.World.SubscriptionID() + "/resourceGroups/" + t.Unique("g")
}

// ofGroup is the body that makes a group; further members come in pairs.
func ofGroup(t *suite.T, more ...any) map[string]any {
	body := map[string]any{"location": t.World.Location, "tags": t.World.Tags()}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i].(string)] = more[i+1]
	}
	return body
}

// newGroup makes a group, which needs the whole subscription.
func newGroup(ctx context.Context, t *suite.T) string {
	id := groupID(t)
	t.Put(ctx, "resourceGroup", id, suite.GroupVersion, ofGroup(t))
	return id
}

// groupReadSpecs are about groups as they are read.
func groupReadSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-GROUP-001/get", Title: "answers a group as it stands",
			Covers: []string{"ARM-GROUP-006", "ARM-GROUP-008", "ARM-GROUP-011"},
			Run: func(ctx context.Context, t *suite.T) {
				a := get(ctx, t, strings.Replace(t.World.GroupID(), "/resourceGroups/", "/resourcegroups/", 1), suite.GroupVersion)
				t.Rule("ARM-GROUP-001").Expect(a).To(match.Status(200))
				t.Rule("ARM-GROUP-006").Expect(a).To(match.JSON("id", gomega.HavePrefix(t.World.SubscriptionID()+"/resourceGroups/")))
				t.Rule("ARM-GROUP-008").Expect(a).To(match.JSON("type", "Microsoft.Resources/resourceGroups"))
				t.Rule("ARM-GROUP-011").Expect(a).To(match.JSON("properties.provisioningState", "Succeeded"))
			},
		},
		{
			ID: "ARM-GROUP-009/no-type", Title: "answers a group without its type in old versions",
			Run: func(ctx context.Context, t *suite.T) {
				a := get(ctx, t, t.World.GroupID(), "2018-05-01")
				t.Require(a, match.JSON("name", some()), "a group of an old version")
				t.Rule("ARM-GROUP-009").Expect(a).To(match.JSON("type", match.Absent()))
			},
		},
		{
			ID: "ARM-GROUP-002/missing", Title: "refuses to read a group that is not there",
			Covers: []string{"ARM-GROUP-003", "ARM-GROUP-039", "ARM-GROUP-005"}, Subscription: true,
			Run: missingGroup,
		},
		{
			ID: "ARM-GROUP-004/head", Title: "answers HEAD of a group without a body",
			Run: func(ctx context.Context, t *suite.T) {
				t.Rule("ARM-GROUP-004").Expect(t.Send(ctx, t.ARM("HEAD", t.World.GroupID()+"?api-version="+suite.GroupVersion))).To(match.Status(204))
			},
		},
		{
			ID: "ARM-GROUP-029/read-action", Title: "needs the action of reading a group",
			Run: func(ctx context.Context, t *suite.T) {
				const action = "Microsoft.Resources/subscriptions/resourceGroups/read"
				who := t.Stranger(ctx)
				ask := func() *suite.Request { return as(t, who, "GET", t.World.GroupID(), suite.GroupVersion) }
				a := t.Send(ctx, ask())
				t.Rule("ARM-GROUP-029").Expect(a).To(match.Status(403))
				t.Rule("ARM-GROUP-029").Expect(a).To(match.Message(gomega.ContainSubstring("action '" + action + "'")))
				t.Grant(ctx, who, t.Role(ctx, map[string][]string{"actions": {action}}), t.World.GroupID())
				t.Until(ctx, 200, ask)
			},
		},
	}
}

func missingGroup(ctx context.Context, t *suite.T) {
	id := groupID(t)
	name := id[strings.LastIndexByte(id, '/')+1:]
	a := get(ctx, t, id, suite.GroupVersion)
	t.Rule("ARM-GROUP-002").Expect(a).To(match.Status(404))
	t.Rule("ARM-GROUP-002").Expect(a).To(match.Code("ResourceGroupNotFound"))
	t.Rule("ARM-GROUP-003").Expect(a).To(match.Message("Resource group '" + name + "' could not be found."))
	t.Rule("ARM-GROUP-005").Expect(t.Send(ctx, t.ARM("HEAD", id+"?api-version="+suite.GroupVersion))).To(match.Status(404))
	a = remove(ctx, t, id, suite.GroupVersion)
	t.Rule("ARM-GROUP-039").Expect(a).To(match.Status(404))
	t.Rule("ARM-GROUP-039").Expect(a).To(match.Code("ResourceGroupNotFound"))
	t.Put(ctx, "resourceGroup", id, suite.GroupVersion, ofGroup(t))
	t.Require(get(ctx, t, id, suite.GroupVersion), match.JSON("name", name), "the group when it is made")
}

// groupListSpecs are about the list of a subscription's groups.
func groupListSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-GROUP-026/readable", Title: "lists the groups that the caller may read",
			Covers: []string{"ARM-GROUP-025"}, Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				id, who := newGroup(ctx, t), t.Stranger(ctx)
				name := id[strings.LastIndexByte(id, '/')+1:]
				t.Rule("ARM-GROUP-025").Expect(t.Send(ctx, t.ARM("GET", groupsOf(t)))).To(match.JSON("value", gomega.Not(gomega.BeEmpty())))
				t.Require(pages(ctx, t, t.ARM("GET", groupsOf(t)), "name"), gomega.ContainElements(t.World.Group, name), "the deployer's list")
				t.Grant(ctx, who, suite.RoleReader, t.World.GroupID())
				list := t.Until(ctx, 200, func() *suite.Request { return t.As(who, t.ARM("GET", groupsOf(t))) })
				t.Rule("ARM-GROUP-025").Expect(list).To(match.Status(200))
				t.Rule("ARM-GROUP-026").Expect(members(list, "name"), "of the reader of one group").To(gomega.Equal([]string{t.World.Group}))
			},
		},
		{
			ID: "ARM-GROUP-027/tags", Title: "lists the groups that have a tag",
			Covers: []string{"ARM-GROUP-033"}, Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				id, tag := groupID(t), t.Unique("tag")
				t.Put(ctx, "resourceGroup", id, suite.GroupVersion, ofGroup(t, "tags", map[string]string{tag: "b"}))
				newGroup(ctx, t)
				filtered := func(filter string) *suite.Request { return t.ARM("GET", groupsOf(t)).Query("$filter", filter) }
				name := id[strings.LastIndexByte(id, '/')+1:]
				t.Rule("ARM-GROUP-027").Eventually(ctx, func(ctx context.Context) any {
					return pages(ctx, t, filtered("tagName eq '"+tag+"' and tagValue eq 'b'"), "name")
				}, gomega.Equal([]string{name}))
				t.Rule("ARM-GROUP-027").Expect(pages(ctx, t, filtered("tagName eq '"+tag+"' and tagValue eq 'c'"), "name")).To(gomega.BeEmpty())
				a := t.Send(ctx, filtered("color eq 'blue'"))
				t.Rule("ARM-GROUP-033").Expect(a).To(match.Status(400))
				t.Rule("ARM-GROUP-033").Expect(a).To(match.Code("InvalidFilterInQueryString"))
			},
		},
		{
			ID: "ARM-GROUP-028/top", Title: "limits the groups on a page",
			Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				newGroup(ctx, t)
				t.Require(pages(ctx, t, t.ARM("GET", groupsOf(t)), "name"), gomega.ContainElement(t.World.Group), "all groups")
				t.Rule("ARM-GROUP-028").Expect(members(t.Send(ctx, t.ARM("GET", groupsOf(t)).Query("$top", "1")), "name")).To(gomega.HaveLen(1))
			},
		},
	}
}

func groupsOf(t *suite.T) string {
	return t.World.SubscriptionID() + "/resourcegroups?api-version=" + suite.GroupVersion
}
