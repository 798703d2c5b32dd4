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

// The versions of App Service's endpoint. The first has other names for the secret and the
// selector, and a date for expires_on (IMDS-APPSVC-020 to 022).
const (
	appService2017 = "2017-09-01"
	appService2019 = "2019-08-01"
)

// NewAppService makes App Service's token endpoint, api-versions 2017-09-01 and 2019-08-01.
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
	name := "X-IDENTITY-HEADER"
	if c.Query.Get("api-version") == appService2017 {
		name = "secret"
	}
	got := c.Request.Header.Get(name)
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
	switch c.Version = c.Query.Get("api-version"); c.Version {
	case appService2017, appService2019:
		return nil
	}
	return wire.Refuse(apierr.AppServiceVersion, c.Version)
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

// appServiceAnswer2017 has fewer members, and writes the expiry as a date.
type appServiceAnswer2017 struct {
	AccessToken string `json:"access_token"`
	ExpiresOn   string `json:"expires_on"`
	Resource    string `json:"resource"`
	TokenType   string `json:"token_type"`
}

// expiryDate is how the first version writes the expiry, as recorded (IMDS-APPSVC-022).
const expiryDate = "01/02/2006 15:04:05 -07:00"

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
	if c.Version == appService2017 {
		return wire.OK(appServiceAnswer2017{
			AccessToken: token.Raw, ExpiresOn: token.ExpiresOn.UTC().Format(expiryDate), Resource: token.Resource, TokenType: "Bearer",
		}), nil
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
	for _, s := range appServiceSelectors(c) {
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

type appServiceSelector struct {
	name string
	kind selectorKind
}

// appServiceSelectors are those of the version that is asked for.
func appServiceSelectors(c *wire.Call) []appServiceSelector {
	if c.Query.Get("api-version") == appService2017 {
		return []appServiceSelector{{"clientid", byClient}}
	}
	return []appServiceSelector{
		{"client_id", byClient}, {"principal_id", byObject}, {"object_id", byObject}, {"mi_res_id", byResource}, {"msi_res_id", byResource},
	}
}
