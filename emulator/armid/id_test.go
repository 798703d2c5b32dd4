package armid_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/armid"
)

const (
	sub   = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
	guid  = "11111111-2222-3333-4444-555555555555"
	group = sub + "/resourceGroups/DevTest"
	vm    = group + "/providers/Microsoft.Compute/virtualMachines/vm1"
	blobs = group + "/providers/Microsoft.Storage/storageAccounts/acct/blobServices/default"
	role  = "/providers/Microsoft.Authorization/roleAssignments/" + guid
)

func TestParse(t *testing.T) {
	tests := []struct {
		in, text, subscription, group, provider, kind, name, parent string
	}{
		{in: "/", text: "/", kind: "Microsoft.Resources/tenants", parent: "/"},
		{in: "//", text: "/", kind: "Microsoft.Resources/tenants", parent: "/"},
		{in: sub, text: sub, subscription: sub[15:], kind: "Microsoft.Resources/subscriptions", name: sub[15:], parent: "/"},
		{in: "/" + sub, text: sub, subscription: sub[15:], kind: "Microsoft.Resources/subscriptions", name: sub[15:], parent: "/"},
		{in: "/SUBSCRIPTIONS" + sub[14:] + "/", text: sub, subscription: sub[15:], kind: "Microsoft.Resources/subscriptions", name: sub[15:], parent: "/"},
		{in: group + " ", text: group, subscription: sub[15:], group: "DevTest", kind: "Microsoft.Resources/resourceGroups", name: "DevTest", parent: sub},
		{in: sub + "/resourcegroups/DevTest/", text: group, subscription: sub[15:], group: "DevTest", kind: "Microsoft.Resources/resourceGroups", name: "DevTest", parent: sub},
		{in: strings.ToLower(vm), text: sub + "/resourceGroups/devtest/providers/microsoft.compute/virtualmachines/vm1",
			subscription: sub[15:], group: "devtest", provider: "microsoft.compute", kind: "microsoft.compute/virtualmachines", name: "vm1", parent: sub + "/resourceGroups/devtest"},
		{in: vm, text: vm, subscription: sub[15:], group: "DevTest", provider: "Microsoft.Compute", kind: "Microsoft.Compute/virtualMachines", name: "vm1", parent: group},
		{in: blobs, text: blobs, subscription: sub[15:], group: "DevTest", provider: "Microsoft.Storage", kind: "Microsoft.Storage/storageAccounts/blobServices", name: "default",
			parent: group + "/providers/Microsoft.Storage/storageAccounts/acct"},
		{in: blobs + "/containers/files" + role, text: blobs + "/containers/files" + role, subscription: sub[15:], group: "DevTest", provider: "Microsoft.Authorization",
			kind: "Microsoft.Authorization/roleAssignments", name: guid, parent: blobs + "/containers/files"},
		{in: sub + role, text: sub + role, subscription: sub[15:], provider: "Microsoft.Authorization", kind: "Microsoft.Authorization/roleAssignments", name: guid, parent: sub},
		{in: role, text: role, provider: "Microsoft.Authorization", kind: "Microsoft.Authorization/roleAssignments", name: guid, parent: "/"},
		{in: "/Providers/Microsoft.Storage", text: "/providers/Microsoft.Storage", provider: "Microsoft.Storage", kind: "Microsoft.Storage", name: "Microsoft.Storage", parent: "/"},
		{in: sub + "/providers/Microsoft.Storage", text: sub + "/providers/Microsoft.Storage", subscription: sub[15:], provider: "Microsoft.Storage", kind: "Microsoft.Storage", name: "Microsoft.Storage", parent: sub},
		// A resource may bear the name of a keyword.
		{in: group + "/providers/N.S/t/Providers", text: group + "/providers/N.S/t/Providers", subscription: sub[15:], group: "DevTest", provider: "N.S", kind: "N.S/t", name: "Providers", parent: group},
		{in: "/providers/N.S/t/resourcegroups", text: "/providers/N.S/t/resourcegroups", provider: "N.S", kind: "N.S/t", name: "resourcegroups", parent: "/"},
	}
	for _, test := range tests {
		id, err := armid.Parse(test.in)
		if err != nil {
			t.Errorf("Parse(%q): %v", test.in, err)
			continue
		}
		for _, check := range []struct{ what, got, want string }{
			{"String", id.String(), test.text},
			{"Subscription", id.Subscription(), test.subscription},
			{"ResourceGroup", id.ResourceGroup(), test.group},
			{"Provider", id.Provider(), test.provider},
			{"Type", id.Type(), test.kind},
			{"Name", id.Name(), test.name},
			{"Parent", id.Parent().String(), test.parent},
		} {
			if check.got != check.want {
				t.Errorf("Parse(%q).%s = %q, want %q", test.in, check.what, check.got, check.want)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{
		"", "  ", "rg1", "subscriptions/x", "https://management.azure.com" + sub,
		"/subscriptions", sub + "/resourceGroups", sub + "/DevTest", group + "/virtualMachines/vm1",
		group + "/providers", group + "/providers/Microsoft.Compute/virtualMachines",
		vm + "/extensions", "/tenants/x", sub + " /resourceGroups/rg1", vm + "/providers",
	} {
		id, err := armid.Parse(in)
		if !errors.Is(err, armid.ErrSyntax) {
			t.Errorf("Parse(%q) = %q, %v; want ErrSyntax", in, id, err)
		}
	}
}

func TestContains(t *testing.T) {
	tests := []struct {
		scope, id string
		want      bool
	}{
		{"/", "/", true},
		{"/", vm, true},
		{"/", " ", false},
		{sub, vm, true},
		{group, vm, true},
		{group, group, true},
		{vm, group, false},
		{sub + "/resourceGroups/rg1", sub + "/resourceGroups/rg10", false},
		{sub + "/resourceGroups/rg10", sub + "/resourceGroups/rg1", false},
		{sub + "/resourceGroups/rg1", sub + "/resourceGroups/rg1/providers/N.S/t/n", true},
		{strings.ToUpper(group), strings.ToLower(vm), true},
		{group + "/ ", vm, true},
		{"/" + sub + "//resourcegroups/devtest", vm, true},
		{blobs + "/containers/a", blobs + "/containers/ab/blobs/x", false},
		{"", vm, false},
		{"subscriptions", "/subscriptions/x", false},
	}
	for _, test := range tests {
		if got := armid.Contains(test.scope, test.id); got != test.want {
			t.Errorf("Contains(%q, %q) = %v, want %v", test.scope, test.id, got, test.want)
		}
	}
}

func TestShared(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{
		{"/", vm, 0},
		{sub, vm, 2},
		{strings.ToUpper(group), vm, 4},
		{vm, vm, 8},
		{sub + "/resourceGroups/rg1", sub + "/resourceGroups/rg10", 3},
		{"subscriptions", "subscriptions", 0},
	}
	for _, test := range tests {
		if got, back := armid.Shared(test.a, test.b), armid.Shared(test.b, test.a); got != test.want || back != test.want {
			t.Errorf("Shared(%q, %q) = %d, and %d the other way; want %d", test.a, test.b, got, back, test.want)
		}
	}
}

func TestEqual(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{group, sub + "/resourcegroups/DEVTEST/", true},
		{"/", "//", true},
		{sub, group, false},
		{group, sub, false},
		{"", "", false},
	}
	for _, test := range tests {
		if got := armid.Equal(test.a, test.b); got != test.want {
			t.Errorf("Equal(%q, %q) = %v, want %v", test.a, test.b, got, test.want)
		}
	}
	a, _ := armid.Parse(vm)
	b, _ := armid.Parse(strings.ToUpper(vm))
	if !a.Equal(b) || a.Key() != b.Key() {
		t.Errorf("%q and %q must be the same id", a, b)
	}
	if a.Equal(a.Parent()) || a.Key() == a.Parent().Key() {
		t.Errorf("%q must differ from its parent", a)
	}
}

func TestComparisonDoesNotAllocate(t *testing.T) {
	upper := strings.ToUpper(group)
	if n := testing.AllocsPerRun(100, func() {
		if !armid.Contains(upper, vm) || armid.Equal(upper, vm) {
			t.Fatal("wrong answer")
		}
	}); n != 0 {
		t.Errorf("Contains and Equal allocate %v times", n)
	}
}

func TestBuild(t *testing.T) {
	s := sub[15:]
	account := armid.Resource(s, "DevTest", "Microsoft.Storage/storageAccounts", "acct")
	tests := []struct {
		id   armid.ID
		want string
	}{
		{armid.ID{}, "/"},
		{armid.Subscription(s), sub},
		{armid.Group(s, "DevTest"), group},
		{armid.Resource(s, "DevTest", "Microsoft.Compute/virtualMachines", "vm1"), vm},
		{account.Child("blobServices", "default"), blobs},
		{armid.Resource(s, "DevTest", "Microsoft.Storage/storageAccounts/blobServices", "acct", "default"), blobs},
		{armid.Resource(s, "DevTest", "Microsoft.Storage/storageAccounts/blobServices", "acct"), account.String()},
		{armid.Group(s, "DevTest").Extend("Microsoft.Authorization/roleAssignments", guid), group + role},
		{armid.ID{}.Extend("Microsoft.Authorization/roleAssignments", guid), role},
		{armid.Subscription(s).Extend("Microsoft.Storage"), sub + "/providers/Microsoft.Storage"},
	}
	for _, test := range tests {
		if test.id.String() != test.want {
			t.Errorf("built %q, want %q", test.id, test.want)
		}
		if parsed, err := armid.Parse(test.want); err != nil || parsed != test.id {
			t.Errorf("Parse(%q) = %#v, %v; want %#v", test.want, parsed, err, test.id)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"/", sub, group + " ", vm, blobs + role, "//subscriptions/x/", "/providers/a/b/c", "/subscriptions/\u212a/resourceGroups/\u017f", "/subscriptions/\xff\xfe"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		id, err := armid.Parse(in)
		if err != nil {
			return
		}
		again, err := armid.Parse(id.String())
		if err != nil || again != id {
			t.Fatalf("Parse(%q) = %q, which parses to %q, %v", in, id, again, err)
		}
		if !armid.Contains(in, id.String()) || !armid.Contains(id.String(), in) || !armid.Equal(in, id.String()) {
			t.Fatalf("%q does not contain itself", in)
		}
		if !armid.Contains(id.Parent().String(), id.String()) || !armid.Contains("/", in) {
			t.Fatalf("%q is not contained in its parent %q", id, id.Parent())
		}
		folded, err := armid.Parse(id.Key())
		if err != nil || folded.Key() != id.Key() || !folded.Equal(id) {
			t.Fatalf("the key %q of %q is not stable: %q, %v", id.Key(), id, folded.Key(), err)
		}
		for step := id; !step.IsRoot(); step = step.Parent() {
			if len(step.Parent().String()) >= len(step.String()) && !step.Parent().IsRoot() {
				t.Fatalf("the parent of %q is not shorter: %q", step, step.Parent())
			}
		}
	})
}

// FuzzKey holds Key to Equal: both decide whether two ids are the same.
func FuzzKey(f *testing.F) {
	f.Add("/subscriptions/K", "/subscriptions/\u212a")
	f.Add("/subscriptions/s", "/subscriptions/\u017f")
	f.Add("/subscriptions/a", "/subscriptions/b")
	f.Add("/subscriptions/\u03c3", "/subscriptions/\u03c2")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, errX := armid.Parse(a)
		y, errY := armid.Parse(b)
		if errX != nil || errY != nil {
			return
		}
		if sameKey := x.Key() == y.Key(); sameKey != x.Equal(y) || sameKey != armid.Equal(a, b) {
			t.Fatalf("%q and %q: same key %v, ID.Equal %v, Equal %v", a, b, sameKey, x.Equal(y), armid.Equal(a, b))
		}
	})
}
