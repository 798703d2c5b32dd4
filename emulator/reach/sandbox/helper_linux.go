package sandbox

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// helper is, for Run, the process that builds the world and becomes the command.
type helper struct {
	process *os.Process
	control *net.UnixConn
	dialer  *dialing // nil where none is wanted
	network uint64   // number of the world's network namespace, 0 before there is one
	// sudo, where the helper was started by it, gives sudo's end; process is nil then.
	sudo chan error
}

// start re-executes this program in new namespaces.
func start(o *Options) (*helper, error) {
	const op = opNamespaces
	if o.Sudo {
		return startSudo(o)
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, &Error{Op: "opening " + os.DevNull, Err: err}
	}
	defer null.Close()
	control, far, err := controlPair()
	if err != nil {
		return nil, &Error{Op: "creating a socket pair", Err: err}
	}
	defer unix.Close(far)
	var files []uintptr
	for _, f := range []*os.File{o.Stdin, o.Stdout, o.Stderr} {
		if f == nil {
			f = null
		}
		files = append(files, f.Fd())
	}
	// Descriptors that this process has inherited are the command's as well (a
	// jobserver's, a process substitution's): the control socket takes the
	// first number beyond them.
	number := len(files)
	for ; inheritable(number); number++ {
		files = append(files, uintptr(number))
	}
	pid, err := syscall.ForkExec("/proc/self/exe", []string{helperName, strconv.Itoa(number)}, &syscall.ProcAttr{
		Env:   os.Environ(), // the dynamic loader may need it; the command does not see it
		Files: append(files, uintptr(far)),
		Sys:   namespaces(o),
	})
	runtime.KeepAlive(o)
	if err != nil {
		control.Close()
		return nil, explain(op, err, readKernel(os.DirFS("/")))
	}
	// A child that has not been waited for keeps its number, so this finds it.
	process, err := os.FindProcess(pid)
	if err != nil {
		control.Close() // on which the helper ends
		return nil, &Error{Op: op, Err: err}
	}
	return &helper{process: process, control: control}, nil
}

// inheritable tells whether a descriptor is open and survives an exec.
func inheritable(fd int) bool {
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil && flags&unix.FD_CLOEXEC == 0
}

// worldFlags are the namespaces of a world. The host name is its own even where it is called
// as outside: what a command calls it is nobody else's.
const worldFlags = unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWUTS

// namespaces says how the helper is to be cloned.
func namespaces(o *Options) *syscall.SysProcAttr {
	if o.Here {
		attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if Mounts() {
			attr.Cloneflags = unix.CLONE_NEWNS
		}
		return attr
	}
	attr := &syscall.SysProcAttr{
		Cloneflags: worldFlags,
		Pdeathsig:  syscall.SIGKILL,
	}
	if o.UserNamespace == Never || o.UserNamespace == Auto && privileged() {
		return attr
	}
	uid, gid := os.Geteuid(), os.Getegid()
	attr.Cloneflags |= unix.CLONE_NEWUSER
	attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
	attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: gid, HostID: gid, Size: 1}}
	if uid != 0 {
		// An exec by anybody but uid 0 would drop what the clone has given.
		attr.AmbientCaps = []uintptr{unix.CAP_NET_ADMIN, unix.CAP_NET_BIND_SERVICE, unix.CAP_SYS_ADMIN}
	}
	return attr
}

// build sends the helper its instructions and receives the world's sockets.
func (h *helper) build(o *Options) ([]Socket, error) {
	const op = "building the world"
	w, err := o.world()
	if err != nil {
		return nil, &Error{Op: op, Err: err}
	}
	// A helper that dies half-way breaks the pipe; what it said matters more.
	sendErr := gob.NewEncoder(h.control).Encode(w)
	answer, files, err := receiveReady(h.control)
	defer func() {
		for _, f := range files {
			f.Close() // the sockets are duplicates
		}
	}()
	switch {
	case err != nil:
		return nil, &Error{Op: op, Err: errors.Join(err, sendErr)}
	case answer == failed:
		var f failure
		if err := gob.NewDecoder(h.control).Decode(&f); err != nil {
			return nil, &Error{Op: op, Err: err}
		}
		return nil, explain(f.Op, &helperError{f}, readKernel(os.DirFS("/")))
	}
	if err := h.takeDialer(o, files); err != nil {
		return nil, &Error{Op: op, Err: err}
	}
	sockets := make([]Socket, len(o.Listen))
	for i, f := range files[:len(o.Listen)] {
		if sockets[i], err = newSocket(o.Listen[i], f); err != nil {
			for _, s := range sockets[:i] {
				s.close()
			}
			return nil, &Error{Op: "taking over " + o.Listen[i].String(), Err: err}
		}
	}
	return sockets, nil
}

// takeDialer looks at what has arrived, and takes the dialer over where one is wanted.
func (h *helper) takeDialer(o *Options, files []*os.File) error {
	pid, network, err := receiveNumbers(h.control)
	if err != nil {
		return err
	}
	h.network = network
	want := len(o.Listen)
	if pid != 0 {
		want++
	}
	if len(files) != want {
		return fmt.Errorf("%d sockets arrived of %d: the limit of open files (ulimit -n) is too low", len(files), want)
	}
	if pid == 0 {
		return nil
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	conn, err := net.FileConn(files[want-1])
	if err != nil {
		return err
	}
	h.dialer = &dialing{control: conn.(*net.UnixConn), process: process}
	return nil
}

// newSocket makes a Socket of a descriptor, which stays the caller's.
func newSocket(e Endpoint, f *os.File) (s Socket, err error) {
	s.Endpoint = e
	if e.Network == "tcp" {
		s.Listener, err = net.FileListener(f)
	} else {
		s.PacketConn, err = net.FilePacketConn(f)
	}
	return s, err
}

// kill ends the helper, or the command that it has become.
func (h *helper) kill() {
	if h.process == nil {
		_ = h.control.CloseWrite() // on which sudo's helper kills the command
		return
	}
	_ = h.process.Kill() // fails when it has ended, which is just as well
}

// signal sends the command a signal. It fails when the command has ended.
func (h *helper) signal(sig syscall.Signal) {
	if h.process == nil {
		_, _ = h.control.Write([]byte{byte(sig)})
		return
	}
	_ = h.process.Signal(sig)
}

// wait waits for the end of the command.
func (h *helper) wait() (ExitStatus, error) {
	if h.process == nil {
		return h.waitSudo()
	}
	state, err := h.process.Wait()
	if err != nil {
		return ExitStatus{}, fmt.Errorf("waiting for the sealed command: %w", err)
	}
	return exitStatus(state.Sys().(syscall.WaitStatus)), nil
}

// readWorld reads what build has sent.
func readWorld(r io.Reader) (w world, err error) {
	err = gob.NewDecoder(r).Decode(&w)
	return w, err
}
