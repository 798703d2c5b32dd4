package tutorial

import "github.com/linarite/linarite/conformance/suite"

// Specs returns the specs of this package, a flow each. Where a command of the tutorial is sent by
// an identity that must lack a right first, it is an identity of the spec's own, chosen by
// client_id as in flow 6; the machine's own, which makes what a run needs, has too many.
func Specs() []suite.Spec {
	specs := []suite.Spec{
		{
			ID: "BLOB-GET-001/flow-1", Title: "gives a blob to the machine's own token",
			Covers: []string{"IMDS-TOKEN-001", "IMDS-TOKEN-040", "BLOB-AUTH-013", "RBAC-SCOPE-003"},
			Run:    flow1,
		},
		{
			ID: "BLOB-SAS-005/flow-2", Title: "takes a shared access signature that Resource Manager made",
			Covers: []string{"ARM-STORAGE-012", "ARM-STORAGE-013", "ARM-STORAGE-018", "BLOB-AUTH-025", "ARM-COMMON-032"},
			Run:    flow2,
		},
		{
			ID: "BLOB-SKEY-029/flow-3", Title: "takes a key that Resource Manager tells, until it is made anew",
			Covers: []string{"ARM-STORAGE-007", "ARM-STORAGE-010", "ARM-STORAGE-011", "BLOB-SKEY-026"},
			Run:    flow3,
		},
		{
			ID: "KV-SECRET-002/flow-4", Title: "gives a secret to whoever the vault's policies name",
			Covers: []string{"KV-SECRET-026", "KV-AUTH-001", "KV-AUTH-020"},
			Run:    flow4,
		},
		{
			ID: "ARM-GROUP-001/flow-5", Title: "shows a group to the machine's own token",
			Covers: []string{"ARM-GROUP-006", "IMDS-TOKEN-002", "IMDS-TOKEN-024"},
			Run:    flow5,
		},
		{
			ID: "RBAC-EVAL-002/flow-6", Title: "shows a group to a user-assigned identity that may read it, and no other",
			Covers: []string{"IMDS-TOKEN-019", "IMDS-TOKEN-031", "ARM-AUTHZ-006", "ARM-GROUP-029", "ARM-COMMON-033"},
			Run:    flow6,
		},
		{
			ID: "BLOB-GET-003/flow-7", Title: "takes either key of the world's account",
			Covers: []string{"BLOB-PUT-001", "ARM-STORAGE-007"},
			Run:    flow7,
		},
	}
	for i := range specs {
		specs[i].Profiles = []string{suite.Tutorial}
	}
	return specs
}
