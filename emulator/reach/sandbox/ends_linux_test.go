package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/reach/sandbox"
	"golang.org/x/sys/unix"
)

// quiet gives a spec's options an output file of their own.
func quiet(t *testing.T, s spec) (sandbox.Options, *os.File) {
	t.Helper()
	f, err := os.Create(t.TempDir() + "/output")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	o := s.options()
	o.Stdin, o.Stdout, o.Stderr = nil, f, f
	return o, f
}

func TestConcurrentWorldsAreIndependent(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		name := fmt.Sprint("world", i)
		o, f := quiet(t, spec{Name: name, Command: toolCommand("get", "http://"+imds), Env: toolEnv()})
		wg.Go(func() {
			status, err := sandbox.Run(context.Background(), o)
			if err != nil || status.Code != 0 {
				t.Errorf("%s: %+v, %v", name, status, err)
			}
			text, err := os.ReadFile(f.Name())
			if want := name + " at " + imds + "\n"; err != nil || string(text) != want {
				t.Errorf("output %q (%v), want %q", text, err, want)
			}
		})
	}
	wg.Wait()
}

func TestNilStdin(t *testing.T) {
	o, f := quiet(t, spec{Command: shell("cat; echo end"), Env: plainEnv()})
	if status, err := sandbox.Run(context.Background(), o); err != nil || status.Code != 0 {
		t.Errorf("%+v, %v", status, err)
	}
	if text, _ := os.ReadFile(f.Name()); string(text) != "end\n" {
		t.Errorf("output %q", text)
	}
}

func TestContextEndsCommand(t *testing.T) {
	o, _ := quiet(t, spec{Command: []string{"sleep", "1000"}, Env: plainEnv()})
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	serve := o.Serve
	o.Serve = func(inner context.Context, s []sandbox.Socket) error {
		cancel(cause)
		return serve(inner, s)
	}
	status, err := sandbox.Run(ctx, o)
	if !errors.Is(err, cause) || status.Signal != syscall.SIGKILL || status.Code != 137 {
		t.Errorf("%+v, %v", status, err)
	}
}

func TestFailingServeEndsCommand(t *testing.T) {
	o, _ := quiet(t, spec{Command: []string{"sleep", "1000"}, Env: plainEnv()})
	o.Serve = func(context.Context, []sandbox.Socket) error { return io.ErrUnexpectedEOF }
	status, err := sandbox.Run(context.Background(), o)
	if !errors.Is(err, io.ErrUnexpectedEOF) || status.Code != 137 {
		t.Errorf("%+v, %v", status, err)
	}
}

func TestSocketsComeInOrderAndGo(t *testing.T) {
	o, _ := quiet(t, spec{Command: []string{"true"}, Env: plainEnv()})
	var kept []sandbox.Socket
	o.Serve = func(_ context.Context, s []sandbox.Socket) error { kept = s; return nil }
	if _, err := sandbox.Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	if len(kept) != len(o.Listen) {
		t.Fatalf("%d sockets, want %d", len(kept), len(o.Listen))
	}
	for i, s := range kept {
		var network, addr string
		if s.Listener != nil {
			network, addr = "tcp", s.Listener.Addr().String()
			if _, err := s.Listener.Accept(); !errors.Is(err, os.ErrClosed) && !strings.Contains(err.Error(), "closed") {
				t.Errorf("%v is still open: %v", s.Endpoint, err)
			}
		} else {
			network, addr = "udp", s.PacketConn.LocalAddr().String()
			if _, _, err := s.PacketConn.ReadFrom(nil); err == nil || !strings.Contains(err.Error(), "closed") {
				t.Errorf("%v is still open: %v", s.Endpoint, err)
			}
		}
		if want := o.Listen[i]; s.Endpoint != want || network != want.Network || addr != want.Addr.String() {
			t.Errorf("socket %d is %s %s, want %v", i, network, addr, want)
		}
	}
}

// unmakeable lists options of which no world comes, with a part of the message.
func unmakeable(t *testing.T) map[string]sandbox.Options {
	endpoint := func(network, addr string) []sandbox.Endpoint {
		return []sandbox.Endpoint{{Network: network, Addr: netip.MustParseAddrPort(addr)}}
	}
	list := map[string]sandbox.Options{
		"there is no command":                {Command: []string{}},
		"want tcp or udp":                    {Listen: endpoint("sctp", "127.0.0.1:1")},
		"not an IP prefix":                   {Addresses: make([]netip.Prefix, 1)},
		"is not absolute":                    {CABundlePath: "ca.pem"},
		"more than the 253":                  {Listen: make([]sandbox.Endpoint, 254)},
		"entering the working directory":     {Dir: "/no/such/directory"},
		"listening on tcp [2001:db8::1]:443": {Listen: endpoint("tcp", "[2001:db8::1]:443")},
		"address 127.0.0.1/8":                {Addresses: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8")}},
		"make its directory first":           {CABundlePath: "/no-such-directory/ca.pem", CABundle: []byte(bundle)},
		"setting the host name":              {Hostname: strings.Repeat("x", 65)},
	}
	for text, o := range list {
		base, _ := quiet(t, spec{Env: plainEnv()})
		if o.Command == nil {
			o.Command = []string{"true"}
		}
		o.Env, o.Stdout, o.Stderr = base.Env, base.Stdout, base.Stderr
		list[text] = o
	}
	return list
}

func TestWorldsThatCannotBe(t *testing.T) {
	for text, o := range unmakeable(t) {
		t.Run(text, func(t *testing.T) {
			_, err := sandbox.Run(context.Background(), o)
			var e *sandbox.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), text) {
				t.Errorf("%v, want a *sandbox.Error about %q", err, text)
			}
		})
	}
	t.Run("errno", func(t *testing.T) {
		if _, err := sandbox.Run(context.Background(), unmakeable(t)["entering the working directory"]); !errors.Is(err, syscall.ENOENT) {
			t.Errorf("%v is not ENOENT", err)
		}
	})
}

