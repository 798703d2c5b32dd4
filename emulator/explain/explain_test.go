package explain

import (
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/state"
)

// The role recommended grants least: what people would have chosen by hand.
func TestLeastRole(t *testing.T) {
	const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/"
	for want, rights := range map[string][]right{
		"Reader":      {{"Microsoft.Resources/subscriptions/resourceGroups/read", false}, {"Microsoft.Compute/virtualMachines/read", false}},
		"Contributor": {{"Microsoft.Resources/subscriptions/resourceGroups/write", false}, {"Microsoft.Resources/subscriptions/resourceGroups/delete", false}},
		"Role Based Access Control Administrator":   {{"Microsoft.Authorization/roleAssignments/write", false}},
		"Storage Blob Data Reader":                  {{blobs + "read", true}},
		"Storage Blob Data Contributor":             {{blobs + "write", true}, {blobs + "delete", true}, {blobs + "add/action", true}},
		"Storage Blob Data Owner":                   {{blobs + "tags/write", true}},
		"Storage Account Key Operator Service Role": {{"Microsoft.Storage/storageAccounts/listKeys/action", false}},
		"Key Vault Secrets User":                    {{"Microsoft.KeyVault/vaults/secrets/getSecret/action", true}},
		"Key Vault Reader":                          {{"Microsoft.KeyVault/vaults/secrets/readMetadata/action", true}}, // whoever lists need not read
		"Key Vault Secrets Officer":                 {{"Microsoft.KeyVault/vaults/secrets/setSecret/action", true}},
		"Managed Identity Operator":                 {{"Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", false}},
		"Managed Identity Contributor":              {{"Microsoft.ManagedIdentity/userAssignedIdentities/write", false}},
		"Virtual Machine Contributor":               {{"Microsoft.Compute/virtualMachines/write", false}},
		"":                                          {{"Microsoft.Nobody/things/data/read", true}},
	} {
		for _, r := range rights {
			role, found := leastRole(r)
			if role.Name != want || found != (want != "") {
				t.Errorf("%+v: %q, want %q", r, role.Name, want)
			}
		}
	}
}

func emptyWorld() World {
	w := World{Cloud: cloud.Public()}
	state.New().View(func(tx *state.Tx) { w.Tx = tx })
	return w
}

func TestEveryReasonHasWords(t *testing.T) {
	seen := map[string]journal.Reason{}
	for _, r := range journal.Reasons() {
		for _, data := range []bool{false, true} {
			d := &journal.Decision{Reason: r, Data: data, Allowed: r == journal.ReasonAllowed, Considered: 1, Assignment: &journal.Assignment{Role: "ROLE"}}
			words := reasonText(d, emptyWorld())
			if words == "" || seen[words] != "" && seen[words] != r {
				t.Errorf("%s: %q, as %s", r, words, seen[words])
			}
			seen[words] = r
		}
	}
}

func TestQuoted(t *testing.T) {
	for in, want := range map[string]string{
		"machine/vm": "machine/vm", "my(group)": `"my(group)"`, "": `""`, "a b": `"a b"`, `$(x)"\` + "`": `"\$(x)\"\\` + "\\`\"",
	} {
		if got := quoted(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// An exchange with a world that has nothing in it any more is explained all the same.
func TestNothingIsLeft(t *testing.T) {
	w := emptyWorld()
	for _, reason := range journal.Reasons() {
		for _, kind := range append(apierr.Kinds(), "fault", "no.Such") {
			e := journal.Entry{
				Status: 403, Plane: "arm", Principal: "gone", Machine: "/gone", URL: "https://h/p?sig=REDACTED", Kind: kind,
				Decision: &journal.Decision{Reason: reason, Principal: "gone", Action: "Microsoft.Compute/virtualMachines/read", Scope: "nonsense"},
			}
			_ = Of(e, w).String()
			e.Decision.Assignment = &journal.Assignment{ID: "gone", Role: "Reader", Scope: "/subscriptions/s", Through: "gone"}
			if text := Of(e, w).String(); !strings.Contains(text, "does not know (any more)") {
				t.Errorf("%s, %s: %s", reason, kind, text)
			}
			e.Decision = nil
			_ = Of(e, w).String()
		}
	}
}

// Who asks for a machine's token where there is no machine, as in a world for a cluster, is not
// sent to look for one.
func TestNoMachineInTheWorld(t *testing.T) {
	m := identityMend(journal.Entry{}, emptyWorld())
	if !strings.Contains(m.Text, "this one has none") || len(m.Commands) != 1 || m.Commands[0] != "linarite federated-token" {
		t.Errorf("%+v", m)
	}
}
