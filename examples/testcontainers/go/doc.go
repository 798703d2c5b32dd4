// Package testcontainers shows Linarite in a container, by Testcontainers for Go: for code under test in the test's own
// process, and for an app in a container of its own. What a test needs is in linarite_test.go, to be copied.
package testcontainers
