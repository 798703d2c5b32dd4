package sealed

import (
	"fmt"
	"os"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/linarite/linarite/emulator"
)

// TestMain is all that a package needs. Without the look at what the machine allows, Main
// would fail where there can be no sealed world, as in most containers.
func TestMain(m *testing.M) {
	if err := emulator.Sealable(); err != nil {
		fmt.Println("not run:", err)
		return
	}
	emulator.Main(m)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Production code, with nothing in it that knows of a test.
func TestNoTransport(t *testing.T) {
	cred := must(azidentity.NewDefaultAzureCredential(nil))
	blobs := must(azblob.NewClient("https://tutorialstore.blob.core.windows.net", cred, nil))
	got := make([]byte, 15)
	must(blobs.DownloadBuffer(t.Context(), "files", "hello_world.txt", got, nil))
	secrets := must(azsecrets.NewClient("https://mytestkeyvault.vault.azure.net", cred, nil))
	secret := must(secrets.GetSecret(t.Context(), "MyTestSecret", "", nil))
	groups := must(armresources.NewResourceGroupsClient("aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e", cred, nil))
	group := must(groups.Get(t.Context(), "DevTest", nil))
	if string(got) != "Hello world! :)" || *secret.Value != "p@ssw0rd!" || *group.Name != "DevTest" {
		t.Errorf("%q %q %q", got, *secret.Value, *group.Name)
	}
}

// The world is shared by the tests of the package, and refuses what Azure would.
func TestRefusal(t *testing.T) {
	cred := must(azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ID: azidentity.ClientID("00000000-0000-0000-0000-000000000000")}))
	if token, err := cred.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"https://vault.azure.net/.default"}}); err == nil {
		t.Error("a token of an identity that the machine does not have", token.ExpiresOn)
	}
	if os.Getenv("LINARITE_URL") == "" {
		t.Error("the control API is not named")
	}
}
