package vault

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/linarite/linarite/clientlib"
)

// FuzzChallenge: whatever a challenge says, a token is only asked for a domain that the vault is in.
func FuzzChallenge(f *testing.F) {
	for _, resource := range []string{"https://vault.azure.net", "https://VAULT.azure.net/", "https://management.azure.com", "https://net", "https://vault.azure.net@evil.example", "https://evil.example#.vault.azure.net",
		"https://evil.example?.vault.azure.net", "https://evil.example\\.vault.azure.net", "https://azure.net.", "https:vault.azure.net", "//vault.azure.net", "https://[::1]", "https://vault.azure.net:443", "https://.azure.net"} {
		f.Add("v.vault.azure.net", `Bearer authorization="https://login.example/t", resource="`+resource+`"`)
		f.Add("v.vault.azure.net:8443", `Bearer scope="`+resource+`/.default"`)
	}
	f.Fuzz(func(t *testing.T, host, challenge string) {
		d := newDoor(nil, host, "", "")
		got, err := d.read(http.Header{"Www-Authenticate": {challenge}})
		if err != nil || got == (clientlib.TokenRequest{}) {
			if got.Audience != "" {
				t.Errorf("%q at %q: %v, and an error", challenge, host, got)
			}
			return
		}
		u, err := url.Parse(got.Audience)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" {
			t.Fatalf("%q at %q: the audience %q", challenge, host, got.Audience)
		}
		labels, domain := strings.Split(strings.ToLower(hostname(host)), "."), strings.Split(strings.ToLower(u.Hostname()), ".")
		if len(domain) < 2 || len(labels) <= len(domain) || strings.Join(labels[len(labels)-len(domain):], ".") != strings.Join(domain, ".") {
			t.Errorf("%q: a token for %q", host, got.Audience)
		}
		if strings.ContainsAny(got.Tenant, "/\\?#%: ") {
			t.Errorf("%q: the directory %q", challenge, got.Tenant)
		}
	})
}

// FuzzLink: a list goes on at the vault's own address, or not at all.
func FuzzLink(f *testing.F) {
	for _, link := range []string{"https://v.vault.azure.net:443/secrets?$skiptoken=x", "https://V.VAULT.azure.net/", "https://v.vault.azure.net@evil.example/", "//evil.example", "https://v.vault.azure.net\\@evil.example", "https://v.vault.azure.net:0443/"} {
		f.Add(link)
	}
	base, err := url.Parse("https://v.vault.azure.net")
	if err != nil {
		f.Fatal(err)
	}
	c := &Client{base: base}
	f.Fuzz(func(t *testing.T, link string) {
		own, err := c.own(link)
		if err != nil {
			return
		}
		if u, err := url.Parse(own); err != nil || u.Scheme != "https" || u.Host != base.Host || u.User != nil {
			t.Errorf("%q leads to %q, %v", link, own, err)
		}
	})
}
