package reports_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/examples/go/reports"
)

// world is a world of the test's own, in memory, and the code under test in it. Tests may run side by side.
func world(t *testing.T) (*emulator.Emulator, *reports.Reports) {
	t.Helper()
	emu := emulator.New(t, emulator.World("tutorial"))
	r, err := reports.New(azcore.ClientOptions{Transport: emu.Client()})
	if err != nil {
		t.Fatal(err)
	}
	return emu, r
}

func read(t *testing.T, r *reports.Reports, name, want string) {
	t.Helper()
	if got, err := r.Read(t.Context(), name); err != nil || got != want {
		t.Errorf("%s: %q %v", name, got, err)
	}
}

func TestReads(t *testing.T) {
	t.Parallel()
	_, r := world(t)
	read(t, r, "hello_world.txt", "Hello world! :)")
}

func TestMayNotWrite(t *testing.T) {
	t.Parallel()
	emu, r := world(t)
	if err := r.Write(t.Context(), "new.txt", "new"); !bloberror.HasCode(err, bloberror.AuthorizationPermissionMismatch) {
		t.Fatal(err)
	}
	why, err := emu.Explain("last")
	if err != nil || !strings.Contains(why.String(), `linarite grant machine/tutorial-vm "Storage Blob Data Contributor"`) {
		t.Error(why, err)
	}
}

func TestWritesOnceItMay(t *testing.T) {
	t.Parallel()
	emu, r := world(t)
	emu.Grant(emu.Machine(), "Storage Blob Data Contributor", emu.StorageAccount("tutorialstore").Container("files"))
	if err := r.Write(t.Context(), "new.txt", "new"); err != nil {
		t.Fatal(err)
	}
	read(t, r, "new.txt", "new")
}

// In a bubble the SDK's waits and a token's life take no time, and both go by one clock: a day later the SDK knows that
// its token has ended, and asks for another.
func TestADayAndABusyService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		emu, r := world(t)
		emu.Faults().Add(fault.Rule{Match: fault.Match{Plane: "blob", Nth: 1}, Effect: fault.Effect{Status: 503}})
		read(t, r, "hello_world.txt", "Hello world! :)")
		time.Sleep(25 * time.Hour)
		read(t, r, "hello_world.txt", "Hello world! :)")
	})
}
