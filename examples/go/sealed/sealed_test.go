package sealed

import (
	"testing"

	"github.com/linarite/linarite/emulator"
)

// TestMain runs the tests of this package in a sealed world, where the real addresses are the world's. It needs Linux.
func TestMain(m *testing.M) { emulator.Main(m) }

func TestGreeting(t *testing.T) {
	if got, err := Greeting(t.Context()); err != nil || got != "Hello world! :)" {
		t.Errorf("%q %v", got, err)
	}
}
