package arm

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// SubscriptionID is the id of the client's subscription: /subscriptions/….
func (c *Client) SubscriptionID() string { return ID("subscriptions", c.subscription) }

// GroupID is the id of a resource group.
func (c *Client) GroupID(group string) string {
	return ID("subscriptions", c.subscription, "resourceGroups", group)
}

// ResourceID is the id of a resource: ResourceID("DevTest", "Microsoft.Storage/storageAccounts", "tutorialstore").
func (c *Client) ResourceID(group, kind, name string) string {
	provider, kind, _ := strings.Cut(kind, "/")
	return c.GroupID(group) + ID("providers", provider, kind, name)
}

// ID joins segments to an id, as Resource Manager writes it: nothing in it is escaped. The one exception is a slash in
// a segment, which becomes "%2F", so that the id is refused and no name can lead to another resource.
func ID(segments ...string) string {
	var id strings.Builder
	for _, s := range segments {
		id.WriteString("/" + strings.ReplaceAll(s, "/", "%2F"))
	}
	return id.String()
}

// SameID tells whether two ids name the same thing: Resource Manager ignores the case of letters, and a slash at the end.
func SameID(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "/"), strings.TrimSuffix(b, "/"))
}

// Parts are what an id says.
type Parts struct {
	// Subscription and Group are "" where the id has none.
	Subscription, Group string
	// Scope is the id of what the resource is in, or is about: of a role assignment, where it holds. "/" is above all.
	Scope string
	// Type is the kind of the resource, "Microsoft.KeyVault/vaults/secrets", and Name its own name, without that of a
	// parent. Both, and Scope, are "" for the id of a subscription or a group.
	Type, Name string
}

// ParseID takes an id apart. The case of letters stays, and does not matter.
func ParseID(id string) (Parts, error) {
	var p Parts
	all := strings.Split(strings.TrimSuffix(strings.TrimPrefix(id, "/"), "/"), "/")
	if !strings.HasPrefix(id, "/") || slices.Contains(all, "") {
		return Parts{}, fmt.Errorf("arm: %q is no id", id)
	}
	rest := all
	named := func(name string) (value string) {
		if len(rest) > 1 && strings.EqualFold(rest[0], name) {
			value, rest = rest[1], rest[2:]
		}
		return value
	}
	if p.Subscription = named("subscriptions"); p.Subscription != "" {
		p.Group = named("resourceGroups")
	}
	for len(rest) > 0 {
		p.Scope, p.Name = "/"+strings.Join(all[:len(all)-len(rest)], "/"), ""
		p.Type = named("providers")
		for len(rest) > 1 && p.Type != "" && !strings.EqualFold(rest[0], "providers") {
			p.Type, p.Name, rest = p.Type+"/"+rest[0], rest[1], rest[2:]
		}
		if p.Name == "" {
			return Parts{}, fmt.Errorf("arm: %q is the id of no resource: see %q", id, strings.Join(rest, "/"))
		}
	}
	return p, nil
}

// address is the URL of an id at an api-version, with a query beside that if there is one.
func (c *Client) address(id, query, version string) (string, error) {
	for segment := range strings.SplitSeq(strings.TrimPrefix(id, "/"), "/") {
		if segment == "" || segment == "." || segment == ".." || strings.Contains(strings.ToUpper(segment), "%2F") {
			return "", fmt.Errorf("arm: %q is no id: a segment is %q", id, segment)
		}
	}
	path := (&url.URL{Path: "/" + strings.TrimPrefix(id, "/")}).EscapedPath()
	if query != "" {
		query += "&"
	}
	return strings.TrimSuffix(c.base.String(), "/") + path + "?" + query + "api-version=" + url.QueryEscape(version), nil
}
