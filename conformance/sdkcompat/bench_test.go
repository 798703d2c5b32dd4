package sdkcompat

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/reach/memory"
)

// BenchmarkBlob puts and gets 1 KiB through azblob, in memory. bare is the same client over
// the same codec with a handler that does nothing: what neither costs Linarite. See
// docs/benchmarks.md.
func BenchmarkBlob(b *testing.B) {
	content := bytes.Repeat([]byte("x"), 1<<10)
	emu := emulator.New(b)
	emu.Grant(emu.Machine(), "Storage Blob Data Contributor", emu.StorageAccount("acct").Container("files"))
	for name, client := range map[string]*azblob.Client{
		"linarite": blobs(machine(of(emu)), of(emu)),
		"bare":     blobs(nobody{}, azcore.ClientOptions{Transport: &http.Client{Transport: bareCodec(content)}}),
	} {
		must(client.UploadBuffer(b.Context(), "files", "blob", content, nil))
		b.Run("put/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				must(client.UploadBuffer(b.Context(), "files", "blob", content, nil))
			}
		})
		b.Run("get/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				answer := must(client.DownloadStream(b.Context(), "files", "blob", nil))
				if n := must(io.Copy(io.Discard, answer.Body)); n != 1<<10 {
					b.Fatal(n)
				}
				_ = answer.Body.Close()
			}
		})
	}
}

func blobs(cred azcore.TokenCredential, options azcore.ClientOptions) *azblob.Client {
	return must(azblob.NewClient("https://acct.blob.core.windows.net", cred, &azblob.ClientOptions{ClientOptions: options}))
}

// nobody has a token that nobody looks at.
type nobody struct{}

func (nobody) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "t", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// bareCodec answers a PUT with 201 and all else with the content.
func bareCodec(content []byte) *memory.Codec {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodPut {
			w.WriteHeader(http.StatusCreated)
			return
		}
		w.Header()["Content-Length"] = []string{strconv.Itoa(len(content))}
		_, _ = w.Write(content)
	})
	return &memory.Codec{Resolve: func(string, string) (memory.Endpoint, error) { return memory.Endpoint{Handler: h, TLS: true}, nil }}
}
