package cloud_test

import (
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/cloud"
)

func TestResolve(t *testing.T) {
	tests := []struct {
		cloud, host string
		service     cloud.Service
		name        string
	}{
		{"public", "login.microsoftonline.com", cloud.Login, ""},
		{"public", "LOGIN.windows.net.:443", cloud.Login, ""},
		{"public", "sts.windows.net", cloud.Login, ""},
		{"public", "westus2.login.microsoft.com", cloud.Login, "westus2"},
		{"public", "management.azure.com:443", cloud.ARM, ""},
		{"public", "eastus.management.azure.com", cloud.ARM, "eastus"},
		{"public", "graph.microsoft.com", cloud.Graph, ""},
		{"public", "graph.windows.net", cloud.AADGraph, ""},
		{"public", "portal.azure.com", cloud.Portal, ""},
		{"public", "tutorialstore.blob.core.windows.net", cloud.Blob, "tutorialstore"},
		{"public", "TutorialStore-Secondary.Blob.core.windows.net:443", cloud.Blob, "tutorialstore-secondary"},
		{"public", "acct.queue.core.windows.net", cloud.Queue, "acct"},
		{"public", "acct.table.core.windows.net", cloud.Table, "acct"},
		{"public", "acct.file.core.windows.net", cloud.File, "acct"},
		{"public", "acct.dfs.core.windows.net", cloud.DFS, "acct"},
		{"public", "acct.z22.web.core.windows.net", cloud.Web, "acct"},
		{"public", "mytestkeyvault.vault.azure.net", cloud.Vault, "mytestkeyvault"},
		{"public", "hsm1.managedhsm.azure.net", cloud.ManagedHSM, "hsm1"},
		{"public", "169.254.169.254:80", cloud.IMDS, ""},
		{"china", "login.partner.microsoftonline.cn", cloud.Login, ""},
		{"china", "login.chinacloudapi.cn", cloud.Login, ""},
		{"china", "sts.chinacloudapi.cn", cloud.Login, ""},
		{"china", "management.chinacloudapi.cn", cloud.ARM, ""},
		{"china", "microsoftgraph.chinacloudapi.cn", cloud.Graph, ""},
		{"china", "acct.blob.core.chinacloudapi.cn", cloud.Blob, "acct"},
		{"china", "v.vault.azure.cn", cloud.Vault, "v"},
		{"china", "169.254.169.254", cloud.IMDS, ""},
		{"usgov", "login.microsoftonline.us", cloud.Login, ""},
		{"usgov", "login.usgovcloudapi.net", cloud.Login, ""},
		{"usgov", "login-us.microsoftonline.com", cloud.Login, ""},
		{"usgov", "management.usgovcloudapi.net", cloud.ARM, ""},
		{"usgov", "graph.microsoft.us", cloud.Graph, ""},
		{"usgov", "graph.microsoftazure.us", cloud.AADGraph, ""},
		{"usgov", "acct.blob.core.usgovcloudapi.net", cloud.Blob, "acct"},
		{"usgov", "v.vault.usgovcloudapi.net", cloud.Vault, "v"},
		{"usgov", "portal.azure.us", cloud.Portal, ""},
	}
	for _, test := range tests {
		for _, c := range cloud.All() {
			service, name, ok := c.Resolve(test.host)
			if c.Name == test.cloud {
				if !ok || service != test.service || name != test.name {
					t.Errorf("%s: Resolve(%q) = %q, %q, %v; want %q, %q", c.Name, test.host, service, name, ok, test.service, test.name)
				}
			} else if ok && service != cloud.IMDS {
				t.Errorf("%s: Resolve(%q) = %q, though the host is of the %s cloud", c.Name, test.host, service, test.cloud)
			}
		}
	}
}

func TestResolveRefuses(t *testing.T) {
	for _, host := range []string{
		"", ".", ":80", "example.com", "localhost", "127.0.0.1", "[::1]:80",
		"blob.core.windows.net", "a.b.blob.core.windows.net", "acct.web.core.windows.net", "acct.blog.core.windows.net",
		"acct.z1.blob.core.windows.net", "-a.blob.core.windows.net", "a_b.blob.core.windows.net",
		"vault.azure.net", "a.b.vault.azure.net", "evilvault.azure.net", "xmanagement.azure.com",
		"a.b.login.microsoft.com", "management.azure.com.evil.example", "acct.blob.core.windows.net.evil.example",
		"management.core.windows.net", "x.azurecr.io",
	} {
		if service, name, ok := cloud.Public().Resolve(host); ok {
			t.Errorf("Resolve(%q) = %q, %q", host, service, name)
		}
	}
}

