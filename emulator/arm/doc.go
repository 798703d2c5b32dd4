// Package arm is Azure Resource Manager: the front door that authenticates,
// authorises and refuses, and the resource providers behind it.
//
// Sources: Azure/azure-resource-manager-rpc v1.0; Azure/azure-rest-api-specs,
// Microsoft.Resources; recordings of Azure/azure-cli.
package arm
