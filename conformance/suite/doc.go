// Package suite runs the specs of the conformance suite. A spec sends requests byte for byte
// over clientlib/wire and says of each answer which rule it has to keep; the rule, not the
// spec, is what a run counts. Specs are plain values in lists. They run in Ginkgo's tree
// (Tree), or one by one (Run), which the self-test does some thousand times.
//
// What a run needs from its target besides an address is a World: a resource group with a
// storage account and two vaults, made by package provision.
package suite
