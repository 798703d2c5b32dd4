package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/reach/sandbox"
)

// The test binary plays four parts: the tests, the program linarite, which scripts and
// tests find in PATH, the helper that builds a sealed world for it, and ask, a client.
func TestMain(m *testing.M) {
	sandbox.Child()
	testscript.Main(m, map[string]func(){"linarite": main, "ask": askMain, "sudo": sudoMain})
}

// patience bounds every wait for a process. It says when to give up, not how fast
// anything has to be.
const patience = 30 * time.Second

// raceExit spares every process that is built with the race detector its second of
// waiting at the end.
const raceExit = "atexit_sleep_ms=0"

// TestScripts runs testdata/script/*.txtar. Beside testscript's own commands these have:
//
//	code N ARG...     run linarite, which must end with the exit code N
//	usage ARG...      run linarite, which must end with 2, say one line on stderr and nothing on stdout
//	ready FILE        wait for a ready file, then set URL, HTTPS, PORT, HTTPSPORT and PID from it
//	lines FILE N      a file, or stdout or stderr, has N lines, the last one ended
//	empty DIR         the folder exists and holds nothing
//
// and the conditions [sealed], a sealed world can be made here, and [clients], there are
// sh and curl.
func TestScripts(t *testing.T) {
	home := t.TempDir()
	if _, err := emulator.OpenHome(home); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Deadline:            time.Now().Add(10 * patience), // for a program that ought to end, and serves instead
		Setup:               func(env *testscript.Env) error { return setUp(env, home) },
		Condition:           condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code": scriptCode, "usage": scriptUsage, "ready": scriptReady, "lines": scriptLines, "empty": scriptEmpty,
		},
	})
}

// setUp gives a script a home folder whose keys are made already, and ends what it left
// detached.
func setUp(env *testscript.Env, keys string) error {
	home := filepath.Join(env.WorkDir, "home")
	if err := os.CopyFS(home, os.DirFS(keys)); err != nil {
		return err
	}
	for _, name := range []string{"ca-key.pem", "signing-keys.pem"} {
		if err := os.Chmod(filepath.Join(home, name), 0o600); err != nil { // CopyFS leaves the mode to the umask
			return err
		}
	}
	env.Setenv("LINARITE_HOME", home)
	env.Setenv("LINARITE_BLOB_PORT", "0") // or all worlds would want the one that storage clients expect
	env.Setenv("GORACE", raceExit)
	env.Defer(func() {
		if info, err := readReady(filepath.Join(home, detachedFile)); err == nil && alive(info.PID) {
			_ = terminate(info.PID)
		}
	})
	return nil
}

func condition(name string) (bool, error) {
	switch name {
	case "sealed":
		return sealable(), nil
	case "clients":
		_, noShell := exec.LookPath("sh")
		_, noCurl := exec.LookPath("curl")
		return runtime.GOOS != "windows" && noShell == nil && noCurl == nil, nil
	}
	return false, errors.New("no such condition")
}

// sealable tells whether a sealed world can be made here.
func sealable() bool {
	return slices.ContainsFunc(sandbox.Check(), func(f sandbox.Finding) bool { return f.Name == "sealed world" && f.OK })
}

func scriptCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: code N ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec("linarite", args[1:]...)
	code := 0
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

func scriptUsage(ts *testscript.TestScript, neg bool, args []string) {
	scriptCode(ts, neg, append([]string{"2"}, args...))
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("wrong usage, but on stdout: %s", out)
	}
	scriptLines(ts, false, []string{"stderr", "1"})
}

func scriptLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines FILE N")
	}
	text := ts.ReadFile(args[0])
	if got := strconv.Itoa(strings.Count(text, "\n")); got != args[1] || text != "" && !strings.HasSuffix(text, "\n") {
		ts.Fatalf("%s has %s lines, want %s, and the last one ended:\n%s", args[0], got, args[1], text)
	}
}

func scriptEmpty(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: empty DIR")
	}
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(entries) > 0 {
		ts.Fatalf("%s is not empty: %v", args[0], entries)
	}
}

func scriptReady(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ready FILE")
	}
	info, err := waitReady(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Setenv("URL", info.URL)
	ts.Setenv("PORT", port(info.URL))
	ts.Setenv("HTTPS", info.HTTPSURL)
	ts.Setenv("HTTPSPORT", port(info.HTTPSURL))
	ts.Setenv("PID", strconv.Itoa(info.PID))
}

// port is the port in a URL, empty where there is none.
func port(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Port()
}

// waitReady reads a ready file as soon as it is there. Half a file is an error: it is
// written in one step.
func waitReady(path string) (info readyInfo, err error) {
	err = poll("the ready file "+path, func() (bool, error) {
		data, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		return true, json.NewDecoder(bytes.NewReader(data)).Decode(&info)
	})
	return info, err
}

// poll asks again and again until done, an error, or the end of patience.
func poll(what string, done func() (bool, error)) error {
	end := time.After(patience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-end:
			return errors.New("waited in vain for " + what)
		case <-tick.C:
		}
	}
}

// linarite is the program, as a person starts it: nothing in the environment but what
// the test says, and a home folder of its own.
func linarite(t *testing.T, home string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("linarite")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + t.TempDir(), "LINARITE_HOME=" + home, "LINARITE_BLOB_PORT=0", "GORACE=" + raceExit}
	cmd.WaitDelay = patience
	return cmd
}

// waitExit waits for a process and returns its exit code. One that outlasts everybody's
// patience is killed.
func waitExit(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	killer := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	if !killer.Stop() {
		t.Fatalf("%v did not end and was killed", cmd.Args)
	}
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

// free tells whether an address can be listened on.
func free(t *testing.T, rawURL string) {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", u.Host)
	if err != nil {
		t.Errorf("%s is still taken: %v", rawURL, err)
		return
	}
	_ = ln.Close()
}
