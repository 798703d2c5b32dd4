package rbac

import (
	"slices"

	"github.com/linarite/linarite/conformance/suite"
)

// Specs returns the specs of this package.
func Specs() []suite.Spec {
	return slices.Concat(grantSpecs(), patternSpecs(), dataSpecs(), verbSpecs(), linkedSpecs(), downSpecs(), asideSpecs())
}
