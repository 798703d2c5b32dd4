package cloud_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/cloud"
)

// The values below repeat constants of Azure/azure-sdk-for-go sdk/azcore/cloud and
// sdk/azidentity, of hashicorp/go-azure-sdk sdk/environments, and of the az CLI.
func TestKnownValues(t *testing.T) {
	public, china, usgov := cloud.Public(), cloud.China(), cloud.USGov()
	const tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
	tests := []struct{ what, got, want string }{
		{"public ARM", public.ARM.Endpoint, "https://management.azure.com/"},
		{"china ARM", china.ARM.Endpoint, "https://management.chinacloudapi.cn"},
		{"usgov ARM", usgov.ARM.Endpoint, "https://management.usgovcloudapi.net/"},
		{"public v1 issuer", public.V1Issuer(tenant), "https://sts.windows.net/" + tenant + "/"},
		{"china v1 issuer", china.V1Issuer(tenant), "https://sts.chinacloudapi.cn/" + tenant + "/"},
		{"usgov v1 issuer", usgov.V1Issuer(tenant), "https://sts.windows.net/" + tenant + "/"},
		{"public v2 issuer", public.V2Issuer(tenant), "https://login.microsoftonline.com/" + tenant + "/v2.0"},
		{"china v2 issuer", china.V2Issuer(tenant), "https://login.partner.microsoftonline.cn/" + tenant + "/v2.0"},
		{"usgov v2 issuer", usgov.V2Issuer(tenant), "https://login.microsoftonline.us/" + tenant + "/v2.0"},
		{"public challenge", public.Challenge(tenant), "https://login.windows.net/" + tenant},
		{"public challenge without a tenant", public.Challenge(""), "https://login.windows.net/"},
		{"china login", china.Entra.LoginEndpoint, "https://login.chinacloudapi.cn"},
		{"china vault", china.DNS.Vault, "vault.azure.cn"},
		{"usgov managed HSM", usgov.DNS.ManagedHSM, "managedhsm.usgovcloudapi.net"},
		{"china graph", china.Endpoints.MicrosoftGraph, "https://microsoftgraph.chinacloudapi.cn"},
		{"usgov storage", usgov.DNS.Storage, "core.usgovcloudapi.net"},
		{"china location", china.DefaultLocation, "chinanorth"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("%s = %q, want %q", test.what, test.got, test.want)
		}
	}
}

func TestByName(t *testing.T) {
	for name, want := range map[string]string{
		"public": "public", "AzureCloud": "public", "azurepubliccloud": "public", "PUBLIC": "public",
		"china": "china", "AzureChinaCloud": "china",
		"usgov": "usgov", "azureusgovernment": "usgov", "USGovernment": "usgov", "AzureUSGovernmentCloud": "usgov",
	} {
		if c, ok := cloud.ByName(name); !ok || c.Name != want {
			t.Errorf("ByName(%q) = %v, %v; want %s", name, c, ok, want)
		}
	}
	if c, ok := cloud.ByName("german"); ok {
		t.Errorf("ByName(german) = %s", c.Name)
	}
}

func TestValuesAreTheCallersOwn(t *testing.T) {
	cloud.Public().ARM.Audiences[0] = "spoiled"
	cloud.Instances()[0].Aliases[0] = "spoiled"
	if got := cloud.Public().ARM.Audiences[0]; got == "spoiled" {
		t.Error("a caller changed the audiences of the public cloud")
	}
	if got := cloud.Instances()[0].Aliases[0]; got == "spoiled" {
		t.Error("a caller changed the login aliases")
	}
}

// Every field is set, but for what a cloud is known to lack.
func TestNothingIsForgotten(t *testing.T) {
	lacking := map[string][]string{
		"china": {"TenantRegionScope", "Attestation", "DataLake", "DataLakeStore", "DataLakeAnalytics", "FrontDoor"},
		"usgov": {"Attestation", "DataLake", "DataLakeStore", "DataLakeAnalytics", "FrontDoor"},
	}
	for _, c := range cloud.All() {
		var check func(v reflect.Value, path string)
		check = func(v reflect.Value, path string) {
			for i := range v.NumField() {
				name := v.Type().Field(i).Name
				switch field := v.Field(i); {
				case field.Kind() == reflect.Struct:
					check(field, path+"."+name)
				case field.IsZero() != slices.Contains(lacking[c.Name], name):
					t.Errorf("%s%s.%s = %v", c.Name, path, name, field)
				}
			}
		}
		check(reflect.ValueOf(*c), "")
		if !slices.ContainsFunc(c.Locations, func(l cloud.Location) bool { return l.Name == c.DefaultLocation }) {
			t.Errorf("%s: the default location %s is not listed", c.Name, c.DefaultLocation)
		}
		for _, location := range c.Locations {
			if strings.ToLower(strings.ReplaceAll(location.DisplayName, " ", "")) != location.Name {
				t.Errorf("%s: location %q is printed as %q", c.Name, location.Name, location.DisplayName)
			}
			if pair := location.Paired; pair != "" && (pair == location.Name || !slices.ContainsFunc(c.Locations, func(l cloud.Location) bool { return l.Name == pair })) {
				t.Errorf("%s: location %q is paired with %q", c.Name, location.Name, pair)
			}
		}
	}
}

func TestClassicAudienceStandsFirst(t *testing.T) {
	for _, c := range cloud.All() {
		a := c.ARM.Audiences
		if len(a) != 4 || a[0] != c.Endpoints.ClassicManagement || a[1]+"/" != a[0] || a[3]+"/" != a[2] ||
			strings.TrimSuffix(c.ARM.Endpoint, "/") != a[3] {
			t.Errorf("%s: audiences %q", c.Name, a)
		}
	}
}

// The aliases of instance discovery are login hosts of one cloud, and its preferred
// network is the host that cloud's documents name.
func TestInstancesAgreeWithLoginHosts(t *testing.T) {
	rows := cloud.Instances()
	for _, c := range cloud.All() {
		var row *cloud.Instance
		for i := range rows {
			if rows[i].PreferredNetwork == c.Entra.LoginHosts[0] {
				row = &rows[i]
			}
		}
		if row == nil {
			t.Errorf("%s: no instance prefers %s", c.Name, c.Entra.LoginHosts[0])
			continue
		}
		for _, alias := range row.Aliases {
			if !slices.Contains(c.Entra.LoginHosts, alias) {
				t.Errorf("%s: the alias %s is no login host", c.Name, alias)
			}
		}
	}
}
