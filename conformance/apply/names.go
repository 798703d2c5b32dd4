package apply

import (
	"fmt"
	"strings"

	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/fixtures/world"
)

// resource is the id of a resource of the world.
func (p *Plan) resource(at world.Place, kind, name string) string {
	return arm.ID("subscriptions", p.subscription(at.Subscription), "resourceGroups", at.Group.Name, "providers") + "/" + kind + arm.ID(name)
}

func (r *run) resource(at world.Place, kind, name string) string {
	return r.plan.resource(at, kind, name)
}

// scope is the id of a scope of the world, on the target; "" is the root of the tenant.
func (p *Plan) scope(ref string) (string, error) {
	s, err := p.world.Scope(ref)
	if err != nil {
		return "", err
	}
	switch {
	case s.ID != "":
		return strings.TrimSuffix(p.moved(s.ID), "/"), nil
	case s.Machine != nil && kindOf(s.Machine) == "":
		return "", fmt.Errorf("a machine of kind %s is not looked up: write its full id as the scope", s.Machine.Kind)
	case s.Machine != nil:
		return p.resource(s.Place, kindOf(s.Machine), s.Machine.Name), nil
	case s.Identity != nil:
		return p.resource(s.Place, "Microsoft.ManagedIdentity/userAssignedIdentities", s.Identity.Name), nil
	case s.Storage != nil:
		id := p.resource(s.Place, "Microsoft.Storage/storageAccounts", p.global(s.Storage.Name))
		if s.Container != nil {
			id += arm.ID("blobServices", "default", "containers", s.Container.Name)
		}
		return id, nil
	case s.Vault != nil:
		return p.resource(s.Place, "Microsoft.KeyVault/vaults", p.global(s.Vault.Name)) + within(s), nil
	case s.Group != nil:
		return arm.ID("subscriptions", p.subscription(s.Subscription), "resourceGroups", s.Group.Name), nil
	}
	return arm.ID("subscriptions", p.subscription(s.Subscription)), nil
}

// within is where a scope goes on in a vault.
func within(s world.Scope) string {
	switch {
	case s.Secret != nil:
		return arm.ID("secrets", s.Secret.Name)
	case s.Key != nil:
		return arm.ID("keys", s.Key.Name)
	case s.Certificate != nil:
		return arm.ID("certificates", s.Certificate.Name)
	}
	return ""
}

// moved puts the subscription of the target in the place of the world's own.
func (p *Plan) moved(id string) string {
	parts := strings.Split(id, "/")
	if p.Subscription == "" || len(parts) < 3 || !strings.EqualFold(parts[1], "subscriptions") || !strings.EqualFold(parts[2], p.world.Subscriptions[0].ID) {
		return id
	}
	parts[2] = p.Subscription
	return strings.Join(parts, "/")
}

// clientAt is a client for a scope: of its subscription, or of the world's first where it has none.
func (r *run) clientAt(scope string) (*arm.Client, error) {
	if id := subscriptionOf(scope); id != "" {
		return r.clientOf(id)
	}
	return r.client(&r.plan.world.Subscriptions[0])
}

// subscriptionOf is the subscription that an id is in, "" for none.
func subscriptionOf(id string) string {
	parts := strings.Split(id, "/")
	if len(parts) < 3 || !strings.EqualFold(parts[1], "subscriptions") {
		return ""
	}
	return parts[2]
}

// principal is the object id of a principal of the world, and what it is where that is known.
func (r *run) principal(ref string) (id, kind string, err error) {
	who, err := r.plan.world.Principal(ref)
	if err != nil {
		return "", "", err
	}
	const service = "ServicePrincipal"
	switch {
	case who.ObjectID != "":
		return who.ObjectID, "", nil
	case who.Application != nil && strings.EqualFold(who.Application.ClientID, r.me.ApplicationID):
		return r.me.ObjectID, service, nil
	case who.Machine != nil:
		id = r.resource(who.Place, kindOf(who.Machine), who.Machine.Name)
	case who.Identity != nil:
		id = r.resource(who.Place, "Microsoft.ManagedIdentity/userAssignedIdentities", who.Identity.Name)
	}
	objectID := r.principals[strings.ToLower(id)]
	if objectID == "" {
		return "", "", fmt.Errorf("the object id of %s is not known: write the object id itself in the world file", ref)
	}
	return objectID, service, nil
}
