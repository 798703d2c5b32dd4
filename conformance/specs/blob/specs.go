package blob

import (
	"slices"

	"github.com/linarite/linarite/conformance/suite"
)

// Specs returns the specs of this package.
func Specs() []suite.Spec {
	return slices.Concat(containerSpecs(), aclSpecs(), serviceSpecs(),
		putSpecs(), blockSpecs(), getSpecs(), rangeSpecs(), listSpecs(),
		propertySpecs(), tagSpecs(), readConditionSpecs(), writeConditionSpecs(),
		envelopeSpecs(), versionSpecs(), nameSpecs(), refusalSpecs(),
		sasSpecs(), skeySpecs(), authSpecs(), corsSpecs(), siblingSpecs())
}
