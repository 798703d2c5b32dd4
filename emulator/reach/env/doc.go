// Package env knows which environment variables lead unmodified clients to the
// emulator, which lead them away from it, and how to write variables for a shell.
//
// There are two ways. In a sealed world (Sealed) every production name leads to the
// emulator already, so a client only has to trust its certificates and to leave the
// user's own logins alone. Beside a running server (Proxy) the client has to be sent
// through the proxy too.
//
// Sources for the names: the documentation of each client (curl "ENVIRONMENT",
// requests "SSL Cert Verification", Node.js "Command-line API", Deno "Environment
// variables", Go crypto/x509 and net/http, Java JSSE and JVM Tool Interface), Azure CLI "Azure CLI configuration
// options", Azure/azure-storage-azcopy common/environment.go, and the managed-identity
// sources of the MSAL and azidentity libraries.
package env
