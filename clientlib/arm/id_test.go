package arm_test

import (
	"strings"
	"testing"

	"github.com/linarite/linarite/clientlib/arm"
)

func TestParseID(t *testing.T) {
	for id, want := range map[string]arm.Parts{
		"/subscriptions/s":                                    {Subscription: "s"},
		"/subscriptions/s/resourcegroups/g/":                  {Subscription: "s", Group: "g"},
		"/SUBSCRIPTIONS/s/resourceGroups/G/providers/A.B/c/d": {Subscription: "s", Group: "G", Scope: "/SUBSCRIPTIONS/s/resourceGroups/G", Type: "A.B/c", Name: "d"},
		"/subscriptions/s/resourceGroups/g/providers/A.B/c/d/e/f": {
			Subscription: "s", Group: "g", Scope: "/subscriptions/s/resourceGroups/g", Type: "A.B/c/e", Name: "f"},
		"/subscriptions/s/resourceGroups/providers/providers/A.B/c/providers/providers/X.Y/r/n": {
			Subscription: "s", Group: "providers", Scope: "/subscriptions/s/resourceGroups/providers/providers/A.B/c/providers", Type: "X.Y/r", Name: "n"},
		"/subscriptions/s/providers/X.Y/roleDefinitions/n":    {Subscription: "s", Scope: "/subscriptions/s", Type: "X.Y/roleDefinitions", Name: "n"},
		"/providers/X.Y/roleDefinitions/n":                    {Scope: "/", Type: "X.Y/roleDefinitions", Name: "n"},
		"/providers/M.M/managementGroups/m/providers/X.Y/r/n": {Scope: "/providers/M.M/managementGroups/m", Type: "X.Y/r", Name: "n"},
	} {
		if got, err := arm.ParseID(id); err != nil || got != want {
			t.Errorf("%s: %+v, %v", id, got, err)
		}
	}
	for _, id := range []string{"", "/", "//", "subscriptions/s", "/subscriptions", "/subscriptions//resourceGroups/g", "/subscriptions/s/resourceGroups",
		"/subscriptions/s/x/y", "/subscriptions/s/providers", "/subscriptions/s/providers/A.B", "/subscriptions/s/providers/A.B/c",
		"/subscriptions/s/providers/A.B/c/d/e", "https://management.azure.com/subscriptions/s"} {
		if got, err := arm.ParseID(id); err == nil {
			t.Errorf("%q is no id, and is %+v", id, got)
		}
	}
}

// FuzzParseID: what is parsed can be put together again, as far as its parts tell.
func FuzzParseID(f *testing.F) {
	f.Add("/subscriptions/s/resourceGroups/g/providers/A.B/c/d/e/f")
	f.Add("/providers/providers/providers/providers/providers")
	f.Add("/subscriptions//")
	f.Fuzz(func(t *testing.T, id string) {
		p, err := arm.ParseID(id)
		if err != nil {
			return
		}
		back := arm.ID("subscriptions", p.Subscription)
		if p.Group != "" {
			back += arm.ID("resourceGroups", p.Group)
		}
		if p.Type != "" {
			if strings.Count(p.Type, "/") > 1 {
				return // the names of parents are not kept
			}
			back = strings.TrimSuffix(p.Scope, "/") + "/providers/" + p.Type + "/" + p.Name
		}
		if !arm.SameID(back, id) {
			t.Errorf("%q is put together as %q", id, back)
		}
	})
}
