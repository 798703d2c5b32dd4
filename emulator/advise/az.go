package advise

import "strings"

// az writes the plan as commands. Those that take roles away are comments: the journal knows
// what was done, not what will be.
func (p *Plan) az() string {
	w := &writer{mark: "#"}
	w.head(p)
	for i := range p.Principals {
		q := &p.Principals[i]
		w.line("")
		w.who(q)
		for j := range q.Assignments {
			a := &q.Assignments[j]
			w.why(a)
			w.line("az role assignment create --assignee-object-id %s --assignee-principal-type ServicePrincipal --role %s --scope %s",
				quoted(q.ObjectID), quoted(a.Role), quoted(a.Scope))
		}
		for j := range q.Policies {
			v := &q.Policies[j]
			command := "az keyvault set-policy --name " + quoted(v.Vault) + " --object-id " + quoted(q.ObjectID)
			for _, f := range families() {
				if list := *v.list(f); len(list) > 0 {
					command += " --" + flagOf(string(f)) + "-permissions " + strings.Join(list, " ")
				}
			}
			w.comment("  this replaces the permissions that it has on what is named, and leaves others")
			w.line("%s", command)
		}
		w.rest(q)
		for _, h := range q.Surplus {
			if h.Group == "" {
				w.comment("az role assignment delete --ids %s", quoted(strings.TrimSuffix(h.Scope, "/")+"/providers/Microsoft.Authorization/roleAssignments/"+h.ID))
			}
		}
	}
	return w.String()
}

// flagOf is the family's word in the flags of az keyvault set-policy: the singular.
func flagOf(family string) string {
	return map[string]string{"keys": "key", "secrets": "secret", "certificates": "certificate", "storage": "storage"}[family]
}

// quoted makes one word of a POSIX shell of any text.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/-_.:,+@%=", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
