package advise

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/linarite/linarite/emulator/armid"
)

// A module is what can be deployed at once: a resource group, a subscription or the tenant.
type module struct {
	scope  armid.ID
	grants []moduleGrant
	vaults []moduleVault
}

type moduleGrant struct {
	who *Principal
	*Assignment
}

// moduleVault is a vault with the policies of all principals: one deployment takes them at once.
type moduleVault struct {
	id       armid.ID
	who      []*Principal
	policies []*Policy
}

// bicep writes the plan as modules, one after the other: Bicep deploys to one scope at a time.
func (p *Plan) bicep() string {
	w := &writer{mark: "//"}
	w.head(p)
	for i := range p.Principals {
		w.rest(&p.Principals[i])
	}
	modules := p.modules()
	if len(modules) > 1 {
		w.comment("These are %d files: cut here at each line that begins with // file.", len(modules))
	}
	for i := range modules {
		w.module(&modules[i])
	}
	return w.String()
}

func (p *Plan) modules() (all []module) {
	of := func(scope string) *module {
		id, err := armid.Parse(scope)
		for err == nil && id.Provider() != "" {
			id = id.Parent()
		}
		i := slices.IndexFunc(all, func(m module) bool { return m.scope.Equal(id) })
		if i < 0 {
			i, all = len(all), append(all, module{scope: id})
		}
		return &all[i]
	}
	for i := range p.Principals {
		who := &p.Principals[i]
		for j := range who.Assignments {
			m := of(who.Assignments[j].Scope)
			m.grants = append(m.grants, moduleGrant{who, &who.Assignments[j]})
		}
		for j := range who.Policies {
			m := of(who.Policies[j].VaultID)
			m.add(who, &who.Policies[j])
		}
	}
	slices.SortStableFunc(all, func(a, b module) int { return compareScopes(a.scope.String(), b.scope.String()) })
	return all
}

func (m *module) add(who *Principal, policy *Policy) {
	id, _ := armid.Parse(policy.VaultID)
	i := slices.IndexFunc(m.vaults, func(v moduleVault) bool { return v.id.Equal(id) })
	if i < 0 {
		i, m.vaults = len(m.vaults), append(m.vaults, moduleVault{id: id})
	}
	m.vaults[i].who, m.vaults[i].policies = append(m.vaults[i].who, who), append(m.vaults[i].policies, policy)
}

// module writes one file.
func (w *writer) module(m *module) {
	kind, name, deploy := m.target()
	w.line("")
	w.comment("file %s", name)
	w.comment("az deployment %s --template-file %s", deploy, quoted(name))
	w.line("targetScope = '%s'", kind)
	symbols := &symbols{names: map[string]string{}, used: map[string]bool{}}
	for i := range m.grants {
		g := &m.grants[i]
		id, _ := armid.Parse(g.Scope)
		on := w.existing(symbols, id)
		w.line("")
		w.who(g.who)
		w.why(g.Assignment)
		w.line("resource %s 'Microsoft.Authorization/roleAssignments@2022-04-01' = {", symbols.fresh(g.who.Ref+" "+g.Role))
		at := map[string]string{"resourceGroup": "resourceGroup().id", "subscription": "subscription().id", "tenant": "tenant().tenantId"}[kind]
		if on != "" {
			at = on + ".id"
		}
		w.line("  name: guid(%s, %s, %s)", at, bicepString(g.who.ObjectID), bicepString(g.RoleID))
		if on != "" {
			w.line("  scope: %s", on)
		}
		w.line("  properties: {")
		w.line("    roleDefinitionId: %s('Microsoft.Authorization/roleDefinitions', %s) // %s", map[bool]string{true: "tenantResourceId", false: "subscriptionResourceId"}[kind == "tenant"], bicepString(g.RoleID), oneLine(g.Role))
		w.line("    principalId: %s", bicepString(g.who.ObjectID))
		w.line("    principalType: 'ServicePrincipal'")
		w.line("  }")
		w.line("}")
	}
	for i := range m.vaults {
		w.policies(symbols, &m.vaults[i])
	}
}

