package suite

import "strings"

// Profile is what a target may claim to be: a set of rules.
type Profile struct {
	Name string
	Text string
	// Core features must all be there for the profile to be claimed.
	Core []string
	// Planes are the first parts of the ids of the rules that belong to it; none means the
	// rules of the specs that name the profile.
	Planes []string
}

// Tutorial is the profile of the seven flows.
const Tutorial = "TUTORIAL"

// Profiles returns them all.
func Profiles() []Profile {
	return []Profile{
		{Name: Tutorial, Text: "The seven flows of the managed-identity tutorial, end to end, with their refusals.",
			Core: []string{"imds.token", "arm.group", "arm.storage", "blob.get", "vault.secret"}},
		{Name: "IMDS", Text: "Tokens from the machine's metadata service.", Core: []string{"imds.token"}, Planes: []string{"IMDS"}},
		{Name: "ENTRA", Text: "Tokens, keys and discovery of Entra ID.", Core: []string{"entra.token", "entra.keys", "entra.discovery"}, Planes: []string{"ENTRA"}},
		{Name: "ARM", Text: "Azure Resource Manager.", Core: []string{"arm.authentication", "arm.common", "arm.group"}, Planes: []string{"ARM"}},
		{Name: "RBAC", Text: "Role assignments at their exact scopes.", Core: []string{"rbac.evaluate", "rbac.scope"}, Planes: []string{"RBAC"}},
		{Name: "BLOB", Text: "Blob storage.", Core: []string{"blob", "blob.container", "blob.get", "blob.list", "blob.put"}, Planes: []string{"BLOB"}},
		{Name: "VAULT", Text: "Key Vault.", Core: []string{"vault.authentication", "vault.common", "vault.secret"}, Planes: []string{"KV"}},
	}
}

func profileOf(name string) (Profile, bool) {
	for _, p := range Profiles() {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}

// In tells whether a spec counts for the profile.
func (p Profile) In(s Spec) bool {
	for _, plane := range p.Planes {
		if s.Plane() == plane {
			return true
		}
	}
	for _, name := range s.Profiles {
		if name == p.Name {
			return true
		}
	}
	return false
}

// parents are a feature and all it implies, the feature itself first: blob.sas.policy,
// blob.sas, blob.
func parents(feature string) []string {
	all := []string{feature}
	for {
		i := strings.LastIndexByte(feature, '.')
		if i < 0 {
			return all
		}
		feature = feature[:i]
		all = append(all, feature)
	}
}
