// Package clock is the one place of the client library that asks the machine for the time and for chance.
package clock

import (
	"math/rand/v2"
	"time"
)

// Real is the machine's clock.
type Real struct{}

// Now is the time.
func (Real) Now() time.Time { return time.Now() }

// AfterFunc calls f, in a goroutine of its own, when d has passed. stop prevents that, and tells whether it did.
func (Real) AfterFunc(d time.Duration, f func()) (stop func() bool) { return time.AfterFunc(d, f).Stop }

// Random is a number from 0 up to, and without, 1.
func Random() float64 { return rand.Float64() } //nolint:gosec // it spreads waits, and keeps no secret
