package sandbox

import (
	"errors"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// networkOf is the number of the network namespace of a process, as in /proc, or of a thread.
func networkOf(process string) (uint64, error) {
	var st unix.Stat_t
	if err := unix.Stat("/proc/"+process+"/ns/net", &st); err != nil {
		return 0, err
	}
	return st.Ino, nil
}

// maxRounds bounds the looking for processes that begin others while they are ended.
const maxRounds = 100

// grace is how long a process that a command has left behind has to end.
const grace = 500 * time.Millisecond

// endLeftovers ends the processes that a command has left in its world, which nobody will
// serve any more: by SIGTERM, and those that do not heed it by SIGKILL. Call it while the
// world still answers.
//
// There is no process namespace that would do it. In one, the command or something in its
// place is process 1, which signals do not end by default, and what it sees in /proc are the
// numbers outside, which are not its own; for others it needed a /proc of its own, which
// many containers forbid to mount. And it could signal, trace and see no process of the
// user's, as debuggers, supervisors and a plain kill want to.
func endLeftovers(network uint64) {
	if own, err := networkOf("self"); err != nil || own == network || network == 0 {
		return // never the caller's own
	}
	signalLeftovers(network, unix.SIGTERM)
	for range maxRounds {
		if found, ended := signalLeftovers(network, unix.SIGKILL); !found || !ended {
			return
		}
	}
}

// signalLeftovers signals the processes of a network namespace, and tells whether there were
// any and whether all have ended in time. Those that cannot be looked at are not this user's
// to end.
func signalLeftovers(network uint64, sig syscall.Signal) (found, ended bool) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return false, true
	}
	var signalled []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() || !lives(e.Name(), network) {
			continue
		}
		found = true
		fd, err := unix.PidfdOpen(pid, 0)
		switch {
		case err == nil:
			signalled = append(signalled, fd)
			// The number may be another process's by now; the descriptor's stays the same.
			if lives(e.Name(), network) {
				_ = unix.PidfdSendSignal(fd, sig, nil, 0) // fails when it has ended
			}
		case !errors.Is(err, unix.ESRCH): // before Linux 5.3, by a filter that does not know the call, or without descriptors
			_ = syscall.Kill(pid, sig)
		}
	}
	return found, allEnd(signalled)
}

// lives tells whether a process is in a network namespace. A dead one is in none.
func lives(process string, network uint64) bool {
	n, err := networkOf(process)
	return err == nil && n == network
}

// allEnd waits for the ends of processes, and gives up when none of those left has ended for
// as long as grace. It closes the descriptors.
func allEnd(pidfds []int) bool {
	patience := grace
	for _, fd := range pidfds {
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(p, int(patience.Milliseconds()))
		for errors.Is(err, unix.EINTR) {
			n, err = unix.Poll(p, int(patience.Milliseconds()))
		}
		if n != 1 {
			patience = 0
		}
		_ = unix.Close(fd)
	}
	return patience > 0
}
