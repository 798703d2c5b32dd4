// Package match looks at answers: matchers for Gomega, which the suite's assertions take, and
// which anybody may use in tests of a service of Azure's. Each looks at one thing: a status, an
// error code, one header field, one member of a JSON or XML body.
package match
