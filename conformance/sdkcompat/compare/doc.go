// Package compare has one program three times: with Linarite's client library, with the Azure SDK for Go, and with
// neither, for the weight of Go's HTTP alone. The test of the module weighs them (docs/clientlib.md).
package compare
