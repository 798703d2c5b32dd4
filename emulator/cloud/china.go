package cloud

// China is Azure in China, operated by 21Vianet.
//
// How ARM there prints its audiences and its challenge has not been seen in public
// traffic: the audience list follows the public and US Government ones (unverified); the
// challenge's authority is the one that other services of this cloud challenge with, such
// as Time Series Insights (unverified for ARM).
func China() *Cloud {
	return &Cloud{
		Name:            "china",
		CLIName:         "AzureChinaCloud",
		GoName:          "China",
		EnvironmentName: "AzureChinaCloud",
		DefaultLocation: "chinanorth",
		Locations: []Location{
			{"chinanorth", "China North", "chinaeast"}, {"chinaeast", "China East", "chinanorth"},
			{"chinanorth2", "China North 2", "chinaeast2"}, {"chinaeast2", "China East 2", "chinanorth2"},
			{"chinanorth3", "China North 3", "chinaeast3"}, {"chinaeast3", "China East 3", "chinanorth3"},
		},
		Entra: TokenService{
			LoginHosts:            []string{"login.partner.microsoftonline.cn", "login.chinacloudapi.cn", "sts.chinacloudapi.cn"},
			V1IssuerHost:          "sts.chinacloudapi.cn",
			V2IssuerHost:          "login.partner.microsoftonline.cn",
			LoginEndpoint:         "https://login.chinacloudapi.cn",
			TokenExchangeAudience: "api://AzureADTokenExchangeChina",
			CloudInstanceName:     "partner.microsoftonline.cn",
			CloudGraphHostName:    "graph.chinacloudapi.cn",
			MSGraphHost:           "microsoftgraph.chinacloudapi.cn",
			RBACURL:               "https://pas.chinacloudapi.cn",
		},
		ARM: ResourceManager{
			Endpoint: "https://management.chinacloudapi.cn",
			Hosts:    []string{"management.chinacloudapi.cn"},
			Audiences: []string{
				"https://management.core.chinacloudapi.cn/", "https://management.core.chinacloudapi.cn",
				"https://management.chinacloudapi.cn/", "https://management.chinacloudapi.cn",
			},
			ChallengeAuthority: "https://login.chinacloudapi.cn/",
		},
		Endpoints: Endpoints{
			Portal:               "https://portal.azure.cn",
			ClassicManagement:    "https://management.core.chinacloudapi.cn/",
			SQLManagement:        "https://management.core.chinacloudapi.cn:8443/",
			Gallery:              "https://gallery.chinacloudapi.cn/",
			Media:                "https://rest.media.chinacloudapi.cn",
			Storage:              "https://storage.azure.com/",
			Vault:                "https://vault.azure.cn",
			ManagedHSM:           "https://managedhsm.azure.cn",
			MicrosoftGraph:       "https://microsoftgraph.chinacloudapi.cn",
			AADGraph:             "https://graph.chinacloudapi.cn/",
			Batch:                "https://batch.chinacloudapi.cn/",
			SQL:                  "https://database.chinacloudapi.cn/",
			OSSDatabases:         "https://ossrdbms-aad.database.chinacloudapi.cn",
			LogAnalytics:         "https://api.loganalytics.azure.cn",
			AppInsights:          "https://api.applicationinsights.azure.cn",
			AppInsightsTelemetry: "https://dc.applicationinsights.azure.cn/v2/track",
			Synapse:              "https://dev.azuresynapse.azure.cn",
			AppConfiguration:     "https://azconfig.azure.cn",
			Cosmos:               "https://cosmos.azure.cn",
			Monitor:              "https://monitor.azure.cn",
			Cognitive:            "https://cognitiveservices.azure.cn",
		},
		DNS: DNS{
			Storage:          "core.chinacloudapi.cn",
			Vault:            "vault.azure.cn",
			ManagedHSM:       "managedhsm.azure.cn",
			Registry:         "azurecr.cn",
			SQL:              "database.chinacloudapi.cn",
			ServiceBus:       "servicebus.chinacloudapi.cn",
			MySQL:            "mysql.database.chinacloudapi.cn",
			PostgreSQL:       "postgres.database.chinacloudapi.cn",
			MariaDB:          "mariadb.database.chinacloudapi.cn",
			Cosmos:           "documents.azure.cn",
			AppConfiguration: "azconfig.azure.cn",
			Synapse:          "dev.azuresynapse.azure.cn",
			StorageSync:      "afs.azure.cn",
		},
	}
}
