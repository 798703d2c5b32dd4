package wire

import "github.com/linarite/linarite/emulator/state"

// The pipelines: in which order each plane checks a request. Taking ids, recording
// and rendering stand around them, the operation itself comes last.
//
// match only looks; what it found, or not, is judged by the plane's own step, because
// planes differ in what they check before they say that a path does not exist.

// IMDSPipeline puts the header guards before everything else, the verb and the path
// included (IMDS-TOKEN rules on guards); then route, version and parameters.
func IMDSPipeline(guard, found, version Step) []Step {
	return []Step{match, guard, faultBefore, found, version}
}

// EntraPipeline leaves the tenant to the operations, which differ in how they say no.
func EntraPipeline(found Step) []Step {
	return []Step{match, faultBefore, found}
}

// ARMPipeline asks for an api-version, then who it is, then whether the subscription is
// theirs, then whether they may, and only then whether the path, the version and the thing exist
// (ARM-COMMON rules on order).
func ARMPipeline(versionGiven, authenticate, subscription, authorise, found Step) []Step {
	return []Step{match, versionGiven, authenticate, faultBefore, subscription, authorise, found}
}

// VaultPipeline asks who it is before it looks at the path, the verb or the version
// (KV-AUTH-001, KV-AUTH-036); then whether the network is let in, whether there is such an
// operation (KV-AUTH-038) and whether the caller may, and only then, in the operation,
// whether the name, the body and the thing are as they should be (KV-AUTH-019).
func VaultPipeline(exists, authenticate, network, version, found, authorise Step) []Step {
	return []Step{match, exists, authenticate, faultBefore, network, version, found, authorise}
}

// BlobPipeline finds account, resource and version first, because they decide in which
// words the rest is refused; then the scheme of the URL (BLOB-COMMON-016), then who it is:
// by the Authorization header, else by a signature in the query, else nobody. Whether
// there is such an operation comes before whether the caller may; whether names, body and
// thing are as they should be comes after, in the operation (BLOB-AUTH-013).
func BlobPipeline(address, secure, authenticate, found, authorise Step) []Step {
	return []Step{address, match, secure, authenticate, faultBefore, found, authorise}
}

// SiblingPipeline is for storage services that answer about their properties and nothing
// else: what is not emulated is said before anybody is asked who it is.
func SiblingPipeline(address, secure, found, authenticate, authorise Step) []Step {
	return []Step{address, match, secure, found, authenticate, faultBefore, authorise}
}

// GraphPipeline asks who it is before it looks at the path (ENTRA-GRAPH-015).
func GraphPipeline(authenticate, found, authorise Step) []Step {
	return []Step{match, authenticate, faultBefore, found, authorise}
}

// match looks for the operation.
func match(c *Call) error {
	c.Plane.router.match(c)
	return nil
}

// invoke runs the matched operation.
func invoke(c *Call) (answer Response, err error) {
	op := c.Operation
	defer c.release()
	if op.Prepare != nil {
		if err := op.Prepare(c); err != nil {
			return Response{}, err
		}
	}
	if op.Update != nil {
		err = c.World.State.Update(func(tx *state.Tx) error {
			answer, err = op.Update(c, tx)
			return err
		})
		return answer, err
	}
	c.view()(func(tx *state.Tx) { answer, err = op.View(c, tx) })
	return answer, err
}
