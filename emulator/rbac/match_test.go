package rbac

import (
	"regexp"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	const identity = "Microsoft.ManagedIdentity/userAssignedIdentities"
	tests := []struct {
		pattern, action string
		want            bool
	}{
		{"*", "Microsoft.Compute/virtualMachines/read", true},
		{"*", "", true},
		{"", "", true},
		{"", "a", false},
		{"*/read", "Microsoft.Resources/subscriptions/resourceGroups/read", true},
		{"*/read", "Microsoft.Storage/storageAccounts/readAll", false},
		{"*/read", "read", false},
		{"Microsoft.Authorization/*/Write", "Microsoft.Authorization/roleAssignments/write", true},
		{"Microsoft.Authorization/*/Write", "microsoft.authorization/write", true},
		{"Microsoft.Storage/storageAccounts/listkeys/action", "Microsoft.Storage/storageAccounts/listKeys/action", true},
		{"Microsoft.Storage/storageAccounts/read", "Microsoft.Storage/storageAccounts/read/x", false},
		{"Microsoft.Storage/storageAccounts/read", "XMicrosoft.Storage/storageAccounts/read", false},
		{"Microsoft.Compute/virtualMachines/*", "Microsoft.Compute/virtualMachinesX/read", false},
		{"Microsoft.Compute/virtualMachines/*", "Microsoft.Compute/virtualMachines/extensions/write", true},
		{"Microsoft.Stor*/read", "Microsoft.Storage/storageAccounts/read", true},
		{identity + "/*/assign/action", identity + "/assign/action", true},
		{identity + "/*/read", identity + "/federatedIdentityCredentials/read", true},
		{identity + "/*/read", identity + "read", false},
		{identity + "/*/read", identity + "/xread", false},
		{"Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/read", true},
		{"Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/secrets/read", true},
		{"a/*/*/b", "a/b", true},
		{"a/*/*/b", "a/x/y/z/b", true},
		{"a/*/b/*/c", "a/b/x/b/c", true},
		{"*/a/*", "x/y/a/z", true},
		{"a*b*c", "aXbXbXc", true},
		{"a*b*c", "aXbXbX", false},
		{"a/*/", "a/", true},
		{"/*/x", "x", false},
	}
	for _, test := range tests {
		if got := match(test.pattern, test.action); got != test.want {
			t.Errorf("match(%q, %q) = %v, want %v", test.pattern, test.action, got, test.want)
		}
	}
}

// oracle says the same by a regular expression.
func oracle(pattern string) *regexp.Regexp {
	var re strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '*' && i > 0 && pattern[i-1] == '/' && i+1 < len(pattern) && pattern[i+1] == '/':
			re.WriteString("(?:.*/)?")
			i++
		case pattern[i] == '*':
			re.WriteString(".*")
		default:
			re.WriteString(regexp.QuoteMeta(string(lower(pattern[i]))))
		}
	}
	return regexp.MustCompile("(?s)^(?:" + re.String() + ")$")
}

func FuzzMatch(f *testing.F) {
	f.Add("Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/read")
	f.Add("a/*/b/*/c*d", "a/b/b/c/cxd")
	f.Add("*/*/*", "a/b")
	f.Add("//*/*/", "/a//b/")
	f.Add("a/*/ab/*b", "a/aab/ab/abb")
	f.Fuzz(func(t *testing.T, pattern, action string) {
		// Few letters make patterns and actions meet.
		reduce := func(r rune) rune { return rune("ab/*AB"[uint32(r)%6]) }
		pattern = strings.Map(reduce, pattern)
		action = strings.ReplaceAll(strings.Map(reduce, action), "*", "/")
		want := oracle(pattern).MatchString(strings.ToLower(action))
		if got := match(pattern, action); got != want {
			t.Fatalf("match(%q, %q) = %v, the regular expression says %v", pattern, action, got, want)
		}
	})
}
