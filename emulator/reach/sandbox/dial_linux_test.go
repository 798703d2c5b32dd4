package sandbox_test

import (
	"bufio"
	"context"
	"os"
	"sync"
	"testing"

	"github.com/linarite/linarite/emulator/reach/sandbox"
)

// A server inside that takes no connection holds up those alone who want it.
func TestDialsDoNotWaitForEachOther(t *testing.T) {
	o, _ := quiet(t, spec{Command: toolCommand("full"), Env: toolEnv()})
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
