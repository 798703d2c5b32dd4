package specs

import (
	"slices"

	"github.com/linarite/linarite/conformance/specs/arm"
	"github.com/linarite/linarite/conformance/specs/blob"
	"github.com/linarite/linarite/conformance/specs/entra"
	"github.com/linarite/linarite/conformance/specs/imds"
	"github.com/linarite/linarite/conformance/specs/rbac"
	"github.com/linarite/linarite/conformance/specs/tutorial"
	"github.com/linarite/linarite/conformance/specs/vault"
	"github.com/linarite/linarite/conformance/suite"
)

// All returns every spec.
func All() []suite.Spec {
	return slices.Concat(imds.Specs(), entra.Specs(), arm.Specs(), rbac.Specs(), blob.Specs(), vault.Specs(), tutorial.Specs())
}
