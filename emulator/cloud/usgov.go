package cloud

// USGov is Azure US Government.
//
// Its audience list is as the service prints it (stephaneey/azure-apim-extension issue 93).
// The authority of ARM's challenge has not been seen in public traffic: it is taken to be
// this cloud's login endpoint (unverified).
func USGov() *Cloud {
	return &Cloud{
		Name:            "usgov",
		CLIName:         "AzureUSGovernment",
		GoName:          "USGovernment",
		EnvironmentName: "AzureUSGovernmentCloud",
		DefaultLocation: "usgovvirginia",
		Locations: []Location{
			{"usgovvirginia", "USGov Virginia", "usgovtexas"}, {"usgovarizona", "USGov Arizona", "usgovtexas"},
			{"usgovtexas", "USGov Texas", "usgovvirginia"}, {"usgoviowa", "USGov Iowa", ""},
			{"usdodeast", "USDoD East", "usdodcentral"}, {"usdodcentral", "USDoD Central", "usdodeast"},
		},
		Entra: TokenService{
			LoginHosts:            []string{"login.microsoftonline.us", "login.usgovcloudapi.net", "login-us.microsoftonline.com"},
			V1IssuerHost:          "sts.windows.net",
			V2IssuerHost:          "login.microsoftonline.us",
			LoginEndpoint:         "https://login.microsoftonline.us",
			TokenExchangeAudience: "api://AzureADTokenExchangeUSGov",
			TenantRegionScope:     "USGov",
			CloudInstanceName:     "microsoftonline.us",
			CloudGraphHostName:    "graph.microsoftazure.us",
			MSGraphHost:           "graph.microsoft.us",
			RBACURL:               "https://pasff.usgovcloudapi.net",
		},
		ARM: ResourceManager{
			Endpoint: "https://management.usgovcloudapi.net/",
			Hosts:    []string{"management.usgovcloudapi.net"},
			Audiences: []string{
				"https://management.core.usgovcloudapi.net/", "https://management.core.usgovcloudapi.net",
				"https://management.usgovcloudapi.net/", "https://management.usgovcloudapi.net",
			},
			ChallengeAuthority: "https://login.microsoftonline.us/",
		},
		Endpoints: Endpoints{
			Portal:               "https://portal.azure.us",
			ClassicManagement:    "https://management.core.usgovcloudapi.net/",
			SQLManagement:        "https://management.core.usgovcloudapi.net:8443/",
			Gallery:              "https://gallery.usgovcloudapi.net/",
			Media:                "https://rest.media.usgovcloudapi.net",
			Storage:              "https://storage.azure.com/",
			Vault:                "https://vault.usgovcloudapi.net",
			ManagedHSM:           "https://managedhsm.usgovcloudapi.net",
			MicrosoftGraph:       "https://graph.microsoft.us/",
			AADGraph:             "https://graph.windows.net/",
			Batch:                "https://batch.core.usgovcloudapi.net/",
			SQL:                  "https://database.usgovcloudapi.net/",
			OSSDatabases:         "https://ossrdbms-aad.database.usgovcloudapi.net",
			LogAnalytics:         "https://api.loganalytics.us",
			AppInsights:          "https://api.applicationinsights.us",
			AppInsightsTelemetry: "https://dc.applicationinsights.us/v2/track",
			Synapse:              "https://dev.azuresynapse.usgovcloudapi.net",
			AppConfiguration:     "https://azconfig.azure.us",
			Cosmos:               "https://cosmos.azure.us",
			Monitor:              "https://monitor.azure.us",
			Cognitive:            "https://cognitiveservices.azure.us",
		},
		DNS: DNS{
			Storage:          "core.usgovcloudapi.net",
			Vault:            "vault.usgovcloudapi.net",
			ManagedHSM:       "managedhsm.usgovcloudapi.net",
			Registry:         "azurecr.us",
			SQL:              "database.usgovcloudapi.net",
			ServiceBus:       "servicebus.usgovcloudapi.net",
			MySQL:            "mysql.database.usgovcloudapi.net",
			PostgreSQL:       "postgres.database.usgovcloudapi.net",
			MariaDB:          "mariadb.database.usgovcloudapi.net",
			Cosmos:           "documents.azure.us",
			AppConfiguration: "azconfig.azure.us",
			Synapse:          "dev.azuresynapse.usgovcloudapi.net",
			StorageSync:      "afs.azure.us",
		},
	}
}
