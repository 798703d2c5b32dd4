package sandbox_test

import (
	"bufio"
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/reach/sandbox"
)

// interactive runs a tool whose output is read from screen, and whose input ends with keyboard.
func interactive(t *testing.T, command []string) (o sandbox.Options, screen, keyboard *os.File) {
	t.Helper()
	o, _ = quiet(t, spec{Command: command, Env: toolEnv()})
	in, keyboard, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	screen, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*os.File{in, keyboard, screen, out} {
		t.Cleanup(func() { _ = f.Close() })
	}
	o.Stdin, o.Stdout = in, out
	return o, screen, keyboard
}

// A command that stops what connects to its world does not hold up the world's end.
func TestRunEndsWhoeverStopsTheDialer(t *testing.T) {
	o, screen, keyboard := interactive(t, toolCommand("halt"))
	o.Publish = func(ctx context.Context, dial sandbox.DialFunc) {
		if _, err := bufio.NewReader(screen).ReadString('\n'); err != nil {
			t.Error(err)
		}
		var waiting sync.WaitGroup
		for range 8 { // so that one at least asks before the command has ended
			waiting.Go(func() {
				if _, err := dial(ctx, "127.0.0.1:7001"); err == nil {
					t.Error("somebody has connected")
				}
			})
		}
		_ = keyboard.Close()
		waiting.Wait()
	}
	ended := make(chan error)
	go func() {
		_, err := sandbox.Run(context.Background(), o)
		ended <- err
	}()
	const patience = 20 * time.Second // for what is being ended
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Error("the command has ended, and Run has not")
	}
}

// A server inside that takes no connection holds up those alone who want it.
func TestDialsDoNotWaitForEachOther(t *testing.T) {
	o, screen, keyboard := interactive(t, toolCommand("full"))
	o.Publish = func(ctx context.Context, dial sandbox.DialFunc) {
		defer keyboard.Close()
		if _, err := bufio.NewReader(screen).ReadString('\n'); err != nil {
			t.Error(err)
			return
		}
		waits, enough := context.WithCancel(ctx)
		var waiting sync.WaitGroup
		gaveUp := make(chan error, 8)
		for range cap(gaveUp) {
			waiting.Go(func() {
				c, err := dial(waits, "127.0.0.1:7001")
				if err == nil {
					_ = c.Close()
				}
				gaveUp <- err
			})
		}
		const address = "127.0.0.1:7002"
		for range 200 { // more than the others need to get their turn
			c, err := dial(ctx, address)
			if err != nil {
				t.Errorf("%s: %v", address, err)
				break
			}
			if peer := c.RemoteAddr().String(); peer != address {
				t.Errorf("connected to %s", peer)
			}
			_ = c.Close()
		}
		if n := len(gaveUp); n > 0 {
			t.Errorf("%d of those who wait have ended first: %v", n, <-gaveUp)
		}
		if _, err := dial(ctx, "127.0.0.1:7003"); err == nil {
			t.Error("somebody answers where nobody does")
		}
		enough()
		waiting.Wait()
	}
	status, err := sandbox.Run(context.Background(), o)
	if err != nil || status.Code != 0 {
		t.Errorf("%+v %v", status, err)
	}
}
