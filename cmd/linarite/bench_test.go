package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkFirstToken starts `linarite serve` and asks it for a token: what a test run
// waits for, and what the process then holds. See docs/benchmarks.md.
func BenchmarkFirstToken(b *testing.B) {
	binary := buildBinary(b)
	home := b.TempDir()
	startAndAsk(b, binary, home) // makes the keys, which takes longer than all the rest
	var took []time.Duration
	var resident []float64
	for b.Loop() {
		t, rss := startAndAsk(b, binary, home)
		took, resident = append(took, t), append(resident, rss)
	}
	slices.Sort(took)
	slices.Sort(resident)
	milliseconds := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	b.ReportMetric(milliseconds(took[0]), "ms-min")
	b.ReportMetric(milliseconds(took[len(took)/2]), "ms-median")
	if runtime.GOOS == "linux" {
		b.ReportMetric(resident[len(resident)/2], "MiB-resident")
	}
	info, err := os.Stat(binary)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/mebibyte, "MiB-binary")
	b.ReportMetric(0, "ns/op") // counts the end of the process too
}

const mebibyte = 1 << 20

// buildBinary is a plain go build of this command.
func buildBinary(b *testing.B) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "linarite")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// startAndAsk returns the time from the start of a process to its first token, and the
// memory it has resident then, in MiB; zero where the system does not tell.
func startAndAsk(b *testing.B, binary, home string) (time.Duration, float64) {
	b.Helper()
	readyFile := filepath.Join(b.TempDir(), "ready.json")
	cmd := exec.Command(binary, "serve", "--home", home, "--port", "0", "--https-port", "0", "--blob-port", "0", "--ready-file", readyFile)
	said, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	// It greets once it serves: waiting for that takes no processor from it, as looking
	// for the file again and again would.
	if _, err := said.Read(make([]byte, 1)); err != nil {
		b.Fatalf("serve did not start: %v", err)
	}
	data, err := os.ReadFile(readyFile)
	if err != nil {
		b.Fatal(err)
	}
	var at readyInfo
	if err := json.Unmarshal(data, &at); err != nil {
		b.Fatal(err)
	}
	if err := askToken(at.URL); err != nil {
		b.Fatal(err)
	}
	took := time.Since(began)
	return took, residentMiB(b, at.PID)
}

func askToken(front string) error {
	req, err := http.NewRequest(http.MethodGet, front+"/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F", http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Metadata", "true")
	transport := &http.Transport{Proxy: nil}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || !strings.Contains(string(body), `"access_token":"ey`)) {
		err = fmt.Errorf("no token: %d %s", resp.StatusCode, body)
	}
	return err
}

// residentMiB is VmRSS of proc(5).
func residentMiB(b *testing.B, pid int) float64 {
	b.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "VmRSS:")
	var kibibytes float64
	if _, err := fmt.Sscan(rest, &kibibytes); err != nil {
		b.Fatalf("VmRSS of %d: %v", pid, err)
	}
	return kibibytes / 1024
}
