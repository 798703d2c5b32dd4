package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// dialerName is the argv[0] of the dialer: a process that stays in the world beside the
// command and connects there for Run, since a process outside cannot. It is the caller's
// child and not the command's (CLONE_PARENT, clone(2)), so that the command never waits for
// a child that it has not made.
const dialerName = "linarite-sealed-dialer"

// innerPatience is how long a server inside has to take a connection.
const innerPatience = 10 * time.Second

// maxAddress bounds a message to the dialer, an address, and its answer, an error.
const maxAddress = 512

// startDialer starts the dialer in the namespaces of this process, the helper. It returns the
// near end of the dialer's socket and the number of the process. Of a helper that stays, it
// is a child, and as is whom it runs as.
func startDialer(as user) (near *os.File, pid int, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, 0, err
	}
	defer unix.Close(pair[1])
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		unix.Close(pair[0])
		return nil, 0, err
	}
	defer null.Close()
	// In a group of its own: the terminal's keys are not for it. It ends with its socket.
	sys := &syscall.SysProcAttr{Cloneflags: unix.CLONE_PARENT, Setpgid: true}
	if len(as.UID) > 0 {
		sys.Cloneflags, sys.Credential = 0, as.credential()
	}
	pid, err = syscall.ForkExec("/proc/self/exe", []string{dialerName, "3"}, &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{null.Fd(), null.Fd(), null.Fd(), uintptr(pair[1])},
		Sys:   sys,
	})
	if err != nil {
		unix.Close(pair[0])
		return nil, 0, err
	}
	return os.NewFile(uintptr(pair[0]), "dialer"), pid, nil
}

// dialer is the life of the dialer; it returns an exit code.
func dialer() int {
	fd, err := strconv.Atoi(os.Args[len(os.Args)-1])
	if err != nil {
		return exitHelper
	}
	runtime.LockOSThread()
	if os.Geteuid() != 0 && dropCapabilities() != nil {
		return exitHelper
	}
	control, err := unixConn(fd)
	if err != nil {
		return exitHelper
	}
	request := make([]byte, maxAddress)
	for {
		n, err := control.Read(request)
		if err != nil || n == 0 {
			return 0 // the caller has gone, or the world ends
		}
		if err := answer(control, string(request[:n])); err != nil {
			return exitHelper
		}
	}
}

// answer begins to connect to an address and passes the socket on, or says why there is none.
// It waits for no server: that is for Run to do, so that one does not hold up the others.
func answer(control *net.UnixConn, address string) error {
	words, rights := "", []byte(nil)
	fd, err := begin(address)
	if err != nil {
		words = err.Error()
	} else {
		defer unix.Close(fd)
		rights = unix.UnixRights(fd)
	}
	_, _, err = control.WriteMsgUnix([]byte("="+words[:min(len(words), maxAddress-1)]), rights, nil)
	return err
}

// begin begins to connect to a TCP address, and gives the socket.
func begin(address string) (fd int, err error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return -1, err
	}
	family, to := unix.AF_INET6, unix.Sockaddr(&unix.SockaddrInet6{Port: int(at.Port()), Addr: at.Addr().As16()})
	if at.Addr().Is4() {
		family, to = unix.AF_INET, &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}
	}
	if fd, err = unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0); err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	if err = unix.Connect(fd, to); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		unix.Close(fd)
		return -1, fmt.Errorf("connect to %s: %w", address, err)
	}
	return fd, nil
}

// dialing is the dialer as Run has it.
type dialing struct {
	mu      sync.Mutex // one request at a time, none of which waits for a server
	control *net.UnixConn
	process *os.Process
}

// dial connects to a TCP address inside the world.
func (d *dialing) dial(ctx context.Context, address string) (net.Conn, error) {
	if len(address) > maxAddress {
		return nil, fmt.Errorf("an address of %d bytes", len(address))
	}
	f, err := d.begin(ctx, address)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := connected(ctx, f); err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	return net.FileConn(f)
}

// connected waits until a socket has connected.
func connected(ctx context.Context, f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, innerPatience)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = f.Close() })()
	var failed error
	err = raw.Write(func(fd uintptr) bool {
		var code int
		if code, failed = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR); code != 0 {
			failed = syscall.Errno(code)
		}
		_, err := unix.Getpeername(int(fd))
		return err == nil || failed != nil // else not yet
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.Join(err, failed)
}

// begin asks the dialer for a socket that connects to an address.
func (d *dialing) begin(ctx context.Context, address string) (*os.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if _, err := d.control.Write([]byte(address)); err != nil {
		return nil, fmt.Errorf("asking for a connection inside the world: %w", err)
	}
	words, oob := make([]byte, maxAddress), make([]byte, unix.CmsgSpace(4))
	n, oobn, _, _, err := d.control.ReadMsgUnix(words, oob)
	if err != nil {
		return nil, fmt.Errorf("a connection inside the world: %w", err)
	}
	if n != 1 {
		return nil, errors.New(string(words[min(n, 1):n]))
	}
	files, err := received(oob[:oobn])
	if err != nil || len(files) != 1 {
		return nil, errors.Join(errors.New("the connection did not arrive"), err)
	}
	return files[0], nil
}

// end lets the dialer go and waits until it has.
func (d *dialing) end() {
	_ = d.control.Close()
	_ = d.process.Kill() // should it not heed that
	_, _ = d.process.Wait()
}
