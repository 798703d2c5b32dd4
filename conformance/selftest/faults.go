package selftest

import "slices"

// Faults returns every planted fault of the wire.
func Faults() []Fault {
	return slices.Concat(imdsFaults(), entraFaults(), armFaults(), rbacFaults(), blobFaults(), vaultFaults())
}
