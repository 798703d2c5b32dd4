// Package graph is as much of Microsoft Graph as clients of Resource Manager ask: who a
// principal is. It reads the world's directory and changes nothing.
//
// Sources: Microsoft Graph REST API v1.0 (microsoftgraph/microsoft-graph-docs-contrib:
// serviceprincipal-list, serviceprincipal-get, group-list, group-get, user-list,
// directoryobject-getbyids); Azure/azure-cli, command module role, and its recordings.
package graph
