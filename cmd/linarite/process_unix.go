//go:build unix

package main

import (
	"errors"
	"syscall"
)

// ownSession takes a background process off this terminal.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

func alive(pid int) bool {
	return pid > 1 && !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

func terminate(pid int) error { return syscall.Kill(pid, syscall.SIGTERM) }
