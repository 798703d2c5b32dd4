package advise

import (
	"fmt"
	"strings"

	"github.com/linarite/linarite/emulator/vaultstore"
)

// terraform writes the plan for the provider azurerm.
func (p *Plan) terraform() string {
	w := &writer{mark: "#"}
	w.head(p)
	used := &symbols{used: map[string]bool{}}
	for i := range p.Principals {
		q := &p.Principals[i]
		for j := range q.Assignments {
			a := &q.Assignments[j]
			w.line("")
			w.who(q)
			w.why(a)
			w.line("resource \"azurerm_role_assignment\" \"%s\" {", used.fresh(q.Ref+" "+a.Role+" "+a.Scope[strings.LastIndexByte(a.Scope, '/')+1:]))
			w.line("  scope                = %s", hclString(a.Scope))
			w.line("  role_definition_name = %s", hclString(a.Role))
			w.line("  principal_id         = %s", hclString(q.ObjectID))
			w.line("  principal_type       = \"ServicePrincipal\"")
			w.line("}")
		}
		for j := range q.Policies {
			v := &q.Policies[j]
			w.line("")
			w.who(q)
			w.line("resource \"azurerm_key_vault_access_policy\" \"%s\" {", used.fresh(q.Ref+" "+v.Vault))
			w.line("  key_vault_id = %s", hclString(v.VaultID))
			w.line("  tenant_id    = %s", hclString(q.TenantID))
			w.line("  object_id    = %s", hclString(q.ObjectID))
			for _, f := range families() {
				if list := *v.list(f); len(list) > 0 {
					var words []string
					for _, permission := range list {
						words = append(words, hclString(terraformPermission(permission)))
					}
					w.line("")
					w.line("  %s_permissions = [%s]", terraformFamily(f), strings.Join(words, ", "))
				}
			}
			w.line("}")
		}
		w.rest(q)
	}
	return w.String()
}

func terraformFamily(f vaultstore.Family) string { return flagOf(string(f)) }

// terraformPermission spells a permission as azurerm does: each of its words with a capital.
func terraformPermission(permission string) string {
	words := map[string]string{
		"deleteissuers": "DeleteIssuers", "getissuers": "GetIssuers", "listissuers": "ListIssuers", "managecontacts": "ManageContacts",
		"manageissuers": "ManageIssuers", "setissuers": "SetIssuers", "getrotationpolicy": "GetRotationPolicy", "setrotationpolicy": "SetRotationPolicy",
		"deletesas": "DeleteSAS", "getsas": "GetSAS", "listsas": "ListSAS", "setsas": "SetSAS", "regeneratekey": "RegenerateKey",
	}
	if word, ok := words[permission]; ok {
		return word
	}
	return strings.ToUpper(permission[:1]) + permission[1:]
}

// identifier makes a name for Bicep and Terraform of any words: letters, digits and underscores, a
// letter first.
func identifier(words string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, words)
	name = strings.Trim(name, "_")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "r_" + name
	}
	return strings.ToLower(name)
}

// hclString is a string literal in which nothing is a template.
func hclString(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case (r == '$' || r == '%') && strings.HasPrefix(text[i+1:], "{"):
			b.WriteString(string(r) + string(r))
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}
