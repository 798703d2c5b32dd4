package entra

import (
	"errors"
	"maps"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// maxForm bounds the body of a token request.
const maxForm = 256 << 10

// readForm reads the request's body, and credentials from HTTP Basic, as a form.
func readForm(c *wire.Call) error {
	if c.Input != nil {
		return nil // read for the sake of a planned fault
	}
	body, err := c.ReadBody(maxForm)
	if errors.Is(err, wire.ErrTooLarge) {
		return wire.Refuse(apierr.EntraMalformed)
	}
	if err != nil {
		return err
	}
	kind, _, _ := mime.ParseMediaType(c.Request.Header.Get("Content-Type"))
	form, err := url.ParseQuery(string(body))
	if err != nil || (kind != "application/x-www-form-urlencoded" && len(body) > 0) {
		return wire.Refuse(apierr.EntraMalformed)
	}
	if user, password, ok := c.Request.BasicAuth(); ok && !form.Has("client_secret") {
		id, err1 := url.QueryUnescape(user)
		secret, err2 := url.QueryUnescape(password)
		if err1 != nil || err2 != nil {
			return wire.Refuse(apierr.EntraMalformed)
		}
		form.Set("client_id", id)
		form.Set("client_secret", secret)
	}
	g := &grant{form: form}
	g.readAssertion(c)
	c.Input = g
	return nil
}

// tokenV2 is the v2.0 endpoint: scope names the resource, times are numbers.
func tokenV2(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	g := c.Input.(*grant)
	if g.form.Has("resource") {
		return wire.Response{}, wire.Refuse(apierr.EntraResourceParameter)
	}
	token, err := clientCredentials(c, tx, g, "scope")
	if err != nil {
		return wire.Response{}, err
	}
	return wire.OK(struct {
		TokenType    string `json:"token_type"`
		ExpiresIn    int64  `json:"expires_in"`
		ExtExpiresIn int64  `json:"ext_expires_in"`
		AccessToken  string `json:"access_token"`
	}{"Bearer", token.ExpiresIn(c.Now), token.ExtExpiresIn(), token.Raw}), nil
}

// tokenV1 is the older endpoint: resource is named plainly, everything is a string.
func tokenV1(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	token, err := clientCredentials(c, tx, c.Input.(*grant), "resource")
	if err != nil {
		return wire.Response{}, err
	}
	text := func(n int64) string { return strconv.FormatInt(n, 10) }
	return wire.OK(struct {
		TokenType    string `json:"token_type"`
		ExpiresIn    string `json:"expires_in"`
		ExtExpiresIn string `json:"ext_expires_in"`
		ExpiresOn    string `json:"expires_on"`
		NotBefore    string `json:"not_before"`
		Resource     string `json:"resource"`
		AccessToken  string `json:"access_token"`
	}{
		"Bearer", text(token.ExpiresIn(c.Now)), text(token.ExtExpiresIn()), text(token.ExpiresOn.Unix()),
		text(token.NotBefore.Unix()), token.Resource, token.Raw,
	}), nil
}

// applicationLife is the life of an application's token; Azure's varies from 60 to
// 90 minutes, and 3599 seconds is what most captures show.
const applicationLife = time.Hour

// clientCredentials checks the grant in the service's order: the tenant, that all
// parameters are there, and once, the client, its secret or assertion, and last the resource.
func clientCredentials(c *wire.Call, tx *state.Tx, g *grant, target string) (identity.Token, error) {
	var none identity.Token
	form := g.form
	tenant, err := tenantOf(c, tx, apierr.EntraTenantUnknown, apierr.EntraTenantInvalid)
	if err != nil {
		return none, err
	}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if len(form[name]) > 1 {
			return none, wire.Refuse(apierr.EntraParameterTwice, name)
		}
	}
	for _, name := range []string{"grant_type", "client_id", target} {
		if form.Get(name) == "" {
			return none, wire.Refuse(apierr.EntraParameterMissing, name)
		}
	}
	if grant := form.Get("grant_type"); grant != "client_credentials" {
		return none, wire.Refuse(apierr.EntraGrantType, grant)
	}
	resource := form.Get(target)
	if target == "scope" {
		if resource, err = resourceOf(resource); err != nil {
			return none, err
		}
	}
	principal, err := g.authenticate(c, tx, tenant)
	if err != nil {
		return none, err
	}
	life := applicationLife
	if principal.Kind != state.PrincipalApplication {
		life = tx.Switches().TokenLife // ENTRA-FED-002
	}
	token, err := c.World.Tokens.Issue(identity.Request{
		Principal: principal, Tenant: tenant, Resource: resource, Life: life, Asserted: form.Get("client_assertion") != "",
	}, c.Now)
	if errors.Is(err, identity.ErrUnknownResource) {
		return none, wire.Refuse(apierr.EntraResource, resource, tenant.DisplayName)
	}
	return token, err
}

// resourceOf takes the last /.default off a scope: what stands before it is the
// resource, its own trailing slash included. The scopes of OpenID Connect may stand beside
// it, which mean nothing to an application (ENTRA-TOKEN-029).
func resourceOf(scope string) (string, error) {
	asked := slices.DeleteFunc(strings.Fields(scope), func(s string) bool {
		return s == "openid" || s == "profile" || s == "email" || s == "offline_access"
	})
	if len(asked) != 1 {
		return "", wire.Refuse(apierr.EntraScope, scope)
	}
	resource, ok := strings.CutSuffix(asked[0], "/.default")
	if !ok || resource == "" {
		return "", wire.Refuse(apierr.EntraScope, scope)
	}
	return resource, nil
}
