package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Exit codes of a shell for a command that it cannot run (POSIX, 2.8.2).
const (
	exitNotExecutable = 126
	exitNotFound      = 127
)

// exec turns the helper into the command. It returns only when that cannot be,
// with the exit code that says so.
func (w *world) exec() int {
	if os.Geteuid() != 0 {
		// For the looking up as well: the user's own rights decide.
		if err := dropCapabilities(); err != nil {
			return complain(w.Command[0], err, exitHelper)
		}
	}
	path, code, err := lookUp(w.Command[0], w.Env)
	if err != nil {
		return complain(w.Command[0], err, code)
	}
	// Set at the clone already, but for the first thread, and gaining rights
	// from the program file (setcap) resets it. It survives the exec.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return complain(w.Command[0], err, exitHelper)
	}
	if os.Getppid() != w.Parent {
		return exitHelper // too late for the signal: the caller has died
	}
	err = syscall.Exec(path, w.Command, w.Env)
	switch {
	case errors.Is(err, unix.ENOEXEC):
		err = fmt.Errorf("%w (a script needs a first line such as #!/bin/sh)", err)
	case errors.Is(err, unix.ENOENT):
		err = fmt.Errorf("its interpreter: %w", err) // the file itself has been found
	}
	return complain(w.Command[0], err, exitNotExecutable)
}

// complain prints the one line of a command that cannot be run.
func complain(name string, err error, code int) int {
	fmt.Fprintf(os.Stderr, "linarite: %s: %v\n", name, err)
	return code
}

// dropCapabilities leaves this thread, and so the command, without any, the
// inheritable and ambient ones included.
func dropCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var none [2]unix.CapUserData
	if err := unix.Capset(&header, &none[0]); err != nil {
		return fmt.Errorf("dropping capabilities: %w", err)
	}
	return nil
}

var (
	errNotFound    = errors.New("command not found")
	errIsDirectory = errors.New("is a directory")
)

// lookUp finds a command as execvp(3) does, in the PATH of the environment it
// is going to have. With the error comes a shell's exit code for it.
func lookUp(name string, env []string) (path string, code int, err error) {
	if strings.Contains(name, "/") {
		code, err := executable(name)
		return name, code, err
	}
	code, err = exitNotFound, errNotFound
	for _, dir := range filepath.SplitList(searchPath(env)) {
		if dir == "" {
			dir = "." // POSIX, 8.3: an empty prefix is the current directory
		}
		path := dir + "/" + name
		c, e := executable(path)
		if e == nil {
			return path, 0, nil
		}
		if c == exitNotExecutable && !errors.Is(e, errIsDirectory) {
			code, err = c, e // the best reason, should there be no better file
		}
	}
	return "", code, err
}

// searchPath is the first PATH of an environment, as getenv(3) finds it, or
// what execvp(3) searches without one.
func searchPath(env []string) string {
	for _, v := range env {
		if path, ok := strings.CutPrefix(v, "PATH="); ok {
			return path
		}
	}
	return "/bin:/usr/bin"
}

// executable tells whether this process may execute a file.
func executable(path string) (code int, err error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
			return exitNotFound, err
		}
		return exitNotExecutable, err
	}
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		return exitNotExecutable, errIsDirectory
	}
	if err := unix.Faccessat(unix.AT_FDCWD, path, unix.X_OK, unix.AT_EACCESS); err != nil {
		return exitNotExecutable, err
	}
	return 0, nil
}
