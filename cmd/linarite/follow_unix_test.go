//go:build unix

package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// follower is a journal -f under way.
type follower struct {
	t      *testing.T
	cmd    *exec.Cmd
	out    *bufio.Reader
	stderr strings.Builder
}

func follow(t *testing.T, url string, args ...string) *follower {
	t.Helper()
	f := &follower{t: t, cmd: linarite(t, t.TempDir(), append([]string{"journal", "-f", "--url", url}, args...)...)}
	f.cmd.Stderr = &f.stderr
	pipe, err := f.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	f.out = bufio.NewReader(pipe)
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *follower) line(parts ...string) {
	f.t.Helper()
	line, err := f.out.ReadString('\n')
	if err != nil {
		f.t.Fatalf("%q %v, stderr %q", line, err, f.stderr.String())
	}
	for _, part := range parts {
		if !strings.Contains(line, part) {
			f.t.Errorf("%q lacks %q", line, part)
		}
	}
}

func (f *follower) ends(code int, words string) {
	f.t.Helper()
	rest, err := io.ReadAll(f.out)
	if got := waitExit(f.t, f.cmd); got != code || !strings.Contains(f.stderr.String(), words) || words == "" && f.stderr.Len() > 0 || len(rest) > 0 || err != nil {
		f.t.Errorf("exit code %d, want %d; stderr %q, want %q; at the end of stdout %q %v", got, code, f.stderr.String(), words, rest, err)
	}
}

// One who follows gets each line at once, and ends it without failure; the end of the
// world is one.
func TestJournalFollows(t *testing.T) {
	home, file := t.TempDir(), filepath.Join(t.TempDir(), "ready")
	serve := linarite(t, home, "serve", "--port", "0", "--https-port", "0", "--blob-port", "0", "--ready-file", file, "--log", "none")
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	info, err := waitReady(file)
	if err != nil {
		_ = serve.Process.Kill()
		t.Fatal(err)
	}
	token := func(args ...string) {
		t.Helper()
		cmd := linarite(t, home, append([]string{"token", "--url", info.URL}, args...)...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		waitExit(t, cmd)
	}
	token("--client-id", "99999999-0000-0000-0000-000000000000") // refused
	token()
	all, refused, both := follow(t, info.URL), follow(t, info.URL, "--refused", "--json"), follow(t, info.URL, "-n", "1")
	all.line("    1  ", "  400  imds ", "invalid_request")
	all.line("    2  ", "  200  imds ")
	refused.line(`{"seq":1,`)
	both.line("    2  ")
	token()
	all.line("    3  ", "  200  ")
	both.line("    3  ", "  200  ")
	token("--resource", "https://nobody.example/")
	all.line("    4  ", "  400  ", "invalid_resource")
	refused.line(`{"seq":4,`, `"status":400`)

	for name, f := range map[string]*follower{"interrupt": all, "terminate": refused} {
		if err := f.cmd.Process.Signal(endings()[name]); err != nil {
			t.Fatal(err)
		}
		f.ends(0, "")
	}
	both.line("    4  ")
	if err := serve.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	both.ends(1, "linarite: the world has ended")
	if code := waitExit(t, serve); code != 0 {
		t.Errorf("serve: exit code %d", code)
	}
}

// Nothing has come yet, not even the head of an answer: the end is no failure either.
func TestJournalFollowsNothing(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		interrupt()
		<-r.Context().Done()
	}))
	defer silent.Close()
	root := newRoot()
	root.SetArgs([]string{"journal", "-f", "--url", silent.URL})
	if err := root.ExecuteContext(ctx); err != nil {
		t.Error(err)
	}
}
