// Package dropin plays storage clients of Go with the settings of storage emulators.
// .ci/dropin runs it.
package dropin

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/go-kit/log"
	"github.com/thanos-io/objstore"
	"github.com/thanos-io/objstore/providers/azure"
	"gocloud.dev/blob"
	_ "gocloud.dev/blob/azureblob"
)

const (
	account = "devstoreaccount1"
	key     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
	long    = "DefaultEndpointsProtocol=http;AccountName=" + account + ";AccountKey=" + key + ";BlobEndpoint=http://127.0.0.1:10000/" + account + ";"
)

// roundTrip makes a container, and uploads, lists and downloads a blob.
func roundTrip(t *testing.T, c *azblob.Client, container string) {
	ctx := context.Background()
	if _, err := c.CreateContainer(ctx, container, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.UploadBuffer(ctx, container, "a b/c.txt", []byte("hello"), nil); err != nil {
		t.Fatal(err)
	}
	var names []string
	for pager := c.NewListBlobsFlatPager(container, nil); pager.More(); {
		page, err := pager.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page.Segment.BlobItems {
			names = append(names, *b.Name)
		}
	}
	if !slices.Equal(names, []string{"a b/c.txt"}) {
		t.Error(names)
	}
	got, err := c.DownloadStream(ctx, container, "a b/c.txt", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if data, err := io.ReadAll(got.Body); err != nil || string(data) != "hello" {
		t.Errorf("%q %v", data, err)
	}
}

func TestConnectionString(t *testing.T) {
	c, err := azblob.NewClientFromConnectionString(long, nil)
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, c, "go-string")
}

// Testcontainers' module for Azurite hands out this URL, account and key.
func TestSharedKey(t *testing.T) {
	credential, err := azblob.NewSharedKeyCredential(account, key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := azblob.NewClientWithSharedKeyCredential("http://localhost:10000/"+account, credential, nil)
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, c, "go-key")
}

// TestThanos runs the acceptance test that Thanos has for each of its object stores.
func TestThanos(t *testing.T) {
	bucket, err := azure.NewBucket(log.NewNopLogger(), []byte(`
storage_account: `+account+`
storage_connection_string: `+long+`
storage_create_container: true
container: thanos
`), "dropin", nil)
	if err != nil {
		t.Fatal(err)
	}
	objstore.AcceptanceTest(t, bucket)
}

// TestCDK opens a bucket as the Go CDK's page about local emulators has it.
func TestCDK(t *testing.T) {
	ctx := context.Background()
	c, err := azblob.NewClientFromConnectionString(long, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateContainer(ctx, "cdk", nil); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AZURE_STORAGE_ACCOUNT", account)
	t.Setenv("AZURE_STORAGE_KEY", key)
	bucket, err := blob.OpenBucket(ctx, "azblob://cdk?localemu=true&domain=localhost:10000&protocol=http")
	if err != nil {
		t.Fatal(err)
	}
	defer bucket.Close()
	if err := bucket.WriteAll(ctx, "a b/c.txt", []byte("hello"), nil); err != nil {
		t.Fatal(err)
	}
	if data, err := bucket.ReadAll(ctx, "a b/c.txt"); err != nil || string(data) != "hello" {
		t.Errorf("%q %v", data, err)
	}
	if err := bucket.Copy(ctx, "d", "a b/c.txt", nil); err == nil || !strings.Contains(err.Error(), "NotImplemented") {
		t.Errorf("a copy: %v", err)
	}
}
