package selftest

import "slices"

func blobFaults() []Fault {
	return slices.Concat(blobContainerFaults())
}

func blobWithoutSpec() []Uncovered {
	return []Uncovered{
		{"BLOB-CONT-005", "Linarite frees the name at once (docs/divergences.md), so that nothing here would show the spec green"},
	}
}

func blobWithoutFault() []Uncovered { return nil }
