// Package storageauth decides whether a request to Azure Storage is signed by a key of
// the account, or by a key that a user delegated, and what a shared access signature
// allows. It works on plain data: it knows neither HTTP nor the state of an account.
//
// A request with an Authorization header of the schemes SharedKey and SharedKeyLite:
// ParseAuthorization, Request.CheckDate by the host's clock, Request.Verify.
//
// A request with a signature in its query: ParseSAS, then SAS.WithPolicy where it names a
// stored access policy, SAS.Within, SAS.InWindow and for user delegation SAS.InKeyWindow
// by the world's clock, SAS.Verify; and, once it is known who asks, SAS.AllowsIP,
// SAS.AllowsProtocol and SAS.Allows with the Needs of the operation. Steps that the
// documentation leaves without an order stand in this one.
//
// What is wrong comes back as a Failure, never as an error for clients: the plane chooses
// status, code and text for each FailureKind.
//
// Sources: "Authorize with Shared Key", "Create a service SAS", "Create an account SAS",
// "Create a user delegation SAS", "Shared access signature error codes" and "Formatting
// DateTime values" of the Azure Storage REST API reference; the signers of
// Azure/azure-sdk-for-go sdk/storage/azblob and Azure/azure-sdk-for-js
// sdk/storage/storage-common.
package storageauth
