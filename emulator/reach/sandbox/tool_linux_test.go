package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	mdns "github.com/miekg/dns"
	"golang.org/x/sys/unix"
)

// toolCommand makes the command line of a tool in a sealed world; it goes with
// toolEnv. Every argument but the verb is tried, and told about in one line.
func toolCommand(verb string, args ...string) []string {
	return append([]string{self, verb}, args...)
}

func toolEnv() []string { return append(plainEnv(), swiftExit, roleVariable+"=tool") }

// tool is the command inside.
func tool(args []string) int {
	all := []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2}
	switch args[0] {
	case "signal":
		return awaitSignals(1, all...)
	case "signals":
		return awaitSignals(2, all...)
	case "resume":
		return awaitSignals(2, syscall.SIGCONT)
	case "full":
		return full()
	case "halt":
		return halt()
	case "leave":
		return leave(args[1])
	case "left":
		return left(args[1])
	}
	verbs := map[string]func(string) (string, error){
		"get": get, "resolve": resolve, "dial": dial, "query": query, "udp": datagram, "unix": dialUnix,
	}
	for _, arg := range args[1:] {
		text, err := verbs[args[0]](arg)
		if err != nil {
			text = describe(err)
		}
		fmt.Println(text)
	}
	return 0
}

// describe tells errors apart by what they mean, not by their words.
func describe(err error) string {
	if e := new(net.DNSError); errors.As(err, &e) && e.IsNotFound {
		return "no such name"
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	return err.Error()
}

func get(url string) (string, error) {
	r, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	return string(body), err
}

// resolve uses Go's own resolver.
func resolve(name string) (string, error) {
	r := net.Resolver{PreferGo: true}
	addrs, err := r.LookupHost(context.Background(), name)
	return strings.Join(addrs, " "), err
}

func dial(addr string) (string, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return "", err
	}
	defer c.Close()
	said, err := io.ReadAll(c)
	return string(said), err
}

func dialUnix(path string) (string, error) {
	c, err := net.Dial("unix", path)
	if err != nil {
		return "", err
	}
	return "connected", c.Close()
}

// datagram sends one into the blue.
func datagram(addr string) (string, error) {
	c, err := net.Dial("udp", addr)
	if err != nil {
		return "", err
	}
	defer c.Close()
	_, err = c.Write([]byte("hello"))
	return "sent", err
}

// query asks SERVER/NAME/TYPE by UDP.
func query(arg string) (string, error) {
	parts := strings.Split(arg, "/")
	q := new(mdns.Msg)
	q.SetQuestion(parts[1]+".", mdns.StringToType[parts[2]])
	m, err := mdns.Exchange(q, net.JoinHostPort(parts[0], "53"))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %d", mdns.RcodeToString[m.Rcode], len(m.Answer)), nil
}

// awaitSignals says when it is ready and names as many signals as are wanted.
func awaitSignals(n int, wanted ...os.Signal) int {
	c := make(chan os.Signal, 8)
	signal.Notify(c, wanted...)
	fmt.Println("ready")
	for range n {
		fmt.Println(<-c)
	}
	return 9
}

// leave leaves a process behind that writes what it can still do to a file, when it is asked
// to end.
func leave(path string) int {
	c := exec.Command(self, "left", path)
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err == nil {
		_, err = out.Read(make([]byte, 1)) // it can be asked now
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func left(path string) int {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	fmt.Println()
	<-asked
	text, err := get("http://" + imds)
	if err != nil {
		text = err.Error()
	}
	if os.WriteFile(path, []byte(text), 0o600) != nil {
		return 1
	}
	select {} // asking is not enough
}

// halt stops the dialer of this world, and waits until its input ends.
func halt() int {
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		return 1
	}
	names, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is good
	for _, name := range names {
		line, _ := os.ReadFile(name) // whoever has ended is not looked for
		network, _ := os.Readlink(filepath.Dir(name) + "/ns/net")
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		if err == nil && network == own && strings.HasPrefix(string(line), "linarite-sealed-dialer\x00") && unix.Kill(pid, unix.SIGSTOP) == nil {
			fmt.Println()
			_, _ = io.Copy(io.Discard, os.Stdin)
			return 0
		}
	}
	return 1
}

// full has a server at port 7001 of loopback that takes no more connections, and one at 7002
// that does, until its input ends.
func full() int {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	at := &unix.SockaddrInet4{Port: 7001, Addr: [4]byte{127, 0, 0, 1}}
	if err = errors.Join(err, unix.Bind(fd, at), unix.Listen(fd, 0)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for range 4 {
		waiting, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
		if err == nil {
			err = unix.Connect(waiting, at)
		}
		if err != nil && !errors.Is(err, unix.EINPROGRESS) {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	if _, err := net.Listen("tcp", "127.0.0.1:7002"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println()
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}
