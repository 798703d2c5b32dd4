package env

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"path/filepath"
	"strings"
)

// Var is one environment variable.
type Var struct{ Name, Value string }

// caVars are the variables by which clients of Azure find the certificates they
// trust. Each is set to the same file, which holds the system's certificates too,
// because most of these replace what a client would trust otherwise.
//
// Left out on purpose: PIP_CERT, CARGO_HTTP_CAINFO, AWS_CA_BUNDLE and the like. No host
// that is served here is asked by pip, cargo or an AWS client, so setting them could only
// undo what the user chose; pip reads REQUESTS_CA_BUNDLE where nobody chose.
var caVars = []string{
	"SSL_CERT_FILE",       // OpenSSL (Python's ssl, Ruby, PHP, .NET on Linux) and Go: azcopy, rclone, restic, Terraform
	"CURL_CA_BUNDLE",      // curl, which reads it before SSL_CERT_FILE
	"REQUESTS_CA_BUNDLE",  // Python's requests: az, MSAL and the Azure SDK, which bring a bundle of their own
	"NODE_EXTRA_CA_CERTS", // Node.js, Bun, Deno 2.8 and later: they never read the system's bundle
	"DENO_CERT",           // Deno before 2.8
	"GIT_SSL_CAINFO",      // git, which reads none of the others: a name of Azure's is refused in words
	"NIX_SSL_CERT_FILE",   // programs built by Nix, which read it before SSL_CERT_FILE
}

// proxyPassword stands beside the name of a world, and means nothing.
const proxyPassword = "linarite"

// linariteURL tells linarite's own commands where the server is.
const linariteURL = "LINARITE_URL"

// SealedOptions name what a sealed world has prepared for its command. All but the last
// are required; the directories are private to the world.
type SealedOptions struct {
	// Bundle is the path of a PEM file: the system's certificates and the world's authority.
	Bundle string
	// TrustStore is the path of the same certificates as TrustStore gives them.
	TrustStore string
	// AzureConfigDir is az's directory, with a file "config" that holds AzureConfig.
	AzureConfigDir string
	// AzcopyDir is for azcopy's logs and plans.
	AzcopyDir string
	// URL is the front door, as the command reaches it.
	URL string
	// JavaToolOptions is what JAVA_TOOL_OPTIONS holds without the world; most of it stays.
	JavaToolOptions string
}

// Sealed returns the variables of a command in a sealed world. They are meant for an
// environment that went through Scrub, which takes away whatever would contradict them:
//
//	environ = env.Overlay(env.Scrub(environ, keep), env.Sealed(o))
func Sealed(o SealedOptions) []Var {
	vars := trust(o.Bundle)
	return append(vars,
		// az: the user's logins and settings are neither seen nor changed.
		Var{"AZURE_CONFIG_DIR", o.AzureConfigDir},
		// az: telemetry goes to a host that is not served, from a process that outlives az.
		Var{"AZURE_CORE_COLLECT_TELEMETRY", "no"},
		// azcopy: ~/.azcopy is the user's.
		Var{"AZCOPY_LOG_LOCATION", o.AzcopyDir},
		Var{"AZCOPY_JOB_PLAN_LOCATION", filepath.Join(o.AzcopyDir, "plans")},
		// azcopy keeps its login in the kernel's keyring, which knows no worlds: a key of
		// the world's own keeps the user's login out of it, and the world's out of the next.
		// (azcopy calls the variable a test knob. Versions without it ignore it.)
		Var{"AZCOPY_LOGIN_CACHE_NAME", azcopyKey(o.AzcopyDir)},
		Var{javaToolOptions, javaOptions(o.JavaToolOptions, o.TrustStore, "", "")},
		Var{linariteURL, o.URL},
	)
}

func azcopyKey(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return "linarite-" + hex.EncodeToString(sum[:8])
}

// trust points every client at bundle.
func trust(bundle string) []Var {
	vars := make([]Var, 0, len(caVars))
	for _, name := range caVars {
		vars = append(vars, Var{name, bundle})
	}
	return vars
}

// ProxyOptions say how clients reach a running server.
type ProxyOptions struct {
	// URL is the front door without a trailing slash: "http://127.0.0.1:4280".
	URL string
	// User, where set, is the proxy user: MACHINE, WORLD. or WORLD.MACHINE.
	User string
	// Bundle is the path of a PEM file made by Bundle.
	Bundle string
	// TrustStore is the path of the same certificates as TrustStore gives them.
	TrustStore string
	// JavaToolOptions is what JAVA_TOOL_OPTIONS holds now; most of it stays.
	JavaToolOptions string
	// IdentityHeader is the value the server expects in X-IDENTITY-HEADER.
	IdentityHeader string
	// AzureConfigDir, where set, gives az a directory of its own. Without it az goes on
	// using the user's: these variables are for the user's own shell, where logins that
	// vanish would surprise, but "az login" then writes there too.
	AzureConfigDir string
}

// Proxy returns the variables that send clients through the proxy of a running server.
// Every value replaces what was set before; nothing has to be unset.
func Proxy(o ProxyOptions) []Var {
	proxy, own, door := o.URL, o.URL, o.URL
	if o.User != "" {
		with := func(login *url.Userinfo) string { return strings.Replace(o.URL, "://", "://"+login.String()+"@", 1) }
		// Python's urllib and requests send no user name without a password.
		proxy, own = with(url.UserPassword(o.User, proxyPassword)), with(url.User(o.User))
		// Most clients drop the user of an endpoint.
		door = o.URL + "/~" + url.PathEscape(o.User)
	}
	vars := []Var{
		// Both cases: curl reads http_proxy in lower case only, others prefer upper case.
		{"http_proxy", proxy}, {"HTTP_PROXY", proxy},
		{"https_proxy", proxy}, {"HTTPS_PROXY", proxy},
		// 169.254.169.254 is often listed here, and must not be.
		{"no_proxy", ""}, {"NO_PROXY", ""},
		// Node.js 22.21 and 24 read the variables above only when told to.
		{"NODE_USE_ENV_PROXY", "1"},
	}
	vars = append(vars, trust(o.Bundle)...)
	vars = append(vars,
		// The App Service route: SDKs in programs that use no proxy for link-local
		// addresses, or none at all, still get their tokens.
		Var{"IDENTITY_ENDPOINT", door + "/msi/token"},
		Var{"IDENTITY_HEADER", o.IdentityHeader},
		// Terraform's azurerm asks IMDS without a proxy (hashicorp/go-azure-sdk), unless
		// told another address.
		Var{"ARM_MSI_ENDPOINT", door + "/metadata/identity/oauth2/token"},
		// The metadata service for SDKs that are told to ask it and not App Service, and use no
		// proxy for it (clientlib; Python, JavaScript and Java read it too, Go's does not).
		Var{"AZURE_POD_IDENTITY_AUTHORITY_HOST", door},
		// Java reads neither the variables above nor the system's bundle.
		Var{javaToolOptions, javaOptions(o.JavaToolOptions, o.TrustStore, o.URL, o.User)},
		Var{linariteURL, own},
	)
	if o.AzureConfigDir != "" {
		vars = append(vars, Var{"AZURE_CONFIG_DIR", o.AzureConfigDir})
	}
	return vars
}

// AzureConfig returns the content of the file "config" in AZURE_CONFIG_DIR that makes
// az start in a cloud, named as az names it: AzureCloud, AzureChinaCloud,
// AzureUSGovernment (Azure/azure-cli, azure/cli/core/cloud.py, get_active_cloud_name).
func AzureConfig(cliCloudName string) []byte {
	return []byte("[cloud]\nname = " + cliCloudName + "\n")
}
