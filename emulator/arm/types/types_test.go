package types

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDescriptors(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range All() {
		if seen[d.String()] {
			t.Errorf("%s twice", d)
		}
		seen[d.String()] = true
		if len(d.Versions) == 0 || !slices.IsSortedFunc(d.Versions, func(a, b string) int { return strings.Compare(b[:10], a[:10]) }) {
			t.Errorf("%s: versions are not newest first: %v", d, d.Versions)
		}
		for _, v := range d.Versions {
			if !date.MatchString(v) {
				t.Errorf("%s: %s", d, v)
			}
		}
	}
	if got := Namespaces(); !slices.Equal(got, []string{"Microsoft.Authorization", "Microsoft.Compute", "Microsoft.KeyVault", "Microsoft.ManagedIdentity", "Microsoft.Storage"}) {
		t.Error(got)
	}
}

func TestAccepts(t *testing.T) {
	d, ok := Find("microsoft.storage/STORAGEACCOUNTS")
	if !ok {
		t.Fatal("not found")
	}
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for version, want := range map[string]bool{
		"2023-05-01": true, "2016-12-01": true, "2018-03-01-PREVIEW": true, "2019-08-09": true, "2026-05-01": true, "2026-05-02": false, "2026-04-01-preview": true,
		"2015-01-01": false, "2099-01-01": false, "2020": false, "": false, "latest": false, "2020-13-01x": false,
	} {
		if d.Accepts(version, now) != want {
			t.Errorf("%s: %v", version, !want)
		}
	}
	if _, ok := Find("Microsoft.Storage"); ok {
		t.Error("a namespace is no type")
	}
}
