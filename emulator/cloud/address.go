package cloud

import "net/netip"

// IsMetadata tells whether an address is one by which a cloud speaks to its own machines: the metadata service and
// everything else that is link-local, and Azure's wire server (Microsoft documentation, "What is IP address
// 168.63.129.16?"); also where an IPv6 address stands for one of them (RFC 4291, section 2.5.5.2; RFC 6052, section 2.1).
// On a real virtual machine these answer with real credentials.
func IsMetadata(ip netip.Addr) bool {
	ip = Embedded(ip)
	return ip.IsLinkLocalUnicast() || ip == netip.AddrFrom4([4]byte{168, 63, 129, 16})
}

// Embedded is the IPv4 address that an IPv6 address stands for, and else the address itself.
func Embedded(ip netip.Addr) netip.Addr {
	if netip.MustParsePrefix("64:ff9b::/96").Contains(ip.WithZone("")) {
		b := ip.As16()
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	return ip.Unmap()
}
