package armid_test

import (
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/armid"
)

func TestValidGroupName(t *testing.T) {
	tests := []struct {
		name, invalid string
		ok            bool
	}{
		{"DevTest", "", true},
		{"a", "", true},
		{"rg-1_(x).y", "", true},
		{"グループ１", "", true},
		{"", "", false},
		{"ends.", "", false},
		{strings.Repeat("ä", 90), "", true},
		{strings.Repeat("a", 91), "", false},
		{"a b", " ", false},
		{"x/y?z?", "/?", false},
		{"#%&", "#%&", false},
		{"\xff", "\ufffd", false},
	}
	for _, test := range tests {
		invalid, ok := armid.ValidGroupName(test.name)
		if invalid != test.invalid || ok != test.ok {
			t.Errorf("ValidGroupName(%q) = %q, %v; want %q, %v", test.name, invalid, ok, test.invalid, test.ok)
		}
	}
}

func TestNormalizeLocation(t *testing.T) {
	for in, want := range map[string]string{"West US": "westus", "westus": "westus", " USGov Virginia": "usgovvirginia", "": ""} {
		if got := armid.NormalizeLocation(in); got != want {
			t.Errorf("NormalizeLocation(%q) = %q, want %q", in, got, want)
		}
	}
}
