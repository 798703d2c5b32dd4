package state

import (
	"slices"
	"strings"
	"time"
)

// Tenant is a directory.
type Tenant struct {
	// ID is the tenant's GUID, lower case.
	ID string
	// DisplayName is what Entra's error texts call the directory.
	DisplayName string
	// Domain is the verified default domain; it names the tenant in URLs too.
	Domain string
	// CreatedAt is the tenant's birth, claim xms_tcdt.
	CreatedAt time.Time
}

// PrincipalKind tells what a service principal stands for.
type PrincipalKind string

// The kinds of Principal.
const (
	PrincipalApplication    PrincipalKind = "application"
	PrincipalSystemAssigned PrincipalKind = "system-assigned"
	PrincipalUserAssigned   PrincipalKind = "user-assigned"
)

// Principal is a service principal: of an application, or of a managed identity,
// which has no application object.
type Principal struct {
	// ObjectID is the principal id, lower case: what role assignments name.
	ObjectID string
	// AppID is the client id, lower case.
	AppID       string
	TenantID    string
	DisplayName string
	Kind        PrincipalKind
	// ResourceID is the ARM id of the machine (system-assigned) or of the identity
	// (user-assigned); empty for an application.
	ResourceID string
}

// Application is an app registration that can log in with a secret, a certificate
// or a federated token.
type Application struct {
	// AppID is the client id, lower case.
	AppID    string
	ObjectID string
	TenantID string
	Name     string
	// Secrets are the passwords that log it in.
	Secrets []string
	// Certificates are DER certificates whose keys may sign client assertions.
	Certificates [][]byte
	Federated    []FederatedCredential
}

// What bounds federated credentials: "Important considerations and restrictions for
// federated identity credentials", Microsoft documentation.
const (
	// FederatedLimit is how many an identity or application has at most.
	FederatedLimit = 20
	// FederatedLength is how many characters issuer, subject and audience have at most.
	FederatedLength = 600
)

// FederatedCredential trusts the tokens of another issuer. Issuer, subject and audience
// are compared exactly, letter case included.
type FederatedCredential struct {
	// Name is unique in its identity or application, in any letters.
	Name string
	// Issuer is the iss of the tokens; no other credential of the owner has the same
	// issuer and subject.
	Issuer string
	// Subject is the sub of the tokens.
	Subject string
	// Audiences is the aud of the tokens: exactly one.
	Audiences []string
}

// Issuer is somebody else who issues tokens: a Kubernetes cluster, or GitHub. What it has
// signed, its keys verify.
type Issuer struct {
	// URL is the issuer as its tokens name it, letter by letter.
	URL string
	// Keys is its JSON Web Key Set, as it publishes it.
	Keys string
}

// DirectoryGroup is a security group of the directory; members are object ids.
type DirectoryGroup struct {
	ID       string
	TenantID string
	Name     string
	Members  []string
}

var tenants = &definition[Tenant]{
	name: "tenants",
	key:  func(t Tenant) string { return strings.ToLower(t.ID) },
}

var principals = &definition[Principal]{
	name:    "principals",
	key:     func(p Principal) string { return strings.ToLower(p.ObjectID) },
	indexes: []func(Principal) string{func(p Principal) string { return strings.ToLower(p.AppID) }},
}

var applications = &definition[Application]{
	name: "applications",
	key:  func(a Application) string { return strings.ToLower(a.AppID) },
	clone: func(a Application) Application {
		a.Secrets = slices.Clone(a.Secrets)
		a.Certificates = slices.Clone(a.Certificates)
		for i := range a.Certificates {
			a.Certificates[i] = slices.Clone(a.Certificates[i])
		}
		a.Federated = cloneFederated(a.Federated)
		return a
	},
}

var issuers = &definition[Issuer]{
	name: "issuers",
	key:  func(i Issuer) string { return i.URL },
}

var directoryGroups = &definition[DirectoryGroup]{
	name: "directoryGroups",
	key:  func(g DirectoryGroup) string { return strings.ToLower(g.ID) },
	clone: func(g DirectoryGroup) DirectoryGroup {
		g.Members = slices.Clone(g.Members)
		return g
	},
}

func cloneFederated(in []FederatedCredential) []FederatedCredential {
	out := slices.Clone(in)
	for i := range out {
		out[i].Audiences = slices.Clone(out[i].Audiences)
	}
	return out
}
