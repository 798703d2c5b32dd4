package explain

import (
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
)

// wordsOf finds the words for a kind that are the same whatever the request was.
func wordsOf(kind apierr.Kind) string {
	for _, words := range []map[apierr.Kind]string{armWords, storageWords, vaultWords, assertionWords, otherWords} {
		if text, ok := words[kind]; ok {
			return text
		}
	}
	return ""
}

// mendOf says what would mend a refusal.
func mendOf(e journal.Entry, w World) Mend {
	if e.Fault != "" {
		return Mend{"Nothing: this was planned, as fault " + e.Fault + ".", []string{"linarite fault list", "linarite fault clear"}}
	}
	switch e.Kind {
	case apierr.ARMForbidden, apierr.ARMLinkedForbidden, apierr.ARMVaultModeForbidden, apierr.VaultRBAC:
		return grantMend(e, w)
	case apierr.StoragePermission:
		if e.Decision == nil {
			return Mend{Text: "Have another signature made: its permissions (sp=" + parameter(e.URL, "sp") + ") do not cover this operation. A signature's letters cannot be changed afterwards."}
		}
		return grantMend(e, w)
	case apierr.VaultNoPolicy, apierr.VaultPolicy:
		return policyMend(e, w)
	case apierr.IMDSIdentityNotFound, apierr.AppServiceIdentity:
		return identityMend(e, w)
	case apierr.IMDSResourceUnknown, apierr.AppServiceAudience, apierr.EntraResource:
		return Mend{Text: "Ask for a service of this cloud, such as " + w.Cloud.ARM.Endpoint + ", " + w.Cloud.Endpoints.Storage + " or " + w.Cloud.Endpoints.Vault +
			": each cloud has its own names. An application of your own must be registered first."}
	case apierr.StorageAuthenticationFailed, apierr.StorageBearerInvalid:
		return authenticationMend(e, w)
	case apierr.StorageKeysForbidden:
		return keysMend(e, w)
	case apierr.EntraFederationIssuer, apierr.EntraFederationKey, apierr.EntraFederationSignature, apierr.EntraFederationMachine:
		return exchangeMend(e, w)
	}
	m := Mend{Text: wordsOf(e.Kind)}
	if wantsToken(e.Kind) {
		m.Commands = tokenCommands(e.Plane, w)
	}
	return m
}

// wantsToken tells whether a token that is right would mend a refusal.
func wantsToken(kind apierr.Kind) bool {
	return slices.Contains([]apierr.Kind{
		apierr.ARMNoHeader, apierr.ARMHeaderInvalid, apierr.ARMTokenInvalid, apierr.ARMTokenExpired, apierr.ARMTokenAudience,
		apierr.VaultNoToken, apierr.VaultTokenUnreadable, apierr.VaultTokenKey, apierr.VaultTokenExpired, apierr.VaultTokenAudience,
		apierr.StorageNoAuthentication, apierr.StorageBearerInvalid,
	}, kind)
}

// resourceOf is the audience that a plane wants of tokens.
func resourceOf(plane string, w World) string {
	switch plane {
	case "arm":
		return w.Cloud.ARM.Endpoint
	case "vault":
		return w.Cloud.Endpoints.Vault
	case "blob", "queue", "table", "file":
		return w.Cloud.Endpoints.Storage
	case "graph":
		return w.Cloud.Endpoints.MicrosoftGraph
	}
	return ""
}

func tokenCommands(plane string, w World) []string {
	resource := resourceOf(plane, w)
	if resource == "" {
		return nil
	}
	return []string{
		"linarite token --resource " + resource,
		"az account get-access-token --resource " + resource,
	}
}

