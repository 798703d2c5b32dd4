package sandbox

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// sudoHelperName is the first argument of the helper that sudo starts: it makes the
// namespaces as root, and stays as the command's parent, for the caller may neither signal
// nor outlive what root has started.
const sudoHelperName = "linarite-sealed-world-as-root"

// sudoProbe in place of a socket asks only whether sudo would.
const sudoProbe = "probe"

// sudoPatience is how long sudo has to start the helper.
const sudoPatience = 30 * time.Second

// user is whom the command runs as.
type user struct {
	UID, GID []uint32 // one of each
	Groups   []uint32
	Umask    int // sudo changes it (umask in sudoers(5))
}

// caller is the user of this process.
func caller() (user, error) {
	groups, err := os.Getgroups()
	u := user{UID: []uint32{uint32(os.Geteuid())}, GID: []uint32{uint32(os.Getegid())}}
	for _, g := range groups {
		u.Groups = append(u.Groups, uint32(g))
	}
	if err == nil {
		u.Umask, err = umask()
	}
	return u, err
}

// umask is this process's. umask(2) tells it only by changing it.
func umask() (int, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, "Umask:"); ok {
			mask, err := strconv.ParseUint(strings.TrimSpace(text), 8, 32)
			return int(mask), err
		}
	}
	return 0, errors.New("/proc/self/status has no Umask: the kernel is older than 4.7")
}

func (u user) credential() *syscall.Credential {
	return &syscall.Credential{Uid: u.UID[0], Gid: u.GID[0], Groups: u.Groups}
}

// sudo is the arguments that make this program the helper, as root.
func sudo(ctx context.Context, last string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return exec.CommandContext(ctx, "sudo", "-n", "--", self, sudoHelperName, last), nil
}

// startSudo starts the helper as root, by sudo and without a password.
func startSudo(o *Options) (*helper, error) {
	bad := func(err error, do string) (*helper, error) {
		return nil, &Error{Op: opSudo, Err: err, Do: do}
	}
	const do = "let sudo run this program without a password, or " + otherWays
	if err := probeSudo(); err != nil {
		return bad(err, do)
	}
	dir, err := os.MkdirTemp("", "linarite-sudo-")
	if err != nil {
		return bad(err, "")
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "s")
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return bad(err, "")
	}
	defer ln.Close()
	cmd, err := sudo(context.Background(), path)
	if err != nil {
		return bad(err, "")
	}
	if o.Stdin != nil { // a nil *os.File in an interface is not nil
		cmd.Stdin = o.Stdin
	}
	if o.Stdout != nil {
		cmd.Stdout = o.Stdout
	}
	if o.Stderr != nil {
		cmd.Stderr = o.Stderr
	}
	if err := cmd.Start(); err != nil {
		return bad(err, do)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- cmd.Wait()
		_ = ln.Close() // on which Accept gives up
	}()
	slow := time.AfterFunc(sudoPatience, func() { _ = ln.Close() })
	defer slow.Stop()
	control, err := ln.AcceptUnix()
	if err == nil {
		err = fromRoot(control)
	}
	if err != nil {
		_ = cmd.Process.Kill()
		return bad(fmt.Errorf("the helper did not come: %w", err), do)
	}
	return &helper{control: control, sudo: ended}, nil
}

// probeSudo asks whether sudo would start the helper. The error has its words.
func probeSudo() error {
	ctx, cancel := context.WithTimeout(context.Background(), sudoPatience)
	defer cancel()
	probe, err := sudo(ctx, sudoProbe)
	if err != nil {
		return err
	}
	said, err := probe.CombinedOutput()
	if words := strings.TrimSpace(string(said)); err != nil && words != "" {
		return errors.New(words)
	}
	return err
}

// fromRoot looks at who has connected.
func fromRoot(c *net.UnixConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var peer *unix.Ucred
	if controlErr := raw.Control(func(fd uintptr) {
		peer, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); controlErr != nil {
		return controlErr
	}
	if err == nil && peer.Uid != 0 {
		err = fmt.Errorf("sudo runs it as uid %d, not as root", peer.Uid)
	}
	return err
}

// waitSudo waits for the end of a command that is the helper's child.
func (h *helper) waitSudo() (ExitStatus, error) {
	status := make([]byte, 4)
	_, err := io.ReadFull(h.control, status)
	ended := <-h.sudo
	if err != nil {
		return ExitStatus{}, errors.Join(errors.New("the sealed command's parent ended before it told how the command did"), ended)
	}
	return exitStatus(syscall.WaitStatus(binary.BigEndian.Uint32(status))), nil
}

// asRoot is the life of the helper that sudo has started; it returns an exit code.
func asRoot(path string) int {
	if os.Geteuid() != 0 {
		return complain(sudoHelperName, errors.New("not root"), exitHelper)
	}
	if path == sudoProbe {
		return 0
	}
	runtime.LockOSThread() // namespaces are a thread's
	conn, err := net.Dial("unix", path)
	if err != nil {
		return complain(sudoHelperName, err, exitHelper)
	}
	control := conn.(*net.UnixConn)
	w, err := readWorld(control)
	if err != nil || len(w.As.UID) == 0 {
		return exitHelper
	}
	if err := unix.Unshare(worldFlags); err != nil {
		return refuse(control, newFailure(opNamespaces, err))
	}
	if err := w.settle(control); err != nil {
		return exitHelper
	}
	return w.supervise(control)
}

// supervise runs the command as its user, passes signals on to it, and ends it when the
// caller has gone.
func (w *world) supervise(control *net.UnixConn) int {
	// What the terminal sends goes to the command too, and must not end its parent first.
	// Caught and not ignored, which the command would inherit.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2)
	tell := func(status uint32) {
		_, _ = control.Write(binary.BigEndian.AppendUint32(nil, status)) // fails when the caller has gone
	}
	path, code, err := lookUp(w.Command[0], w.Env)
	syscall.Umask(w.As.Umask)
	pid := 0
	if err == nil {
		code = exitNotExecutable
		pid, err = syscall.ForkExec(path, w.Command, &syscall.ProcAttr{
			Env: w.Env, Files: []uintptr{0, 1, 2},
			Sys: &syscall.SysProcAttr{Credential: w.As.credential(), Pdeathsig: syscall.SIGKILL},
		})
	}
	if err != nil {
		complain(w.Command[0], err, code)
		tell(uint32(code) << 8)
		return code
	}
	go func() {
		sig := make([]byte, 1)
		for {
			if _, err := control.Read(sig); err != nil {
				_ = unix.Kill(pid, unix.SIGKILL)
				return
			}
			_ = unix.Kill(pid, syscall.Signal(sig[0]))
		}
	}()
	var status syscall.WaitStatus
	for {
		if _, err = syscall.Wait4(pid, &status, 0, nil); !errors.Is(err, unix.EINTR) {
			break
		}
	}
	tell(uint32(status))
	return exitStatus(status).Code
}
