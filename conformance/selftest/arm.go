package selftest

import (
	"slices"

	"github.com/linarite/linarite/clientlib/wire"
)

func armFaults() []Fault {
	return slices.Concat(groupFaults(), assignmentFaults(), roleFaults(), commonFaults(),
		accountFaults(), identityFaults(), federatedFaults(), vaultTypeFaults(), machineFaults())
}

// answered makes it another answer, as Resource Manager calls its bodies.
func answered(status int, body string) func(a *wire.Answer) {
	if body == "" {
		return Both(Answer(status, ""), NoHeader("Content-Type"))
	}
	return Both(Answer(status, body), Header("Content-Type", "application/json; charset=utf-8"))
}

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
		{"ARM-COMMON-017", "a token has to be kept until it ends, a day later"},
		{"ARM-COMMON-018", "as ARM-COMMON-017"},
		{"ARM-COMMON-022", "it takes a token of another tenant"},
		{"ARM-COMMON-023", "as ARM-COMMON-022"},
		{"ARM-COMMON-028", known + "a session has to be revoked by an administrator"},
		{"ARM-COMMON-045", known + "every provider is registered"},
		{"ARM-COMMON-064", known + "the numbers are for information"},
		{"ARM-COMMON-065", known + "it takes thousands of requests, which throttle the owner of the subscription too"},
		{"ARM-MSI-023", known + "writes are taken one after the other, unless a fault is planned"},
		{"ARM-STORAGE-020", known + "the number is for information"},
		{"ARM-VAULT-011", known + "deleted vaults are not kept"},
		{"ARM-COMMON-085", "Entra issues no token without an object id for Resource Manager"},
		{"ARM-COMMON-086", "Entra issues no token that begins later"},
		{"ARM-COMMON-090", "as ARM-COMMON-065"},
		{"ARM-COMMON-091", "nobody can make the service fail"},
		{"ARM-COMMON-092", "as ARM-COMMON-091"},
		{"ARM-COMMON-093", "as ARM-COMMON-091"},
	}
}

func armWithoutFault() []Uncovered { return nil }
