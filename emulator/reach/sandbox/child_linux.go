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
	sockets, failure := w.build()
	if failure != nil {
		return refuse(control, failure)
	}
	dialer := 0
	if w.Dials {
		near, pid, err := startDialer()
		if err != nil {
			return refuse(control, newFailure("starting the dialer", err))
		}
		sockets, dialer = append(sockets, near), pid
	}
	if err := sendReady(control, sockets, dialer); err != nil {
		return exitHelper
	}
	answer := make([]byte, 1)
	if n, err := control.Read(answer); n != 1 || err != nil || answer[0] != proceed {
		return exitHelper
	}
	return w.exec()
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
			return nil, newFailure("setting the host name", err)
		}
	}
	if err := w.network(); err != nil {
		return nil, newFailure("setting up the loopback interface", err)
	}
	var sockets []*os.File
	for _, e := range w.Listen {
		f, err := listen(e)
		if err != nil {
			return nil, newFailure("listening on "+e.String(), err)
		}
		sockets = append(sockets, f)
	}
	if err := w.mount(); err != nil {
		return nil, newFailure("mounting", err)
	}
	if w.Dir != "" {
		if err := os.Chdir(w.Dir); err != nil {
			return nil, newFailure("entering the working directory", err)
		}
	}
	return sockets, nil
}
