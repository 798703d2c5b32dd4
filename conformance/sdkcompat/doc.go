// Package sdkcompat holds the Azure SDK for Go against Linarite: unmodified clients, real
// URLs, worlds inside the test process. It is a module of its own, so that nobody who uses
// Linarite inherits the SDK.
//
// The clients are those of "Azure SDK for Go", github.com/Azure/azure-sdk-for-go.
package sdkcompat
