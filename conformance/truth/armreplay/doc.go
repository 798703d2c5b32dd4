// Package armreplay sends recorded requests to Resource Manager and Microsoft Graph once more, to a Linarite that serves
// on loopback, and says where its answers differ from the recorded ones: status, error code and message, headers, the
// members of JSON bodies with their types.
//
// Identifiers are mapped to those of the world. Where a recording does not tell a request's body, it is made from the
// resource that the answers then show: providers take back what they answered.
package armreplay
