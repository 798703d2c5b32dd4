package graph

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// servicePrincipal has every member that the service shows, in its order. Those of type
// any are always null, those of []any always empty.
type servicePrincipal struct {
	Context                string    `json:"@odata.context,omitempty"`
	ODataType              string    `json:"@odata.type,omitempty"`
	ID                     string    `json:"id"`
	DeletedDateTime        any       `json:"deletedDateTime"`
	AccountEnabled         bool      `json:"accountEnabled"`
	AlternativeNames       []string  `json:"alternativeNames"`
	AppDisplayName         *string   `json:"appDisplayName"`
	AppDescription         any       `json:"appDescription"`
	AppID                  string    `json:"appId"`
	ApplicationTemplateID  any       `json:"applicationTemplateId"`
	OwnerOrganization      *string   `json:"appOwnerOrganizationId"`
	AppRoleRequired        bool      `json:"appRoleAssignmentRequired"`
	CreatedDateTime        string    `json:"createdDateTime"`
	Description            any       `json:"description"`
	DisabledByMicrosoft    any       `json:"disabledByMicrosoftStatus"`
	DisplayName            string    `json:"displayName"`
	Homepage               any       `json:"homepage"`
	LoginURL               any       `json:"loginUrl"`
	LogoutURL              any       `json:"logoutUrl"`
	Notes                  any       `json:"notes"`
	NotificationEmails     []any     `json:"notificationEmailAddresses"`
	PreferredSingleSignOn  any       `json:"preferredSingleSignOnMode"`
	PreferredTokenKey      any       `json:"preferredTokenSigningKeyThumbprint"`
	ReplyURLs              []any     `json:"replyUrls"`
	ServicePrincipalNames  []string  `json:"servicePrincipalNames"`
	ServicePrincipalType   string    `json:"servicePrincipalType"`
	SignInAudience         *string   `json:"signInAudience"`
	Tags                   []any     `json:"tags"`
	TokenEncryptionKeyID   any       `json:"tokenEncryptionKeyId"`
	Info                   *info     `json:"info"`
	SAMLSettings           any       `json:"samlSingleSignOnSettings"`
	AddIns                 []any     `json:"addIns"`
	AppRoles               []any     `json:"appRoles"`
	KeyCredentials         []any     `json:"keyCredentials"`
	PermissionScopes       []any     `json:"oauth2PermissionScopes"`
	PasswordCredentials    []any     `json:"passwordCredentials"`
	ApplicationPermissions []any     `json:"resourceSpecificApplicationPermissions"`
	VerifiedPublisher      publisher `json:"verifiedPublisher"`
}

type info struct {
	Logo      any `json:"logoUrl"`
	Marketing any `json:"marketingUrl"`
	Privacy   any `json:"privacyStatementUrl"`
	Support   any `json:"supportUrl"`
	Terms     any `json:"termsOfServiceUrl"`
}

type publisher struct {
	DisplayName any `json:"displayName"`
	ID          any `json:"verifiedPublisherId"`
	Added       any `json:"addedDateTime"`
}

// isoTime is how Graph writes instants.
const isoTime = "2006-01-02T15:04:05Z"

func answerPrincipal(tx *state.Tx, p state.Principal) servicePrincipal {
	tenant, _ := tx.Tenants.Get(strings.ToLower(p.TenantID))
	none := []any{}
	a := servicePrincipal{
		ID: p.ObjectID, AccountEnabled: true, AlternativeNames: alternativeNames(p), AppID: p.AppID, CreatedDateTime: tenant.CreatedAt.UTC().Format(isoTime), DisplayName: p.DisplayName,
		NotificationEmails: none, ReplyURLs: none, ServicePrincipalNames: names(p), ServicePrincipalType: principalType(p), Tags: none, AddIns: none, AppRoles: none,
		KeyCredentials: none, PermissionScopes: none, PasswordCredentials: none, ApplicationPermissions: none,
	}
	if p.Kind == state.PrincipalApplication {
		audience := "AzureADMyOrg"
		a.AppDisplayName, a.OwnerOrganization, a.SignInAudience, a.Info = &p.DisplayName, &p.TenantID, &audience, &info{}
	}
	return a
}

// principalType tells applications from managed identities.
func principalType(p state.Principal) string {
	if p.Kind == state.PrincipalApplication {
		return "Application"
	}
	return "ManagedIdentity"
}

// alternativeNames say what a managed identity belongs to, and whether it is one of its
// own or its machine's.
func alternativeNames(p state.Principal) []string {
	switch p.Kind {
	case state.PrincipalApplication:
		return []string{}
	case state.PrincipalUserAssigned:
		return []string{"isExplicit=True", p.ResourceID}
	default:
		return []string{"isExplicit=False", p.ResourceID}
	}
}

// names are the service principal's names. A managed identity has a second one that
// says nothing; here it is made of the object id, to be the same every time.
func names(p state.Principal) []string {
	if p.Kind == state.PrincipalApplication {
		return []string{p.AppID}
	}
	sum := sha256.Sum256([]byte(p.ObjectID))
	return []string{p.AppID, "https://identity.azure.net/" + base64.StdEncoding.EncodeToString(sum[:])}
}

// principalProperties are what service principals may be filtered by.
func principalProperties() map[string]property[state.Principal] {
	one := func(value func(state.Principal) string) property[state.Principal] {
		return property[state.Principal]{values: func(p state.Principal) []string { return []string{value(p)} }}
	}
	return map[string]property[state.Principal]{
		"id":                    one(func(p state.Principal) string { return p.ObjectID }),
		"appId":                 one(func(p state.Principal) string { return p.AppID }),
		"displayName":           one(func(p state.Principal) string { return p.DisplayName }),
		"servicePrincipalType":  one(principalType),
		"servicePrincipalNames": {values: names, collection: true},
		"alternativeNames":      {values: alternativeNames, collection: true},
	}
}

func listServicePrincipals(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	match, err := filter(c, "ServicePrincipal", principalProperties())
	if err != nil {
		return wire.Response{}, err
	}
	matching := func(yield func(servicePrincipal) bool) {
		for p := range tx.Principals.All() {
			if strings.EqualFold(p.TenantID, c.Caller.TenantID()) && match(p) && !yield(answerPrincipal(tx, p)) {
				return
			}
		}
	}
	return answerPage(c, "servicePrincipals", matching, func(p servicePrincipal) string { return p.ID })
}

func getServicePrincipal(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	p, ok := tx.Principals.Get(strings.ToLower(c.Var("id")))
	if !ok || !strings.EqualFold(p.TenantID, c.Caller.TenantID()) {
		return wire.Response{}, wire.Refuse(apierr.GraphMissing, c.Var("id"))
	}
	a := answerPrincipal(tx, p)
	a.Context = context(c, "servicePrincipals/$entity")
	return answer(a), nil
}
