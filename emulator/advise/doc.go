// Package advise finds the fewest built-in roles at the narrowest scopes that allow what was done,
// and proves it by replay.
//
// # What is best
//
// A need is one right at one scope that one principal was asked for. Its place is the thing acted
// on, or the nearest above it that is there: of a blob the container, of a secret the vault
// (the secret, where that is asked for; Microsoft advises against it in "Provide access to Key
// Vault keys, certificates, and secrets with Azure role-based access control"). What a request made
// takes its right above it: nobody is assigned a role on what is not there yet.
//
// The scopes are visited from the widest to the narrowest. Where an assignment made further up
// grants a need, nothing is added. For the rest an assignment stands at exactly the place of the
// need, never further up; at each place as few assignments as there can be, of those the ones that
// grant least beside: rights to secrets count before rights to change things, and those before rights
// to read; of those the first by name. So no plan stands wider, none is smaller as wide, and each
// assignment is there for a need
// that no other one grants.
//
// A vault that decides by access policies gets permissions instead of roles.
//
// The roles are those of "Azure built-in roles" that package roles has, as package rbac reads them.
package advise
