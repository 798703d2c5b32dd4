package emulator_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/wire"
)

// BenchmarkPutBlob writes blobs of 1 KiB, in memory and to a data folder. It is about what
// keeping costs, so there are no carriers.
func BenchmarkPutBlob(b *testing.B) {
	memory := newPutter(b, emulator.Options{})
	kept := newPutter(b, emulator.Options{Data: b.TempDir()})
	b.Run("memory", func(b *testing.B) { memory.put(b, b.N) })
	b.Run("data", func(b *testing.B) { kept.put(b, b.N) })
	b.Run("ratio", func(b *testing.B) {
		const round = 20
		var ratios []float64
		for b.Loop() {
			began := time.Now()
			memory.put(b, round)
			between := time.Now()
			kept.put(b, round)
			ratios = append(ratios, float64(time.Since(between))/float64(between.Sub(began)))
		}
		slices.Sort(ratios)
		b.ReportMetric(ratios[len(ratios)/2], "ratio")
		b.ReportMetric(0, "ns/op") // of two worlds together: nobody's
	})
}

// putter writes one blob after the other to a world.
type putter struct {
	handler       http.Handler
	authorization string
	body          []byte
	n             int
}

func newPutter(b *testing.B, o emulator.Options) *putter {
	b.Helper()
	r := open(b, o)
	return &putter{
		handler: r.emu.Handler(), authorization: "Bearer " + r.appToken(admin, "linarite", "https://storage.azure.com"),
		body: ids.New(ids.NamedSeed("body")).Bytes(1 << 10),
	}
}

func (p *putter) put(b *testing.B, count int) {
	b.Helper()
	for range count {
		p.n++
		p.body[p.n%len(p.body)]++ // no two have one content
		target := fmt.Sprintf("https://tutorialstore.blob.core.windows.net/files/bench%d", p.n%1000)
		request, err := http.NewRequestWithContext(b.Context(), http.MethodPut, target, io.NopCloser(bytes.NewReader(p.body)))
		if err != nil {
			b.Fatal(err)
		}
		request.Host, request.ContentLength = request.URL.Host, int64(len(p.body))
		request.Header = http.Header{"Authorization": {p.authorization}, "X-Ms-Version": {"2021-12-02"}, "X-Ms-Blob-Type": {"BlockBlob"}}
		w := &discard{header: http.Header{}}
		p.handler.ServeHTTP(w, request.WithContext(wire.WithOrigin(b.Context(), wire.Origin{Scheme: "https"})))
		if w.status != http.StatusCreated {
			b.Fatalf("status %d", w.status)
		}
	}
}