// grantMend says which assignment would allow what was refused.
func grantMend(e journal.Entry, w World) Mend {
	d := e.Decision
	if d == nil || d.Allowed {
		return Mend{}
	}
	if d.Reason == journal.ReasonPending {
		return pendingMend(d, w)
	}
	role, ok := leastRole(right{d.Action, d.Data})
	if !ok {
		return Mend{Text: "No built-in role that Linarite knows grants this: it takes a custom role with " + kindName(d.Data) + " " + d.Action + "."}
	}
	scope := rbac.Place(w.Tx, d.Scope)
	m := Mend{"Assign the role " + role.Name + ": of the built-in roles that grant this, it grants least beside it.", grantCommands(d.Principal, role.Name, scope, w)}
	if !armid.Equal(scope, d.Scope) {
		m.Text += " The scope is the nearest at which one would assign it."
	}
	switch a := d.Assignment; {
	case d.Reason == journal.ReasonElsewhere:
		m.Text += " The assignment that there is counts where it is alone."
	case d.Reason == journal.ReasonCondition && a != nil && a.RoleID == role.ID && armid.Equal(a.Scope, scope) && a.Through == "":
		m.Text = "Take the condition away: delete the assignment, and make it again without one."
		m.Commands = append([]string{
			"linarite revoke " + quoted(reference(d.Principal, w)) + " " + always(role.Name) + " " + quoted(scope),
			"az role assignment delete --assignee " + d.Principal + " --role " + always(role.Name) + " --scope " + quoted(scope),
		}, m.Commands...)
	case d.Reason == journal.ReasonCondition:
		m.Text += " The assignment with the condition may stay."
	}
	return m
}

func kindName(data bool) string {
	if data {
		return "the data action"
	}
	return "the action"
}

func grantCommands(principal, role, scope string, w World) []string {
	return []string{
		"linarite grant " + quoted(reference(principal, w)) + " " + always(role) + " " + quoted(scope),
		"az role assignment create --assignee-object-id " + principal + " --assignee-principal-type ServicePrincipal --role " + always(role) + " --scope " + quoted(scope),
	}
}

// always puts a word of a command in double quotes.
func always(word string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(word) + `"`
}

// quoted puts a word of a command in quotes where a shell would take it apart.
func quoted(word string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/-_.:,+@%=", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !safe(r) }) < 0 {
		return word
	}
	return always(word)
}

// reference names a principal as world files do: by kind and name where that is unique.
func reference(objectID string, w World) string {
	p, ok := w.Tx.Principals.Get(strings.ToLower(objectID))
	if !ok {
		return objectID
	}
	kind, name := "application", p.DisplayName
	switch p.Kind {
	case state.PrincipalSystemAssigned:
		kind, name = "machine", lastSegment(p.ResourceID)
	case state.PrincipalUserAssigned:
		kind, name = "identity", lastSegment(p.ResourceID)
	}
	for other := range w.Tx.Principals.All() {
		if other.ObjectID != p.ObjectID && other.Kind == p.Kind && (strings.EqualFold(other.DisplayName, name) || strings.EqualFold(lastSegment(other.ResourceID), name)) {
			return objectID
		}
	}
	return kind + "/" + name
}

func pendingMend(d *journal.Decision, w World) Mend {
	at, ok := effectiveFrom(d, w)
	if !ok || !w.Now.Before(at) {
		return Mend{Text: "Nothing more: ask again."}
	}
	return Mend{"Nothing but time: clients should try again, as they must in Azure. The world's clock can be moved.",
		[]string{"linarite clock advance " + at.Sub(w.Now).Round(time.Second).String()}}
}

// policyMend says which access policy would do.
func policyMend(e journal.Entry, w World) Mend {
	d := e.Decision
	if d == nil {
		return Mend{}
	}
	_, permission, _ := strings.Cut(d.Action, "/")
	id, err := armid.Parse(d.Scope)
	if err != nil {
		return Mend{}
	}
	for !id.IsRoot() && !strings.EqualFold(id.Type(), "Microsoft.KeyVault/vaults") {
		id = id.Parent()
	}
	vault, _ := w.Tx.Vaults.Get(state.VaultKey(id.Name()))
	permissions := []string{}
	for _, p := range vault.Policies {
		if strings.EqualFold(p.ObjectID, d.Principal) && p.ApplicationID == "" {
			permissions = append(permissions, p.Secrets...)
		}
	}
	if !slices.Contains(permissions, permission) {
		permissions = append(permissions, permission)
	}
	return Mend{"Give the caller an access policy: this vault decides by those and not by roles. The command replaces the list that the caller has, so it repeats it.",
		[]string{"az keyvault set-policy --name " + quoted(id.Name()) + " --object-id " + d.Principal + " --secret-permissions " + strings.Join(permissions, " ")}}
}
