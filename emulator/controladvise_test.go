package emulator_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/advise"
)

// What the control API advises is what Advise does, in the format asked for.
func TestControlAdvise(t *testing.T) { onCarriers(t, checkControlAdvise) }

func checkControlAdvise(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	arm := bearer(r.machineToken(armResource, ""))
	r.want("group", r.get(r.arm(subPath+"/resourceGroups/DevTest?api-version=2021-04-01"), arm), 200)
	r.want("another", r.put(r.arm(subPath+"/resourceGroups/new?api-version=2021-04-01"), `{"location":"westus"}`, arm), 403)
	for _, query := range []string{"", "?include-refused=true", "?principal=machine/tutorial-vmss"} {
		var got advise.Plan
		a := r.must(nil, 200, "GET", "advise"+query, "")
		if err := json.Unmarshal([]byte(a.body), &got); err != nil {
			t.Fatal(err)
		}
		roles := ""
		for _, p := range got.Principals {
			for _, as := range p.Assignments {
				roles += as.Role + " "
			}
		}
		if want := map[string]string{"": "Reader ", "?include-refused=true": "Contributor "}[query]; roles != want {
			t.Errorf("%s: %q, want %q", query, roles, want)
		}
	}
	for format, part := range map[string]string{"az": "az role assignment create ", "bicep": "targetScope = 'resourceGroup'", "terraform": `resource "azurerm_role_assignment"`} {
		if a := r.must(nil, 200, "GET", "advise?format="+format, ""); !strings.Contains(a.body, part) || a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s: %v %s", format, a.header, a.body)
		}
	}
	for query, want := range map[string]string{"format=yaml": `there is no format`, "narrowest=1": "want true or false", "merge=two": "want a number"} {
		r.refuses(400, "InvalidQuery", want, "GET", "advise?"+query, "")
	}
	r.refuses(400, "InvalidRequest", "2 or more", "GET", "advise?merge=1", "")
	r.refuses(400, "InvalidRequest", "there is no machine", "GET", "advise?principal=machine/x", "")
}
