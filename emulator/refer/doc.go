// Package refer looks the references of a world file up in a world as it is now: principals,
// scopes and roles, in the words that people write. What was made since, by whatever way, is
// found too. Package world, in fixtures, has their forms.
package refer
