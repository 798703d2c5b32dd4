//go:build !linux

package address

import (
	"errors"
	"net/netip"
)

var errLinux = errors.New("only Linux can do that: use a container, or WSL2")

// Add is for Linux alone.
func Add(netip.Addr) (remove func() error, err error) {
	return nil, errLinux
}

// Gateways is for Linux alone.
func Gateways() ([]netip.Addr, error) { return nil, errLinux }
