package arm

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/blobstore"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/vaultstore"
	"github.com/linarite/linarite/emulator/wire"
)

// deleteGroup deletes a group with everything in it. Members are gone at once; the group
// shows itself as Deleting for as long as the world's switch says, and is gone then.
func deleteGroup(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	g, err := findGroup(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	if g.Deleting() {
		return wire.Response{}, wire.Refuse(apierr.ARMGroupDeleting, g.Name)
	}
	id := armid.Group(g.SubscriptionID, g.Name)
	emptyGroup(tx, g)
	forgetAssignments(tx, id.String())
	g.GoneAt = c.Now.Add(tx.Switches().EventualDelete)
	tx.ResourceGroups.Put(g)
	op := start(c, tx, "delete-group", id.String(), g.GoneAt)
	return accepted(c, armid.Subscription(g.SubscriptionID).String()+"/operationresults/"+jobToken(g, op)), nil
}

// jobToken is the last segment of a deletion's poll URL, in the form that the service
// gives it, with the operation's id beside.
func jobToken(g state.ResourceGroup, op state.LongRunning) string {
	var name strings.Builder
	for _, r := range strings.ToUpper(g.Name) {
		switch {
		case r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			name.WriteRune(r)
		default:
			name.WriteString(escaped(string(r)))
		}
	}
	token, err := json.Marshal(struct {
		JobID    string `json:"jobId"`
		Location string `json:"jobLocation"`
		ID       string `json:"id"`
	}{"RESOURCEGROUPDELETIONJOB-" + name.String() + "-" + strings.ToUpper(g.Location), g.Location, op.ID})
	if err != nil {
		return op.ID // cannot happen: three strings
	}
	return base64.RawURLEncoding.EncodeToString(token)
}

func escaped(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(':')
		b.WriteByte(hex[s[i]>>4])
		b.WriteByte(hex[s[i]&15])
	}
	return b.String()
}

// pollGroupDeletion reads the operation's id out of the token.
func pollGroupDeletion(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	raw, err := base64.RawURLEncoding.DecodeString(c.Var("token"))
	var token struct {
		ID string `json:"id"`
	}
	if err != nil || json.Unmarshal(raw, &token) != nil {
		return wire.Response{}, wire.Refuse(apierr.ARMNotFound, c.Path)
	}
	op, ok := tx.LongRunning.Get(token.ID)
	if !ok || op.SubscriptionID != strings.ToLower(c.Var("subscription")) {
		return wire.Response{}, wire.Refuse(apierr.ARMNotFound, c.Path)
	}
	if c.Now.Before(op.Done) {
		return accepted(c, c.Request.URL.EscapedPath()), nil
	}
	return wire.Response{}, nil
}

// emptyGroup deletes every resource of a group.
func emptyGroup(tx *state.Tx, g state.ResourceGroup) {
	inGroup := armid.Group(g.SubscriptionID, g.Name).Key() + "/"
	for _, m := range tx.Machines.DeletePrefix(inGroup) {
		tx.Principals.Delete(m.SystemPrincipal)
	}
	for _, i := range tx.Identities.DeletePrefix(inGroup) {
		tx.Principals.Delete(i.PrincipalID)
	}
	var accounts, vaults []string
	for a := range tx.AccountsIn(g.SubscriptionID, g.Name) {
		accounts = append(accounts, a.Name)
	}
	for v := range tx.VaultsIn(g.SubscriptionID, g.Name) {
		vaults = append(vaults, v.Name)
	}
	for _, name := range accounts {
		removeAccount(tx, name)
	}
	for _, name := range vaults {
		removeVault(tx, name)
	}
}

// removeAccount deletes a storage account with its data.
func removeAccount(tx *state.Tx, name string) {
	blobstore.DeleteAll(tx, strings.ToLower(name))
	tx.Accounts.Delete(strings.ToLower(name))
}

// removeVault deletes a vault with its secrets.
func removeVault(tx *state.Tx, name string) {
	vaultstore.Clear(tx, name)
	tx.Vaults.Delete(strings.ToLower(name))
}

// forgetAssignments deletes the role assignments at a scope and below it: they go with
// what they were made on.
func forgetAssignments(tx *state.Tx, scope string) {
	var gone []string
	for a := range tx.Assignments.All() {
		if armid.Contains(scope, a.Scope) {
			gone = append(gone, strings.ToLower(a.ID))
		}
	}
	for _, id := range gone {
		tx.Assignments.Delete(id)
	}
}