// TestNothingStaysBehind makes fifty worlds that end in all ways.
func TestNothingStaysBehind(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ways := []func(*sandbox.Options){
		func(*sandbox.Options) {},
		func(o *sandbox.Options) { o.Command = toolCommand("get", "http://"+known); o.Env = toolEnv() },
		func(o *sandbox.Options) { o.Command = []string{"no-such-command"} },
		func(o *sandbox.Options) { o.Command = shell("kill -9 $$") },
		func(o *sandbox.Options) { o.Dir = "/no/such/directory" },
		func(o *sandbox.Options) { o.UserNamespace = sandbox.Always },
		func(o *sandbox.Options) { o.CABundlePath = "/etc/new.pem" },
		func(o *sandbox.Options) {
			o.Command = []string{"sleep", "1000"}
			o.Serve = func(context.Context, []sandbox.Socket) error { return io.ErrUnexpectedEOF }
		},
	}
	worlds := make([]sandbox.Options, 50)
	for i := range worlds {
		worlds[i], _ = quiet(t, spec{Name: "world", Command: []string{"true"}, Env: plainEnv()})
		ways[i%len(ways)](&worlds[i])
	}
	run := func(o sandbox.Options) { _, _ = sandbox.Run(context.Background(), o) }
	run(worlds[0]) // what the runtime keeps for good, it has after this
	before, goroutines := leftovers(t, temp), runtime.NumGoroutine()
	for _, o := range worlds {
		run(o)
	}
	after, remaining := leftovers(t, temp), runtime.NumGoroutine()
	// A goroutine that has said its last word may still be on its way out, now or when they were first counted.
	for deadline := time.Now().Add(20 * time.Second); (after != before || remaining > goroutines) && time.Now().Before(deadline); {
		runtime.Gosched()
		after, remaining = leftovers(t, temp), runtime.NumGoroutine()
	}
	if after != before || remaining > goroutines {
		t.Errorf("before:\n%sgoroutines: %d\nafter:\n%sgoroutines: %d", before, goroutines, after, remaining)
	}
}

// leftovers describes what a world might leave in this process, on disk and in the mount table; goroutines are counted
// beside it.
func leftovers(t *testing.T, temp string) string {
	t.Helper()
	var b strings.Builder
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(&b, "descriptors:", len(fds))
	children, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil || len(children) == 0 {
		t.Fatalf("missing: /proc/self/task/*/children (CONFIG_PROC_CHILDREN): %v", err)
	}
	for _, path := range children {
		if pids, _ := os.ReadFile(path); len(pids) > 0 {
			fmt.Fprintf(&b, "children: %s\n", pids)
		}
	}
	files, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		fmt.Fprintln(&b, "file:", f.Name())
	}
	mountTable, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(&b, "mounts:", strings.Count(string(mountTable), "\n"))
	return b.String()
}

// BenchmarkRun is the cost of a world with sockets, files and /bin/true in it.
func BenchmarkRun(b *testing.B) {
	s := spec{Name: "world", Command: []string{"/bin/true"}, Env: plainEnv()}
	for _, who := range everybody()[:min(2, len(everybody()))] {
		b.Run(who.name, func(b *testing.B) {
			o := s.options()
			o.UserNamespace = who.userNamespace
			o.CABundle = make([]byte, 220_000) // as long as Debian's
			for b.Loop() {
				if status, err := sandbox.Run(context.Background(), o); err != nil || status.Code != 0 {
					b.Fatal(status, err)
				}
			}
		})
	}
}

// TestLeftovers: what a command leaves behind ends with its world, also where it has left the
// session, the process group and its descriptors.
func TestLeftovers(t *testing.T) {
	needs(t, "setsid")
	forEverybody(t, func(t *testing.T, w who) {
		r := w.run(t, spec{Command: shell("echo $(setsid sh -c 'echo $$; exec sleep 1000 >/dev/null' </dev/null 2>/dev/null &)"), Env: plainEnv()})
		pid, err := strconv.Atoi(strings.TrimSpace(r.stdout))
		if err != nil || r.code != 0 {
			t.Fatalf("%+v", r)
		}
		wantEnd(t, pid)
	})
}

// TestLeftoversAreAsked: before it is killed, what a command leaves behind is asked to end
// while the world still answers it.
func TestLeftoversAreAsked(t *testing.T) {
	forEverybody(t, func(t *testing.T, w who) {
		dir := t.TempDir()
		openToAll(t, dir)
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		r := w.run(t, spec{Name: "world", Command: toolCommand("leave", dir+"/said"), Env: toolEnv()})
		said, err := os.ReadFile(dir + "/said")
		if want := "world at " + imds; r.code != 0 || err != nil || string(said) != want {
			t.Fatalf("%+v: it said %q (%v), want %q", r, said, err, want)
		}
	})
}

// wantEnd waits for the end of a process.
func wantEnd(t *testing.T, pid int) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return // it has ended, and whoever inherits orphans has seen to it
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	const patience = 20_000 // milliseconds, for what is being ended
	if n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, patience); n != 1 {
		t.Errorf("process %d lives on (%v)", pid, err)
		_ = unix.Kill(pid, unix.SIGKILL)
	}
}