func TestSplitSecondary(t *testing.T) {
	for name, want := range map[string]struct {
		account   string
		secondary bool
	}{"acct": {"acct", false}, "acct-secondary": {"acct", true}} {
		if account, secondary := cloud.SplitSecondary(name); account != want.account || secondary != want.secondary {
			t.Errorf("SplitSecondary(%q) = %q, %v", name, account, secondary)
		}
	}
}

func TestSuffixesCoverTheCloud(t *testing.T) {
	for _, c := range cloud.All() {
		suffixes := c.Suffixes()
		covered := func(host string) bool {
			for _, suffix := range suffixes {
				if host == suffix || strings.HasSuffix(host, "."+suffix) {
					return true
				}
			}
			return false
		}
		hosts := append([]string{"acct.blob." + c.DNS.Storage, "v.vault.x", c.Entra.MSGraphHost}, c.Entra.LoginHosts...)
		hosts[1] = "v." + c.DNS.Vault
		for _, host := range append(hosts, c.ARM.Hosts...) {
			if _, _, ok := c.Resolve(host); !ok || !covered(host) || !cloud.IsAzure(host) {
				t.Errorf("%s: %s is not resolved, not covered by Suffixes, or not Azure's", c.Name, host)
			}
		}
		for i, suffix := range suffixes {
			if !cloud.IsAzure(suffix) || !cloud.IsAzure("x."+suffix) {
				t.Errorf("%s: the suffix %s is not Azure's", c.Name, suffix)
			}
			if strings.ContainsAny(suffix, ":/") || strings.HasPrefix(suffix, ".") {
				t.Errorf("%s: the suffix %q is no DNS name", c.Name, suffix)
			}
			for _, earlier := range suffixes[:i] {
				if suffix == earlier || strings.HasSuffix(suffix, "."+earlier) {
					t.Errorf("%s: the suffix %s is said by %s already", c.Name, suffix, earlier)
				}
			}
		}
	}
}

func TestIsAzure(t *testing.T) {
	for _, host := range []string{
		"management.azure.com", "MANAGEMENT.AZURE.COM.:443", "x.azurecr.io", "x.servicebus.windows.net", "db.database.windows.net",
		"site.azurewebsites.net", "azure.com", "login.microsoftonline.de", "x.chinacloudapi.cn", "x.azure.us", "eu.login.microsoft.com",
		"graph.microsoft.com", "dod-graph.microsoft.us", "dc.services.visualstudio.com", "x.cloudapi.de",
		"169.254.169.254", "169.254.169.254:80", "[::ffff:169.254.169.254]:80", "::ffff:a9fe:a9fe", "168.63.129.16:32526",
	} {
		if !cloud.IsAzure(host) {
			t.Errorf("IsAzure(%q) = false", host)
		}
	}
	for _, host := range []string{
		"", ":", "[", "example.com", "notazure.com", "azure.com.example.org", "microsoft.com", "packages.microsoft.com",
		"github.com", "xwindows.net", "127.0.0.1:80", "[::1]:80", "fe80::1%eth0", "golang.org",
	} {
		if cloud.IsAzure(host) {
			t.Errorf("IsAzure(%q) = true", host)
		}
	}
}

func FuzzHost(f *testing.F) {
	for _, seed := range []string{"", "acct.blob.core.windows.net:443", "[::1%x]:1", "169.254.169.254", ".z1.web.core.chinacloudapi.cn.", "login.microsoftonline.us"} {
		f.Add(seed)
	}
	clouds := cloud.All()
	f.Fuzz(func(t *testing.T, host string) {
		owner := ""
		for _, c := range clouds {
			service, name, ok := c.Resolve(host)
			if !ok {
				if service != "" || name != "" {
					t.Fatalf("%s: Resolve(%q) = %q, %q without ok", c.Name, host, service, name)
				}
				continue
			}
			if !cloud.IsAzure(host) {
				t.Fatalf("%s: Resolve(%q) = %q, but it is not Azure's", c.Name, host, service)
			}
			if service != cloud.IMDS && owner != "" {
				t.Fatalf("%q is in %s and in %s", host, owner, c.Name)
			}
			owner = c.Name
		}
		cloud.Public().Audience(host)
	})
}
