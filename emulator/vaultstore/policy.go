package vaultstore

import (
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/sabotage"
	"github.com/linarite/linarite/emulator/state"
)

// Verdict is what a vault's access policies say to a caller.
type Verdict int

// The verdicts.
const (
	// Unlisted: no policy is about the caller.
	Unlisted Verdict = iota
	// Lacking: the policies about the caller do not have the permission.
	Lacking
	// OnBehalf: only a policy for an application acting on behalf of a user has it.
	OnBehalf
	// Granted: a policy about the caller has the permission.
	Granted
)

// Principal is a caller as access policies see it: itself, and the directory groups that
// it is in.
type Principal struct {
	TenantID string
	ObjectID string
	Groups   []string
}

// Judge asks a vault's access policies for a permission. What policies grant adds up.
//
// A policy that names an application too is for tokens that the application got on behalf
// of a user; no token of a service principal is one, not even the application's own
// (KV-AUTH-022).
func Judge(v state.Vault, who Principal, f Family, permission string) Verdict {
	verdict := Unlisted
	for _, p := range v.Policies {
		if !strings.EqualFold(p.TenantID, who.TenantID) || !about(p.ObjectID, who) {
			continue
		}
		switch has := grants(words(p, f), permission); {
		case has && p.ApplicationID == "":
			return Granted
		case has:
			verdict = max(verdict, OnBehalf)
		default:
			verdict = max(verdict, Lacking)
		}
	}
	return verdict
}

func about(objectID string, who Principal) bool {
	return sabotage.On(sabotage.VaultPolicyAnyone) || strings.EqualFold(objectID, who.ObjectID) ||
		slices.ContainsFunc(who.Groups, func(g string) bool { return strings.EqualFold(objectID, g) })
}

func words(p state.AccessPolicy, f Family) []string {
	switch f {
	case Keys:
		return p.Keys
	case Secrets:
		return p.Secrets
	case Certificates:
		return p.Certificates
	case Storage:
		return p.Storage
	}
	return nil
}
