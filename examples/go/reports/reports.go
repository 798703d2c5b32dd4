// Package reports is code under test. It knows Azure, and nothing of Linarite: its clients take the options that any
// client of Azure takes.
package reports

import (
	"context"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// Reports are in a container.
type Reports struct{ client *azblob.Client }

// New gets its access through the managed identity of the machine that it runs on.
func New(options azcore.ClientOptions) (*Reports, error) {
	credential, err := azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ClientOptions: options})
	if err != nil {
		return nil, err
	}
	client, err := azblob.NewClient("https://tutorialstore.blob.core.windows.net", credential, &azblob.ClientOptions{ClientOptions: options})
	return &Reports{client: client}, err
}

// Read reads a report.
func (r *Reports) Read(ctx context.Context, name string) (string, error) {
	answer, err := r.client.DownloadStream(ctx, "files", name, nil)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}

// Write writes one.
func (r *Reports) Write(ctx context.Context, name, text string) error {
	_, err := r.client.UploadBuffer(ctx, "files", name, []byte(text), nil)
	return err
}
