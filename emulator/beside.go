package emulator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/term"

	"github.com/linarite/linarite/emulator/reach/env"
	"github.com/linarite/linarite/emulator/reach/sandbox"
)

// Beside runs a command beside this world instead of inside it, as Seal does where no sealed
// world can be made: the world answers on a free port of 127.0.0.1, and the command's
// environment leads through it as a proxy. What heeds no proxy reaches the real services.
func (e *Emulator) Beside(ctx context.Context, o SealOptions) (status sandbox.ExitStatus, err error) {
	server, err := e.Serve(ServeOptions{HTTPSPort: NoPort, BlobPort: NoPort, Offline: len(o.Reach) == 0})
	if err != nil {
		return status, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	authority, err := e.authorityPEM()
	if err != nil {
		return status, err
	}
	return o.beside(ctx, authority, e.world.Cloud.CLIName, env.ProxyOptions{URL: server.URL, IdentityHeader: e.secret})
}

// Beside is Emulator.Beside with the server's proxy. identityHeader is the secret of its App
// Service endpoint.
func (a Attached) Beside(ctx context.Context, o SealOptions, identityHeader string) (sandbox.ExitStatus, error) {
	return o.beside(ctx, a.Authority, a.CLICloud, env.ProxyOptions{URL: "http://" + a.Proxy, User: a.User, IdentityHeader: identityHeader})
}

func (o SealOptions) beside(ctx context.Context, authority []byte, cliCloud string, by env.ProxyOptions) (sandbox.ExitStatus, error) {
	private, err := os.MkdirTemp("", "linarite-run-")
	if err != nil {
		return sandbox.ExitStatus{}, err
	}
	defer os.RemoveAll(private)
	paths, err := prepare(private, env.Bundle(o.Environ, os.ReadFile, authority), cliCloud)
	if err != nil {
		return sandbox.ExitStatus{}, err
	}
	paths.JavaToolOptions = env.JavaToolOptions(o.Environ)
	by.Bundle, by.TrustStore, by.JavaToolOptions, by.AzureConfigDir = paths.Bundle, paths.TrustStore, paths.JavaToolOptions, filepath.Clean(paths.AzureConfigDir)
	environ := env.Overlay(env.Overlay(env.Scrub(o.Environ, o.Keep), env.Sealed(paths)), env.Proxy(by))

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	o.Publish = o.moved()
	published, err := o.publish(ctx)
	if err != nil {
		return sandbox.ExitStatus{}, err
	}
	relayed := make(chan struct{})
	go func() {
		defer close(relayed)
		published.serve(ctx, func(ctx context.Context, address string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", address)
		})
	}()
	status, err := o.runOutside(ctx, environ)
	cancel()
	<-relayed
	return status, err
}

// moved are the published ports that are others outside: beside the world, a server has its
// own port on this machine already.
func (o SealOptions) moved() (list []Published) {
	for _, p := range o.Publish {
		if p.Host != netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), p.Inner) {
			list = append(list, p)
		}
	}
	return list
}

// Exit codes of a shell for a command that it cannot run (POSIX, 2.8.2).
const (
	exitNotExecutable = 126
	exitNotFound      = 127
)

// runOutside runs the command as a shell's child, and passes signals on to it.
func (o SealOptions) runOutside(ctx context.Context, environ []string) (sandbox.ExitStatus, error) {
	cmd := exec.CommandContext(ctx, o.Command[0], o.Command[1:]...) //nolint:gosec // the user's own command
	cmd.Env, cmd.Dir = environ, o.Dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = o.Stdin, o.Stdout, o.Stderr
	caught := make(chan os.Signal, 8)
	signal.Notify(caught, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(caught)
	if err := cmd.Start(); err != nil {
		code := exitNotExecutable
		if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			code, err = exitNotFound, errors.New("command not found")
		}
		o.say("%s: %v", o.Command[0], err)
		return sandbox.ExitStatus{Code: code}, nil
	}
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case <-ended:
				return
			case sig := <-caught:
				if sig != os.Interrupt || o.Stdin == nil || !term.IsTerminal(int(o.Stdin.Fd())) { // else the key has reached the command too
					_ = cmd.Process.Signal(sig) // fails when it has ended
				}
			}
		}
	}()
	err := cmd.Wait()
	close(ended)
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		return sandbox.ExitStatus{}, fmt.Errorf("running %s: %w", strconv.Quote(o.Command[0]), err)
	}
	if w, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return sandbox.ExitStatus{Code: 128 + int(w.Signal()), Signal: w.Signal()}, nil
	}
	return sandbox.ExitStatus{Code: cmd.ProcessState.ExitCode()}, nil
}
