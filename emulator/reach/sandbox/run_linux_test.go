package sandbox_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/reach/sandbox"
	"golang.org/x/sys/unix"
)

func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	openToAll(t, dir)
	write := func(name, text string, mode os.FileMode) string {
		path := dir + "/" + name
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	plain := write("plain", "#!/bin/sh\n", 0o644)
	noInterpreter := write("nointerpreter", "#!/no/such/shell\n", 0o755)
	noFirstLine := write("nofirstline", "echo hello\n", 0o755)
	tests := []struct {
		name    string
		command []string
		code    int
		stderr  string // the one line there, after "linarite: "
	}{
		{"0", []string{"true"}, 0, ""},
		{"42", shell("exit 42"), 42, ""},
		{"TERM", shell("kill -TERM $$"), 143, ""},
		{"KILL", shell("kill -KILL $$"), 137, ""},
		{"not in PATH", []string{"no-such-command"}, 127, "no-such-command: command not found"},
		{"no such path", []string{"/no/such"}, 127, "/no/such: no such file or directory"},
		{"not executable", []string{plain}, 126, plain + ": permission denied"},
		{"directory", []string{"/usr"}, 126, "/usr: is a directory"},
		{"bad interpreter", []string{noInterpreter}, 126, noInterpreter + ": its interpreter: no such file or directory"},
		{"no first line", []string{noFirstLine}, 126, noFirstLine + ": exec format error (a script needs a first line such as #!/bin/sh)"},
	}
	forEverybody(t, func(t *testing.T, w who) {
		for _, tc := range tests {
			t.Run(tc.name, func(t *testing.T) {
				r := w.run(t, spec{Command: tc.command, Env: plainEnv()})
				want := ""
				if tc.stderr != "" {
					want = "linarite: " + tc.stderr + "\n"
				}
				if r.code != tc.code || r.stdout != "" || r.stderr != want {
					t.Errorf("got %+v, want code %d and stderr %q", r, tc.code, want)
				}
			})
		}
	})
}

