package main

import (
	"strings"
	"testing"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/emulator"
)

const subscription = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"

func TestFlow(t *testing.T) {
	emu := emulator.New(t, emulator.World("tutorial"), emulator.Cloud("public"))
	var out strings.Builder
	flow(t.Context(), &out, clientlib.Options{Cloud: cloud.Public(), Transport: emu.Client()}, subscription, "DevTest", "tutorialstore")
	if want := "This is a test file.\n"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}
