package sandbox

import (
	"os"
	"strconv"
	"syscall"

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

// endLeftovers ends the processes that a command has left in its world, which nobody serves
// any more. There is no process namespace that would do it: in one of its own the command
// would see and signal no process of the user's, and needed a /proc of its own, which many
// containers forbid to mount.
func endLeftovers(network uint64) {
	if own, err := networkOf("self"); err != nil || own == network || network == 0 {
		return // never the caller's own
	}
	for range maxRounds {
		left := leftovers(network)
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL) // fails when it has ended
		}
		if len(left) == 0 {
			return
		}
	}
}

// leftovers finds the processes of a network namespace. Those that cannot be looked at are
// not this user's to end.
func leftovers(network uint64) (pids []int) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		if n, err := networkOf(e.Name()); err == nil && n == network { // of a dead one there is none
			pids = append(pids, pid)
		}
	}
	return pids
}
