// Package reports is the code under test. It knows Azure, and nothing of Linarite.
package reports

import (
	"context"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// Read reads a report, with the managed identity of the machine that it runs on. The options are those of any client
// of Azure; nil will do.
func Read(ctx context.Context, name string, options *azcore.ClientOptions) ([]byte, error) {
	if options == nil {
		options = &azcore.ClientOptions{}
	}
	credential, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ClientOptions: *options})
	if err != nil {
		return nil, err
	}
	client, err := azblob.NewClient("https://tutorialstore.blob.core.windows.net", credential, &azblob.ClientOptions{ClientOptions: *options})
	if err != nil {
		return nil, err
	}
	answer, err := client.DownloadStream(ctx, "files", name, nil)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return io.ReadAll(answer.Body)
}
