package cloud

import (
	"fmt"
	"strings"
)

// Cloud is one Azure cloud. URLs of services have no slash at the end; audiences have or
// lack one as the services want it.
type Cloud struct {
	// Name is public, china or usgov.
	Name string
	// Location is a region that a cloud's own documentation uses, such as westus.
	Location string
	// Login is the address of Entra ID, where tokens are asked for.
	Login string
	// ARM is the address of Resource Manager, and ARMAudience whom its tokens are meant for.
	ARM, ARMAudience string
	// Graph is the address and the audience of Microsoft Graph.
	Graph string
	// StorageAudience is whom tokens of Blob storage are meant for, the same in every cloud.
	StorageAudience string
	// VaultAudience is whom tokens of Key Vault are meant for.
	VaultAudience string
	// BlobSuffix and VaultSuffix follow the name of an account or a vault and a dot.
	BlobSuffix, VaultSuffix string
}

// Blob is the address of an account's Blob storage.
func (c Cloud) Blob(account string) string { return "https://" + account + "." + c.BlobSuffix }

// Vault is the address of a key vault.
func (c Cloud) Vault(name string) string { return "https://" + name + "." + c.VaultSuffix }

// All returns the clouds, the public one first.
func All() []Cloud { return []Cloud{Public(), China(), USGov()} }

// ByName finds a cloud, without regard to case.
func ByName(name string) (Cloud, bool) {
	for _, c := range All() {
		if strings.EqualFold(c.Name, name) {
			return c, true
		}
	}
	return Cloud{}, false
}

// MarshalText is the cloud's name.
func (c Cloud) MarshalText() ([]byte, error) { return []byte(c.Name), nil }

// UnmarshalText finds a cloud by its name, so that a flag or a configuration may name one:
//
//	flag.TextVar(&options.Cloud, "cloud", cloud.Public(), "public, china or usgov")
func (c *Cloud) UnmarshalText(name []byte) error {
	found, ok := ByName(string(name))
	if !ok {
		return fmt.Errorf("%q is no cloud: want public, china or usgov", name)
	}
	*c = found
	return nil
}

// Public is Azure's global cloud.
func Public() Cloud {
	return Cloud{
		Name: "public", Location: "westus",
		Login: "https://login.microsoftonline.com",
		ARM:   "https://management.azure.com", ARMAudience: "https://management.azure.com/",
		Graph:           "https://graph.microsoft.com",
		StorageAudience: "https://storage.azure.com/",
		VaultAudience:   "https://vault.azure.net",
		BlobSuffix:      "blob.core.windows.net", VaultSuffix: "vault.azure.net",
	}
}

// China is Azure in China, operated by 21Vianet.
func China() Cloud {
	return Cloud{
		Name: "china", Location: "chinanorth",
		Login: "https://login.chinacloudapi.cn",
		ARM:   "https://management.chinacloudapi.cn", ARMAudience: "https://management.chinacloudapi.cn/",
		Graph:           "https://microsoftgraph.chinacloudapi.cn",
		StorageAudience: "https://storage.azure.com/",
		VaultAudience:   "https://vault.azure.cn",
		BlobSuffix:      "blob.core.chinacloudapi.cn", VaultSuffix: "vault.azure.cn",
	}
}

// USGov is Azure for the government of the United States.
func USGov() Cloud {
	return Cloud{
		Name: "usgov", Location: "usgovvirginia",
		Login: "https://login.microsoftonline.us",
		ARM:   "https://management.usgovcloudapi.net", ARMAudience: "https://management.usgovcloudapi.net/",
		Graph:           "https://graph.microsoft.us",
		StorageAudience: "https://storage.azure.com/",
		VaultAudience:   "https://vault.usgovcloudapi.net",
		BlobSuffix:      "blob.core.usgovcloudapi.net", VaultSuffix: "vault.usgovcloudapi.net",
	}
}
