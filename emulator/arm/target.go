package arm

import (
	"net/http"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
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
	scope, err := armid.Parse(id)
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

// odd tells whether a path has an odd number of segments: one more than an id.
func odd(path string) bool { return strings.Count(path, "/")%2 == 1 }

// actionType is the type as actions name it; the group's differs from the type that
// its own answers name.
func actionType(id armid.ID) string {
	switch t := id.Type(); t {
	case armid.TypeResourceGroup:
		return "Microsoft.Resources/subscriptions/resourceGroups"
	default:
		return t
	}
}

// notFound says which part of a path nothing is known of.
func notFound(c *wire.Call) error {
	segments := strings.Split(strings.Trim(c.Path, "/"), "/")
	for i, s := range segments {
		if !strings.EqualFold(s, "providers") || i+1 >= len(segments) {
			continue
		}
		return wire.Refuse(apierr.ARMNamespaceInvalid, segments[i+1])
	}
	switch {
	case len(c.Methods()) > 0:
		return wire.Refuse(apierr.ARMMethod, c.Request.Method, c.Path)
	case subscriptionOf(c.Path) == "":
		return wire.Refuse(apierr.ARMSubscriptionMissing)
	}
	return wire.Refuse(apierr.ARMNotFound, c.Path)
}
