// Package armid parses, formats and compares Azure resource ids. Every rule about
// their letter case lives here and nowhere else.
//
// It implements the id grammar of the "Resource Provider Contract"
// (Azure/azure-resource-manager-rpc, v1.0/common-api-contracts.md): ids are compared
// without regard to case in every segment, and the service keeps the spelling of
// names while it prints its own keywords canonically.
package armid
