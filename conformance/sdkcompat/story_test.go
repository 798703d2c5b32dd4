package sdkcompat

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/linarite/linarite/emulator"
)

// A whole test: a world, what is in it, who may do what, and unmodified clients.
func TestStory(t *testing.T) {
	emu := emulator.New(t)
	files, vault := emu.StorageAccount("acct").Container("files"), emu.Vault("my-vault")
	vault.SetSecret("password", "p@ssw0rd!")
	emu.Grant(emu.Machine(), "Storage Blob Data Contributor", files)
	emu.Grant(emu.Machine(), "Key Vault Secrets User", vault)
	emu.Grant(emu.Machine(), "Reader", emu.Group("DevTest"))

	options := azcore.ClientOptions{Transport: emu.Client()}
	identity := must(azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ClientOptions: options}))
	chain := must(azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: options}))
	blobs := must(azblob.NewClient("https://acct.blob.core.windows.net", identity, &azblob.ClientOptions{ClientOptions: options}))
	must(blobs.UploadBuffer(t.Context(), "files", "hello.txt", []byte("Hello world! :)"), nil))
	secrets := must(azsecrets.NewClient("https://my-vault.vault.azure.net", chain, &azsecrets.ClientOptions{ClientOptions: options}))
	secret := must(secrets.GetSecret(t.Context(), "password", "", nil))
	groups := must(armresources.NewResourceGroupsClient(emu.Subscription().SubscriptionID(), chain, &arm.ClientOptions{ClientOptions: options}))
	group := must(groups.Get(t.Context(), "DevTest", nil))
	if *secret.Value != "p@ssw0rd!" || *group.Location != "westus" || string(files.Download("hello.txt")) != "Hello world! :)" {
		t.Error(*secret.Value, *group.Location, files.Blobs())
	}
}

// A story that takes more than 25 lines is told to nobody.
func TestTheStoryIsShort(t *testing.T) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "story_test.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	story, ok := file.Scope.Lookup("TestStory").Decl.(*ast.FuncDecl) //nolint:staticcheck // one file, one name
	if !ok {
		t.Fatal("no TestStory")
	}
	if lines := files.Position(story.End()).Line - files.Position(story.Pos()).Line + 1; lines > 25 {
		t.Errorf("the story takes %d lines", lines)
	}
}
