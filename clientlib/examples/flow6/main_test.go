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
	t.Setenv("AZURE_TENANT_ID", "aaaabbbb-0000-cccc-1111-dddd2222eeee")
	t.Setenv("AZURE_CLIENT_ID", "11111111-2222-3333-4444-555555555555")
	t.Setenv("AZURE_CLIENT_SECRET", "linarite")
	emu := emulator.New(t, emulator.World("tutorial"), emulator.Cloud("china"))
	var out strings.Builder
	flow(t.Context(), &out, clientlib.Options{Cloud: cloud.China(), Transport: emu.Client()}, subscription, "DevTest", "tutorial-vm")
	if want := "/subscriptions/" + subscription + "/resourceGroups/DevTest chinanorth\n"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}
