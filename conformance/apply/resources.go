package apply

import (
	"context"
	"fmt"
	"strings"

	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/fixtures/world"
)

func (r *run) group(ctx context.Context, at world.Place) (Outcome, error) {
	c, err := r.client(at.Subscription)
	if err != nil {
		return "", err
	}
	id := r.groupID(at)
	g, err := c.Group(ctx, at.Group.Name)
	if err == nil {
		r.locations[id] = g.Location
		if d := elsewhere(g.Location, at.Group.Location); d != "" {
			return "", differs("%s", d)
		}
		return There, nil
	}
	if !missing(err) {
		return "", err
	}
	where := at.Group.Location
	if where == "" {
		where = r.o.Location
	}
	return Made, r.making("group", c.GroupID(at.Group.Name), func() error {
		g, err := c.PutGroup(ctx, at.Group.Name, arm.Group{Location: where, Tags: r.tags()})
		r.locations[id] = g.Location
		return err
	})
}

func (r *run) identity(ctx context.Context, at world.Place, want *world.Identity) (Outcome, error) {
	c, err := r.client(at.Subscription)
	if err != nil {
		return "", err
	}
	id := c.IdentityID(at.Group.Name, want.Name)
	is, err := c.Identity(ctx, at.Group.Name, want.Name)
	if err == nil {
		r.principals[strings.ToLower(id)] = is.Properties.PrincipalID
		if d := elsewhere(is.Location, want.Location); d != "" {
			return "", differs("%s", d)
		}
		return There, nil
	}
	if !missing(err) {
		return "", err
	}
	err = r.making("identity", id, func() error {
		is, err = c.PutIdentity(ctx, at.Group.Name, want.Name, arm.Identity{Location: r.location(at, want.Location), Tags: r.tags()})
		return err
	})
	if err != nil {
		return "", err
	}
	r.principals[strings.ToLower(id)] = is.Properties.PrincipalID
	return Outcome(fmt.Sprintf("%s, with client id %s", Made, is.Properties.ClientID)), nil
}

// federation is a federated credential as Resource Manager answers it.
type federation struct {
	Properties arm.Federation `json:"properties"`
}

func (r *run) federated(ctx context.Context, at world.Place, of *world.Identity, want *world.FederatedCredential) (Outcome, error) {
	c, err := r.client(at.Subscription)
	if err != nil {
		return "", err
	}
	audience := want.Audience
	if audience == "" {
		audience = exchangeAudience(r.o.Cloud.Name)
	}
	f := arm.Federation{Issuer: want.Issuer, Subject: want.Subject, Audiences: []string{audience}}
	id := c.IdentityID(at.Group.Name, of.Name) + arm.ID("federatedIdentityCredentials", want.Name)
	var is federation
	err = c.Get(ctx, id, arm.VersionIdentity, &is)
	put := func() error { return c.PutFederation(ctx, at.Group.Name, of.Name, want.Name, f) }
	switch {
	case missing(err):
		return Made, r.making("federation", id, put)
	case err != nil:
		return "", err
	case is.Properties.Issuer == f.Issuer && is.Properties.Subject == f.Subject && list(is.Properties.Audiences) == audience:
		return There, nil
	case !r.held[strings.ToLower(id)]:
		return "", differs("it trusts %s of %s for %s", is.Properties.Subject, is.Properties.Issuer, list(is.Properties.Audiences))
	}
	return Changed, put()
}

// exchangeAudience is whom foreign tokens are meant for, by cloud: "Workload identity federation", Microsoft
// documentation.
func exchangeAudience(cloud string) string {
	switch cloud {
	case "china":
		return "api://AzureADTokenExchangeChina"
	case "usgov":
		return "api://AzureADTokenExchangeUSGov"
	}
	return "api://AzureADTokenExchange"
}

