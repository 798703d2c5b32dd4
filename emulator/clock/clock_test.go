package clock

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAdvanceMovesARunningAndAFrozenClock(t *testing.T) {
	host := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c := New(func() time.Time { return host })
	if got := c.Advance(time.Hour); !got.Equal(host.Add(time.Hour)) {
		t.Fatalf("running: %v", got)
	}
	host = host.Add(time.Minute)
	if got := c.Now(); !got.Equal(host.Add(time.Hour)) {
		t.Fatalf("a running clock follows its host: %v", got)
	}
	frozen := c.Freeze()
	host = host.Add(time.Minute)
	if got := c.Now(); !got.Equal(frozen) {
		t.Fatalf("a frozen clock stands still: %v", got)
	}
	if got := c.Advance(time.Second); !got.Equal(frozen.Add(time.Second)) {
		t.Fatalf("frozen and advanced: %v", got)
	}
	c.Resume()
	host = host.Add(time.Minute)
	if got := c.Now(); !got.Equal(frozen.Add(time.Second + time.Minute)) {
		t.Fatalf("resumed: %v", got)
	}
	if got := c.Host(); !got.Equal(host) {
		t.Fatalf("host: %v", got)
	}
}

func TestSetAndPosition(t *testing.T) {
	host := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c := New(func() time.Time { return host })
	then := time.Date(2030, 1, 1, 0, 0, 0, 0, time.FixedZone("x", 3600))
	if got := c.Set(then); !got.Equal(then) || got.Location() != time.UTC {
		t.Fatalf("set: %v", got)
	}
	p := c.Position()
	c.Freeze()
	c.Set(then.Add(time.Hour))
	if got := c.Now(); !got.Equal(then.Add(time.Hour)) {
		t.Fatalf("set while frozen: %v", got)
	}
	c.Restore(p)
	if got := c.Now(); !got.Equal(then) {
		t.Fatalf("restored: %v", got)
	}
}

func TestSystemFollowsTheBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(nil)
		start := c.Now()
		time.Sleep(24 * time.Hour)
		if got := c.Now().Sub(start); got != 24*time.Hour {
			t.Fatalf("the clock moved %v", got)
		}
	})
}

// Whoever follows the clock is told of each move once it is made, and can ask the clock.
func TestOnMove(t *testing.T) {
	c := New(nil)
	moves := 0
	c.OnMove(func() {
		moves++
		_ = c.Position()
	})
	c.Advance(time.Hour)
	c.Freeze()
	c.Set(time.Unix(0, 0))
	c.Resume()
	c.Restore(Position{})
	_ = c.Now()
	if moves != 5 {
		t.Errorf("told of %d moves, want 5", moves)
	}
}
