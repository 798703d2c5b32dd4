package apply

import (
	"context"
	"fmt"
	"strings"

	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/fixtures/world"
)

func (p *Plan) groups() {
	p.places(func(at world.Place) {
		p.add("resource group", at.Group.Name, func(ctx context.Context, r *run) (Outcome, error) { return r.group(ctx, at) })
	})
}

func (p *Plan) roles() {
	for i := range p.world.Roles {
		role := &p.world.Roles[i]
		p.add("custom role", role.Name, func(ctx context.Context, r *run) (Outcome, error) { return r.role(ctx, role) })
	}
}

func (p *Plan) issuers() {
	for i := range p.world.Issuers {
		p.not("the keys of the issuer "+p.world.Issuers[i].URL, "Azure reads them where the issuer publishes them; an emulator takes them from the file it begins with")
	}
}

func (p *Plan) identities() {
	p.places(func(at world.Place) {
		for i := range at.Group.Identities {
			id := &at.Group.Identities[i]
			name := at.Group.Name + "/" + id.Name
			p.add("identity", name, func(ctx context.Context, r *run) (Outcome, error) { return r.identity(ctx, at, id) })
			if id.ClientID != "" || id.PrincipalID != "" {
				p.not("the client and object ids of identity "+name, "Azure chooses them; what is made is printed")
			}
			for j := range id.Federated {
				f := &id.Federated[j]
				p.add("federated credential", name+"/"+f.Name, func(ctx context.Context, r *run) (Outcome, error) { return r.federated(ctx, at, id, f) })
			}
		}
	})
}

// kindOf is the type of a machine's resource, "" for those whose identities are no matter of a virtual machine's API.
func kindOf(m *world.Machine) string {
	switch m.Kind {
	case world.KindVM:
		return arm.VirtualMachine
	case world.KindVMSS:
		return arm.ScaleSet
	}
	return ""
}

func (p *Plan) machineIdentities() {
	p.places(func(at world.Place) {
		for i := range at.Group.Machines {
			m := &at.Group.Machines[i]
			name := at.Group.Name + "/" + m.Name
			if kindOf(m) == "" {
				p.not("machine "+name, fmt.Sprintf("a machine of kind %s is neither looked up nor changed: give it its identities yourself", m.Kind))
				continue
			}
			p.not("machine "+name, "machines are not made: it has to be there, and gets its identities")
			p.machines = append(p.machines, machineRef{at, m})
			if m.Identity.System {
				p.add("system-assigned identity", name, func(ctx context.Context, r *run) (Outcome, error) { return r.system(ctx, at, m) })
			}
			for _, ref := range m.Identity.User {
				p.add("identity of machine", name+": "+ref, func(ctx context.Context, r *run) (Outcome, error) { return r.user(ctx, at, m, ref) })
			}
		}
	})
}

func (p *Plan) accounts() {
	p.places(func(at world.Place) {
		for i := range at.Group.Storage {
			a := &at.Group.Storage[i]
			name := p.global(a.Name)
			p.names = append(p.names, nameRef{place: at, account: a})
			p.add("storage account", name, func(ctx context.Context, r *run) (Outcome, error) { return r.account(ctx, at, a) })
			if len(a.Keys) > 0 {
				p.not("the keys of storage account "+name, "Azure chooses them: az storage account keys list shows them")
			}
			p.containers(at, a, name)
		}
	})
}

func (p *Plan) containers(at world.Place, a *world.StorageAccount, account string) {
	for i := range a.Containers {
		c := &a.Containers[i]
		name := account + "/" + c.Name
		p.add("container", name, func(ctx context.Context, r *run) (Outcome, error) { return r.container(ctx, at, a, c) })
		for j := range c.Blobs {
			b := &c.Blobs[j]
			p.add("blob", name+"/"+b.Name, func(ctx context.Context, r *run) (Outcome, error) { return r.blob(ctx, at, a, c, b) })
		}
	}
}

func (p *Plan) vaults() {
	p.places(func(at world.Place) {
		for i := range at.Group.Vaults {
			v := &at.Group.Vaults[i]
			name := p.global(v.Name)
			p.names = append(p.names, nameRef{place: at, vault: v})
			p.add("vault", name, func(ctx context.Context, r *run) (Outcome, error) { return r.vault(ctx, at, v) })
			if !v.SoftDelete && p.Azure {
				p.not("softDelete: false of vault "+name, "every vault of Azure has soft delete")
			}
			p.policies(at, v, name)
			p.secrets(at, v, name)
		}
	})
}

func (p *Plan) policies(at world.Place, v *world.Vault, vault string) {
	for i := range v.Policies {
		policy := &v.Policies[i]
		name := vault + ": " + policy.Principal
		if why := p.unknown(policy.Principal); why != "" {
			p.not("access policy "+name, why)
			continue
		}
		p.add("access policy", name, func(ctx context.Context, r *run) (Outcome, error) { return r.policy(ctx, at, v, policy) })
	}
}

func (p *Plan) secrets(at world.Place, v *world.Vault, vault string) {
	for i := range v.Secrets {
		s := &v.Secrets[i]
		name := vault + "/" + s.Name
		p.add("secret", name, func(ctx context.Context, r *run) (Outcome, error) { return r.secret(ctx, at, v, s) })
		if s.Version != "" {
			p.not("the version of secret "+name, "Azure chooses it")
		}
	}
	for _, k := range v.Keys {
		p.not("key "+vault+"/"+k.Name, "keys are not made: az keyvault key create makes one")
	}
	for _, c := range v.Certificates {
		p.not("certificate "+vault+"/"+c.Name, "certificates are not made: az keyvault certificate create makes one")
	}
}

func (p *Plan) grants() {
	for i := range p.world.Grants {
		g := &p.world.Grants[i]
		name := fmt.Sprintf("%s: %s at %s", g.Principal, g.Role, g.Scope)
		if why := p.unknown(g.Principal); why != "" {
			p.not("grant "+name, why)
			continue
		}
		p.add("grant", name, func(ctx context.Context, r *run) (Outcome, error) { return r.grant(ctx, g) })
	}
}

// unknown says why the object id of a principal cannot be found out by Resource Manager; "" where it can.
func (p *Plan) unknown(ref string) string {
	who, err := p.world.Principal(ref)
	switch {
	case err != nil:
		return err.Error()
	case who.Members != nil:
		return "groups of the tenant are not looked up: write the group's object id instead"
	case who.Application != nil && (p.Application == "" || !strings.EqualFold(who.Application.ClientID, p.Application)):
		return "only of the application that applies is the object id known: write the object id instead"
	case who.Machine != nil && kindOf(who.Machine) == "":
		return fmt.Sprintf("the identity of a machine of kind %s is not looked up: write its object id instead", who.Machine.Kind)
	}
	return ""
}

// tenant lists what is not Resource Manager's.
func (p *Plan) tenant() {
	for _, g := range p.world.Tenant.Groups {
		p.not("tenant group "+g.Name, "the directory is not changed: an administrator of the tenant makes it")
	}
	for _, a := range p.world.Tenant.Applications {
		p.not("application "+a.Name, "the directory is not changed: an administrator of the tenant registers it")
	}
	s := p.world.Switches
	var on []string
	for name, set := range map[string]bool{
		"rolePropagation": s.RolePropagation != 0, "eventualDelete": s.EventualDelete != 0, "imdsReadyAfter": s.IMDSReadyAfter != 0,
	} {
		if set {
			on = append(on, name)
		}
	}
	if len(on) > 0 {
		p.not("switches", "they belong to the emulator and its start: "+strings.Join(sorted(on), ", "))
	}
}
