package graph

import (
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// New makes the directory's API.
func New() *wire.Plane {
	return wire.NewPlane(wire.Plane{
		Name:     "graph",
		Steps:    wire.GraphPipeline(authenticate, found, authorise),
		Envelope: wire.Graph{},
		FoldCase: true,
		Path:     path,
		Usual:    usual,
	}, []wire.Operation{
		{Name: "ListServicePrincipals", Method: "GET", Path: "/v1.0/servicePrincipals", View: listServicePrincipals},
		{Name: "GetServicePrincipal", Method: "GET", Path: "/v1.0/servicePrincipals/{id}", View: getServicePrincipal},
		{Name: "ListGroups", Method: "GET", Path: "/v1.0/groups", View: listGroups},
		{Name: "GetGroup", Method: "GET", Path: "/v1.0/groups/{id}", View: getGroup},
		{Name: "ListUsers", Method: "GET", Path: "/v1.0/users", View: listUsers},
		{Name: "GetUser", Method: "GET", Path: "/v1.0/users/{id}", View: getUser},
		{Name: "GetDirectoryObjectsByIds", Method: "POST", Path: "/v1.0/directoryObjects/getByIds", Prepare: readIDs, View: getByIDs},
		{Name: "GetMe", Method: "GET", Path: "/v1.0/me", View: me},
	})
}

// path takes several leading slashes for one, and none at the end.
func path(p string) string { return "/" + strings.Trim(p, "/") }

// authenticate refuses whoever has no good token for this cloud's Graph. Its challenge
// names no tenant.
func authenticate(c *wire.Call) error {
	raw, present, ok := wire.Bearer(c.Request.Header["Authorization"])
	switch {
	case !present:
		return unauthorized(c, apierr.GraphNoToken)
	case !ok || strings.Count(raw, ".") != 2:
		return unauthorized(c, apierr.GraphNotAToken)
	}
	caller, failure, _ := c.Verify(raw)
	switch failure {
	case identity.Verified:
	case identity.OtherWorld:
		return wire.RefuseOtherWorld(c)
	case identity.Expired:
		return unauthorized(c, apierr.GraphTokenExpired)
	case identity.NotYetValid:
		return unauthorized(c, apierr.GraphTokenNotYet)
	default:
		return unauthorized(c, apierr.GraphTokenInvalid)
	}
	if resource, ok := c.World.Cloud.Audience(caller.Audience()); !ok || resource.Service != cloud.Graph {
		return unauthorized(c, apierr.GraphTokenAudience)
	}
	c.Caller = caller
	return nil
}

func unauthorized(c *wire.Call, kind apierr.Kind) error {
	return apierr.New(kind).WithChallenge(`Bearer realm="", authorization_uri="` + c.World.Cloud.Entra.LoginEndpoint +
		`/common/oauth2/authorize", client_id="` + cloud.AppGraph + `"`)
}

// found refuses what has no operation: it names the segment that nothing is known of.
func found(c *wire.Call) error {
	if c.Operation != nil {
		return nil
	}
	segments := strings.Split(strings.Trim(c.Path, "/"), "/")
	switch {
	case !strings.EqualFold(segments[0], "v1.0"):
		return wire.Refuse(apierr.GraphVersion, segments[0])
	case len(c.Methods()) > 0:
		return wire.Refuse(apierr.GraphMethod)
	}
	return wire.Refuse(apierr.GraphSegment, segments[min(1, len(segments)-1)])
}

// authorise lets applications read the directory, as if they had the app role
// Directory.Read.All, and nobody else: a managed identity has no app roles unless
// somebody gives it some, which a world cannot say yet (ENTRA-GRAPH-011, ENTRA-GRAPH-012).
func authorise(c *wire.Call) error {
	var p state.Principal
	var known bool
	c.World.State.View(func(tx *state.Tx) { p, known = tx.Principals.Get(c.Caller.ObjectID()) })
	switch {
	case !known || !strings.EqualFold(p.TenantID, c.Caller.TenantID()):
		return wire.Refuse(apierr.GraphNobody)
	case p.Kind != state.PrincipalApplication:
		return wire.Refuse(apierr.GraphForbidden)
	}
	return nil
}

// me is for people, and only principals call here.
func me(*wire.Call, *state.Tx) (wire.Response, error) {
	return wire.Response{}, wire.Refuse(apierr.GraphMe)
}
