// Package rbac has the specs of role assignments: what they allow, and at which scopes.
package rbac