// openToAll lets every user into a test's directory.
func openToAll(t *testing.T, dir string) {
	t.Helper()
	for d := dir; strings.HasPrefix(d, os.TempDir()+"/"); d = d[:strings.LastIndex(d, "/")] {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCommandSees(t *testing.T) {
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	forEverybody(t, func(t *testing.T, w who) {
		run := func(t *testing.T, s spec) result {
			if s.Env == nil {
				s.Env = plainEnv()
			}
			return w.run(t, s)
		}
		t.Run("its user", func(t *testing.T) {
			run(t, spec{Command: shell("id -u; id -g")}).wantOutput(t, fmt.Sprintf("%d\n%d\n", w.uid, w.gid()))
		})
		t.Run("its environment", func(t *testing.T) {
			env := []string{"Z=1", "A=two words", "NOT_UTF8=\xff\xfe", "A=again", "EMPTY="}
			run(t, spec{Command: []string{"/usr/bin/env"}, Env: slices.Clone(env)}).wantOutput(t, "Z=1\nA=two words\nNOT_UTF8=\xff\xfe\nA=again\nEMPTY=\n")
		})
		t.Run("its directory", func(t *testing.T) {
			run(t, spec{Command: []string{"/bin/pwd"}}).wantOutput(t, wd+"\n")
			run(t, spec{Command: []string{"/bin/pwd"}, Dir: "/usr"}).wantOutput(t, "/usr\n")
		})
		t.Run("its descriptors", func(t *testing.T) {
			list := shell("exec ls /proc/self/fd")
			want, err := exec.Command(list[0], list[1:]...).Output() // those this test has inherited
			if err != nil {
				t.Fatal(err)
			}
			run(t, spec{Command: list}).wantOutput(t, string(want))
		})
		t.Run("its host name", func(t *testing.T) {
			run(t, spec{Command: []string{"uname", "-n"}, Hostname: "tutorial-vm"}).wantOutput(t, "tutorial-vm\n")
			// Of the same name it is another all the same: a command may call it something else.
			name, err := os.Hostname()
			outside, err2 := os.Readlink("/proc/self/ns/uts")
			if err = errors.Join(err, err2); err != nil {
				t.Fatal(err)
			}
			r := run(t, spec{Command: shell("uname -n; readlink /proc/self/ns/uts")})
			if inside, ok := strings.CutPrefix(r.stdout, name+"\n"); r.code != 0 || !ok || strings.TrimSpace(inside) == outside {
				t.Errorf("%+v, want the name %s in another namespace than %s", r, name, outside)
			}
		})
		t.Run("the world's files", func(t *testing.T) {
			run(t, spec{Command: shell("cat /etc/resolv.conf /etc/hosts /etc/nsswitch.conf; stat -c %a /etc/hosts"), Setup: []string{"umask"}}).
				wantOutput(t, resolvConf+hosts+nsswitch+"644\n")
		})
		if w.uid != 0 {
			t.Run("no capabilities", func(t *testing.T) {
				none := " 0000000000000000\n"
				run(t, spec{Command: shell("grep -E 'Cap(Inh|Prm|Eff|Amb)' /proc/self/status | tr '\\t' ' '")}).
					wantOutput(t, "CapInh:"+none+"CapPrm:"+none+"CapEff:"+none+"CapAmb:"+none)
			})
		}
	})
}

// TestInheritedDescriptors passes descriptors through the world, as make does
// for its jobserver and bash for a process substitution.
func TestInheritedDescriptors(t *testing.T) {
	forEverybody(t, func(t *testing.T, w who) {
		r, out, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		c := w.driver(t, spec{Command: shell("echo three >&3; echo four >&4"), Env: plainEnv()})
		c.ExtraFiles = []*os.File{out, out}
		c.Stderr = os.Stderr
		err = c.Run()
		out.Close()
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 64)
		n, _ := r.Read(got)
		if string(got[:n]) != "three\nfour\n" {
			t.Errorf("read %q", got[:n])
		}
	})
}

func TestBundles(t *testing.T) {
	own := t.TempDir() + "/own.pem"
	if err := os.WriteFile(own, []byte("the caller's file"), 0o644); err != nil {
		t.Fatal(err)
	}
	openToAll(t, own[:strings.LastIndex(own, "/")])
	const system = "/etc/ssl/certs/ca-certificates.crt"
	if _, err := os.Stat(system); err != nil {
		t.Skipf("missing: %s", system)
	}
	before, err := os.ReadFile(system)
	if err != nil {
		t.Fatal(err)
	}
	forEverybody(t, func(t *testing.T, w who) {
		w.run(t, spec{Command: []string{"cat", system}, Env: plainEnv()}).wantOutput(t, bundle)
		w.run(t, spec{Command: []string{"cat", own}, Env: plainEnv(), CABundlePath: own}).wantOutput(t, "the caller's file")
		w.run(t, spec{Command: []string{"cat", "/etc/new/dir/ca.pem"}, Env: plainEnv(), CABundlePath: "/etc/new/dir/ca.pem"}).wantOutput(t, bundle)
	})
	if after, err := os.ReadFile(system); err != nil || string(after) != string(before) {
		t.Errorf("%s has changed outside the world (%v)", system, err)
	}
	if _, err := os.Stat("/etc/new"); err == nil {
		t.Error("/etc/new appeared outside the world")
	}
}

// TestSystemsDiffer makes /etc and /run what they are on other systems.
func TestSystemsDiffer(t *testing.T) {
	needsRoot(t)
	base := []string{"unshare", "empty /etc", "write /etc/passwd root:x:0:0::/root:/bin/sh", "mkdir /etc/sub", "write /etc/sub/file kept", "symlink sub/file /etc/link", "empty /run"}
	const dangling = "symlink ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf"
	tests := []struct {
		name  string
		setup []string
	}{
		{"no files at all", nil},
		{"resolv.conf leads nowhere", []string{dangling}},
		{"resolv.conf leads to a missing file", []string{"mkdir /run/systemd/resolve", dangling}},
		{"systemd-resolved", []string{"mkdir /run/systemd/resolve", "write /run/systemd/resolve/stub-resolv.conf nameserver 127.0.0.53", dangling,
			"socket /run/systemd/resolve/io.systemd.Resolve", "write /etc/hosts 127.0.0.1 x"}},
		{"nscd", []string{"mkdir /run/nscd", "socket /run/nscd/socket", "write /run/nscd/nscd.pid 1", "write /etc/resolv.conf x", "write /etc/hosts x", "write /etc/nsswitch.conf x"}},
	}
	const (
		files = "cat /etc/resolv.conf /etc/hosts /etc/nsswitch.conf /etc/sub/file /etc/link; cut -c1-4 /etc/passwd"
		want  = resolvConf + hosts + nsswitch + "keptkeptroot\n"
	)
	as := map[string][]string{"root": nil, "ordinary user": {"become"}}
	for _, tc := range tests {
		for name, become := range as {
			t.Run(tc.name+"/"+name, func(t *testing.T) {
				setup := slices.Concat(base, tc.setup, become)
				root := who{name, 0, sandbox.Auto}
				root.run(t, spec{Setup: setup, Command: shell(files), Env: plainEnv()}).wantOutput(t, want)
				for _, socket := range []string{"/run/systemd/resolve/io.systemd.Resolve", "/run/nscd/socket"} {
					root.run(t, spec{Setup: setup, Command: toolCommand("unix", socket), Env: toolEnv()}).wantOutput(t, "no such file or directory\n")
				}
			})
		}
	}
}

// TestOddSurroundings starts worlds where there is less than usual.
func TestOddSurroundings(t *testing.T) {
	needsRoot(t)
	for name, setup := range map[string][]string{
		"no new privileges":          {"nnp", "become"},
		"root without CAP_SYS_ADMIN": {"drop"},
		"no new privileges for root": {"nnp"},
	} {
		t.Run(name, func(t *testing.T) {
			who{"", 0, sandbox.Auto}.run(t, spec{Setup: setup, Name: "world", Command: toolCommand("get", "http://"+imds), Env: toolEnv()}).
				wantOutput(t, "world at "+imds+"\n")
		})
	}
}

func TestNested(t *testing.T) {
	forEverybody(t, func(t *testing.T, w who) {
		inner := w.driver(t, spec{Name: "inner", Command: toolCommand("get", "http://"+imds, "http://"+service), Env: toolEnv()})
		w.run(t, spec{Name: "outer", Command: []string{self}, Env: inner.Env}).
			wantOutput(t, "inner at "+imds+"\ninner at "+service+"\n")
	})
}

// reading is a started driver whose output a test reads line by line.
type reading struct {
	*exec.Cmd
	lines *bufio.Reader
}

// start lets somebody start a driver.
func (w who) start(t *testing.T, s spec) *reading {
	t.Helper()
	c := w.driver(t, s)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = out.(*os.File).SetReadDeadline(time.Now().Add(30 * time.Second)) // a hang, not a measure
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	return &reading{c, bufio.NewReader(out)}
}

// line reads the next line.
func (r *reading) line(t *testing.T) string {
	t.Helper()
	s, err := r.lines.ReadString('\n')
	if err != nil {
		t.Fatalf("the driver says no more: %v", err)
	}
	return strings.TrimSuffix(s, "\n")
}

func TestSignalsAreForwarded(t *testing.T) {
	forEverybody(t, func(t *testing.T, w who) {
		for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2} {
			t.Run(sig.String(), func(t *testing.T) {
				r := w.start(t, spec{Command: toolCommand("signal"), Env: toolEnv()})
				r.line(t)
				if err := r.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
				if got := r.line(t); got != sig.String() {
					t.Errorf("the command got %q, want %q", got, sig)
				}
				_ = r.Wait()
				if code := r.ProcessState.ExitCode(); code != 9 {
					t.Errorf("code %d, want 9", code)
				}
			})
		}
		t.Run("default action", func(t *testing.T) {
			r := w.start(t, spec{Command: shell("echo ready; exec sleep 1000"), Env: plainEnv()})
			r.line(t)
			_ = r.Process.Signal(syscall.SIGTERM)
			_ = r.Wait()
			if code := r.ProcessState.ExitCode(); code != 143 {
				t.Errorf("code %d, want 143", code)
			}
		})
	})
}

func TestCommandDiesWithCaller(t *testing.T) {
	forEverybody(t, func(t *testing.T, w who) {
		r := w.start(t, spec{Command: shell("echo ready $$; exec sleep 1000"), Env: plainEnv()})
		pid, err := strconv.Atoi(strings.TrimPrefix(r.line(t), "ready "))
		if err != nil {
			t.Fatal(err)
		}
		fd, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		if err := r.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		const patience = 20_000 // milliseconds
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, patience)
		for errors.Is(err, unix.EINTR) {
			n, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, patience)
		}
		if n != 1 || err != nil {
			_ = unix.Kill(pid, unix.SIGKILL)
			t.Errorf("the command is still alive (%v)", err)
		}
	})
}
