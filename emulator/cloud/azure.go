package cloud

import "net/netip"

// IsAzure tells whether a host belongs to Azure in any cloud, whether or not it is served
// here: what the proxy must never pass on. It errs on the side of yes. The host may carry
// a port, a trailing dot and any letter case; an internationalised name must already be in
// its ASCII form, the one that is looked up.
func IsAzure(host string) bool {
	host = hostname(host)
	if address, err := netip.ParseAddr(host); err == nil {
		address = address.Unmap().WithZone("")
		return address == netip.MustParseAddr(IMDSAddress) || address == netip.MustParseAddr(wireServerAddress)
	}
	return within(host, azureSuffixes[:])
}

// wireServerAddress is the platform's own channel to virtual machines ("What is IP address
// 168.63.129.16?").
const wireServerAddress = "168.63.129.16"

// azureSuffixes are the domains of Azure: those of "Azure domains" and of the firewall
// pages of its services, for all clouds. A domain below another one is left out. It is
// never written to.
var azureSuffixes = [...]string{
	// Shared by many services.
	"azure.com", "azure.net", "windows.net", "azure.us", "azure.cn",
	"usgovcloudapi.net", "chinacloudapi.cn", "cloudapi.de",
	"windowsazure.com", "windowsazure.us", "windowsazure.cn", "windowsazure.de",
	"microsoftazure.us", "microsoftazure.de",
	// Entra ID and Microsoft Graph.
	"microsoftonline.com", "microsoftonline.us", "microsoftonline.cn", "microsoftonline.de",
	"microsoftonline-p.com", "microsoftonline-p.net",
	"login.microsoft.com", "mtlsauth.microsoft.com", "graph.microsoft.com",
	"graph.microsoft.us", "dod-graph.microsoft.us", "graph.microsoft.de",
	"msidentity.com", "msftidentity.com", "b2clogin.com", "b2clogin.cn", "ciamlogin.com", "msappproxy.net",
	"sovcloud-identity.fr", "sovcloud-identity.de", "sovcloud-identity.sg",
	"sovcloud-api.fr", "sovcloud-api.de", "sovcloud-api.sg",
	// Hosting and networking.
	"azurewebsites.net", "azurewebsites.us", "chinacloudsites.cn", "azurestaticapps.net",
	"azurecontainer.io", "azurecontainerapps.io", "azurecontainerapps.us", "azurecontainerapps.cn",
	"azuremicroservices.io", "azmk8s.io", "azmk8s.us", "azmk8s.cn", "aksapp.io",
	"cloudapp.net", "usgovcloudapp.net", "chinacloudapp.cn",
	"trafficmanager.net", "usgovtrafficmanager.net", "trafficmanager.cn", "azuretrafficmanager.net",
	"azurefd.net", "azurefd.us", "azurefd.cn", "azureedge.net", "azureedge.us", "azureedge.cn",
	"azure-dns.com", "azure-dns.net", "azure-dns.org", "azure-dns.info", "azureprivatedns.net",
	"azure-api.net", "azure-api.us", "azure-api.cn", "azure-mobile.net", "chinacloud-mobile.cn",
	// Registries, configuration, messaging, devices.
	"azurecr.io", "azurecr.us", "azurecr.cn", "azurecr.de", "azconfig.io",
	"azure-devices.net", "azure-devices.us", "azure-devices.cn",
	"azure-devices-provisioning.net", "azure-devices-provisioning.us", "azure-devices-provisioning.cn",
	"azureiotcentral.com", "azureiotsolutions.com", "signalr.net", "signalr.azure.us",
	// Data and machine learning.
	"azuredatalakestore.net", "azuredatalakeanalytics.net", "azuredatabricks.net",
	"azuredatabricks.us", "azuredatabricks.cn", "azurehdinsight.net", "azurehdinsight.us", "azurehdinsight.cn",
	"azuresynapse.net", "azuresynapse.us", "azuresynapse.cn",
	"azureml.net", "azureml.ms", "azureml.us", "azureml.cn",
	// Management and monitoring.
	"azure-automation.net", "azure-automation.us", "azure-automation.cn",
	"applicationinsights.io", "applicationinsights.us", "loganalytics.io", "loganalytics.us",
	"opinsights.com", "services.visualstudio.com",
}
