// Command app prints a blob. It is the code under test of the tests with containers, and knows Azure alone: it gets its
// access through the managed identity of the machine it is on.
//
// usage: app BLOB
package main

import (
	"context"
	"io"
	"log"
	"os"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := show(ctx, os.Stdout, os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func show(ctx context.Context, out io.Writer, name string) error {
	credential, err := azidentity.NewManagedIdentityCredential(nil)
	if err != nil {
		return err
	}
	client, err := azblob.NewClient("https://tutorialstore.blob.core.windows.net", credential, nil)
	if err != nil {
		return err
	}
	answer, err := client.DownloadStream(ctx, "files", name, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err = io.Copy(out, answer.Body); err == nil {
		_, err = out.Write([]byte("\n"))
	}
	return err
}
