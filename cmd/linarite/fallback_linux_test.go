package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// sudoMain stands for sudo: a set-uid copy of the test binary, which becomes root and runs
// what comes behind the --, as sudo -n does for those whom it trusts.
func sudoMain() {
	i := slices.Index(os.Args, "--")
	if i < 0 || os.Args[1] != "-n" || syscall.Setgroups(nil) != nil || syscall.Setresgid(0, 0, 0) != nil || syscall.Setresuid(0, 0, 0) != nil {
		os.Exit(1)
	}
	syscall.Umask(0o022)
	_ = syscall.Exec(os.Args[i+1], os.Args[i+1:], []string{"PATH=/usr/bin:/bin", "GORACE=" + raceExit})
	os.Exit(1)
}

// refusing runs a script, as an ordinary user, where the kernel allows no user namespaces:
// in one of root's own whose limit is zero. sudo says whether there is one that helps.
func refusing(t *testing.T, sudo bool, script string) (code int, stdout, stderr string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("missing: root, who alone can make this test's surroundings; run it with sudo")
	}
	if _, err := exec.LookPath("setpriv"); err != nil {
		t.Skip("missing: the program setpriv")
	}
	dir := t.TempDir()
	for d := dir; strings.HasPrefix(d, os.TempDir()+"/"); d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	copyProgram(t, filepath.Join(dir, "linarite"), 0o755)
	if sudo {
		copyProgram(t, filepath.Join(dir, "sudo"), os.ModeSetuid|0o755)
	} else if err := os.WriteFile(filepath.Join(dir, "sudo"), []byte("#!/bin/sh\necho sudo: a password is required >&2\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-ec", `echo 0 >/proc/sys/user/max_user_namespaces; exec setpriv --reuid 65534 --regid 65534 --groups 65534,7 sh -c "$0"`, script)
	cmd.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "LINARITE_HOME=" + filepath.Join("/dev/null", "none"), "TMPDIR=/tmp", "GORACE=" + raceExit, "MINE=kept"}
	cmd.Dir = dir
	all := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 65536}}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER, UidMappings: all, GidMappings: all, GidMappingsEnableSetgroups: true}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

func copyProgram(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	from, err := os.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// Where the kernel refuses and sudo helps, the world is sealed and the command the user's.
func TestSealedBySudo(t *testing.T) {
	code, stdout, stderr := refusing(t, true, `umask 0002; linarite run -- sh -c 'id -u; id -G; umask; grep -c . /proc/net/dev; echo $MINE; cat /etc/resolv.conf; cd / && pwd; exit 7'`)
	if want := "65534\n65534 7\n0002\n3\nkept\nnameserver 127.0.0.1\n/\n"; code != 7 || stdout != want {
		t.Errorf("code %d, stdout %q, want 7 and %q; stderr %s", code, stdout, want, stderr)
	}
	for _, part := range []string{"user.max_user_namespaces is 0", "by sudo -n; the command runs as you all the same"} {
		if !strings.Contains(stderr, part) {
			t.Errorf("stderr lacks %q: %s", part, stderr)
		}
	}
	if strings.Contains(stderr, "NOT SEALED") {
		t.Errorf("stderr: %s", stderr)
	}
	// Signals reach the command through its parent, whom the user may not signal.
	code, stdout, stderr = refusing(t, true, `d=$(mktemp -d); mkfifo $d/go $d/never; linarite run -- sh -c 'cat $0/never & trap "kill $!; echo told; rm -r $0; exit 9" TERM; echo up >$0/go; wait' $d & p=$!; read x <$d/go; kill -TERM $p; wait $p`)
	if code != 9 || stdout != "told\n" {
		t.Errorf("code %d, stdout %q, want 9 and told; stderr %s", code, stdout, stderr)
	}
}

// Where sudo does not, the command runs by the proxy, and is told to be unsealed.
func TestBesideTheWorld(t *testing.T) {
	const token = `curl -s --max-time 20 -o /dev/null -w "%{http_code}\n" -H Metadata:true "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/"`
	// Should the proxy be passed by, nothing is asked: there is no such proxy.
	code, stdout, stderr := refusing(t, false, `linarite run -- sh -c '[ -n "$http_proxy" ] || exit 99; id -u; `+token+`; curl -s -o /dev/null -w "%{http_code}\n" https://management.azure.com/subscriptions?api-version=2016-06-01; exit 5'`)
	if want := "65534\n200\n401\n"; code != 5 || stdout != want {
		t.Errorf("code %d, stdout %q, want 5 and %q; stderr %s", code, stdout, want, stderr)
	}
	for _, part := range []string{"user.max_user_namespaces is 0", "sudo: a password is required", "NOT SEALED", "--sealed-only", "401 AuthenticationFailed"} {
		if !strings.Contains(stderr, part) {
			t.Errorf("stderr lacks %q: %s", part, stderr)
		}
	}
	code, stdout, stderr = refusing(t, false, `linarite run --sealed-only -- echo ran`)
	if code != 1 || stdout != "" || !strings.Contains(stderr, "--sealed-only: not run") {
		t.Errorf("--sealed-only: code %d, stdout %q, stderr %s", code, stdout, stderr)
	}
	if code, _, stderr := refusing(t, false, `linarite run -- no-such-command`); code != 127 || !strings.Contains(stderr, "no-such-command: command not found") {
		t.Errorf("code %d, stderr %s", code, stderr)
	}
}
