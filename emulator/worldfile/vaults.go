package worldfile

import (
	"encoding/hex"
	"strings"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/vaultstore"
	"github.com/linarite/linarite/fixtures/world"
)

// VaultType is the ARM type of vaults.
const VaultType = "Microsoft.KeyVault/vaults"

func (a *applier) vaults() error {
	for i := range a.w.Subscriptions {
		s := &a.w.Subscriptions[i]
		for j := range s.Groups {
			g := &s.Groups[j]
			for k := range g.Vaults {
				if err := a.vault(a.subscriptionID(i, s), g, &g.Vaults[k]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (a *applier) vault(subscription string, g *world.ResourceGroup, v *world.Vault) error {
	kept := state.Vault{
		ID: armid.Resource(subscription, g.Name, VaultType, v.Name).String(), Name: v.Name, SubscriptionID: subscription, ResourceGroup: g.Name,
		Location: a.location(g, v.Location), TenantID: a.tenant, SKU: "standard", RBAC: v.Mode == world.ModeRBAC, SoftDelete: v.SoftDelete,
		PublicNetworkAccess: "Enabled", CreatedAt: a.o.Now, UpdatedAt: a.o.Now,
	}
	if v.SoftDelete {
		kept.RetentionDays = 90
	}
	for _, p := range v.Policies {
		objectID, _, err := a.who(p.Principal)
		if err != nil {
			return at(p.PosOf("principal"), err)
		}
		if a.skip[objectID] {
			continue
		}
		kept.Policies = append(kept.Policies, state.AccessPolicy{
			TenantID: a.tenant, ObjectID: objectID, Keys: words(p.Keys), Secrets: words(p.Secrets), Certificates: words(p.Certificates),
		})
	}
	a.tx.Vaults.Put(kept)
	for _, s := range v.Secrets {
		version := s.Version
		if version == "" {
			version = hex.EncodeToString(ids.NamedBytes(a.tenant, kept.ID, "secret", s.Name)[:16])
		}
		secret := state.Secret{Vault: strings.ToLower(v.Name), Name: s.Name, Version: version, Value: s.Value, Enabled: true}
		if _, err := vaultstore.SetSecret(a.tx, kept, secret, a.o.Now); err != nil {
			return at(s.PosOf("name"), err)
		}
	}
	return nil
}

func words[T ~string](in []T) []string {
	var out []string
	for _, w := range in {
		out = append(out, string(w))
	}
	return out
}
