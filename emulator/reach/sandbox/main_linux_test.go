package sandbox_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/linarite/linarite/emulator/reach/dns"
	"github.com/linarite/linarite/emulator/reach/sandbox"
	"golang.org/x/sys/unix"
)

// The test binary plays four parts: the tests, the helper of the package (Child),
// the driver, which is a program that calls Run, and the tool, which is a command
// in a sealed world. Drivers let a test try other users, signals and terminals.
const (
	roleVariable = "SANDBOX_TEST_ROLE"
	specVariable = "SANDBOX_TEST_SPEC"
)

// self is the test binary, wherever it is and whoever may look there.
const self = "/proc/self/exe"

// swiftExit keeps a program built with the race detector from sleeping for a
// second before it exits.
const swiftExit = "GORACE=atexit_sleep_ms=0"

// exitNoWorld is a driver's exit code when Run returned an error.
const exitNoWorld = 90

func TestMain(m *testing.M) {
	// On another thread than the first: nobody promises main the first, and the
	// parent-death signal has to work on any.
	runtime.LockOSThread()
	returned := make(chan struct{})
	go func() {
		sandbox.Child()
		close(returned)
	}()
	<-returned
	runtime.UnlockOSThread()
	switch os.Getenv(roleVariable) {
	case "driver":
		os.Exit(drive())
	case "tool":
		os.Exit(tool(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// spec is what a driver is to do.
type spec struct {
	Setup         []string // preparations, see prepare
	Name          string   // what the world's servers call themselves
	Command, Env  []string
	Dir, Hostname string
	UserNamespace sandbox.Tri
	CABundlePath  string
}

const (
	imds       = "169.254.169.254"
	service    = "198.18.0.1"
	known      = "acct.blob.example"
	resolvConf = "nameserver 127.0.0.1\noptions attempts:1\n"
	hosts      = "127.0.0.1 localhost\n"
	nsswitch   = "passwd: files\nhosts: files dns\n"
	bundle     = "-----BEGIN CERTIFICATE-----\nthe world's\n-----END CERTIFICATE-----\n"
)

// options makes the world that all tests use: a web server that says the
// world's name at two addresses, a name server, and at port 443 of every address
// somebody who tells which address he has been called at.
func (s spec) options() sandbox.Options {
	tcp := func(a string) sandbox.Endpoint {
		return sandbox.Endpoint{Network: "tcp", Addr: netip.MustParseAddrPort(a)}
	}
	return sandbox.Options{
		Command: s.Command, Env: s.Env, Dir: s.Dir, Hostname: s.Hostname,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Addresses: []netip.Prefix{netip.MustParsePrefix(imds + "/32"), netip.MustParsePrefix(service + "/32")},
		Listen: []sandbox.Endpoint{
			tcp(imds + ":80"), tcp(service + ":80"), tcp("0.0.0.0:443"), tcp("0.0.0.0:53"),
			{Network: "udp", Addr: netip.MustParseAddrPort("0.0.0.0:53")},
		},
		Serve:    s.serve,
		CABundle: []byte(bundle), CABundlePath: s.CABundlePath,
		ResolvConf: []byte(resolvConf), Hosts: []byte(hosts), NSSwitch: []byte(nsswitch),
		UserNamespace: s.UserNamespace,
	}
}

func (s spec) serve(ctx context.Context, sockets []sandbox.Socket) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s at %s", s.Name, r.Host)
	})}
	names := dns.New(func(name string) (netip.Addr, bool) { return netip.MustParseAddr(service), name == known })
	parts := []func() error{
		func() error { return web.Serve(sockets[0].Listener) },
		func() error { return web.Serve(sockets[1].Listener) },
		func() error { return tellAddress(sockets[2].Listener) },
		func() error { return names.Serve(ctx, sockets[4].PacketConn, sockets[3].Listener) },
	}
	ended := make(chan error, len(parts))
	for _, part := range parts {
		go func() {
			err := part()
			cancel()
			ended <- err
		}()
	}
	context.AfterFunc(ctx, func() {
		web.Close()
		sockets[2].Listener.Close()
	})
	first := <-ended
	for range parts[1:] {
		<-ended
	}
	return first
}

// tellAddress writes to every connection the address it was made to.
func tellAddress(ln net.Listener) error {
	for {
		c, err := ln.Accept()
		if err != nil {
			return err
		}
		fmt.Fprint(c, c.LocalAddr())
		c.Close()
	}
}

// drive runs the spec of the environment as `linarite run` would.
func drive() int {
	var s spec
	if err := gob.NewDecoder(hex.NewDecoder(strings.NewReader(os.Getenv(specVariable)))).Decode(&s); err != nil {
		fmt.Fprintln(os.Stderr, "driver:", err)
		return exitNoWorld
	}
	runtime.LockOSThread() // preparations are a thread's
	for _, what := range s.Setup {
		if err := prepare(what); err != nil {
			fmt.Fprintf(os.Stderr, "driver: %s: %v\n", what, err)
			return exitNoWorld
		}
	}
	if len(s.Command) == 0 {
		for _, f := range sandbox.Check() {
			fmt.Printf("%s|%t|%s|%s\n", f.Name, f.OK, f.Why, f.Do)
		}
		return 0
	}
	status, err := sandbox.Run(context.Background(), s.options())
	if err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		return exitNoWorld
	}
	if status.Signal != 0 && status.Code != 128+int(status.Signal) {
		fmt.Fprintf(os.Stderr, "driver: code %d with signal %d\n", status.Code, status.Signal)
		return exitNoWorld
	}
	return status.Code
}

