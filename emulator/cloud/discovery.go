package cloud

// Instance is one row of the instance discovery document: login hosts that are one token
// service.
type Instance struct {
	PreferredNetwork string   `json:"preferred_network"`
	PreferredCache   string   `json:"preferred_cache"`
	Aliases          []string `json:"aliases"`
}

// Instances returns the metadata of /common/discovery/instance, in wire order. It is the
// same in every cloud and names all of them.
//
// Source: AzureAD/microsoft-authentication-library-for-js AuthorityMetadata.ts.
func Instances() []Instance {
	return []Instance{
		{"login.microsoftonline.com", "login.windows.net",
			[]string{"login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"}},
		{"login.partner.microsoftonline.cn", "login.partner.microsoftonline.cn",
			[]string{"login.partner.microsoftonline.cn", "login.chinacloudapi.cn"}},
		{"login.microsoftonline.de", "login.microsoftonline.de", []string{"login.microsoftonline.de"}},
		{"login.microsoftonline.us", "login.microsoftonline.us",
			[]string{"login.microsoftonline.us", "login.usgovcloudapi.net"}},
		{"login-us.microsoftonline.com", "login-us.microsoftonline.com", []string{"login-us.microsoftonline.com"}},
	}
}
