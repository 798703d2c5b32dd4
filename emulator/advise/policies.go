package advise

import (
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/vaultstore"
)

// policies finds the permissions that a principal needs in vaults that decide by access policies:
// those it used.
func (a *adviser) policies(p *Principal) {
	for _, n := range p.Needs {
		if !n.Policy {
			continue
		}
		i := slices.IndexFunc(p.Policies, func(have Policy) bool { return armid.Equal(have.VaultID, n.Place) })
		if i < 0 {
			v, _ := a.vaultOf(n.Place)
			i = len(p.Policies)
			p.Policies = append(p.Policies, Policy{Vault: v.Name, VaultID: v.ID})
		}
		family, permission, _ := strings.Cut(n.Action, "/")
		if list := p.Policies[i].list(vaultstore.Family(family)); list != nil && !slices.Contains(*list, permission) {
			*list = append(*list, permission)
		}
	}
	for i := range p.Policies {
		policy := &p.Policies[i]
		for _, f := range families() {
			slices.Sort(*policy.list(f))
		}
		v, _ := a.vaultOf(policy.VaultID)
		policy.Surplus = surplus(v, p, policy)
	}
}

// families lists what a policy has permissions on.
func families() []vaultstore.Family {
	return []vaultstore.Family{vaultstore.Keys, vaultstore.Secrets, vaultstore.Certificates, vaultstore.Storage}
}

// list is the policy's list of a family's permissions; nil for what is no family.
func (p *Policy) list(f vaultstore.Family) *[]string {
	switch f {
	case vaultstore.Keys:
		return &p.Keys
	case vaultstore.Secrets:
		return &p.Secrets
	case vaultstore.Certificates:
		return &p.Certificates
	case vaultstore.Storage:
		return &p.Storage
	}
	return nil
}

// surplus lists the permissions that a principal's own policies grant beside those advised.
func surplus(v state.Vault, p *Principal, advised *Policy) (all []string) {
	who := vaultstore.Principal{TenantID: p.TenantID, ObjectID: p.ObjectID}
	for _, f := range families() {
		for _, permission := range vaultstore.Permissions(f) {
			if permission != "all" && vaultstore.Judge(v, who, f, permission) == vaultstore.Granted && !slices.Contains(*advised.list(f), permission) {
				all = append(all, string(f)+"/"+permission)
			}
		}
	}
	return all
}

// access is the policy as the vault keeps it.
func (p *Policy) access(who *Principal) state.AccessPolicy {
	return state.AccessPolicy{
		TenantID: who.TenantID, ObjectID: who.ObjectID,
		Keys: slices.Clone(p.Keys), Secrets: slices.Clone(p.Secrets), Certificates: slices.Clone(p.Certificates), Storage: slices.Clone(p.Storage),
	}
}
