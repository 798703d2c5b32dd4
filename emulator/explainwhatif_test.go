package emulator_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/explain"
	"github.com/linarite/linarite/emulator/journal"
)

// Whatever grant an explanation recommends would do: asked what if, it says so.
func TestWhatIsRecommendedWouldDo(t *testing.T) {
	recommended := 0
	for _, a := range acts() {
		switch a.kind {
		case apierr.ARMForbidden, apierr.ARMLinkedForbidden, apierr.ARMVaultModeForbidden, apierr.VaultRBAC, apierr.StoragePermission:
		default:
			continue
		}
		s := stage(t, a.world)
		a.play(s)
		i := slices.IndexFunc(s.explained().Mend.Commands, func(c string) bool { return strings.HasPrefix(c, "linarite grant ") })
		if i < 0 {
			continue
		}
		recommended++
		command := s.explained().Mend.Commands[i]
		g, err := explain.ParseGrant(strings.TrimPrefix(command, "linarite grant "))
		if err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		x, err := s.emu.ExplainWith("last", emulator.ExplainOptions{WhatIf: &g})
		if err != nil || x.WhatIf == nil || !x.WhatIf.Allowed || x.WhatIf.Text != "With this grant it would be allowed." {
			t.Errorf("%s: %s: %+v %v", a.name(), command, x.WhatIf, err)
		}
		if x.Decision.Allowed {
			t.Errorf("%s: asking changed what was decided", a.name())
		}
	}
	if recommended < 10 {
		t.Errorf("only %d acts end in the recommendation of a grant", recommended)
	}
}

func TestWhatIf(t *testing.T) {
	const storage = "/providers/Microsoft.Storage/storageAccounts/tutorialstore"
	s := stage(t, "")
	s.data("DELETE", "/files/hello_world.txt", "") // refused: the machine only reads
	for grant, want := range map[string]string{
		`machine/tutorial-vm "Storage Blob Data Contributor" DevTest/tutorialstore/files`: "With this grant it would be allowed.",
		`machine/tutorial-vm Storage Blob Data Owner subscription`:                        "With this grant it would be allowed.",
		`MACHINE/DevTest/TUTORIAL-VM 'storage blob data contributor' devtest`:             "With this grant it would be allowed.",
		`machine/tutorial-vm ba92f5b4-2d11-453d-a403-e96b0029c9fe ` + devTest + storage:   "With this grant it would be allowed.",
		`machine/tutorial-vm Owner /`:                                                     "Not even Owner opens what is inside.",
		`machine/tutorial-vm "Storage Blob Data Reader" DevTest/tutorialstore`:            "It would still be refused.",
		`machine/tutorial-vm "Storage Blob Data Contributor" DevTest/devstoreaccount1`:    "but at another scope",
		`identity/tutorial-id "Storage Blob Data Contributor" DevTest`:                    "the grant is about somebody else than the caller",
		`application/linarite-admin "Storage Blob Data Contributor" DevTest`:              "the grant is about somebody else than the caller",
		tutorialID + ` "Storage Blob Data Contributor" DevTest`:                           "the grant is about somebody else than the caller",
		`machine/nobody Reader DevTest`:                                                   "! there is no machine",
		`machine/tutorial-vm "No Such Role" DevTest`:                                      "! no role is called",
		`machine/tutorial-vm Reader Nowhere`:                                              "! there is no resource group",
		`machine/tutorial-vm Reader DevTest/tutorialstore/a/b`:                            "! leads nowhere",
		`machine/tutorial-vm Reader /subscriptions`:                                       "! scope",
	} {
		g, err := explain.ParseGrant(grant)
		if err != nil {
			t.Errorf("%s: %v", grant, err)
			continue
		}
		x, err := s.emu.ExplainWith("last", emulator.ExplainOptions{WhatIf: &g})
		if part, wrong := strings.CutPrefix(want, "! "); wrong {
			if !errors.Is(err, explain.ErrGrant) || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v, want %q", grant, err, part)
			}
			continue
		}
		if err != nil || !strings.Contains(x.WhatIf.Text, want) || x.WhatIf.Allowed != strings.HasPrefix(want, "With") || !strings.Contains(x.String(), "What if") {
			t.Errorf("%s: %+v %v\nwant %q", grant, x.WhatIf, err, want)
		}
	}
}

