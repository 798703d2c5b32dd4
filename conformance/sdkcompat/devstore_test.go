package sdkcompat

import (
	"io"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/linarite/linarite/emulator"
)

// devKey is the public key of devstoreaccount1, the account of storage emulators.
const devKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

// devString is its connection string with an endpoint for blobs.
func devString(endpoint string) string {
	return "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=" + devKey + ";BlobEndpoint=" + endpoint + "/devstoreaccount1;"
}

// The connection string that tests of Blob storage have leads to a world in memory, where no
// port can be taken, as it leads to a served one.
func TestDevelopmentStorage(t *testing.T) {
	for name, open := range map[string]func(*emulator.Emulator) (string, azblob.ClientOptions){
		"memory": func(emu *emulator.Emulator) (string, azblob.ClientOptions) {
			return "http://127.0.0.1:10000", azblob.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: emu.Client()}}
		},
		"served": func(emu *emulator.Emulator) (string, azblob.ClientOptions) {
			return must(emu.Serve(emulator.ServeOptions{Port: emulator.NoPort, HTTPSPort: emulator.NoPort})).BlobURL, azblob.ClientOptions{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			endpoint, options := open(emulator.New(t))
			client := must(azblob.NewClientFromConnectionString(devString(endpoint), &options))
			must(client.CreateContainer(ctx, "files", nil))
			must(client.UploadBuffer(ctx, "files", "a b/c.txt", []byte("hello"), nil))
			page := must(client.NewListBlobsFlatPager("files", nil).NextPage(ctx))
			if items := page.Segment.BlobItems; len(items) != 1 || *items[0].Name != "a b/c.txt" {
				t.Error(items)
			}
			resp := must(client.DownloadStream(ctx, "files", "a b/c.txt", nil))
			defer resp.Body.Close()
			if got := string(must(io.ReadAll(resp.Body))); got != "hello" {
				t.Errorf("%q", got)
			}
		})
	}
}
