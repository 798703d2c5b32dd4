package clock_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linarite/linarite/clientlib/internal/clock"
)

func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var span atomic.Int64
		i := clock.NewIdle(clock.Real{}, 10*time.Second, func() {})
		i.Stop()
		i = clock.NewIdle(clock.Real{}, 10*time.Second, func() { span.Store(int64(time.Since(began))) })
		for range 5 { // moves every 9 s until 45 s
			time.Sleep(9 * time.Second)
			i.Moved()
		}
		i.Rest() // until 145 s
		time.Sleep(100 * time.Second)
		i.Moved()
		time.Sleep(time.Minute)
		if called := time.Duration(span.Load()); called < 155*time.Second || called > 156*time.Second {
			t.Errorf("called after %v", called)
		}
		i.Stop()
	})
}
