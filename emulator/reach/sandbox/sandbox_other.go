//go:build !linux

package sandbox

import (
	"context"
	"errors"
	"net/netip"
	"runtime"
)

// Child returns at once: there is no helper process on this system.
func Child() {}

// TakeAddresses fails.
func TakeAddresses([]netip.Prefix) (func() error, error) {
	_, err := Run(context.Background(), Options{})
	return nil, err
}

// Mounts is false.
func Mounts() bool { return false }

// Run fails: the error is an *Error around errors.ErrUnsupported.
func Run(context.Context, Options) (ExitStatus, error) {
	return ExitStatus{}, &Error{
		Op:  "starting on " + runtime.GOOS,
		Err: errors.ErrUnsupported,
		Why: "sealed worlds need Linux namespaces",
		Do:  otherWays,
	}
}

// Check reports that this system has no sealed worlds.
func Check() []Finding {
	return []Finding{{
		Name: WorldFinding,
		Why:  "sealed worlds need Linux namespaces; this is " + runtime.GOOS,
		Do:   otherWays,
	}}
}
