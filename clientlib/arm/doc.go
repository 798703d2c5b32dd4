// Package arm speaks to Azure Resource Manager: the kinds of resources that managed identities need, and any other by
// its id and an api-version.
//
// Writes that take Azure a while come back as an *Operation, whose Wait follows it to its end. Lists are iterators that
// ask for the next page when they need it. Structs have the members that a program of this kind reads or writes; for
// others there are Get, Put and the like with a struct of the caller's.
//
// A refusal is a *clientlib.Error with Resource Manager's code, such as AuthorizationFailed or ResourceNotFound.
// Requests are tried again as Resource Manager's guidance says: 408, 429 and 5xx, after the time that Retry-After
// names ("Understand how Azure Resource Manager throttles requests", Microsoft documentation).
package arm
