package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"syscall"
)

// Options describe a sealed world and the command that lives in it.
type Options struct {
	// Command is the command's argument list. A name without a slash is looked
	// up in the PATH of Env.
	Command []string

	// Dir is the command's working directory, "" for the caller's.
	Dir string

	// Env is the complete environment of the command, nothing is added to it.
	Env []string

	// Stdin, Stdout and Stderr are the command's; nil is /dev/null.
	Stdin, Stdout, Stderr *os.File

	// Addresses are put on the loopback interface, beside 127.0.0.1 and ::1.
	Addresses []netip.Prefix

	// Listen names the sockets opened in the world for Serve, 253 at most.
	Listen []Endpoint

	// Serve, if set, runs in the caller's process and namespaces while the
	// command runs. Its sockets are in the order of Listen; Run closes them
	// after Serve has returned. The context ends when the command has ended. An
	// error before that ends the command, and is returned by Run.
	Serve func(ctx context.Context, s []Socket) error

	// Publish, if set, runs beside Serve in the same way, and gets the means to connect to
	// TCP addresses inside the world. Its context ends when the command has ended. It takes
	// a process more, and leaves room for one socket less in Listen.
	Publish func(ctx context.Context, dial DialFunc)

	// CABundle, PEM, is put over every bundle of trusted roots that the system
	// has. Empty leaves them alone.
	CABundle []byte

	// CABundlePath is the file that variables such as SSL_CERT_FILE in Env
	// name. Where the caller has made it, it is left alone; otherwise a file
	// with CABundle appears at this absolute path, inside the world only.
	CABundlePath string

	// ResolvConf, Hosts and NSSwitch are the contents of the files of these
	// names in /etc, whether these exist or not. Empty leaves a file alone.
	ResolvConf, Hosts, NSSwitch []byte

	// UserNamespace says whether the world gets a user namespace of its own.
	UserNamespace Tri

	// Sudo makes the world as root, by sudo and without a password, where the kernel refuses
	// it to the caller. The command still runs as the caller; descriptors beyond the first
	// three are not passed on, and sudo may give it another terminal.
	Sudo bool

	// Here makes no network namespace: the sockets are opened in the caller's, and
	// Addresses are not put there; see TakeAddresses. The files are the command's
	// alone where Mounts says that this can be, and else not changed.
	Here bool

	// Hostname is the world's host name, "" for the one outside. Either way it is the world's own.
	Hostname string
}

// DialFunc connects to a TCP address inside a world, IP:port.
type DialFunc func(ctx context.Context, address string) (net.Conn, error)

// An Endpoint is an address inside the world to listen on.
type Endpoint struct {
	Network string // "tcp" or "udp"
	Addr    netip.AddrPort
}

// String gives the endpoint as in "tcp 169.254.169.254:80".
func (e Endpoint) String() string { return e.Network + " " + e.Addr.String() }

// A Socket is an open Endpoint: a Listener for tcp, a PacketConn for udp.
type Socket struct {
	Endpoint
	Listener   net.Listener
	PacketConn net.PacketConn
}

// Tri is yes, no, or whatever the situation wants.
type Tri int

// The values of Tri.
const (
	Auto   Tri = iota // only where the caller lacks the privilege to do without
	Always            // even as root
	Never             // even where the world cannot be made then
)

// ExitStatus is how the command ended.
type ExitStatus struct {
	// Code is what a shell would report: the command's exit code, 128+N after
	// signal N, 127 when there is no such command, 126 when it cannot be
	// executed (POSIX, Shell Command Language, 2.8.2).
	Code int

	// Signal is what killed the command, 0 when it exited.
	Signal syscall.Signal
}

// An Error says why there is no sealed world.
type Error struct {
	Op  string // what was being done, "creating the namespaces"
	Err error  // what the system said
	Why string // the likely reason, a clause; "" when the system said it all
	Do  string // what to do about it, a clause; may be ""
}

func (e *Error) Error() string {
	s := "no sealed world: " + e.reason()
	if e.Do != "" {
		s += "; " + e.Do
	}
	return s
}

// reason is the error without the advice.
func (e *Error) reason() string {
	s := fmt.Sprintf("%s: %v", e.Op, e.Err)
	if e.Why != "" {
		s += ": " + e.Why
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Refused tells whether an error of Run means that the system does not let this user make
// such worlds at all, rather than that something is wrong with this one.
func Refused(err error) bool {
	var e *Error
	return errors.As(err, &e) &&
		(slices.Contains([]string{opNamespaces, opLoopback, opMount, opHostname, opSudo}, e.Op) || errors.Is(err, errors.ErrUnsupported))
}

// What the system may refuse, as in Error.Op.
const (
	opNamespaces = "creating the namespaces" // what most often fails
	opLoopback   = "setting up the loopback interface"
	opMount      = "mounting"
	opHostname   = "setting the host name"
	opSudo       = "asking sudo -n"
)

// A Finding is one thing that sealed worlds depend on.
type Finding struct {
	Name string // "user.max_user_namespaces"
	OK   bool
	Why  string // what was found, a clause
	Do   string // what to do when it is not OK, a clause; "" when it is
}

// WorldFinding is the name of the finding that a world could be made, or not.
const WorldFinding = "sealed world"

// otherWays is what works without a sealed world.
const otherWays = "use `linarite env` (proxy) or a container"
