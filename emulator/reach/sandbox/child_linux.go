package sandbox

import (
	"encoding/gob"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// exitHelper is the exit code of a helper that did not get to be the command.
const exitHelper = 125

// Child makes a process that Run has started build its world and become the
// command; in all other processes it returns at once. Call it first thing in
// main, and in TestMain where tests call Run.
func Child() {
	if len(os.Args) == 2 && os.Args[0] == dialerName {
		os.Exit(dialer())
	}
	if len(os.Args) == 3 && os.Args[1] == sudoHelperName {
		os.Exit(asRoot(os.Args[2]))
	}
	if len(os.Args) == 0 || os.Args[0] != helperName {
		return
	}
	// Capabilities and the parent-death signal belong to a thread, and exec
	// carries over those of the thread that calls it.
	runtime.LockOSThread()
	os.Exit(child())
}

// child is the life of the helper; it returns an exit code unless it becomes
// the command.
func child() int {
	control, err := inheritedControl()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s is not a command: %v\n", helperName, err)
		return exitHelper
	}
	w, err := readWorld(control)
	if err != nil {
		return exitHelper // the caller has gone
	}
	if err := w.settle(control); err != nil {
		return exitHelper
	}
	return w.exec()
}

// settle builds the world, hands its sockets over and waits for the word to go on.
func (w *world) settle(control *net.UnixConn) error {
	sockets, failure := w.build()
	dialer := 0
	if failure == nil && w.Dials {
		near, pid, err := startDialer(w.As)
		if err != nil {
			failure = newFailure("starting the dialer", err)
		}
		sockets, dialer = append(sockets, near), pid
	}
	if failure != nil {
		refuse(control, failure)
		return errHelperEnded
	}
	if err := sendReady(control, sockets, dialer); err != nil {
		return err
	}
	answer := make([]byte, 1)
	if n, err := control.Read(answer); n != 1 || err != nil || answer[0] != proceed {
		return errHelperEnded
	}
	return nil
}

// refuse tells Run why there is no world.
func refuse(control *net.UnixConn, f *failure) int {
	if _, err := control.Write([]byte{failed}); err == nil {
		_ = gob.NewEncoder(control).Encode(f)
	}
	return exitHelper
}

// inheritedControl is the far end of the control socket.
func inheritedControl() (*net.UnixConn, error) {
	if len(os.Args) != 2 {
		return nil, fmt.Errorf("want one argument, a descriptor")
	}
	fd, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return nil, err
	}
	return unixConn(fd)
}

// build makes the world around this process and returns its open sockets.
func (w *world) build() ([]*os.File, *failure) {
	if w.Hostname != "" {
		if err := unix.Sethostname([]byte(w.Hostname)); err != nil {
			return nil, newFailure(opHostname, err)
		}
	}
	if !w.Here {
		if err := w.network(); err != nil {
			return nil, newFailure(opLoopback, err)
		}
	}
	var sockets []*os.File
	for _, e := range w.Listen {
		f, err := listen(e)
		if err != nil {
			return nil, newFailure("listening on "+e.String(), err)
		}
		sockets = append(sockets, f)
	}
	if w.Mount {
		if err := w.mount(); err != nil {
			return nil, newFailure(opMount, err)
		}
	}
	if w.Dir != "" {
		if err := os.Chdir(w.Dir); err != nil {
			return nil, newFailure("entering the working directory", err)
		}
	}
	return sockets, nil
}
