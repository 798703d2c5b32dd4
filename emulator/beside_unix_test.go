//go:build unix

package emulator_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/reach/sandbox"
)

// An interrupt that is sent to linarite reaches the command beside its world, unless a
// terminal has sent it to both; /dev/null is none.
func TestBesideInterrupted(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for what, stdin := range map[string]*os.File{"nothing": nil, os.DevNull: null} {
		ready := filepath.Join(t.TempDir(), "ready")
		go func() {
			for range 400 {
				if _, err := os.Stat(ready); err == nil {
					_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
					return
				}
				time.Sleep(25 * time.Millisecond)
			}
		}()
		status, err := stage(t, "tutorial").emu.Beside(t.Context(), emulator.SealOptions{
			Command: []string{"sh", "-c", `trap 'exit 7' INT; touch "$1"; n=0; while [ $n -lt 400 ]; do n=$((n + 1)); sleep 0.025; done`, "sh", ready},
			Environ: os.Environ(), Stdin: stdin,
		})
		if err != nil || status != (sandbox.ExitStatus{Code: 7}) {
			t.Errorf("reading from %s: %+v %v", what, status, err)
		}
	}
}
