package env_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/reach/env"
)

// run runs a program in exactly the given environment.
func run(t testing.TB, environ []string, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: it is not tested here", name)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = environ
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func values(vars []env.Var) map[string]string {
	m := map[string]string{}
	for _, v := range vars {
		m[v.Name] = v.Value
	}
	return m
}

var sealedOptions = env.SealedOptions{
	Bundle: "/w/bundle.pem", TrustStore: "/w/bundle.p12", AzureConfigDir: "/w/azure", AzcopyDir: "/w/azcopy", URL: "http://127.0.0.1:4280",
}

func TestSealed(t *testing.T) {
	got := values(env.Sealed(sealedOptions))
	for name, want := range map[string]string{
		"SSL_CERT_FILE": "/w/bundle.pem", "CURL_CA_BUNDLE": "/w/bundle.pem", "REQUESTS_CA_BUNDLE": "/w/bundle.pem",
		"NODE_EXTRA_CA_CERTS": "/w/bundle.pem", "DENO_CERT": "/w/bundle.pem", "GIT_SSL_CAINFO": "/w/bundle.pem", "NIX_SSL_CERT_FILE": "/w/bundle.pem",
		"AZURE_CONFIG_DIR": "/w/azure", "AZURE_CORE_COLLECT_TELEMETRY": "no",
		"AZCOPY_LOG_LOCATION": "/w/azcopy", "AZCOPY_JOB_PLAN_LOCATION": filepath.Join("/w/azcopy", "plans"),
		"LINARITE_URL": "http://127.0.0.1:4280",
	} {
		if got[name] != want {
			t.Errorf("%s = %q, want %q", name, got[name], want)
		}
	}
	key := got["AZCOPY_LOGIN_CACHE_NAME"]
	other := sealedOptions
	other.AzcopyDir = "/w2/azcopy"
	if again := values(env.Sealed(other))["AZCOPY_LOGIN_CACHE_NAME"]; !strings.HasPrefix(key, "linarite-") || key == again {
		t.Errorf("azcopy's keys in two worlds: %q, %q", key, again)
	}
	for name := range got { // nobody is logged in, and nothing goes through a proxy
		if name == "AZCOPY_AUTO_LOGIN_TYPE" || strings.Contains(strings.ToLower(name), "proxy") {
			t.Errorf("sets %s", name)
		}
	}
}

func TestProxy(t *testing.T) {
	o := env.ProxyOptions{URL: "http://127.0.0.1:4280", Bundle: "/b.pem", IdentityHeader: "h"}
	got := values(env.Proxy(o))
	for name, want := range map[string]string{
		"http_proxy": o.URL, "HTTP_PROXY": o.URL, "https_proxy": o.URL, "HTTPS_PROXY": o.URL,
		"NODE_USE_ENV_PROXY": "1", "SSL_CERT_FILE": "/b.pem", "REQUESTS_CA_BUNDLE": "/b.pem",
		"IDENTITY_ENDPOINT": o.URL + "/msi/token", "IDENTITY_HEADER": "h",
		"ARM_MSI_ENDPOINT": o.URL + "/metadata/identity/oauth2/token", "LINARITE_URL": o.URL,
		"AZURE_POD_IDENTITY_AUTHORITY_HOST": o.URL,
	} {
		if got[name] != want {
			t.Errorf("%s = %q, want %q", name, got[name], want)
		}
	}
	for _, name := range []string{"no_proxy", "NO_PROXY"} {
		if value, ok := got[name]; !ok || value != "" {
			t.Errorf("%s = %q, %v: it must be set, and empty", name, value, ok)
		}
	}
	if dir, ok := got["AZURE_CONFIG_DIR"]; ok {
		t.Errorf("the user's az login is hidden, by %s, and nobody asked", dir)
	}

	o.User, o.AzureConfigDir = "team-a.my vm:1/", "/az"
	got = values(env.Proxy(o))
	for name, want := range map[string]string{
		"https_proxy": "http://team-a.my%20vm%3A1%2F:linarite@127.0.0.1:4280", "LINARITE_URL": "http://team-a.my%20vm%3A1%2F@127.0.0.1:4280",
		"IDENTITY_ENDPOINT": o.URL + "/~team-a.my%20vm:1%2F/msi/token", "AZURE_CONFIG_DIR": "/az",
		"ARM_MSI_ENDPOINT": o.URL + "/~team-a.my%20vm:1%2F/metadata/identity/oauth2/token", "AZURE_POD_IDENTITY_AUTHORITY_HOST": o.URL + "/~team-a.my%20vm:1%2F",
	} {
		if got[name] != want {
			t.Errorf("with a user, %s = %q, want %q", name, got[name], want)
		}
	}
}

// TestEachNameOnce: a shell would take the last of two.
func TestEachNameOnce(t *testing.T) {
	for _, vars := range [][]env.Var{env.Sealed(sealedOptions), env.Proxy(env.ProxyOptions{AzureConfigDir: "/az"})} {
		if n := len(values(vars)); n != len(vars) {
			t.Errorf("%d names in %d variables", n, len(vars))
		}
	}
}

func TestScrub(t *testing.T) {
	stays := []string{
		"PATH=/bin", "HOME=/home/u", "AZUREISH=1", "MY_AZURE_X=1", "ARMOUR=1", "NOT_A_PAIR", "EMPTY=",
		"AZCOPY_CONCURRENCY_VALUE=8", "AZCOPY_AUTO_LOGIN_TYPE=MSI", "LINARITE_WORLD=tutorial", "PIP_CERT=/corp.pem",
		"REGION_NAME=westeurope", "PROXY=1", "azure_lower=1",
	}
	goes := []string{
		"AZURE_CLIENT_ID=1", "AZURE_CONFIG_DIR=/home/u/.azure", "AZURE_POD_IDENTITY_AUTHORITY_HOST=http://x", "AZURE_=",
		"ARM_CLIENT_SECRET=s", "ARM_MSI_ENDPOINT=http://x", "IDENTITY_ENDPOINT=http://x", "IDENTITY_HEADER=h",
		"IDENTITY_SERVER_THUMBPRINT=t", "MSI_ENDPOINT=http://x", "MSI_SECRET=s", "IMDS_ENDPOINT=http://x",
		"DEFAULT_IDENTITY_CLIENT_ID=1", "MSAL_MANAGED_IDENTITY_ENDPOINT=http://x", "APPSETTING_WEBSITE_SITE_NAME=s",
		"ACC_CLOUD=PROD", "AZUREPS_HOST_ENVIRONMENT=cloud-shell/1.0",
		"http_proxy=http://p", "HTTP_PROXY=http://p", "https_proxy=http://p", "HTTPS_PROXY=http://p", "Https_Proxy=x",
		"all_proxy=http://p", "ALL_PROXY=http://p", "no_proxy=169.254.169.254", "NO_PROXY=*",
		"AZCOPY_SPA_CLIENT_SECRET=s", "AZCOPY_OAUTH_TOKEN_INFO={}", "AZCOPY_TENANT_ID=t", "AZCOPY_ACTIVE_DIRECTORY_ENDPOINT=https://x",
		"SSL_CERT_FILE=/corp.pem", "SSL_CERT_DIR=/corp", "GIT_SSL_CAINFO=/corp.pem", "LINARITE_URL=http://outer",
	}
	environ := append(slices.Clone(stays), goes...)
	before := slices.Clone(environ)
	if got := env.Scrub(environ, nil); !slices.Equal(got, stays) {
		t.Errorf("left %q", got)
	}
	if !slices.Equal(environ, before) {
		t.Error("changed its argument")
	}
	keep := []string{"AZURE_CLIENT_ID", "no_proxy"}
	if got, want := env.Scrub(environ, keep), append(slices.Clone(stays), "AZURE_CLIENT_ID=1", "no_proxy=169.254.169.254"); !slices.Equal(got, want) {
		t.Errorf("with %v kept: %q", keep, got)
	}
}

// TestScrubMakesRoom: whatever Sealed sets, Scrub removes, and what Proxy sets too, so
// that a sealed world in a shell with exports is as good as in a clean one.
func TestScrubMakesRoom(t *testing.T) {
	for _, v := range append(env.Sealed(sealedOptions), env.Proxy(env.ProxyOptions{AzureConfigDir: "/az"})...) {
		if v.Name == "NODE_USE_ENV_PROXY" {
			continue // says nothing without a proxy
		}
		if left := env.Scrub([]string{v.Name + "=old"}, nil); len(left) != 0 {
			t.Errorf("Scrub leaves %v", left)
		}
	}
}

func TestOverlay(t *testing.T) {
	got := env.Overlay([]string{"A=kept", "BB=1"}, []env.Var{{Name: "A", Value: "new"}, {Name: "B", Value: ""}})
	if want := []string{"A=kept", "BB=1", "B="}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// TestAzureConfig reads the file with the parser az uses.
func TestAzureConfig(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, env.AzureConfig("AzureChinaCloud"), 0o600); err != nil {
		t.Fatal(err)
	}
	const script = `import configparser, sys; c = configparser.ConfigParser(); c.read(sys.argv[1]); print(c.get("cloud", "name"))`
	if got := run(t, os.Environ(), "python3", "-c", script, path); got != "AzureChinaCloud\n" {
		t.Errorf("az would start in %q", got)
	}
}