// prepare changes a driver's own surroundings.
func prepare(what string) error {
	verb, arg, _ := strings.Cut(what, " ")
	switch verb {
	case "unshare": // so that the following happens to this driver alone
		if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
			return err
		}
		return unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "")
	case "empty": // mounts an empty directory over one
		return unix.Mount("tmpfs", arg, "tmpfs", 0, "mode=0755")
	case "mkdir":
		return os.MkdirAll(arg, 0o755)
	case "symlink":
		from, to, _ := strings.Cut(arg, " ")
		return os.Symlink(from, to)
	case "write":
		path, text, _ := strings.Cut(arg, " ")
		return os.WriteFile(path, []byte(text), 0o644)
	case "socket":
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0) // open as long as the driver lives
		if err != nil {
			return err
		}
		if err := errors.Join(unix.Bind(fd, &unix.SockaddrUnix{Name: arg}), unix.Listen(fd, 1)); err != nil {
			return err
		}
		return os.Chmod(arg, 0o777)
	case "become": // an ordinary user, in this thread and its children
		if err := syscall.Setgroups(nil); err != nil {
			return err
		}
		if err := syscall.Setresgid(ordinary, ordinary, ordinary); err != nil {
			return err
		}
		if err := syscall.Setresuid(ordinary, ordinary, ordinary); err != nil {
			return err
		}
		// A program that was started by this user would be so already.
		return unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0)
	case "drop": // CAP_SYS_ADMIN, as a container's root is without
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, unix.CAP_SYS_ADMIN, 0, 0, 0); err != nil {
			return err
		}
		return dropSysAdmin()
	case "nnp":
		return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	case "umask":
		unix.Umask(0o077)
		return nil
	}
	return errors.New("unknown preparation")
}

func dropSysAdmin() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return err
	}
	data[0].Effective &^= 1 << unix.CAP_SYS_ADMIN
	data[0].Permitted &^= 1 << unix.CAP_SYS_ADMIN
	return unix.Capset(&header, &data[0])
}

// ordinary is a user and a group without any privilege.
const ordinary = 1001

// who is somebody who starts a sealed world.
type who struct {
	name          string
	uid           int
	userNamespace sandbox.Tri
}

// gid is their group.
func (w who) gid() int {
	if w.uid == os.Geteuid() {
		return os.Getegid()
	}
	return w.uid
}

// everybody lists the ways in which the tests make worlds.
func everybody() []who {
	if os.Geteuid() != 0 {
		return []who{{"this user", os.Geteuid(), sandbox.Auto}}
	}
	return []who{
		{"root", 0, sandbox.Auto},
		{"root in a user namespace", 0, sandbox.Always},
		{"ordinary user", ordinary, sandbox.Auto},
	}
}

// forEverybody runs a test once for each of them.
func forEverybody(t *testing.T, test func(t *testing.T, w who)) {
	for _, w := range everybody() {
		t.Run(w.name, func(t *testing.T) { test(t, w) })
	}
}

// needsRoot ends a test that prepares what only root may.
func needsRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("missing: root, who alone can make this test's surroundings; run it with sudo")
	}
}

// needs ends a test for want of a program.
func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("missing: the program %s", program)
	}
}

// driver makes the process of a driver, to be started.
func (w who) driver(t *testing.T, s spec) *exec.Cmd {
	t.Helper()
	if s.UserNamespace == sandbox.Auto {
		s.UserNamespace = w.userNamespace
	}
	var text bytes.Buffer
	if err := gob.NewEncoder(hex.NewEncoder(&text)).Encode(s); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Args = []string{"driver"}
	c.Env = append(os.Environ(), swiftExit, roleVariable+"=driver", specVariable+"="+text.String())
	if w.uid != os.Geteuid() {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(w.uid), Gid: uint32(w.gid())}}
	}
	return c
}

// result is what a driver, and the command it ran, did.
type result struct {
	code           int
	stdout, stderr string
}

// run lets somebody run a driver to its end.
func (w who) run(t *testing.T, s spec) result {
	t.Helper()
	c := w.driver(t, s)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	err := c.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{c.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// wantOutput checks a command that has to succeed.
func (r result) wantOutput(t *testing.T, want string) {
	t.Helper()
	if r.code != 0 || r.stdout != want {
		t.Errorf("code %d, stdout %q, want 0 and %q; stderr: %s", r.code, r.stdout, want, r.stderr)
	}
}

// shell makes the command of a shell script.
func shell(script string) []string { return []string{"/bin/sh", "-c", script} }

// plainEnv is the environment of most commands.
func plainEnv() []string { return []string{"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"} }
