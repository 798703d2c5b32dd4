package imds

import (
	"crypto/subtle"
	"errors"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// NewAppService makes App Service's token endpoint, api-version 2019-08-01.
func NewAppService() *wire.Plane {
	return wire.NewPlane(wire.Plane{
		Name:     "msi",
		Steps:    wire.IMDSPipeline(appServiceGuard, appServiceFound, appServiceVersion),
		Envelope: wire.AppService{},
		Path:     func(p string) string { return strings.ToLower("/" + strings.Trim(p, "/")) },
		Describe: describeAppService,
	}, []wire.Operation{
		{Name: "GetToken", Method: "GET", Path: "/msi/token", View: getAppServiceToken},
	})
}

func appServiceGuard(c *wire.Call) error {
	got := c.Request.Header.Get("X-IDENTITY-HEADER")
	if got == "" || subtle.ConstantTimeCompare([]byte(got), []byte(c.Origin.AppServiceSecret)) != 1 {
		return wire.Refuse(apierr.AppServiceHeader)
	}
	return nil
}

func appServiceFound(c *wire.Call) error {
	switch {
	case c.Operation != nil:
		return nil
	case len(c.Methods()) > 0:
		return wire.Refuse(apierr.AppServiceMethod)
	}
	return wire.Refuse(apierr.AppServiceNotFound)
}

func appServiceVersion(c *wire.Call) error {
	if c.QueryError != nil {
		return wire.Refuse(apierr.AppServiceQuery)
	}
	if c.Version = c.Query.Get("api-version"); c.Version != "2019-08-01" {
		return wire.Refuse(apierr.AppServiceVersion, c.Version)
	}
	return nil
}

// appServiceAnswer has no expires_in: clients of this endpoint must do without.
type appServiceAnswer struct {
	AccessToken string `json:"access_token"`
	ClientID    string `json:"client_id"`
	ExpiresOn   string `json:"expires_on"`
	NotBefore   string `json:"not_before"`
	Resource    string `json:"resource"`
	TokenType   string `json:"token_type"`
}

func getAppServiceToken(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	resource := c.Query.Get("resource")
	if resource == "" {
		return wire.Response{}, wire.Refuse(apierr.AppServiceResource)
	}
	principal, err := appServicePrincipal(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	token, err := mint(c, tx, principal, resource)
	if e, ok := errors.AsType[*apierr.Error](err); ok {
		return wire.Response{}, wire.Refuse(apierr.AppServiceAudience, e.Message)
	}
	if err != nil {
		return wire.Response{}, err
	}
	return wire.OK(appServiceAnswer{
		AccessToken: token.Raw, ClientID: strings.ToUpper(token.ClientID),
		ExpiresOn: seconds(token.ExpiresOn.Unix()), NotBefore: seconds(token.NotBefore.Unix()),
		Resource: token.Resource, TokenType: "Bearer",
	}), nil
}

// appServicePrincipal differs from the VM's choice: without a selector it is the
// system-assigned identity or nothing.
func appServicePrincipal(c *wire.Call, tx *state.Tx) (state.Principal, error) {
	var chosen []selector
	for _, s := range []struct {
		name string
		kind selectorKind
	}{{"client_id", byClient}, {"principal_id", byObject}, {"object_id", byObject}, {"mi_res_id", byResource}, {"msi_res_id", byResource}} {
		if v := c.Query.Get(s.name); v != "" {
			chosen = append(chosen, selector{s.kind, v})
		}
	}
	chosen = slices.Compact(chosen) // the same choice under two names is one choice
	switch len(chosen) {
	case 0:
		if p, ok := tx.Principals.Get(c.Machine.SystemPrincipal); ok {
			return p, nil
		}
	case 1:
		if p, err := chosen[0].find(tx, c.Machine); err == nil {
			return p, nil
		}
	default:
		return state.Principal{}, wire.Refuse(apierr.AppServiceSelectors)
	}
	return state.Principal{}, wire.Refuse(apierr.AppServiceIdentity)
}
