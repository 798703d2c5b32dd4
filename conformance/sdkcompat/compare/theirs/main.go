// Command theirs reads a blob, writes another and reads a secret, with the Azure SDK for Go.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

func main() {
	ctx := context.Background()
	cred := must(azidentity.NewDefaultAzureCredential(nil))
	store := must(azblob.NewClient("https://tutorialstore.blob.core.windows.net", cred, nil))
	got := must(store.DownloadStream(ctx, "files", "hello_world.txt", nil))
	must(store.UploadStream(ctx, "files", "copy.txt", got.NewRetryReader(ctx, nil), nil))
	secret := must(must(azsecrets.NewClient("https://mytestkeyvault.vault.azure.net", cred, nil)).GetSecret(ctx, "MyTestSecret", "", nil))
	fmt.Println(len(*secret.Value))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
