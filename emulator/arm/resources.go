package arm

import (
	"regexp"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

func resourceOperations() []wire.Operation {
	v := frontDoorVersions()
	return []wire.Operation{
		{Name: "Resources_List", Method: "GET", Path: oneSubscription + "/resources", Versions: v, Filtered: true, View: listResources},
		{Name: "Resources_ListByResourceGroup", Method: "GET", Path: group + "/resources", Versions: v, Filtered: true, View: listResources},
	}
}

// resource is what the generic list shows of a resource of any type.
type resource struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Type     string            `json:"type"`
	SKU      *skuAnswer        `json:"sku,omitempty"`
	Kind     string            `json:"kind,omitempty"`
	Location string            `json:"location"`
	Identity *identityBlock    `json:"identity,omitempty"`
	Tags     map[string]string `json:"tags,omitempty"`

	group string
}

// allResources lists every resource of a subscription, by id.
func allResources(tx *state.Tx, subscription string) []resource {
	var out []resource
	prefix := armid.Subscription(subscription).Key() + "/"
	for m := range tx.Machines.Prefix(prefix) {
		kind := vmType
		if m.Kind == state.MachineVMSS {
			kind = setType
		} else if m.Kind != state.MachineVM {
			continue
		}
		out = append(out, resource{ID: m.ID, Name: m.Name, Type: kind, Location: m.Location, Tags: m.Tags, Identity: identityOf(tx, m, nil), group: m.ResourceGroup})
	}
	for i := range tx.Identities.Prefix(prefix) {
		out = append(out, resource{ID: i.ID, Name: i.Name, Type: identityType, Location: i.Location, Tags: tagsOf(i.Tags), group: i.ResourceGroup})
	}
	for a := range tx.Accounts.All() {
		if strings.EqualFold(a.SubscriptionID, subscription) {
			tier, _, _ := strings.Cut(a.SKU, "_")
			out = append(out, resource{ID: a.ID, Name: a.Name, Type: storageType, Location: a.Location, Tags: tagsOf(a.Tags), Kind: a.Kind, SKU: &skuAnswer{a.SKU, tier}, group: a.ResourceGroup})
		}
	}
	for v := range tx.Vaults.All() {
		if strings.EqualFold(v.SubscriptionID, subscription) {
			out = append(out, resource{ID: v.ID, Name: v.Name, Type: vaultType, Location: v.Location, Tags: tagsOf(v.Tags), group: v.ResourceGroup})
		}
	}
	slices.SortFunc(out, func(a, b resource) int { return strings.Compare(strings.ToLower(a.ID), strings.ToLower(b.ID)) })
	return out
}

// listResources shows what the caller may read.
func listResources(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	subscription, in := strings.ToLower(c.Var("subscription")), c.Var("group")
	scope := armid.Subscription(subscription)
	if in != "" {
		scope = armid.Group(subscription, in)
	}
	facts := c.Facts(tx)
	if !rbac.Any(facts, c.Caller.ObjectID(), scope.String(), c.Now) {
		return wire.Response{}, allow(c, tx, "Microsoft.Resources/subscriptions/resources/read", scope.String())
	}
	if in != "" {
		if _, err := findGroup(c, tx); err != nil {
			return wire.Response{}, err
		}
	}
	match, err := resourceFilter(c.Query.Get("$filter"))
	if err != nil {
		return wire.Response{}, err
	}
	out := list[resource]{Value: []resource{}}
	for _, r := range allResources(tx, subscription) {
		if in != "" && !strings.EqualFold(r.group, in) || !match(r) {
			continue
		}
		q := rbac.Query{PrincipalID: c.Caller.ObjectID(), Action: r.Type + "/read", Scope: r.ID, Now: c.Now}
		if rbac.Decide(facts, q).Allowed {
			out.Value = append(out.Value, r)
		}
	}
	return wire.OK(out), nil
}

var (
	conjunction = regexp.MustCompile(`(?i)\s+and\s+`)
	comparison  = regexp.MustCompile(`(?i)^\s*(\w+(?:/\w+)?)\s+(eq|ne)\s+'((?:[^']|'')*)'\s*$`)
	substring   = regexp.MustCompile(`(?i)^\s*substringof\('((?:[^']|'')*)',\s*name\)\s*$`)
)

// resourceFilter reads a $filter of comparisons joined by "and". An empty one filters
// nothing: clients send it.
func resourceFilter(filter string) (func(resource) bool, error) {
	if strings.TrimSpace(filter) == "" {
		return func(resource) bool { return true }, nil
	}
	var all []func(resource) bool
	tag := ""
	for _, part := range conjunction.Split(filter, -1) {
		one, err := condition(part, &tag)
		if err != nil {
			return nil, wire.Refuse(apierr.ARMFilterInvalid, filter)
		}
		all = append(all, one)
	}
	return func(r resource) bool {
		return !slices.ContainsFunc(all, func(one func(resource) bool) bool { return !one(r) })
	}, nil
}

// condition reads one comparison; tag remembers the tagName that a tagValue is about.
func condition(part string, tag *string) (func(resource) bool, error) {
	if m := substring.FindStringSubmatch(part); m != nil {
		return func(r resource) bool {
			return strings.Contains(strings.ToLower(r.Name), strings.ToLower(unquote(m[1])))
		}, nil
	}
	m := comparison.FindStringSubmatch(part)
	if m == nil {
		return nil, wire.Refuse(apierr.ARMFilterInvalid, part)
	}
	want, negate := unquote(m[3]), strings.EqualFold(m[2], "ne")
	is := func(get func(resource) string) func(resource) bool {
		return func(r resource) bool { return strings.EqualFold(get(r), want) != negate }
	}
	switch strings.ToLower(m[1]) {
	case "resourcetype":
		return is(func(r resource) string { return r.Type }), nil
	case "name":
		return is(func(r resource) string { return r.Name }), nil
	case "resourcegroup":
		return is(func(r resource) string { return r.group }), nil
	case "location":
		want = armid.NormalizeLocation(want)
		return is(func(r resource) string { return r.Location }), nil
	case "identity/principalid":
		return is(func(r resource) string {
			if r.Identity == nil {
				return ""
			}
			return r.Identity.PrincipalID
		}), nil
	case "tagname":
		*tag = want
		return func(r resource) bool { _, ok := tagNamed(r.Tags, want); return ok != negate }, nil
	case "tagvalue":
		name := *tag
		return func(r resource) bool { v, ok := tagNamed(r.Tags, name); return (ok && v == want) != negate }, nil
	}
	return nil, wire.Refuse(apierr.ARMFilterInvalid, part)
}

func unquote(s string) string { return strings.ReplaceAll(s, "''", "'") }

func tagNamed(tags map[string]string, name string) (string, bool) {
	for n, v := range tags {
		if strings.EqualFold(n, name) {
			return v, true
		}
	}
	return "", false
}
