package main

import (
	"strings"
	"testing"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/emulator"
)

func TestFlow(t *testing.T) {
	emu := emulator.New(t, emulator.World("tutorial"), emulator.Cloud("china"))
	var out strings.Builder
	flow(t.Context(), &out, clientlib.Options{Cloud: cloud.China(), Transport: emu.Client()}, "tutorialstore")
	if want := "Hello world! :)"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}
