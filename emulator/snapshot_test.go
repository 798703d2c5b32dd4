package emulator_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/fault"
)

// inMemory is a rig over a world that New made.
func inMemory(t testing.TB, emu *emulator.Emulator) *rig {
	return &rig{TB: t, emu: emu, http: emu.Client()}
}

// A fork begins as its parent is, and neither sees what the other does from then on; a
// restored world is as it was.
func TestForksGoTheirOwnWay(t *testing.T) {
	emu := emulator.New(t)
	files := emu.StorageAccount("acct").Container("files")
	files.Upload("common", []byte("1"))
	emu.Clock().Advance(time.Hour)
	kept := emu.Snapshot()
	fork := emu.Fork()
	blobs := func(e *emulator.Emulator) []string { return e.StorageAccount("acct").Container("files").Blobs() }

	fork.StorageAccount("acct").Container("files").Upload("of the fork", []byte("2"))
	files.Upload("of the parent", []byte("3"))
	fork.Clock().Advance(time.Hour)
	if got := blobs(emu); !slices.Equal(got, []string{"common", "of the parent"}) {
		t.Errorf("the parent has %q", got)
	}
	if got := blobs(fork); !slices.Equal(got, []string{"common", "of the fork"}) {
		t.Errorf("the fork has %q", got)
	}
	if ahead := fork.Clock().Now().Sub(emu.Clock().Now()); ahead < time.Hour-time.Minute || ahead > time.Hour+time.Minute {
		t.Errorf("the fork is %v ahead", ahead)
	}
	emu.Faults().Add(fault.Rule{Effect: fault.Effect{Status: 503}})
	emu.Restore(kept)
	if got := blobs(emu); !slices.Equal(got, []string{"common"}) {
		t.Errorf("restored, it has %q", got)
	}
	if len(emu.Faults().Rules()) != 0 {
		t.Error("a fault survives")
	}
	other := emulator.New(t, emulator.From(kept))
	if got := blobs(other); !slices.Equal(got, []string{"common"}) || other.Machine().PrincipalID() != emu.Machine().PrincipalID() {
		t.Errorf("another world from it has %q", got)
	}
	if fork.Fork().Name() != "empty" {
		t.Error("a fork of a fork is another world")
	}
}

// Tokens from before a fork are good in both worlds, later ones only at home: there, the
// refusal makes a client ask again (architecture, "Tokens between worlds").
func TestTokensBetweenWorlds(t *testing.T) {
	emu := emulator.New(t)
	emu.Grant(emu.Machine(), "Reader", emu.Group("DevTest"))
	emu.Grant(emu.Machine(), "Storage Blob Data Reader", emu.StorageAccount("acct").Container("files"))
	emu.StorageAccount("acct").Container("files").Upload("b", nil)
	emu.Grant(emu.Machine(), "Key Vault Secrets User", emu.Vault("vlt"))
	emu.Vault("vlt").SetSecret("s", "v")
	tokens := func(e *emulator.Emulator) (all [3]string) {
		for i, resource := range []string{"https://management.azure.com/", "https://storage.azure.com/", "https://vault.azure.net"} {
			all[i] = inMemory(t, e).machineToken(resource, "&bypass_cache=true")
		}
		return all
	}
	before := tokens(emu)
	fork := emu.Fork()
	inParent, inFork := tokens(emu), tokens(fork)
	stranger := tokens(emulator.New(t))
	for name, row := range map[string]struct {
		in     *emulator.Emulator
		tokens [3]string
		good   bool
	}{
		"before, parent": {emu, before, true}, "before, fork": {fork, before, true},
		"own, parent": {emu, inParent, true}, "own, fork": {fork, inFork, true},
		"the parent's later, fork": {fork, inParent, false}, "the fork's, parent": {emu, inFork, false}, "a stranger's": {emu, stranger, false},
	} {
		r := inMemory(t, row.in)
		for i, url := range []string{r.arm(groupPath), r.blob("acct", "/files/b"), "https://vlt.vault.azure.net/secrets/s?api-version=7.4"} {
			a := r.get(url, bearer(row.tokens[i]), version2021)
			if a.status == 503 && a.header.Get("Retry-After-Ms") == "10" && strings.Contains(a.body, "came again") { // another row's request was alike
				a = r.get(url, bearer(row.tokens[i]), version2021)
			}
			challenge := a.header.Get("WWW-Authenticate")
			asked := strings.HasPrefix(challenge, `Bearer realm="", authorization_uri="https://login.`) && strings.Contains(challenge, `error="insufficient_claims", claims="eyJ`)
			if row.good && a.status != 200 || !row.good && (a.status != 401 || !asked || !strings.Contains(a.body, "another Linarite world")) {
				t.Errorf("%s: %s: %d %s %s", name, url, a.status, challenge, a.body)
			}
		}
	}
	graph := bearer(inMemory(t, fork).machineToken("https://graph.microsoft.com/", ""))
	if a := inMemory(t, emu).get("https://graph.microsoft.com/v1.0/servicePrincipals", graph); a.status != 401 || !strings.Contains(a.header.Get("WWW-Authenticate"), "insufficient_claims") {
		t.Errorf("Graph: %d %s", a.status, a.body)
	}
}

