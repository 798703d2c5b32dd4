package apply_test

import (
	"strings"
	"testing"

	"github.com/linarite/linarite/conformance/apply"
	"github.com/linarite/linarite/fixtures/world"
)

// head begins a world file of one subscription.
const head = `schema: linarite/world/1
tenant: {id: aaaabbbb-0000-cccc-1111-dddd2222eeee, applications: [{name: app, clientId: 22222222-2222-3333-4444-555555555555}], groups: [{name: people}]}
subscriptions:
  - id: aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e
    groups:
      - name: g
`

func TestPlan(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		naming apply.Naming
		steps  string
		not    string
	}{
		"a group alone": {head, apply.Naming{}, "resource group g", "tenant group people|application app"},
		"in order": {head + `        identities: [{name: one}]
        machines: [{name: m, identity: {system: true, user: [one]}}]
        storage: [{name: sss, containers: [{name: ccc, blobs: [{name: b, text: x}]}]}]
        vaults: [{name: vvv, mode: policy, policies: [{principal: machine/m, secrets: [get]}], secrets: [{name: s, value: x}]}]
roles: [{name: Own, actions: ["*"]}]
grants: [{principal: identity/one, role: Own, scope: g/sss}]
`, apply.Naming{Suffix: "x7"}, "resource group g|custom role Own|identity g/one|system-assigned identity g/m|identity of machine g/m: one|" +
			"storage account sssx7|container sssx7/ccc|blob sssx7/ccc/b|vault vvvx7|access policy vvvx7: machine/m|secret vvvx7/s|grant identity/one: Own at g/sss",
			"machine g/m|tenant group people|application app"},
		"what cannot be": {head + `        identities: [{name: one, clientId: 33333333-2222-3333-4444-555555555555, federated: [{name: fed, issuer: "https://i.example.com", subject: s}]}]
        machines: [{name: site, kind: appservice, identity: {system: true}}]
        storage: [{name: sss, keys: [a2V5]}]
        vaults: [{name: vvv, mode: policy, policies: [{principal: group/people, secrets: [get]}], secrets: [{name: s, value: x, version: 7c2204c6093c4d859bc5b9eff8f29050}], keys: [{name: k}], certificates: [{name: c}]}]
grants: [{principal: application/app, role: Reader, scope: g}, {principal: machine/site, role: Reader, scope: g}]
switches: {rolePropagation: 5m, imdsReadyAfter: 3s}
issuers: [{url: "https://i.example.com", file: keys.json}]
`, apply.Naming{}, "resource group g|identity g/one|federated credential g/one/fed|storage account sss|vault vvv|secret vvv/s",
			"the keys of the issuer https://i.example.com|the client and object ids of identity g/one|machine g/site|the keys of storage account sss|access policy vvv: group/people|" +
				"the version of secret vvv/s|key vvv/k|certificate vvv/c|grant application/app: Reader at g|grant machine/site: Reader at g|tenant group people|application app|switches"},
		"who applies is known": {head + "grants: [{principal: application/app, role: Reader, scope: g}]\n",
			apply.Naming{Application: "22222222-2222-3333-4444-555555555555"}, "resource group g|grant application/app: Reader at g", "tenant group people|application app"},
		"real Azure": {head + `        identities: [{name: one, federated: [{name: fed, issuer: "https://i.example.com", subject: s}]}]
        vaults: [{name: vvv, softDelete: false}]
`, apply.Naming{Azure: true}, "resource group g|identity g/one|federated credential g/one/fed|vault vvv", "softDelete: false of vault vvv|tenant group people|application app"},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := world.Decode("w", []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			c.naming.Name = "w"
			p, err := apply.New(w, c.naming)
			if err != nil {
				t.Fatal(err)
			}
			var steps, not []string
			for _, s := range p.Steps {
				steps = append(steps, s.String())
			}
			for _, n := range p.Not {
				not = append(not, n.What)
				if n.Why == "" {
					t.Errorf("%s: nobody knows why", n.What)
				}
			}
			if got := strings.Join(steps, "|"); got != c.steps {
				t.Errorf("steps %s\nwant  %s", got, c.steps)
			}
			if got := strings.Join(not, "|"); got != c.not {
				t.Errorf("not  %s\nwant %s", got, c.not)
			}
			var out strings.Builder
			p.Print(&out)
			for _, s := range append(steps, not...) {
				if !strings.Contains(out.String(), s) {
					t.Errorf("%s is not in what is printed", s)
				}
			}
			if strings.Contains(out.String(), "US dollars") != p.Azure || p.Cost() <= 0 {
				t.Errorf("the cost is missing, or there is none:\n%s", out.String())
			}
		})
	}
}

func TestPlanRefuses(t *testing.T) {
	for text, c := range map[string]struct {
		naming apply.Naming
		part   string
	}{
		head:       {apply.Naming{}, "has a name"},
		head + " ": {apply.Naming{Name: "wörld"}, "of ASCII"},
		head + "  - id: bbbb0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e\n":      {apply.Naming{Name: "w", Subscription: "x"}, "has 2 subscriptions"},
		"schema: linarite/world/1\nsubscriptions: [{}]\n":            {apply.Naming{Name: "w"}, "--subscription"},
		head + "        storage: [{name: sss}]\n":                    {apply.Naming{Name: "w", Suffix: "A-"}, "lower-case"},
		head + "        storage: [{name: abcdefghijklmnopqrstuv}]\n": {apply.Naming{Name: "w", Suffix: "xyz"}, "shorter --suffix"},
	} {
		w, err := world.Decode("w", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := apply.New(w, c.naming); err == nil || !strings.Contains(err.Error(), c.part) {
			t.Errorf("%+v: %v, want %q", c.naming, err, c.part)
		}
	}
}
