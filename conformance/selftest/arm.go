package selftest

import "slices"

func armFaults() []Fault { return slices.Concat(groupFaults(), assignmentFaults(), roleFaults()) }

func armWithoutSpec() []Uncovered {
	const known = "Linarite knowingly differs (docs/divergences.md); "
	return []Uncovered{
		{"ARM-GROUP-031", "the suite's world deletes groups at once; a test of the emulator has a world that does not"},
		{"ARM-GROUP-038", known + "the number is for information"},
		{"ARM-AUTHZ-020", "a target that does not keep the rule would lose its only administrator"},
		{"ARM-AUTHZ-026", "a group of the directory cannot be made by Resource Manager, nor by a deployer without rights in the directory"},
		{"ARM-AUTHZ-031", "who may not read the directory does not know the object ids of applications"},
		{"ARM-AUTHZ-034", "it takes 4000 assignments"},
		{"ARM-AUTHZ-048", "it takes 5000 roles in the tenant"},
		{"ARM-AUTHZ-051", known + "it takes any action"},
	}
}

func armWithoutFault() []Uncovered { return nil }
