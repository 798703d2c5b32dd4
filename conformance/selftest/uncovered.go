package selftest

import "slices"

// Uncovered is a rule that no spec asserts, or that has no fault, with the reason.
type Uncovered struct{ Rule, Why string }

// WithoutSpec returns the rules that no spec asserts: what cannot be seen over the wire on any
// target, or not without disturbing others on all of them.
func WithoutSpec() []Uncovered {
	return slices.Concat(imdsWithoutSpec(), entraWithoutSpec(), armWithoutSpec(), rbacWithoutSpec(), blobWithoutSpec(), vaultWithoutSpec())
}

// WithoutFault returns the MUST rules that a spec asserts and no fault breaks.
func WithoutFault() []Uncovered {
	return slices.Concat(imdsWithoutFault(), entraWithoutFault(), armWithoutFault(), rbacWithoutFault(), blobWithoutFault(), vaultWithoutFault())
}
