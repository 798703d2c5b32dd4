package entra

import (
	"slices"

	"github.com/linarite/linarite/conformance/suite"
)

// Specs returns the specs of this package.
func Specs() []suite.Spec {
	return slices.Concat(tokenSpecs(), refusalSpecs(), jwtSpecs(), discoverySpecs(), keySpecs(), graphSpecs(), directorySpecs(), federatedSpecs(), certificateSpecs())
}
