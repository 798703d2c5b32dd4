package emulator

import (
	"fmt"
	"net/netip"

	"github.com/linarite/linarite/emulator/reach/address"
)

// Callers reads who beyond this host may use the control API: addresses, networks as
// 10.1.0.0/16, gateway for the default gateway, which is how the host of a container looks
// from inside, and any for everybody who can connect.
func Callers(words []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, word := range words {
		switch word {
		case "any":
			out = append(out, netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0))
			continue
		case "gateway":
			gateways, err := address.Gateways()
			if err != nil {
				return nil, fmt.Errorf("--control-from gateway: %w", err)
			}
			for _, a := range gateways {
				out = append(out, netip.PrefixFrom(a, a.BitLen()))
			}
			continue
		}
		if a, err := netip.ParseAddr(word); err == nil {
			a = a.Unmap()
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(word)
		if err != nil {
			return nil, fmt.Errorf("%w: --control-from %s: give an address, a network such as 10.1.0.0/16, gateway or any", ErrUsage, word)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}
