package vault

import (
	"slices"

	"github.com/linarite/linarite/conformance/suite"
)

// Specs returns the specs of this package.
func Specs() []suite.Spec {
	return slices.Concat(
		challengeSpecs(), tokenSpecs(), policySpecs(), roleSpecs(), networkSpecs(), versionSpecs(), routeSpecs(), headerSpecs(),
		setSpecs(), bodySpecs(), limitSpecs(), shapeSpecs(), dateSpecs(), readSpecs(), patchSpecs(), listSpecs(), deleteSpecs(), recoverySpecs(), hardDeleteSpecs(), backupSpecs(),
	)
}
