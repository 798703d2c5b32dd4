package cloud_test

import (
	"testing"

	"github.com/linarite/linarite/emulator/cloud"
)

func TestAudience(t *testing.T) {
	all := []string{"public", "china", "usgov"}
	tests := []struct {
		resource string
		service  cloud.Service
		appID    string
		knownIn  []string
	}{
		{"https://management.azure.com/", cloud.ARM, cloud.AppARM, []string{"public"}},
		{"https://management.azure.com", cloud.ARM, cloud.AppARM, []string{"public"}},
		{"https://management.core.windows.net/", cloud.ARM, cloud.AppARM, []string{"public"}},
		{"https://Management.Azure.com", cloud.ARM, cloud.AppARM, []string{"public"}},
		{"https://management.core.chinacloudapi.cn/", cloud.ARM, cloud.AppARM, []string{"china"}},
		{"https://management.usgovcloudapi.net", cloud.ARM, cloud.AppARM, []string{"usgov"}},
		{"https://storage.azure.com/", cloud.Storage, cloud.AppStorage, all},
		{"https://storage.azure.com", cloud.Storage, cloud.AppStorage, all},
		{"https://acct.blob.core.windows.net", cloud.Storage, cloud.AppStorage, []string{"public"}},
		{"https://acct.dfs.core.chinacloudapi.cn/", cloud.Storage, cloud.AppStorage, []string{"china"}},
		{"https://vault.azure.net", cloud.Vault, cloud.AppKeyVault, []string{"public"}},
		{"https://vault.azure.net/", cloud.Vault, cloud.AppKeyVault, []string{"public"}},
		{"https://v.vault.azure.net", cloud.Vault, cloud.AppKeyVault, []string{"public"}},
		{"https://vault.azure.cn", cloud.Vault, cloud.AppKeyVault, []string{"china"}},
		{"https://managedhsm.usgovcloudapi.net", cloud.ManagedHSM, cloud.AppManagedHSM, []string{"usgov"}},
		{"https://graph.microsoft.com/", cloud.Graph, cloud.AppGraph, []string{"public"}},
		{"https://microsoftgraph.chinacloudapi.cn", cloud.Graph, cloud.AppGraph, []string{"china"}},
		{"https://graph.windows.net", cloud.AADGraph, cloud.AppAADGraph, []string{"public", "usgov"}},
		{"https://database.windows.net/", cloud.Other, "022907d3-0f1b-48f7-badc-1ba6abab6d66", []string{"public"}},
		{"https://servicebus.azure.net", cloud.Other, "80a10ef9-8168-493d-abf9-3297c4ef6e3c", all},
		{"https://dev.azuresynapse.net", cloud.Other, "", []string{"public"}},
		{"api://AzureADTokenExchange", cloud.Other, "fb60f99c-7a34-4190-8149-302f77469936", []string{"public"}},
		{cloud.AppARM, cloud.ARM, cloud.AppARM, all},
		{"CFA8B339-82A2-471A-A3C9-0FC0BE7A4093", cloud.Vault, cloud.AppKeyVault, all},
		{"2ff814a6-3304-4ab8-85cb-cd0e6f879c1d", cloud.Other, "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d", all},
		{"", "", "", nil},
		{"/", "", "", nil},
		{"https://management.azure.com//", "", "", nil},
		{"http://management.azure.com/", "", "", nil},
		{"management.azure.com", "", "", nil},
		{"https://management.azure.com:443", "", "", nil},
		{"https://acct.blob.core.windows.net/c", "", "", nil},
		{"https://login.microsoftonline.com", "", "", nil},
		{"https://169.254.169.254", "", "", nil},
		{"https://example.com", "", "", nil},
		{"api://my-app", "", "", nil},
		{"spn:" + cloud.AppKeyVault, "", "", nil},
	}
	for _, test := range tests {
		for _, c := range cloud.All() {
			want := false
			for _, name := range test.knownIn {
				want = want || name == c.Name
			}
			got, ok := c.Audience(test.resource)
			if ok != want || ok && (got.Service != test.service || got.AppID != test.appID || got.DisplayName == "") {
				t.Errorf("%s: Audience(%q) = %+v, %v; want known %v", c.Name, test.resource, got, ok, want)
			}
		}
	}
}

// What a cloud's own documents offer as audience, its token service knows.
func TestOwnAudiencesAreKnown(t *testing.T) {
	for _, c := range cloud.All() {
		e := c.Endpoints
		for _, resource := range append([]string{e.Storage, e.Vault, e.ManagedHSM, e.MicrosoftGraph, e.AADGraph, e.Batch, e.SQL,
			e.OSSDatabases, e.LogAnalytics, e.AppInsights, e.Synapse, e.Media, e.ClassicManagement, c.ARM.Endpoint}, c.ARM.Audiences...) {
			if _, ok := c.Audience(resource); !ok {
				t.Errorf("%s: %s is not known", c.Name, resource)
			}
		}
	}
}
