package pki

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// TestLeafCacheIsBounded: strangers choose the names, so the cache must not grow with them.
func TestLeafCacheIsBounded(t *testing.T) {
	ca, err := Create(CAOptions{
		DNS:      []string{"core.windows.net"},
		IPs:      []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Lifetime: time.Hour,
		Now:      func() time.Time { return time.Date(2031, 5, 4, 12, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxLeaves + 10 {
		if _, err := ca.leaf(fmt.Sprintf("a%d.core.windows.net", i), ""); err != nil {
			t.Fatal(err)
		}
	}
	if len(ca.leaves) != maxLeaves {
		t.Errorf("%d leaves in the cache, want %d", len(ca.leaves), maxLeaves)
	}
}
