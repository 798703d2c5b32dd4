//go:build unix

package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// endings are the signals that end a program, with what a shell makes of them.
func endings() map[string]syscall.Signal {
	return map[string]syscall.Signal{"interrupt": syscall.SIGINT, "terminate": syscall.SIGTERM}
}

// A world that is told to end does so, whoever is still connected, and leaves nothing.
func TestServeEnds(t *testing.T) {
	for name, sig := range endings() {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "ready")
			cmd := linarite(t, t.TempDir(), "serve", "--port", "0", "--https-port", "0", "--blob-port", "0", "--ready-file", file, "--log", "none")
			var stderr strings.Builder
			cmd.Stderr = &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			info, err := waitReady(file)
			if err != nil {
				_ = cmd.Process.Kill()
				_ = cmd.Wait() // all of stderr is there
				t.Fatalf("%v: %s", err, stderr.String())
			}
			idle, stuck := dial(t, info.URL), dial(t, info.URL)
			get(t, idle)
			if _, err := io.WriteString(stuck, "GET /_linarite/v1/health HTTP/1.1\r\nHost: 127"); err != nil {
				t.Fatal(err)
			}

			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if code := waitExit(t, cmd); code != 0 || stderr.String() != "" {
				t.Errorf("exit code %d, stderr %q", code, stderr.String())
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
			free(t, info.URL)
			free(t, info.HTTPSURL)
		})
	}
}

func dial(t *testing.T, rawURL string) net.Conn {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	c, err := (&net.Dialer{Timeout: patience}).DialContext(t.Context(), "tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// get makes a request and leaves the connection open.
func get(t *testing.T, c net.Conn) {
	t.Helper()
	if _, err := io.WriteString(c, "GET /_linarite/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	status, err := bufio.NewReader(c).ReadString('\n')
	if err != nil || !strings.HasPrefix(status, "HTTP/1.1 200 ") {
		t.Fatalf("%q %v", status, err)
	}
}

// A signal to linarite is one to the command; with the command the world ends, and
// nothing of it stays.
func TestRunEnds(t *testing.T) {
	if !sealable() {
		t.Skip("no sealed world can be made here: see linarite doctor")
	}
	for name, sig := range endings() {
		t.Run(name, func(t *testing.T) {
			cmd, tmp := runSealed(t, "echo $$; exec sleep 600")
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if code := waitExit(t, cmd); code != 128+int(sig) {
				t.Errorf("exit code %d, want %d", code, 128+int(sig))
			}
			checkEmpty(t, tmp)
		})
		t.Run(name+", obeyed in its own way", func(t *testing.T) {
			cmd, tmp := runSealed(t, `trap "exit 5" INT TERM; echo $$; while :; do sleep 0.05; done`)
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if code := waitExit(t, cmd); code != 5 {
				t.Errorf("exit code %d, want 5", code)
			}
			checkEmpty(t, tmp)
		})
	}
}

// runSealed starts a shell script that begins with a line, and waits for the line.
// tmp is where temporary files go.
func runSealed(t *testing.T, script string) (cmd *exec.Cmd, tmp string) {
	t.Helper()
	tmp = t.TempDir()
	cmd = linarite(t, t.TempDir(), "run", "--", "sh", "-c", script)
	cmd.Env = append(cmd.Env, "TMPDIR="+tmp)
	// Away from the terminal of whoever runs the tests: its ^C goes to the command by
	// itself, and so is not passed on.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("%q %v", line, err)
	}
	return cmd, tmp
}

func checkEmpty(t *testing.T, dir string) {
	t.Helper()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind in %s: %v %v", dir, left, err)
	}
}

// The folder of the keys is another user's: one line says what to do; run does without.
func TestHomeOfAnother(t *testing.T) {
	dir := t.TempDir()
	home := filepath.Join(dir, "home")
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Mkdir(home, 0o555)); err != nil {
		t.Fatal(err)
	}
	ordinary := func(args ...string) (code int, stdout, stderr string) {
		cmd := linarite(t, home, args...)
		cmd.Path, cmd.Dir = "/proc/self/exe", "/" // the test binary, where an ordinary user may not look
		if _, err := os.Stat(cmd.Path); err != nil {
			t.Skip("missing: /proc, to become another user with")
		}
		cmd.Args[0] = "linarite"
		cmd.Env = append(cmd.Env, "TMPDIR=/tmp", "HOME=/", "GOCOVERDIR=/tmp")
		if os.Geteuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		var out, err strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &err
		if e := cmd.Start(); e != nil {
			t.Fatal(e)
		}
		return waitExit(t, cmd), out.String(), err.String()
	}
	for _, args := range [][]string{{"serve", "--port", "0", "--https-port", "0", "--blob-port", "0"}, {"ca", "path"}, {"ca", "rotate"}} {
		code, stdout, stderr := ordinary(args...)
		if code != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 ||
			!strings.Contains(stderr, "permission denied") || !strings.Contains(stderr, "--home") {
			t.Errorf("%v: exit code %d, stdout %q, stderr %q", args, code, stdout, stderr)
		}
	}
	if !sealable() {
		return
	}
	code, stdout, stderr := ordinary("run", "--", "sh", "-c", "id -u")
	if code != 0 || strings.Count(stdout, "\n") != 1 || strings.HasPrefix(stdout, "0") && os.Geteuid() == 0 || strings.Count(stderr, "\n") != 1 {
		t.Errorf("run: exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

// A process that has ended is not alive, though nobody has asked yet how it ended.
func TestAlive(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "sleep", "600")
	if err := cmd.Start(); err != nil {
		t.Skip("missing: the program sleep")
	}
	if !alive(cmd.Process.Pid) {
		t.Error("a running process is taken for dead")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat("/proc/self/stat"); err == nil {
		if err := poll("the end of a process", func() (bool, error) { return !alive(cmd.Process.Pid), nil }); err != nil {
			t.Error(err)
		}
	}
	_ = cmd.Wait()
	if alive(cmd.Process.Pid) || alive(0) || alive(1) || alive(-1) {
		t.Error("a process that is not there is taken for one")
	}
}