// What no role decides, no grant changes; what was granted since is allowed by now.
func TestWhatIfChangesNothing(t *testing.T) {
	grant := &explain.Grant{Principal: "identity/nobody", Role: "Key Vault Administrator", Scope: "subscription"}
	ask := func(s *scene, want string) {
		t.Helper()
		x, err := s.emu.ExplainWith("last", emulator.ExplainOptions{WhatIf: grant})
		if err != nil || x.WhatIf.Allowed == strings.HasPrefix(want, "No") || !strings.HasPrefix(x.WhatIf.Text, want) {
			t.Errorf("%+v %v, want %s", x.WhatIf, err, want)
		}
	}
	s := stage(t, vaultsWorld)
	s.secret("polvault", nobody, "GET", "/secrets/One", "")
	ask(s, "No role changes this: the vault decides by its access policies.")
	s.ask("GET", s.vault("polvault", "/secrets/One"), "")
	ask(s, "No role changes this: the request was answered before")
	s = stage(t, grantsWorld)
	grant = &explain.Grant{Principal: "group/outer", Role: "Lister", Scope: "rg1"}
	s.own("GET", rg1Path, "")
	ask(s, "With this grant it would be allowed.")
	s.owner("PUT", rg1Path+assignments+"/"+guid(1)+newest, grantBody(readerRole, claim(t, strings.TrimPrefix(s.token(armResource, ""), "Authorization: Bearer "), "oid"), ""))
	ask(s, "It is allowed by now, without this grant")
}

func TestParseGrant(t *testing.T) {
	for text, want := range map[string]explain.Grant{
		`p Reader s`:          {Principal: "p", Role: "Reader", Scope: "s"},
		` p  "A B"  s `:       {Principal: "p", Role: "A B", Scope: "s"},
		`p A B s`:             {Principal: "p", Role: "A B", Scope: "s"},
		`"p q" 'A "B"' "s t"`: {Principal: "p q", Role: `A "B"`, Scope: "s t"},
	} {
		if got, err := explain.ParseGrant(text); err != nil || got != want {
			t.Errorf("%s: %+v %v", text, got, err)
		}
	}
	for _, text := range []string{"", "p", "p Reader", `p "Reader s`} {
		if got, err := explain.ParseGrant(text); !errors.Is(err, explain.ErrGrant) {
			t.Errorf("%s: %+v %v", text, got, err)
		}
	}
}

// An exchange is found by number, by the answer's id, or as the last refusal.
func TestWhichRequestIsExplained(t *testing.T) {
	s := stage(t, "")
	if _, err := s.emu.Explain("last"); !errors.Is(err, emulator.ErrNoRequest) || !strings.Contains(err.Error(), "nothing was refused") {
		t.Error(err)
	}
	refused := s.ask("GET", "https://management.azure.com/x", "")
	allowed := s.own("GET", devTest, "")
	for id, want := range map[string]uint64{
		"last": 1, "": 1, "LAST": 1, "1": 1, "2": 2, "3": 3,
		refused.header["x-ms-request-id"][0]:                  1,
		strings.ToUpper(allowed.header["x-ms-request-id"][0]): 3,
	} {
		if x, err := s.emu.Explain(id); err != nil || x.Seq != want {
			t.Errorf("%q: %d %v", id, x.Seq, err)
		}
	}
	for _, id := range []string{"4", "0", "nothing"} {
		if _, err := s.emu.Explain(id); !errors.Is(err, emulator.ErrNoRequest) {
			t.Errorf("%q: %v", id, err)
		}
	}
	x, err := s.emu.Explain("3")
	if want := "Allowed by  Reader at /subscriptions/"; err != nil || x.Refused || !strings.Contains(x.String(), want) || !strings.HasPrefix(x.String(), "Request 3 was answered: 200\n") || x.Mend.Text != "" {
		t.Errorf("%v %s", err, x)
	}
}

// Every rule that a decision can name is in the book, and so is every refusal's.
func TestRulesOfExplanationsAreThere(t *testing.T) {
	book := rulebook(t)
	for _, r := range journal.Reasons() {
		for _, data := range []bool{false, true} {
			for _, at := range []string{subPath + "/resourceGroups/a", subPath + "/resourceGroups/b/providers/Microsoft.KeyVault/vaults/v", "/subscriptions/other"} {
				for _, scope := range []string{subPath, subPath + "/resourceGroups/b"} {
					d := journal.Decision{Reason: r, Data: data, Scope: scope, Assignment: &journal.Assignment{Scope: at}}
					if _, ok := book(d.Rule()); !ok && r != journal.ReasonPolicy {
						t.Errorf("%s: no rule %q", r, d.Rule())
					}
				}
			}
		}
	}
	// The texts name no rule without its sentence.
	bare := regexp.MustCompile(`(?m)^Rule +[A-Z0-9-]+$`)
	for _, a := range []act{identityActs()[0], storageAccessActs()[0]} {
		s := stage(t, a.world)
		a.play(s)
		if text := s.explained().String(); bare.MatchString(text) || !strings.Contains(text, "\nRule  ") {
			t.Errorf("%s", text)
		}
		x, err := s.emu.Explain("last")
		if text := x.String(); err != nil || !bare.MatchString(text) {
			t.Errorf("without a book: %v %s", err, text)
		}
	}
}