// target is the scope of a module's deployment, the name of its file, and how az deploys it.
func (m *module) target() (kind, file, deploy string) {
	subscription := m.scope.Subscription()
	switch {
	case m.scope.IsRoot() || subscription == "":
		return "tenant", "tenant.bicep", "tenant create --location <location>"
	case m.scope.ResourceGroup() == "":
		return "subscription", "subscription-" + subscription + ".bicep", "sub create --subscription " + quoted(subscription) + " --location <location>"
	}
	group := m.scope.ResourceGroup()
	return "resourceGroup", group + ".bicep", "group create --subscription " + quoted(subscription) + " --resource-group " + quoted(group)
}

// policies writes the access policies of a vault. A deployment named add leaves other principals', and
// what a principal has beside, as they are.
func (w *writer) policies(s *symbols, v *moduleVault) {
	on := w.existing(s, v.id)
	w.line("")
	w.comment("this adds permissions; what a principal has beside stays")
	w.line("resource %s 'Microsoft.KeyVault/vaults/accessPolicies@2023-07-01' = {", s.fresh(v.id.Name()+" policies"))
	w.line("  parent: %s", on)
	w.line("  name: 'add'")
	w.line("  properties: {")
	w.line("    accessPolicies: [")
	for i, who := range v.who {
		w.line("      {")
		w.line("        // %s", oneLine(who.Ref))
		w.line("        tenantId: %s", bicepString(who.TenantID))
		w.line("        objectId: %s", bicepString(who.ObjectID))
		w.line("        permissions: {")
		for _, f := range families() {
			list := *v.policies[i].list(f)
			if len(list) == 0 {
				continue
			}
			w.line("          %s: [", f)
			for _, permission := range list {
				w.line("            %s", bicepString(permission))
			}
			w.line("          ]")
		}
		w.line("        }")
		w.line("      }")
	}
	w.line("    ]")
	w.line("  }")
	w.line("}")
}

// existing declares a resource that is there, and what it is part of, and returns its symbol; empty for
// the module's own scope.
func (w *writer) existing(s *symbols, id armid.ID) string {
	if id.Provider() == "" {
		return ""
	}
	if name, ok := s.names[id.Key()]; ok {
		return name
	}
	parent := w.existing(s, id.Parent())
	name := s.fresh(id.Parent().Name() + " " + id.Name())
	if parent == "" {
		name = s.fresh(id.Name())
	}
	s.names[id.Key()] = name
	w.line("")
	w.line("resource %s '%s@%s' existing = {", name, id.Type(), apiVersion(id.Type()))
	if parent != "" {
		w.line("  parent: %s", parent)
	}
	w.line("  name: %s", bicepString(id.Name()))
	w.line("}")
	return name
}

// apiVersion is one that a type has in all clouds.
func apiVersion(resourceType string) string {
	namespace, _, _ := strings.Cut(strings.ToLower(resourceType), "/")
	versions := map[string]string{
		"microsoft.storage": "2023-01-01", "microsoft.keyvault": "2023-07-01", "microsoft.compute": "2023-03-01",
		"microsoft.managedidentity": "2023-01-31", "microsoft.web": "2022-09-01", "microsoft.hybridcompute": "2022-12-27",
		"microsoft.containerservice": "2023-05-01",
	}
	if v, ok := versions[namespace]; ok {
		return v
	}
	return "2021-04-01"
}

// symbols are the names that a file gives to its resources.
type symbols struct {
	// names are those of existing resources, by id; used are all.
	names map[string]string
	used  map[string]bool
}

// fresh makes a symbol of words that nothing else in the file has: letters, digits and
// underscores, a letter first.
func (s *symbols) fresh(words string) string {
	base := identifier(words)
	name := base
	for i := 2; s.used[strings.ToLower(name)]; i++ {
		name = base + "_" + strconv.Itoa(i)
	}
	s.used[strings.ToLower(name)] = true
	return name
}

// bicepString is a string literal.
func bicepString(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '\\' || r == '\'':
			b.WriteString(`\` + string(r))
		case r == '$' && strings.HasPrefix(text[i:], "${"):
			b.WriteString(`\$`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u{%x}`, r)
		default:
			b.WriteRune(r)
		}
	}
	return "'" + b.String() + "'"
}
