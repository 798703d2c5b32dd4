package sdkcompat

import (
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/linarite/linarite/emulator"
)

// A whole test: a world, what is in it, who may do what, and unmodified clients. TestStoryIsShort
// counts its lines.
func TestStory(t *testing.T) {
	emu := emulator.New(t)
	files, vault := emu.StorageAccount("acct").Container("files"), emu.Vault("my-vault")
	vault.SetSecret("password", "p@ssw0rd!")
	emu.Grant(emu.Machine(), "Storage Blob Data Contributor", files)
	emu.Grant(emu.Machine(), "Key Vault Secrets User", vault)
	emu.Grant(emu.Machine(), "Reader", emu.Group("DevTest"))

	options := azcore.ClientOptions{Transport: emu.Client()}
	machine, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ClientOptions: options})
	check(t, err)
	any, err := azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: options})
	check(t, err)
	blobs, err := azblob.NewClient("https://acct.blob.core.windows.net", machine, &azblob.ClientOptions{ClientOptions: options})
	check(t, err)
	_, err = blobs.UploadBuffer(t.Context(), "files", "hello.txt", []byte("Hello world! :)"), nil)
	check(t, err)
	secrets, err := azsecrets.NewClient("https://my-vault.vault.azure.net", any, &azsecrets.ClientOptions{ClientOptions: options})
	check(t, err)
	secret, err := secrets.GetSecret(t.Context(), "password", "", nil)
	check(t, err)
	groups, err := armresources.NewResourceGroupsClient(emu.Subscription().SubscriptionID(), any, &arm.ClientOptions{ClientOptions: options})
	check(t, err)
	group, err := groups.Get(t.Context(), "DevTest", nil)
	check(t, err)
	if *secret.Value != "p@ssw0rd!" || *group.Location != "westus" || string(files.Download("hello.txt")) != "Hello world! :)" {
		t.Error(*secret.Value, *group.Location, files.Blobs())
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
