package cloud

import (
	"net/netip"
	"testing"
)

func TestIsMetadata(t *testing.T) {
	for addr, want := range map[string]bool{
		"169.254.169.254": true, "169.254.0.1": true, "fe80::1": true, "168.63.129.16": true,
		"::ffff:169.254.169.254": true, "64:ff9b::a9fe:a9fe": true, "64:ff9b::a83f:8110": true,
		"168.63.129.17": false, "127.0.0.1": false, "::1": false, "192.0.2.1": false, "2001:db8::1": false, "64:ff9b::c000:201": false,
	} {
		if got := IsMetadata(netip.MustParseAddr(addr)); got != want {
			t.Errorf("IsMetadata(%s) = %v", addr, got)
		}
	}
}
