package cloud_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/cloud"
)

func document(t *testing.T, c *cloud.Cloud, apiVersion string) string {
	t.Helper()
	body, ok := c.MetadataEndpoints(apiVersion)
	if !ok {
		t.Fatalf("%s: no document of %s", c.Name, apiVersion)
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestMetadata2015(t *testing.T) {
	const want = `{"galleryEndpoint":"https://gallery.azure.com/","graphEndpoint":"https://graph.windows.net/",` +
		`"portalEndpoint":"https://portal.azure.com/","authentication":{"loginEndpoint":"https://login.microsoftonline.com/",` +
		`"audiences":["https://management.core.windows.net/","https://management.azure.com/"]}}`
	for _, version := range []string{"1.0", "2015-01-01"} {
		if got := document(t, cloud.Public(), version); got != want {
			t.Errorf("%s:\n got %s\nwant %s", version, got, want)
		}
	}
}

func TestMetadata2018(t *testing.T) {
	got := document(t, cloud.China(), "2018-01-01")
	for _, want := range []string{
		`"graphAudience":"https://graph.chinacloudapi.cn","authentication":{"loginEndpoint":"https://login.chinacloudapi.cn",`,
		`"tenant":"common","identityProvider":"AAD"},"cloudEndpoint":{"public":{"endpoint":"management.azure.com","locations":["eastus",`,
		`"chinaCloud":{"endpoint":"management.chinacloudapi.cn","locations":["chinanorth",`,
		`"usGovCloud":{"endpoint":"management.usgovcloudapi.net",`, `"germanCloud":{"endpoint":"management.microsoftazure.de",`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
}

func TestMetadata2019(t *testing.T) {
	got := document(t, cloud.USGov(), "2019-05-01")
	if got != document(t, cloud.Public(), "2019-05-01") {
		t.Error("the array differs from cloud to cloud")
	}
	for _, want := range []string{
		`[{"portal":"https://portal.azure.com","authentication":{"loginEndpoint":"https://login.microsoftonline.com/",`,
		`"graph":"https://graph.windows.net/","name":"AzureCloud","suffixes":{"azureDataLakeStoreFileSystem":"azuredatalakestore.net",` +
			`"acrLoginServer":"azurecr.io","sqlServerHostname":"database.windows.net","azureDataLakeAnalyticsCatalogAndJob":"azuredatalakeanalytics.net",` +
			`"keyVaultDns":"vault.azure.net","storage":"core.windows.net","azureFrontDoorEndpointSuffix":"azurefd.net"},"batch":"https://batch.core.windows.net/",`,
		`"sqlManagement":"https://management.core.windows.net:8443/","gallery":"https://gallery.azure.com/"}`,
		`{"portal":"https://portal.azure.cn","authentication":{"loginEndpoint":"https://login.chinacloudapi.cn",` +
			`"audiences":["https://management.core.chinacloudapi.cn","https://management.chinacloudapi.cn"],`,
		`"name":"AzureChinaCloud","suffixes":{"acrLoginServer":"azurecr.cn","sqlServerHostname":"database.chinacloudapi.cn",` +
			`"keyVaultDns":"vault.azure.cn","storage":"core.chinacloudapi.cn","azureFrontDoorEndpointSuffix":""}`,
		`"resourceManager":"https://management.usgovcloudapi.net","vmImageAliasDoc":`,
		`"name":"AzureGermanCloud"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
}

func TestMetadata2022(t *testing.T) {
	got := document(t, cloud.Public(), "2022-09-01")
	for _, want := range []string{
		`{"portal":"https://portal.azure.com","authentication":{"loginEndpoint":"https://login.microsoftonline.com",`,
		`"azureFrontDoorEndpointSuffix":"azurefd.net","storageSyncEndpointSuffix":"afs.azure.net","mhsmDns":"managedhsm.azure.net",` +
			`"mysqlServerEndpoint":"mysql.database.azure.com","postgresqlServerEndpoint":"postgres.database.azure.com",` +
			`"mariadbServerEndpoint":"mariadb.database.azure.com","synapseAnalytics":"dev.azuresynapse.net","attestationEndpoint":"attest.azure.net"}`,
		`"sqlManagement":"https://management.core.windows.net:8443/","microsoftGraphResourceId":"https://graph.microsoft.com/",` +
			`"appInsightsResourceId":"https://api.applicationinsights.io","appInsightsTelemetryChannelResourceId":"https://dc.applicationinsights.azure.com/v2/track",` +
			`"attestationResourceId":"https://attest.azure.net","synapseAnalyticsResourceId":"https://dev.azuresynapse.net",` +
			`"logAnalyticsResourceId":"https://api.loganalytics.io","ossrDbmsResourceId":"https://ossrdbms-aad.database.windows.net"}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
	for _, c := range cloud.All() {
		text := document(t, c, "2022-09-01")
		if strings.Contains(text, "gallery") || !strings.Contains(text, `"name":"`+c.CLIName+`"`) ||
			!strings.Contains(text, `"keyVaultDns":"`+c.DNS.Vault+`"`) {
			t.Errorf("%s: %s", c.Name, text)
		}
	}
}

func TestMetadataUnknownVersion(t *testing.T) {
	for _, version := range []string{"", "2022-09-02", "2016-01-01"} {
		if body, ok := cloud.Public().MetadataEndpoints(version); ok || body != nil {
			t.Errorf("version %q gives %v", version, body)
		}
	}
}
