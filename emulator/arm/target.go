package arm

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/arm/types"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/wire"
)

// target is what a request wants to do to what.
type target struct {
	// action such as Microsoft.Resources/subscriptions/resourceGroups/read.
	action string
	// scope is the id of the thing acted on.
	scope string
}

// targetOf reads a request's action and scope off its path and verb, by ARM's general
// rule: GET and HEAD read, PUT and PATCH write, DELETE deletes, and a POST to a name
// below a resource is an action of that name. It serves paths that no operation
// matches as well, because those too are refused to whoever has no rights there.
func targetOf(c *wire.Call) (target, bool) {
	id := c.Path
	last := ""
	if odd(id) { // a collection, or the name of an action
		i := strings.LastIndexByte(id, '/')
		id, last = id[:i], id[i+1:]
	}
	scope, err := parseEscaped(id)
	if err != nil || scope.IsRoot() {
		return target{}, false
	}
	kind := actionType(scope)
	switch {
	case c.Operation != nil && c.Operation.Action != "":
		return target{c.Operation.Action, scope.String()}, true
	case last != "" && c.Request.Method == http.MethodPost:
		return target{kind + "/" + last + "/action", scope.String()}, true
	case last != "":
		kind += "/" + last
	}
	verb, ok := map[string]string{
		http.MethodGet: "read", http.MethodHead: "read", http.MethodPut: "write", http.MethodPatch: "write",
		http.MethodDelete: "delete", http.MethodPost: "action",
	}[c.Request.Method]
	if !ok {
		return target{}, false
	}
	return target{kind + "/" + verb, scope.String()}, true
}

// parseEscaped reads the id that an escaped path names. An id that is none when decoded is
// left escaped: it is still refused to whoever has no rights around it.
func parseEscaped(path string) (armid.ID, error) {
	if text, err := url.PathUnescape(path); err == nil && strings.Count(text, "/") == strings.Count(path, "/") {
		if id, err := armid.Parse(text); err == nil {
			return id, nil
		}
	}
	return armid.Parse(path)
}

// odd tells whether a path has an odd number of segments: one more than an id.
func odd(path string) bool { return strings.Count(path, "/")%2 == 1 }

// actionType is the type as actions name it, in the provider's spelling; the group's
// differs from the type that its own answers name.
func actionType(id armid.ID) string {
	kind := id.Type()
	if kind == armid.TypeResourceGroup {
		return "Microsoft.Resources/subscriptions/resourceGroups"
	}
	if t, ok := types.Find(kind); ok {
		return t.String()
	}
	return kind
}

// notFound says which part of a path nothing is known of.
func notFound(c *wire.Call) error {
	segments := strings.Split(strings.Trim(c.Path, "/"), "/")
	last := -1
	for i, s := range segments {
		if strings.EqualFold(s, "providers") && i+1 < len(segments) {
			last = i
		}
	}
	switch {
	case len(c.Methods()) > 0:
		return wire.Refuse(apierr.ARMMethod, c.Request.Method, c.Path)
	case last >= 0:
		return unknownType(c, segments[last+1], segments[last+2:])
	case subscriptionOf(c.Path) == "":
		return wire.Refuse(apierr.ARMSubscriptionMissing)
	}
	return wire.Refuse(apierr.ARMNotFound, c.Path)
}

// unknownType refuses a path under a provider: the namespace may be known, the type not.
func unknownType(c *wire.Call, namespace string, rest []string) error {
	for _, known := range types.Namespaces() {
		if !strings.EqualFold(known, namespace) {
			continue
		}
		var kind []string
		for i := 0; i < len(rest); i += 2 {
			kind = append(kind, rest[i])
		}
		if t, ok := types.Find(known + "/" + strings.Join(kind, "/")); ok {
			return wire.Refuse(apierr.ARMMethod, c.Request.Method, t.String())
		}
		return wire.Refuse(apierr.ARMTypeInvalid, known, c.Version)
	}
	return wire.Refuse(apierr.ARMNamespaceInvalid, namespace)
}
