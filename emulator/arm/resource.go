package arm

import (
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// under is the path of resources of a type in a group, list is it without the name.
func under(kind string) string { return group + "/providers/" + kind }

// inSubscription is the path of all resources of a type in a subscription.
func inSubscription(kind string) string { return oneSubscription + "/providers/" + kind }

// missing is the refusal of a resource that is not there.
func missing(c *wire.Call, kind, name string) error {
	return wire.Refuse(apierr.ARMResourceNotFound, kind+"/"+name, c.Var("group"))
}

// writable returns the group of the path for a write in it.
func writable(c *wire.Call, tx *state.Tx) (state.ResourceGroup, error) {
	g, err := findGroup(c, tx)
	if err == nil && g.Deleting() {
		err = wire.Refuse(apierr.ARMGroupDeleting, g.Name)
	}
	return g, err
}

// idIn is the id of a resource of the path's group, in the group's own spelling.
func idIn(g state.ResourceGroup, kind, name string) armid.ID {
	return armid.Resource(g.SubscriptionID, g.Name, kind, name)
}

// below is what the keys of resources begin with that the path's group, or else its
// subscription, holds.
func below(c *wire.Call, tx *state.Tx) (prefix string, err error) {
	if c.Var("group") == "" {
		return armid.Subscription(c.Var("subscription")).Key() + "/", nil
	}
	g, err := findGroup(c, tx)
	return armid.Group(g.SubscriptionID, g.Name).Key() + "/", err
}

// sameGroup tells whether a resource is in the group that the path names.
func sameGroup(c *wire.Call, subscription, group string) bool {
	return strings.EqualFold(subscription, c.Var("subscription")) && strings.EqualFold(group, c.Var("group"))
}

// located checks a resource's location, normalised: it must be given and exist.
func located(c *wire.Call, kind, given string) (string, error) {
	if given == "" {
		return "", wire.Refuse(apierr.ARMLocationRequired)
	}
	location := armid.NormalizeLocation(given)
	var names []string
	for _, l := range c.World.Cloud.Locations {
		if l.Name == location {
			return location, nil
		}
		names = append(names, l.Name)
	}
	return "", wire.Refuse(apierr.ARMTypeLocation, given, kind, strings.Join(names, ","))
}

// elsewhere is the refusal of a resource that exists in another region of its group.
func elsewhere(name, has, group, asked string) error {
	return wire.Refuse(apierr.ARMLocationConflict, name, has, group, asked)
}

// tagsOf never shows null.
func tagsOf(tags map[string]string) map[string]string {
	if tags == nil {
		return map[string]string{}
	}
	return tags
}

// readJSON is the Prepare of an operation whose body is decoded into a T, strictly.
func readJSON[T any](typeName string) func(*wire.Call) error {
	return func(c *wire.Call) error {
		var body T
		if err := decode(c, typeName, &body); err != nil {
			return err
		}
		c.Input = body
		return nil
	}
}
