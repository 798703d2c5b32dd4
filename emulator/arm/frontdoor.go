package arm

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/arm/types"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/sabotage"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// versionGiven comes first: a request without api-version is refused before anybody
// asks who sends it.
func versionGiven(c *wire.Call) error {
	if c.Version = c.Query.Get("api-version"); c.Version == "" {
		return wire.Refuse(apierr.ARMVersionMissing)
	}
	return nil
}

// authenticate refuses whoever has no good token for this resource manager. Each
// refusal carries a challenge that names the subscription's tenant, even to strangers:
// clients look tenants up that way.
func authenticate(c *wire.Call) error {
	if c.Operation != nil && c.Operation.Anonymous {
		return nil
	}
	raw, present, ok := wire.Bearer(c.Request.Header["Authorization"])
	switch {
	case !present:
		e := apierr.New(apierr.ARMNoHeader)
		return e.WithChallenge(challenge(c, "The authentication failed because of missing 'Authorization' header."))
	case !ok:
		return unauthorized(c, apierr.ARMHeaderInvalid)
	}
	caller, failure, expires := c.Verify(raw)
	switch failure {
	case identity.Verified:
	case identity.OtherWorld:
		return wire.RefuseOtherWorld(c)
	case identity.Expired:
		return unauthorized(c, apierr.ARMTokenExpired, usTime(expires), usTime(c.Now))
	case identity.NotYetValid:
		return unauthorized(c, apierr.ARMTokenNotYet)
	case identity.Nameless:
		return unauthorized(c, apierr.ARMTokenNoObject)
	default:
		return unauthorized(c, apierr.ARMTokenInvalid)
	}
	if accepted := c.World.Cloud.ARM.Audiences; !slices.Contains(accepted, caller.Audience()) && !sabotage.On(sabotage.TokenAudience) {
		return unauthorized(c, apierr.ARMTokenAudience, caller.Audience(), strings.Join(accepted, "','"))
	}
	c.Caller = caller
	return nil
}

func unauthorized(c *wire.Call, kind apierr.Kind, args ...any) error {
	e := apierr.New(kind, args...)
	return e.WithChallenge(challenge(c, e.Message))
}

func challenge(c *wire.Call, description string) string {
	tenant := ""
	c.World.State.View(func(tx *state.Tx) {
		if sub, ok := tx.Subscriptions.Get(strings.ToLower(subscriptionOf(c.Path))); ok {
			tenant = sub.TenantID
		}
	})
	return fmt.Sprintf(`Bearer authorization_uri="%s", error="invalid_token", error_description="%s"`,
		c.World.Cloud.Challenge(tenant), strings.ReplaceAll(description, `"`, "'"))
}

// usTime writes an instant as the expiry message does.
func usTime(t interface{ Format(string) string }) string { return t.Format("1/2/2006 3:04:05 PM") }

// subscriptionOf is the subscription that a path names, in the path's spelling.
func subscriptionOf(path string) string {
	const prefix = "/subscriptions/"
	if len(path) < len(prefix) || !strings.EqualFold(path[:len(prefix)], prefix) {
		return ""
	}
	id, _, _ := strings.Cut(path[len(prefix):], "/")
	return id
}

// subscription refuses what names no subscription of this world, and whose token is of
// another tenant than the subscription.
func subscription(c *wire.Call) error {
	id := subscriptionOf(c.Path)
	if id == "" {
		return nil
	}
	if !ids.IsGUID(id) {
		return wire.Refuse(apierr.ARMSubscriptionInvalid, id)
	}
	var sub state.Subscription
	var ok bool
	c.World.State.View(func(tx *state.Tx) { sub, ok = tx.Subscriptions.Get(strings.ToLower(id)) })
	if !ok {
		return wire.Refuse(apierr.ARMSubscriptionNotFound, id)
	}
	if !strings.EqualFold(c.Caller.TenantID(), sub.TenantID) {
		cloud := c.World.Cloud
		return unauthorized(c, apierr.ARMTokenTenant, c.Caller.Issuer(), cloud.V1Issuer(sub.TenantID), cloud.Challenge(sub.TenantID))
	}
	return nil
}

// authorise asks whether the caller may do the action on the thing named, before
// anybody looks whether the thing exists: 403 comes before 404.
func authorise(c *wire.Call) error {
	if c.Operation != nil && (c.Operation.Anonymous || c.Operation.Filtered) {
		return nil
	}
	target, ok := targetOf(c)
	switch {
	case !ok && c.Operation != nil:
		return wire.Refuse(apierr.ARMNotFound, c.Path) // nobody has rights on what cannot be named
	case !ok:
		return nil // found says what is wrong with the path
	}
	var decided error
	c.World.State.View(func(tx *state.Tx) { decided = allow(c, tx, target.action, target.scope) })
	return decided
}

// allow decides and records; nil means allowed.
func allow(c *wire.Call, tx *state.Tx, action, scope string) error {
	d := rbac.Decide(c.Facts(tx), rbac.Query{PrincipalID: c.Caller.ObjectID(), Action: action, Scope: scope, Now: c.Now})
	c.Decision = &d
	if d.Allowed {
		return nil
	}
	return wire.Refuse(apierr.ARMForbidden, c.Caller.AppID(), c.Caller.ObjectID(), action, scope)
}

// found refuses what has no operation, and versions that an operation does not know.
func found(c *wire.Call) error {
	op := c.Operation
	switch {
	case op == nil:
		return notFound(c)
	case op.Type != "":
		if err := versionOfType(c, op.Type); err != nil {
			return err
		}
	case op.Versions != nil && !frontDoorAccepts(op.Versions, c.Version, c.Now):
		return wire.Refuse(apierr.ARMVersionInvalid, c.Version, strings.Join(op.Versions, ","))
	}
	c.Version = strings.ToLower(c.Version)
	return nil
}

// frontDoorAccepts tells whether the front door has an api-version at an instant. Azure's
// list is complete to its newest entry, so what it lacks is refused; but clients move on,
// and a later version, up to that day, is taken.
func frontDoorAccepts(listed []string, version string, at time.Time) bool {
	v := strings.ToLower(version)
	if slices.Contains(listed, v) {
		return true
	}
	return types.Dated(v) && v > listed[0] && v[:10] <= at.Format(time.DateOnly)
}

// versionOfType refuses, as a resource provider's registration does, what the type does
// not have.
func versionOfType(c *wire.Call, full string) error {
	t, ok := types.Find(full)
	if !ok || t.Accepts(c.Version, c.Now) {
		return nil
	}
	if t.Global {
		return wire.Refuse(apierr.ARMTypeVersion, t.Name, t.Namespace, c.Version, strings.Join(t.Versions, ","))
	}
	cloud := c.World.Cloud
	var locations []string
	for _, l := range cloud.Locations {
		locations = append(locations, l.Name)
	}
	return wire.Refuse(apierr.ARMProviderVersion, cloud.DefaultLocation, c.Version, t.Name, strings.Join(t.Versions, ", "), strings.Join(locations, ", "))
}
