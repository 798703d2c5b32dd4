package emulator_test

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/state"
)

// BenchmarkNewWorld makes worlds as tests do, after the first. The world empty is what New
// makes; tutorial has something of everything.
func BenchmarkNewWorld(b *testing.B) {
	for _, name := range []string{"empty", "tutorial"} {
		b.Run(name, func(b *testing.B) {
			emulator.New(b, emulator.World(name))
			b.ReportAllocs()
			for b.Loop() {
				emulator.New(b, emulator.World(name))
			}
		})
	}
}

// BenchmarkFork forks a world of 100,000 blobs, with a write in each fork, which the parent
// must not see.
func BenchmarkFork(b *testing.B) {
	for _, blobs := range []int{1, 100_000} {
		b.Run(fmt.Sprintf("blobs=%d", blobs), func(b *testing.B) {
			emu := emulator.New(b)
			files := emu.StorageAccount("acct").Container("files")
			fill(b, emu, blobs)
			b.ReportAllocs()
			for b.Loop() {
				fork := emu.Fork()
				fork.StorageAccount("acct").Container("files").Upload("of the fork", []byte("x"))
			}
			if n := len(files.Blobs()); n != blobs {
				b.Fatalf("the parent has %d blobs", n)
			}
		})
	}
}

// fill puts blobs into the container files of the account acct.
func fill(tb testing.TB, emu *emulator.Emulator, blobs int) {
	tb.Helper()
	err := emu.State().Update(func(tx *state.Tx) error {
		for i := range blobs {
			tx.Blobs.Put(state.Blob{Account: "acct", Container: "files", Name: fmt.Sprintf("blob-%06d", i)})
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkWorldMemory tells what a world holds on to that has answered a token request:
// KiB-heap by the garbage collector's count, KiB-resident by the system's (Linux only).
func BenchmarkWorldMemory(b *testing.B) {
	const worlds = 500
	for b.Loop() {
		heap, resident := memory(b)
		all := make([]*emulator.Emulator, worlds)
		for i := range all {
			all[i] = emulator.New(b)
			req, err := http.NewRequest("GET", "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://storage.azure.com/", nil)
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Metadata", "true")
			resp, err := all[i].Client().Do(req)
			if err != nil || resp.StatusCode != http.StatusOK {
				b.Fatal(resp, err)
			}
			_ = resp.Body.Close()
		}
		heapAfter, residentAfter := memory(b)
		b.ReportMetric(float64(heapAfter-heap)/worlds/1024, "KiB-heap")
		b.ReportMetric(float64(residentAfter-resident)/worlds/1024, "KiB-resident")
		runtime.KeepAlive(all)
	}
	b.ReportMetric(0, "ns/op")
}

// memory is what lives on the heap, and what the process has of the machine's memory, in
// bytes.
func memory(tb testing.TB) (heap, resident int64) {
	tb.Helper()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return int64(m.HeapAlloc), 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			if err != nil {
				tb.Fatal(err)
			}
			resident = kib * 1024
		}
	}
	return int64(m.HeapAlloc), resident
}
