package identity

import (
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// claims is the payload of an access token, in the order in which Entra writes the
// members. Version 1.0 has appid, appidacr, idp, xms_rd and xms_tcdt, version 2.0 azp and
// azpacr.
type claims struct {
	Audience  string `json:"aud"`
	Issuer    string `json:"iss"`
	IssuedAt  int64  `json:"iat"`
	NotBefore int64  `json:"nbf"`
	Expires   int64  `json:"exp"`
	AIO       string `json:"aio"`
	AppID     string `json:"appid,omitempty"`
	AppIDACR  string `json:"appidacr,omitempty"`
	AZP       string `json:"azp,omitempty"`
	AZPACR    string `json:"azpacr,omitempty"`
	IDP       string `json:"idp,omitempty"`
	IDType    string `json:"idtyp"`
	ObjectID  string `json:"oid,omitempty"`
	RH        string `json:"rh"`
	Subject   string `json:"sub"`
	TenantID  string `json:"tid"`
	UTI       string `json:"uti"`
	Version   string `json:"ver"`
	ActFct    string `json:"xms_act_fct,omitempty"`
	// HostID is the ARM id of the machine a user-assigned identity was used on.
	HostID   string `json:"xms_az_rid,omitempty"`
	FTD      string `json:"xms_ftd"`
	IDRel    string `json:"xms_idrel"`
	MIRID    string `json:"xms_mirid,omitempty"`
	RD       string `json:"xms_rd,omitempty"`
	SubFct   string `json:"xms_sub_fct,omitempty"`
	TenantAt int64  `json:"xms_tcdt,omitempty"`
}

// The methods that make claims a jwt.Claims. The parser is told not to judge them:
// judging is Verify's work, in Azure's order and by the world's clock.

func (c *claims) GetExpirationTime() (*jwt.NumericDate, error) { return date(c.Expires), nil }
func (c *claims) GetIssuedAt() (*jwt.NumericDate, error)       { return date(c.IssuedAt), nil }
func (c *claims) GetNotBefore() (*jwt.NumericDate, error)      { return date(c.NotBefore), nil }
func (c *claims) GetIssuer() (string, error)                   { return c.Issuer, nil }
func (c *claims) GetSubject() (string, error)                  { return c.Subject, nil }
func (c *claims) GetAudience() (jwt.ClaimStrings, error)       { return jwt.ClaimStrings{c.Audience}, nil }

func date(unix int64) *jwt.NumericDate { return jwt.NewNumericDate(time.Unix(unix, 0)) }

// Caller is who made a request: a principal whose token was verified. The zero
// Caller is nobody. Only Verify makes others.
type Caller struct{ claims *claims }

// IsZero tells that nobody was authenticated.
func (c Caller) IsZero() bool { return c.claims == nil }

// ObjectID is the principal's object id, lower case.
func (c Caller) ObjectID() string {
	return c.get(func(c *claims) string { return strings.ToLower(c.ObjectID) })
}

// AppID is the client id of the application or managed identity.
func (c Caller) AppID() string { return c.get(func(c *claims) string { return c.AppID }) }

// TenantID is the tenant that issued the token.
func (c Caller) TenantID() string { return c.get(func(c *claims) string { return c.TenantID }) }

// Issuer is the token's issuer.
func (c Caller) Issuer() string { return c.get(func(c *claims) string { return c.Issuer }) }

// Audience is the resource that the token was issued for: as it was asked for in version
// 1.0, its application id in version 2.0.
func (c Caller) Audience() string { return c.get(func(c *claims) string { return c.Audience }) }

func (c Caller) get(f func(*claims) string) string {
	if c.claims == nil {
		return ""
	}
	return f(c.claims)
}