// An installation has its own key: to it, the token of a world in a test is a stranger's,
// refused as Azure refuses one.
func TestAnInstallationSendsNoClaimsChallenge(t *testing.T) {
	own, err := emulator.EphemeralHome()
	if err != nil {
		t.Fatal(err)
	}
	r := inMemory(t, emulator.New(t, emulator.With(func(o *emulator.Options) { o.Home = own })))
	token := inMemory(t, emulator.New(t)).machineToken("https://management.azure.com/", "")
	if a := r.get(r.arm(groupPath), bearer(token)); a.status != 401 || strings.Contains(a.header.Get("WWW-Authenticate"), "claims") {
		t.Errorf("%d %s", a.status, a.header.Get("WWW-Authenticate"))
	}
}

// In a bubble, the world's time is the bubble's: a token lives a day, which takes none.
func TestTimeInABubble(t *testing.T) {
	outside := emulator.New(t)
	synctest.Test(t, func(t *testing.T) {
		emu := emulator.New(t)
		emu.Grant(emu.Machine(), "Reader", emu.Group("DevTest"))
		r := inMemory(t, emu)
		token := r.machineToken("https://management.azure.com/", "")
		for _, row := range []struct {
			after  time.Duration
			status int
		}{{0, 200}, {24*time.Hour - time.Minute, 200}, {2 * time.Minute, 401}} {
			time.Sleep(row.after)
			if a := r.get(r.arm(groupPath), bearer(token)); a.status != row.status {
				t.Errorf("after %v more: %d %s", row.after, a.status, a.body)
			}
		}
		if a := inMemory(t, outside).imds("api-version=2018-02-01&resource=https://management.azure.com/"); a.status != 200 {
			t.Errorf("a world from outside: %d %s", a.status, a.body)
		}
		emu.Faults().Add(fault.Rule{Match: fault.Match{Plane: "imds"}, Effect: fault.Effect{Delay: time.Hour}, Times: 1})
		began := time.Now()
		if r.machineToken("https://management.azure.com/", ""); time.Since(began) != time.Hour {
			t.Errorf("a delay of an hour took %v", time.Since(began))
		}
	})
}

// Main ends a package whose world cannot be, and says why.
func TestMainSaysWhatIsWrong(t *testing.T) {
	var said strings.Builder
	if code := emulator.RunSealed(&said, emulator.World("nowhere")); code != 1 || !strings.Contains(said.String(), `emulator.Main: wrong usage: no starter world is called "nowhere"`) {
		t.Errorf("%d %q", code, said.String())
	}
	said.Reset()
	emulator.ReportUnsealed(&said, emulator.NoSealedWorld(errors.ErrUnsupported))
	for _, part := range []string{"emulator.Main: no sealed world: ", "No test of this package was run", "emulator.New(t).Client()"} {
		if !strings.Contains(said.String(), part) {
			t.Errorf("%q is not said in\n%s", part, said.String())
		}
	}
}
