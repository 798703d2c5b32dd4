package relay

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Dial connects to the one place that a relay leads to.
type Dial func(ctx context.Context) (net.Conn, error)

// Serve joins every connection that the listener takes with one that dial makes, until ctx
// is done, which ends them all, or the listener fails. A connection for which there is no
// other end is reset, so that its client sees no empty answer; failed, which may be nil, is
// told why.
func Serve(ctx context.Context, ln net.Listener, dial Dial, failed func(error)) error {
	var joined sync.WaitGroup
	defer joined.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = ln.Close() })()
	for {
		near, err := ln.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			if passes(err) {
				select {
				case <-ctx.Done():
				case <-time.After(pause):
				}
				continue
			}
			return err
		}
		joined.Go(func() {
			far, err := dial(ctx)
			if err != nil {
				if failed != nil && ctx.Err() == nil {
					failed(err)
				}
				reset(near)
				return
			}
			Join(ctx, near, far)
		})
	}
}

// pause is how long a listener rests after an error that passes.
const pause = 50 * time.Millisecond

// passes tells an error of a listener that is over soon: no descriptor is left, or a client
// has gone before it was taken.
func passes(err error) bool {
	return slices.ContainsFunc([]error{syscall.EMFILE, syscall.ENFILE, syscall.ECONNABORTED}, func(e error) bool { return errors.Is(err, e) })
}

// Join passes on what comes from either, and its end too, until both have ended or ctx is
// done. It closes both.
func Join(ctx context.Context, a, b net.Conn) {
	hangUp := func() {
		reset(a)
		reset(b)
	}
	stop := context.AfterFunc(ctx, hangUp)
	defer stop()
	oneWay := func(to, from net.Conn) {
		if _, err := io.Copy(to, from); err != nil {
			hangUp() // an end that came too early is none to the other side
			return
		}
		closeWrite(to)
	}
	var both sync.WaitGroup
	both.Go(func() { oneWay(a, b) })
	oneWay(b, a)
	both.Wait()
	_ = a.Close()
	_ = b.Close()
}

// closeWrite tells the other side that no more will come, and leaves the way back open.
func closeWrite(c net.Conn) {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
		return
	}
	_ = c.Close()
}

// reset ends a connection so that its peer knows that something is amiss.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}
