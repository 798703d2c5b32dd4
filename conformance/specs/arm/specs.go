package arm

import (
	"slices"

	"github.com/linarite/linarite/conformance/suite"
)

// Specs returns the specs of this package.
func Specs() []suite.Spec {
	return slices.Concat(groupReadSpecs(), groupWriteSpecs(), groupNameSpecs(), groupListSpecs(), groupDeleteSpecs(),
		assignmentSpecs(), assignmentRights(), assignmentRefusals(), assignmentLists(), roleSpecs(), roleRefusals(),
		frontDoorSpecs(), pathSpecs(), authenticationSpecs(), audienceSpecs(), authorizationSpecs(), idSpecs(), bodySpecs(), headerSpecs(),
		storageSpecs(), identitySpecs(), federatedSpecs(), vaultSpecs(), vaultRefusals(), machineSpecs())
}
