package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
)

// errHelperEnded stands for a helper that went without a word; a signal from
// outside, or the kernel, has ended it.
var errHelperEnded = errors.New("the helper process ended before the world stood")

// Run makes a sealed world, runs the command in it and returns how it ended.
// The program that calls Run calls Child first thing in main.
//
// An error means that the world could not be made (an *Error), that Serve
// failed, or that ctx was done, which kills the command. Files, mounts and
// descriptors of the world are gone when Run returns, and processes that the
// command left behind in it are ended: by SIGTERM, and after half a second by SIGKILL.
//
// While it runs, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1 and SIGUSR2 sent to
// this process go on to the command and do not end the process; those that it
// ignores stay ignored. A context that one of these signals cancels would kill
// the command before it can obey the signal. If this process is killed, so is
// the command.
func Run(ctx context.Context, o Options) (ExitStatus, error) {
	if err := o.validate(); err != nil {
		return ExitStatus{}, err
	}
	// The kernel kills the command when the thread that started it ends, not
	// the process (PR_SET_PDEATHSIG): the thread must last.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	signals := catchSignals()
	defer signals.stop()

	h, err := start(&o)
	if err != nil {
		return ExitStatus{}, err
	}
	defer h.control.Close()
	defer func() {
		if h.dialer != nil {
			h.dialer.end()
		}
	}()
	notKilled := context.AfterFunc(ctx, h.kill)

	sockets, err := h.build(&o)
	if err != nil {
		if !notKilled() {
			err = errors.Join(context.Cause(ctx), err)
		}
		h.kill()
		status, _ := h.wait()
		return status, err
	}
	serveCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- serve(serveCtx, &o, sockets, h.kill) }()
	published := make(chan struct{})
	publishCtx, unpublish := context.WithCancel(serveCtx)
	defer unpublish()
	go func(d *dialing) {
		defer close(published)
		if o.Publish != nil {
			o.Publish(publishCtx, d.dial)
		}
	}(h.dialer)

	// When the helper is gone, there is nobody to proceed, and wait says why.
	_, _ = h.control.Write([]byte{proceed})
	signals.forward(h.signal)
	status, err := h.wait()
	if !notKilled() {
		err = errors.Join(context.Cause(ctx), err)
	}
	unpublish()
	if h.dialer != nil {
		// It lives in the world too, where the command may have stopped it: whoever waits for
		// its answer waits no longer.
		h.dialer.end()
		h.dialer = nil
	}
	<-published
	endLeftovers(h.network) // which may have something to say to the world at their end
	cancel()
	err = errors.Join(err, <-served)
	for _, s := range sockets {
		s.close()
	}
	return status, err
}

// serve runs Options.Serve and ends the command when it fails.
func serve(ctx context.Context, o *Options, sockets []Socket, kill func()) error {
	if o.Serve == nil {
		return nil
	}
	err := o.Serve(ctx, sockets)
	if err == nil || ctx.Err() != nil {
		return nil //nolint:nilerr // what a server says when it is stopped is of no interest
	}
	kill()
	return fmt.Errorf("serving the sealed world: %w", err)
}

// close releases the socket.
func (s Socket) close() {
	if s.Listener != nil {
		s.Listener.Close()
	}
	if s.PacketConn != nil {
		s.PacketConn.Close()
	}
}

// validate refuses what no world could be made of, before there is a process.
func (o *Options) validate() error {
	bad := func(format string, args ...any) error {
		return &Error{Op: "reading the options", Err: fmt.Errorf(format, args...)}
	}
	if len(os.Args) > 0 && (os.Args[0] == helperName || os.Args[0] == dialerName) {
		return bad("this is the helper process: call sandbox.Child first thing in main, or in TestMain")
	}
	if len(o.Command) == 0 || o.Command[0] == "" {
		return bad("there is no command to run")
	}
	if most := o.maxListen(); len(o.Listen) > most {
		return bad("%d endpoints are more than the %d that can be handed over", len(o.Listen), most)
	}
	for _, e := range o.Listen {
		if e.Network != "tcp" && e.Network != "udp" || !e.Addr.IsValid() {
			return bad("cannot listen on %q: want tcp or udp and an address with a port", e.String())
		}
	}
	for _, p := range o.Addresses {
		if !p.IsValid() {
			return bad("an address to put on the loopback interface is not an IP prefix")
		}
	}
	if o.CABundlePath != "" && !filepath.IsAbs(o.CABundlePath) {
		return bad("the CA bundle's path %q is not absolute", o.CABundlePath)
	}
	return nil
}

// maxListen leaves room for the dialer's socket.
func (o *Options) maxListen() int {
	if o.Publish != nil {
		return maxSockets - 1
	}
	return maxSockets
}

// world gives the options the form in which the helper wants them.
func (o *Options) world() (w world, err error) {
	w = world{
		Command: o.Command, Dir: o.Dir, Env: o.Env,
		Listen: o.Listen, Bundle: o.CABundle, Hostname: o.Hostname, Here: o.Here, Mount: !o.Here || Mounts(),
		Parent: os.Getpid(), Dials: o.Publish != nil,
		Files: []file{
			{Path: "/etc/resolv.conf", Content: o.ResolvConf},
			{Path: "/etc/hosts", Content: o.Hosts},
			{Path: "/etc/nsswitch.conf", Content: o.NSSwitch},
			{Path: o.CABundlePath, Content: o.CABundle, Yields: true},
		},
	}
	w.Files = slices.DeleteFunc(w.Files, func(f file) bool { return f.Path == "" || len(f.Content) == 0 })
	for _, p := range o.Addresses {
		w.Addresses = append(w.Addresses, p.String())
	}
	if o.Sudo {
		w.As, err = caller()
		if w.Dir == "" && err == nil {
			w.Dir, err = os.Getwd() // sudo may start elsewhere
		}
	}
	return w, err
}

// exitStatus translates a wait status as a shell does.
func exitStatus(s syscall.WaitStatus) ExitStatus {
	if s.Signaled() {
		return ExitStatus{Code: 128 + int(s.Signal()), Signal: s.Signal()}
	}
	return ExitStatus{Code: s.ExitStatus()}
}
