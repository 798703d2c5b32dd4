package arm

import (
	"slices"

	"github.com/linarite/linarite/conformance/suite"
)

// Specs returns the specs of this package.
func Specs() []suite.Spec {
	return slices.Concat(groupReadSpecs(), groupWriteSpecs(), groupNameSpecs(), groupListSpecs(), groupDeleteSpecs(),
		assignmentSpecs(), assignmentRefusals(), assignmentLists(), roleSpecs(),
		frontDoorSpecs(), authenticationSpecs(), authorizationSpecs(), idSpecs(), bodySpecs(), headerSpecs(),
		storageSpecs(), identitySpecs(), vaultSpecs(), machineSpecs())
}
