// Package provision makes what a run of the conformance suite needs on its target, by Azure
// Resource Manager and on the wire level: a storage account and two key vaults in one resource
// group, with access to their data for the deployer.
package provision
