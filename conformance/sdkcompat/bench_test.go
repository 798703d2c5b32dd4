package sdkcompat

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
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
	linarite, bare := blobs(machine(of(emu)), of(emu)), blobs(nobody{}, azcore.ClientOptions{Transport: &http.Client{Transport: bareCodec(content)}})
	for _, operation := range []struct {
		name string
		do   func(*azblob.Client)
	}{
		{"put", func(c *azblob.Client) { must(c.UploadBuffer(b.Context(), "files", "blob", content, nil)) }},
		{"get", func(c *azblob.Client) {
			answer := must(c.DownloadStream(b.Context(), "files", "blob", nil))
			if n := must(io.Copy(io.Discard, answer.Body)); n != 1<<10 {
				b.Fatal(n)
			}
			_ = answer.Body.Close()
		}},
	} {
		operation.do(linarite) // the first has no token yet
		for name, client := range map[string]*azblob.Client{"linarite": linarite, "bare": bare} {
			b.Run(operation.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					operation.do(client)
				}
			})
		}
		b.Run(operation.name+"/ratio", func(b *testing.B) {
			ratio(b, func() { operation.do(linarite) }, func() { operation.do(bare) })
		})
	}
}

// ratio reports how many times as long one takes as the other: the median over rounds in
// turn, so that what else the machine does meets both alike.
func ratio(b *testing.B, one, other func()) {
	const round = 20
	timed := func(do func()) float64 {
		began := time.Now()
		for range round {
			do()
		}
		return float64(time.Since(began))
	}
	var ratios []float64
	for b.Loop() {
		mine := timed(one)
		ratios = append(ratios, mine/timed(other))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
	b.ReportMetric(0, "ns/op") // of two together: nobody's
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
