package sandbox

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// signals catches what is meant for the command from before there is one.
type signals struct {
	caught chan os.Signal
	done   chan struct{} // closed when forwarding has ended; nil before it began
}

// catchSignals starts catching. What this process ignores (nohup) it goes on
// ignoring, and so does the command, which inherits that.
func catchSignals() *signals {
	s := &signals{caught: make(chan os.Signal, 16)}
	for _, sig := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2} {
		if !signal.Ignored(sig) {
			signal.Notify(s.caught, sig)
		}
	}
	return s
}

// forward passes signals on to the command, those already caught first.
func (s *signals) forward(send func(syscall.Signal)) {
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		for sig := range s.caught {
			if !typed(sig) {
				send(sig.(syscall.Signal))
			}
		}
	}()
}

// stop gives the signals their former meaning back.
func (s *signals) stop() {
	signal.Stop(s.caught)
	close(s.caught)
	if s.done != nil {
		<-s.done
	}
}

// typed tells whether the terminal has sent the signal, for a key: to the whole
// foreground process group, thus to the command as well. A second interrupt
// would be one too many: many programs give up cleaning up on it.
func typed(sig os.Signal) bool {
	if sig != syscall.SIGINT && sig != syscall.SIGQUIT {
		return false
	}
	tty, err := unix.Open("/dev/tty", unix.O_RDONLY|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false // no terminal to type on
	}
	defer unix.Close(tty)
	group, err := unix.IoctlGetInt(tty, unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}
