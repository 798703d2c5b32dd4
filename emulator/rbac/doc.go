// Package rbac decides what a principal may do, as Azure role-based access control does,
// and says why.
//
// It implements the evaluation of "How Azure RBAC determines if a user has access to a
// resource" (Azure documentation, overview of role-based access control) and the pattern
// rules of "Understand Azure role definitions".
package rbac