func (r *run) account(ctx context.Context, at world.Place, want *world.StorageAccount) (Outcome, error) {
	c, err := r.client(at.Subscription)
	if err != nil {
		return "", err
	}
	name, public := r.plan.global(want.Name), false
	for _, container := range want.Containers {
		public = public || container.Public != world.PublicNone && container.Public != ""
	}
	id := c.AccountID(at.Group.Name, name)
	put := func() error {
		_, err := c.PutAccount(ctx, at.Group.Name, name, arm.Account{
			Location: r.location(at, want.Location), Kind: string(want.Kind), SKU: arm.SKU{Name: skuOf(want.Kind)}, Tags: r.tags(),
			Properties: arm.AccountProperties{
				HTTPSOnly: &want.HTTPSOnly, AllowSharedKey: &want.AllowSharedKeyAccess, AllowPublicAccess: &public, MinimumTLS: "TLS1_2",
			},
		})
		return err
	}
	is, err := c.Account(ctx, at.Group.Name, name)
	if missing(err) {
		r.oursBy[strings.ToLower(id)] = true
		return Made, r.making("storageAccount", id, put)
	}
	if err != nil {
		return "", err
	}
	r.oursBy[strings.ToLower(id)] = r.ours(is.Tags)
	wrong, fixed := accountDiffers(is, want, public)
	switch {
	case wrong == "" && fixed == "":
		return There, nil
	case fixed != "":
		return "", differs("%s, which cannot be changed", fixed)
	case !r.ours(is.Tags):
		return "", differs("%s", wrong)
	}
	return Changed, put()
}

// skuOf is the cheapest redundancy that a kind of account can have.
func skuOf(kind world.StorageKind) string {
	if kind == world.StorageBlockBlobPremium {
		return "Premium_LRS"
	}
	return "Standard_LRS"
}

// accountDiffers says what of an account is not as wanted: what can be changed, and what is fixed.
func accountDiffers(is arm.Account, want *world.StorageAccount, public bool) (wrong, fixed string) {
	if is.Kind != string(want.Kind) {
		return "", fmt.Sprintf("its kind is %s, and not %s", is.Kind, want.Kind)
	}
	if d := elsewhere(is.Location, want.Location); d != "" {
		return "", d
	}
	var all []string
	for _, s := range []struct {
		name        string
		is          *bool
		unset, want bool
	}{
		{"httpsOnly", is.Properties.HTTPSOnly, true, want.HTTPSOnly},
		{"allowSharedKeyAccess", is.Properties.AllowSharedKey, true, want.AllowSharedKeyAccess},
		{"allowBlobPublicAccess", is.Properties.AllowPublicAccess, false, public},
	} {
		have := s.unset
		if s.is != nil {
			have = *s.is
		}
		if have != s.want && (s.want || s.name != "allowBlobPublicAccess") { // that blobs might be public hurts no container that is not
			all = append(all, fmt.Sprintf("%s is %t, and not %t", s.name, have, s.want))
		}
	}
	return list(all), ""
}

func (r *run) vault(ctx context.Context, at world.Place, want *world.Vault) (Outcome, error) {
	c, err := r.client(at.Subscription)
	if err != nil {
		return "", err
	}
	name, rbac := r.plan.global(want.Name), want.Mode == world.ModeRBAC
	soft := want.SoftDelete || r.plan.Azure
	id := c.VaultID(at.Group.Name, name)
	is, err := c.Vault(ctx, at.Group.Name, name)
	if missing(err) {
		r.oursBy[strings.ToLower(id)] = true
		properties := arm.VaultProperties{TenantID: r.me.TenantID, RBAC: &rbac}
		if soft {
			properties.RetentionDays = 7 // the shortest: what is deleted keeps its name so long
		} else {
			properties.SoftDelete = &soft
		}
		return Made, r.making("vault", id, func() error {
			_, err := c.PutVault(ctx, at.Group.Name, name, arm.Vault{Location: r.location(at, want.Location), Tags: r.tags(), Properties: properties})
			return err
		})
	}
	if err != nil {
		return "", err
	}
	r.oursBy[strings.ToLower(id)] = r.ours(is.Tags)
	hasRBAC, hasSoft := is.Properties.RBAC != nil && *is.Properties.RBAC, is.Properties.SoftDelete == nil || *is.Properties.SoftDelete
	if d := elsewhere(is.Location, want.Location); d != "" {
		return "", differs("%s", d)
	}
	switch {
	case hasSoft != soft:
		return "", differs("its softDelete is %t, which cannot be changed", hasSoft)
	case hasRBAC == rbac:
		return There, nil
	case !r.ours(is.Tags):
		return "", differs("role assignments decide about its data: %t, and not %t", hasRBAC, rbac)
	}
	op, err := c.Patch(ctx, id, arm.VersionKeyVault, map[string]any{"properties": map[string]any{"enableRbacAuthorization": rbac}})
	if err != nil {
		return "", err
	}
	return Changed, op.Wait(ctx, nil)
}
