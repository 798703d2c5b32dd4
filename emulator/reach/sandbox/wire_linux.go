package sandbox

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// helperName is the argv[0] by which a process knows that it is the helper. The
// one argument is the number of the descriptor of the control socket.
const helperName = "linarite-sealed-world"

// The control socket carries, in this order: the world in gob form (not JSON:
// an environment need not be UTF-8), from Run; one byte from the helper, ready
// with the sockets attached, or failed with a failure in gob form behind it;
// the byte proceed from Run, or its end of file, on which the helper ends.
const (
	ready   = 'r'
	failed  = 'f'
	proceed = 'p'
)

// maxSockets is the kernel's SCM_MAX_FD: the descriptors one message can carry.
const maxSockets = 253 // less one where there is a dialer

// world is what the helper has to know.
type world struct {
	Command   []string
	Dir       string
	Env       []string
	Addresses []string // netip.Prefix as text
	Listen    []Endpoint
	Files     []file
	Bundle    []byte
	Hostname  string
	Here      bool // the network is the caller's
	Mount     bool // put the files in their places
	Parent    int  // process id of the caller
	Dials     bool // a dialer is wanted
	As        user // whom the command runs as; empty where the helper becomes it
}

// file is one file of the world that differs from the machine's.
type file struct {
	Path    string
	Content []byte
	Yields  bool // an existing file stays as it is
}

// failure is an error of the helper on its way to Run.
type failure struct {
	Op, Text string
	Errno    syscall.Errno // 0 when there is none in the error
}

// newFailure takes an error apart for the way.
func newFailure(op string, err error) *failure {
	f := &failure{Op: op, Text: err.Error()}
	errors.As(err, &f.Errno)
	return f
}

// helperError is the error of a failure, as it arrives.
type helperError struct{ failure }

func (e *helperError) Error() string { return e.Text }

func (e *helperError) Unwrap() error {
	if e.Errno == 0 {
		return nil
	}
	return e.Errno
}

// controlPair makes the control socket: the near end, and a descriptor of the
// far end for a new process, which the caller has to close.
func controlPair() (near *net.UnixConn, far int, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, -1, err
	}
	near, err = unixConn(pair[0])
	if err != nil {
		unix.Close(pair[1])
		return nil, -1, err
	}
	return near, pair[1], nil
}

// unixConn takes over a descriptor, which must be a unix socket.
func unixConn(fd int) (*net.UnixConn, error) {
	f := os.NewFile(uintptr(fd), "control")
	if f == nil {
		return nil, fmt.Errorf("descriptor %d: %w", fd, unix.EBADF)
	}
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	u, ok := c.(*net.UnixConn)
	if !ok {
		c.Close()
		return nil, fmt.Errorf("descriptor %d: %w", fd, unix.ENOTSOCK)
	}
	return u, nil
}

// sendReady tells Run that the world stands and passes its sockets, with the dialer's last
// where there is one. Behind come the dialer's process id, or 0, and the number of the network
// namespace.
func sendReady(c *net.UnixConn, sockets []*os.File, dialer int) error {
	fds := make([]int, len(sockets))
	for i, f := range sockets {
		fds[i] = int(f.Fd())
	}
	var rights []byte
	if len(fds) > 0 {
		rights = unix.UnixRights(fds...)
	}
	network, err := networkOf("thread-self") // as root, the namespace is the thread's alone
	if err != nil {
		return err
	}
	message := binary.BigEndian.AppendUint32([]byte{ready}, uint32(dialer))
	message = binary.BigEndian.AppendUint64(message, network)
	_, _, err = c.WriteMsgUnix(message, rights, nil)
	return err
}

// receiveNumbers reads the numbers that come behind the sockets.
func receiveNumbers(c *net.UnixConn) (dialer int, network uint64, err error) {
	numbers := make([]byte, 12)
	_, err = io.ReadFull(c, numbers)
	return int(binary.BigEndian.Uint32(numbers)), binary.BigEndian.Uint64(numbers[4:]), err
}

// receiveReady reads the helper's answer byte and the sockets that come with
// it, as close-on-exec descriptors.
func receiveReady(c *net.UnixConn) (answer byte, sockets []*os.File, err error) {
	buf, oob := make([]byte, 1), make([]byte, unix.CmsgSpace(4*maxSockets))
	n, oobn, _, _, err := c.ReadMsgUnix(buf, oob)
	if err != nil {
		return 0, nil, err
	}
	if n == 0 {
		return 0, nil, errHelperEnded
	}
	sockets, err = received(oob[:oobn])
	return buf[0], sockets, err
}

// received are the descriptors that a message has brought.
func received(oob []byte) (files []*os.File, err error) {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		fds, err := unix.ParseUnixRights(&m)
		if err != nil {
			return files, err
		}
		for _, fd := range fds {
			files = append(files, os.NewFile(uintptr(fd), "sealed socket"))
		}
	}
	return files, nil
}
