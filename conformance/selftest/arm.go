package selftest

import "slices"

func armFaults() []Fault { return slices.Concat(groupFaults()) }

func armWithoutSpec() []Uncovered {
	const known = "Linarite knowingly differs (docs/divergences.md); "
	return []Uncovered{
		{"ARM-GROUP-031", "the suite's world deletes groups at once; a test of the emulator has a world that does not"},
		{"ARM-GROUP-038", known + "the number is for information"},
	}
}

func armWithoutFault() []Uncovered { return nil }
