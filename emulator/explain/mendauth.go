package explain

import (
	"strings"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/state"
)

// circumstances are sentences about what a refused token says, held against what this world
// wants.
func circumstances(e journal.Entry, w World) (why []string) {
	c := e.Claims
	if c == nil {
		return nil
	}
	var says []string
	add := func(what, value string) {
		if value != "" {
			says = append(says, what+" "+value)
		}
	}
	add("for", c.Audience)
	add("by", c.Issuer)
	add("about the client", c.ClientID)
	add("object", c.ObjectID)
	if c.Subject != c.ObjectID {
		add("about", c.Subject)
	}
	switch {
	case c.Expires.IsZero():
	case c.NotBefore.IsZero():
		says = append(says, "good until "+instant(c.Expires))
	default:
		says = append(says, "good from "+instant(c.NotBefore)+" to "+instant(c.Expires))
	}
	if len(says) > 0 {
		why = append(why, "The token says of itself: "+strings.Join(says, ", ")+".")
	}
	if e.Plane == "entra" {
		return append(why, federations(e, w)...)
	}
	if other := issuedIn(c.Issuer, w.Cloud); other != "" {
		why = append(why, "It is of the cloud "+other+"; this world is of the cloud "+w.Cloud.Name+".")
	}
	if c.TenantID != "" && !w.Tx.Tenants.Has(strings.ToLower(c.TenantID)) {
		why = append(why, "This world has no tenant "+c.TenantID+".")
	}
	if got, ok := w.Cloud.Audience(c.Audience); resourceOf(e.Plane, w) != "" && (!ok || got.Service != serviceOf(e.Plane)) {
		why = append(why, "What was asked is "+service(e.Plane)+", which wants tokens for "+resourceOf(e.Plane, w)+".")
	}
	switch {
	case !c.Expires.IsZero() && !e.Time.Before(c.Expires):
		why = append(why, "It was "+instant(e.Time)+" by the world's clock: the token had expired.")
	case e.Time.Before(c.NotBefore):
		why = append(why, "It was "+instant(e.Time)+" by the world's clock: the token was not good yet.")
	}
	return why
}

func serviceOf(plane string) cloud.Service {
	switch plane {
	case "arm":
		return cloud.ARM
	case "vault":
		return cloud.Vault
	case "graph":
		return cloud.Graph
	}
	return cloud.Storage
}

// issuedIn names the cloud of an issuer that is not of this one.
func issuedIn(issuer string, own *cloud.Cloud) string {
	for _, c := range cloud.All() {
		if c.Name != own.Name && c.IsOwnIssuer(issuer) && !own.IsOwnIssuer(issuer) {
			return c.Name
		}
	}
	return ""
}

// authenticationMend goes by the detail that Storage adds: many failures have one code.
func authenticationMend(e journal.Entry, w World) Mend {
	detail := ""
	for _, f := range e.Details {
		if f.Name == "AuthenticationErrorDetail" {
			detail = f.Value
		}
	}
	account := "ACCOUNT"
	if a, ok := w.Tx.Accounts.Get(accountOf(e)); ok {
		account = a.Name
	}
	keys := []string{"az storage account keys list --account-name " + account}
	const compare = "Compare the string to sign above with the client's, byte by byte. Where they differ, the client signed another request than came " +
		"(a proxy, a header, the order of parameters); where they are the same, the key is not one that the account has now."
	for _, row := range []struct {
		part, text string
		commands   []string
	}{
		{"The MAC signature found", compare, keys},
		{"Signature did not match", compare + " A signature dies with the key that made it.", keys},
		{"Signature not valid in the specified time frame", "Have another signature made, or move the world's clock: it decides.", []string{"linarite clock now"}},
		{"Request date header", "Set the clock of the client: x-ms-date may be 15 minutes off the host's clock.", nil},
		{"Bearer is not supported in this version", "Send x-ms-version: 2017-11-09 or later: before, Storage knew no tokens.", nil},
		{"Bearer is not allowed with HTTP", "Use https: a token is never taken over plain HTTP.", nil},
		{"validation failed", "Get a fresh token for Storage from this world.", tokenCommands(e.Plane, w)},
		{"The access token was missing or malformed", "Send a token after Bearer: what stood there is none.", tokenCommands(e.Plane, w)},
		{"SAS identifier cannot be found", "Set the stored access policy that si names, or have another signature made.", nil},
	} {
		if strings.Contains(detail, row.part) {
			return Mend{row.text, row.commands}
		}
	}
	return Mend{Text: "Have another signature made: what the answer names in this one cannot be right."}
}

