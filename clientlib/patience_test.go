package clientlib

import (
	"testing"
	"time"
)

// A wait for what is soon over does not go beyond the time by which it should be.
func TestPatienceEnds(t *testing.T) {
	r := Retry{
		First: 2 * time.Second, Random: func() float64 { return 0.999 }, Patience: map[int]time.Duration{410: 75 * time.Second},
	}.over(Retry{}.withDefaults())
	for _, test := range []struct {
		tries  int
		passed time.Duration
		status int
		wait   time.Duration
		again  bool
	}{
		{1, 0, 410, 1999 * time.Millisecond, true},
		{6, 62 * time.Second, 410, 13 * time.Second, true},
		{7, 75 * time.Second, 410, 0, false},
		{3, 74 * time.Second, 429, 7996 * time.Millisecond, true}, // of which nobody says when it is over
		{4, 2 * time.Second, 429, 0, false},
	} {
		if wait, again := r.another(test.tries, test.passed, test.status, 0); wait != test.wait || again != test.again {
			t.Errorf("%+v: %v %v", test, wait, again)
		}
	}
}
