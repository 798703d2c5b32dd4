//go:build !linux

package sandbox

import (
	"context"
	"errors"
	"runtime"
)

// Child returns at once: there is no helper process on this system.
func Child() {}

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
