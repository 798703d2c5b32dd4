package blob_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/blob"
	"github.com/linarite/linarite/emulator"
)

// What these mean, and how fast is fast enough: docs/benchmarks.md.

// bulk is how many bytes go up and down at once.
const bulk = 1 << 30

// pieces is a source of bulk bytes that are always the same.
type pieces struct {
	data []byte
	left int64
}

func (p *pieces) Read(to []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	n := copy(to[:min(int64(len(to)), p.left)], p.data)
	p.left -= int64(n)
	return n, nil
}

// sink takes and gives as fast as can be: it reads what comes and forgets it, and gives bulk bytes of nothing in
// particular.
func sink(data []byte) http.Handler {
	buffers := sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lent := buffers.Get().(*[]byte)
		defer buffers.Put(lent)
		buffer := *lent
		w.Header().Set("Etag", `"0x8D0"`)
		if r.Method == http.MethodPut {
			_, _ = io.CopyBuffer(onlyWriter{io.Discard}, r.Body, buffer)
			w.WriteHeader(http.StatusCreated)
			return
		}
		from, to := int64(0), int64(bulk)
		if asked, ok := strings.CutPrefix(r.Header.Get("Range"), "bytes="); ok {
			first, last, _ := strings.Cut(asked, "-")
			from, _ = strconv.ParseInt(first, 10, 64)
			if end, err := strconv.ParseInt(last, 10, 64); err == nil {
				to = min(to, end+1)
			}
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, int64(bulk)))
		}
		w.Header().Set("Content-Length", strconv.FormatInt(to-from, 10))
		if r.Header.Get("Range") != "" {
			w.WriteHeader(http.StatusPartialContent)
		}
		_, _ = io.CopyBuffer(onlyWriter{w}, &pieces{data, to - from}, buffer)
	})
}

// onlyWriter hides what else a writer can do.
type onlyWriter struct{ io.Writer }

// BenchmarkBulk sends 1 GiB up and down over loopback, by the client and by one plain request of net/http, in turns,
// to what stores nothing (sink), with TLS and without, and to Linarite.
func BenchmarkBulk(b *testing.B) {
	data := pattern(1 << 20)
	b.Run("sink", func(b *testing.B) {
		server := httptest.NewServer(sink(data))
		defer server.Close()
		benchBulk(b, must2(blob.New(server.URL+"/acct", nil, clientlib.Options{}))(b), clientlib.NewTransport(), data)
	})
	b.Run("sink-tls", func(b *testing.B) {
		server := httptest.NewTLSServer(sink(data))
		defer server.Close()
		trusting := func() *http.Client {
			c := clientlib.NewTransport()
			c.Transport.(*http.Transport).TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
			return c
		}
		benchBulk(b, must2(blob.New(server.URL+"/acct", nil, clientlib.Options{Transport: trusting()}))(b), trusting(), data)
	})
	b.Run("linarite", func(b *testing.B) {
		emu := emulator.New(b)
		server, err := emu.Serve(emulator.ServeOptions{Port: emulator.NoPort, HTTPSPort: emulator.NoPort})
		if err != nil {
			b.Fatal(err)
		}
		defer server.Close()
		account := emu.StorageAccount("devstoreaccount1")
		c := must2(blob.NewWithKey(strings.TrimRight(server.BlobURL, "/")+"/devstoreaccount1", "devstoreaccount1", account.Key(), clientlib.Options{}))(b)
		account.Container("files")
		benchBulk(b, c, clientlib.NewTransport(), data)
	})
}

func must2[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func benchBulk(b *testing.B, c *blob.Client, plain *http.Client, data []byte) {
	file := c.Container("files").Blob("bulk")
	sas, err := file.SAS(blob.SAS{Permissions: "rwc", Expiry: time.Now().Add(time.Hour), AllowHTTP: true})
	address := file.URL()
	if err == nil {
		address += "?" + sas
	}
	send := func(method string, body io.Reader, size int64) {
		req, err := http.NewRequestWithContext(context.Background(), method, address, body)
		if err != nil {
			b.Fatal(err)
		}
		req.ContentLength = size
		req.Header.Set("X-Ms-Version", blob.Version)
		req.Header.Set("X-Ms-Blob-Type", "BlockBlob")
		resp, err := plain.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		if resp.StatusCode/100 != 2 {
			text, _ := io.ReadAll(resp.Body)
			b.Fatal(resp.Status, string(text))
		}
		if n, err := io.Copy(onlyWriter{io.Discard}, resp.Body); err != nil || method == http.MethodGet && n != bulk {
			b.Fatal(n, err)
		}
		_ = resp.Body.Close()
	}
	report(b, "up", func() { send(http.MethodPut, &pieces{data, bulk}, bulk) }, func() {
		if _, err := file.Upload(b.Context(), &pieces{data, bulk}, nil); err != nil {
			b.Fatal(err)
		}
	})
	report(b, "down", func() { send(http.MethodGet, nil, 0) }, func() {
		if _, err := file.Download(b.Context(), onlyWriter{io.Discard}, &blob.DownloadOptions{IgnoreMD5: true}); err != nil {
			b.Fatal(err)
		}
	})
	report(b, "down-at", func() { send(http.MethodGet, nil, 0) }, func() {
		if _, err := file.DownloadAt(b.Context(), writerAt(func(p []byte, _ int64) (int, error) { return len(p), nil }), nil); err != nil {
			b.Fatal(err)
		}
	})
}

// report runs both, in turns, and reports the rate of each and the median of the ratios.
func report(b *testing.B, name string, plain, ours func()) {
	b.Run(name, func(b *testing.B) {
		var ratios []float64
		var all [2]time.Duration
		b.ReportAllocs()
		for b.Loop() {
			for range 3 {
				var took [2]time.Duration
				for i, run := range []func(){plain, ours} {
					began := time.Now()
					run()
					took[i] = time.Since(began)
					all[i] += took[i]
				}
				ratios = append(ratios, took[0].Seconds()/took[1].Seconds())
			}
		}
		slices.Sort(ratios)
		n := float64(len(ratios)) * bulk / (1 << 20)
		b.ReportMetric(n/all[0].Seconds(), "MiB/s-plain")
		b.ReportMetric(n/all[1].Seconds(), "MiB/s-linarite")
		b.ReportMetric(ratios[len(ratios)/2], "ratio")
		b.ReportMetric(0, "ns/op")
	})
}