// accountOf is the name of the account that a request to Blob storage was about.
func accountOf(e journal.Entry) string {
	_, rest, _ := strings.Cut(e.URL, "://")
	host, path, _ := strings.Cut(rest, "/")
	if name, _, ok := strings.Cut(host, ".blob."); ok {
		return strings.ToLower(name)
	}
	first, _, _ := strings.Cut(path, "/")
	return strings.ToLower(first)
}

func keysMend(e journal.Entry, w World) Mend {
	a, ok := w.Tx.Accounts.Get(accountOf(e))
	m := Mend{Text: "Use a token: the account takes no signatures of its keys, neither in the header nor as a shared access signature."}
	if ok {
		m.Commands = append(tokenCommands(e.Plane, w), "az storage account update --resource-group "+quoted(a.ResourceGroup)+" --name "+a.Name+" --allow-shared-key-access true")
	}
	return m
}

// identityMend says how the machine gets the identity that it asked for.
func identityMend(e journal.Entry, w World) Mend {
	m, ok := w.Tx.Machines.Get(state.ResourceKey(e.Machine))
	if !ok {
		for range w.Tx.Machines.All() {
			return Mend{Text: "Ask from a machine of this world."}
		}
		return Mend{
			"Serve a world with a machine: this one has none, so nobody gets a token here. Code in a cluster or a workflow shows Entra ID a token of another issuer instead.",
			[]string{"linarite federated-token"},
		}
	}
	asked := ""
	for _, name := range []string{"client_id", "object_id", "principal_id", "msi_res_id", "mi_res_id"} {
		if v := parameter(e.URL, name); v != "" {
			asked = v
		}
	}
	if asked == "" {
		return Mend{"Give the machine " + m.Name + " an identity: it has none that could be meant.", []string{assignCommand(m, "")}}
	}
	for i := range w.Tx.Identities.All() {
		if strings.EqualFold(asked, i.ClientID) || strings.EqualFold(asked, i.PrincipalID) || armid.Equal(asked, i.ID) {
			return Mend{"Assign " + i.Name + " to the machine " + m.Name + ": the identity is there, and not assigned to this machine.", []string{assignCommand(m, i.ID)}}
		}
	}
	if p, ok := w.Tx.Principals.Get(strings.ToLower(asked)); ok {
		return Mend{Text: "Ask for an identity of the machine " + m.Name + ": " + p.DisplayName + " is " + kindOf(p) + "."}
	}
	has := []string{}
	for _, id := range m.UserIdentities {
		if i, ok := w.Tx.Identities.Get(state.ResourceKey(id)); ok {
			has = append(has, i.Name+" (client_id="+i.ClientID+")")
		}
	}
	if m.SystemPrincipal != "" {
		has = append(has, "its system-assigned identity (without any selector)")
	}
	if len(has) == 0 {
		has = append(has, "none")
	}
	return Mend{Text: "Mind the id: this world has no such identity. The machine " + m.Name + " has " + strings.Join(has, ", ") + "."}
}

func assignCommand(m state.Machine, identity string) string {
	group := map[state.MachineKind]string{state.MachineVMSS: "vmss", state.MachineAppService: "webapp"}[m.Kind]
	if group == "" {
		group = "vm"
	}
	command := "az " + group + " identity assign --resource-group " + quoted(m.ResourceGroup) + " --name " + quoted(m.Name)
	if identity != "" {
		command += " --identities " + quoted(identity)
	}
	return command
}
