package apply_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/conformance/apply"
)

// TestAFailureAnywhere fails each request in turn, before it is sent and after it was answered: a second apply
// completes the world, and a sweep leaves what was there before.
func TestAFailureAnywhere(t *testing.T) {
	for _, name := range []string{"tutorial", "rich"} {
		for _, after := range []bool{false, true} {
			bubble(t, name, func(t *testing.T, s *site) {
				before, start := state(t, s.emu), s.emu.Snapshot()
				s.apply(name)
				want, failures := state(t, s.emu), 0
				s.ledger += ".fresh"
				for nth := 1; ; nth++ {
					s.emu.Restore(start)
					s.ledger = strings.TrimRight(s.ledger, "0123456789") + fmt.Sprint(nth)
					f := &failing{under: s.emu.Client(), nth: nth, after: after}
					err := s.plan(name).Apply(t.Context(), s.options(f))
					if f.sent < nth {
						break
					}
					failures++
					where := fmt.Sprintf("request %d (answered: %t), %v", nth, after, err)
					if err == nil {
						t.Errorf("%s: no error", where)
					}
					if nth%2 == 0 {
						if swept := s.sweep(); swept.Failed() {
							t.Errorf("%s: kept %q, left %q", where, swept.Kept, swept.Left)
						}
						if d := unlike(state(t, s.emu), before); d != "" {
							t.Errorf("%s: after the sweep\n%s", where, d)
						}
						continue
					}
					s.apply(name)
					if d := unlike(state(t, s.emu), want); d != "" {
						t.Errorf("%s: after a second apply\n%s", where, d)
					}
					if swept := s.sweep(); swept.Failed() {
						t.Errorf("%s: at last kept %q, left %q", where, swept.Kept, swept.Left)
					}
					if d := unlike(state(t, s.emu), before); d != "" {
						t.Errorf("%s: after a second apply and a sweep\n%s", where, d)
					}
				}
				if failures < 50 {
					t.Errorf("only %d requests were failed", failures)
				}
			})
		}
	}
}

func TestApplyStopsAfterTheStepInHand(t *testing.T) {
	bubble(t, "tutorial", func(t *testing.T, s *site) {
		ctx, stop := context.WithCancel(t.Context())
		o := s.options(clientlib.TransportFunc(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/tutorialstore") {
				stop()
			}
			return s.emu.Client().Do(r)
		}))
		err := s.plan("tutorial").Apply(ctx, o)
		if err == nil || !strings.Contains(err.Error(), "stopped before container tutorialstore/files") || !strings.Contains(s.out.String(), "storage account tutorialstore made") {
			t.Errorf("%v\n%s", err, s.out.String())
		}
		s.apply("tutorial")
	})
}

// admin is a client of Resource Manager, for what others do.
func (s *site) admin() *arm.Client {
	s.t.Helper()
	o := s.options(nil)
	c, err := arm.New("aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e", o.Credential, o.Options)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestWhatIsNotOursStays: somebody else's account and vault of the same names are used, never changed, never swept.
func TestWhatIsNotOursStays(t *testing.T) {
	bubble(t, "tutorial", func(t *testing.T, s *site) {
		no := false
		c := s.admin()
		must(c.PutAccount(t.Context(), "DevTest", "tutorialstore", arm.Account{Location: "westus", Properties: arm.AccountProperties{HTTPSOnly: &no}}))(t)
		must(c.PutVault(t.Context(), "DevTest", "mytestkeyvault", arm.Vault{Location: "westus", Properties: arm.VaultProperties{TenantID: tenant, RBAC: &no, SoftDelete: &no}}))(t)
		before := state(t, s.emu)
		err := s.plan("tutorial").Apply(t.Context(), s.options(nil))
		out := s.out.String()
		if !errors.Is(err, apply.ErrIncomplete) || !strings.Contains(out, "storage account tutorialstore: "+apply.ErrDiffers.Error()+": httpsOnly is false, and not true") {
			t.Errorf("%v\n%s", err, out)
		}
		if !strings.Contains(out, "container tutorialstore/files made") || !strings.Contains(out, "vault mytestkeyvault is there already") {
			t.Errorf("the rest was not made:\n%s", out)
		}
		if swept := s.sweep(); swept.Failed() {
			t.Errorf("kept %q, left %q", swept.Kept, swept.Left)
		}
		if d := unlike(state(t, s.emu), before); d != "" {
			t.Errorf("after the sweep:\n%s", d)
		}
	})
}

// TestSweepKeeps: what the ledger does not name, and what has another tag by now.
func TestSweepKeeps(t *testing.T) {
	bubble(t, "tutorial", func(t *testing.T, s *site) {
		s.apply("tutorial")
		c := s.admin()
		must(c.PutIdentity(t.Context(), "DevTest", "stranger", arm.Identity{Tags: map[string]string{apply.Tag: "test"}}))(t)
		must(c.PutIdentity(t.Context(), "DevTest", "tutorial-id", arm.Identity{Tags: map[string]string{"owner": "somebody"}}))(t)
		swept := s.sweep()
		if len(swept.Kept) != 1 || !strings.Contains(swept.Kept[0], `tutorial-id: its tag linarite-apply is "", and not "test"`) {
			t.Errorf("kept %q", swept.Kept)
		}
		got := state(t, s.emu)
		for _, name := range []string{"stranger", "tutorial-id"} {
			if !strings.Contains(got, "userassignedidentities/"+name+" ") {
				t.Errorf("%s is gone:\n%s", name, got)
			}
		}
		if len(s.entries()) != 1 {
			t.Errorf("the ledger has %v", s.entries())
		}
	})
}

// TestOursIsChanged: what apply made is brought back to what the world says.
func TestOursIsChanged(t *testing.T) {
	bubble(t, "tutorial", func(t *testing.T, s *site) {
		s.apply("tutorial")
		want := state(t, s.emu)
		no, c := false, s.admin()
		a := must(c.Account(t.Context(), "DevTest", "tutorialstore"))(t)
		a.Properties.HTTPSOnly = &no
		must(c.PutAccount(t.Context(), "DevTest", "tutorialstore", a))(t)
		if state(t, s.emu) == want {
			t.Fatal("nothing was changed")
		}
		if out := s.apply("tutorial"); !strings.Contains(out, "storage account tutorialstore changed") {
			t.Error(out)
		}
		if d := unlike(state(t, s.emu), want); d != "" {
			t.Error(d)
		}
	})
}

func TestCheck(t *testing.T) {
	bubble(t, "tutorial", func(t *testing.T, s *site) {
		before := state(t, s.emu)
		if err := s.plan("tutorial").Check(t.Context(), s.options(nil)); err != nil || !strings.Contains(s.out.String(), administrator) {
			t.Errorf("%v\n%s", err, s.out.String())
		}
		if d := unlike(state(t, s.emu), before); d != "" || len(s.entries()) > 0 {
			t.Errorf("a check changed something:\n%s", d)
		}
		c := s.admin()
		must(c.PutGroup(t.Context(), "Other", arm.Group{Location: "westus"}))(t)
		must(c.PutAccount(t.Context(), "Other", "tutorialstore", arm.Account{Location: "westus"}))(t)
		if err := s.plan("tutorial").Check(t.Context(), s.options(nil)); err == nil || !strings.Contains(err.Error(), "tutorialstore: the name is taken") {
			t.Error(err)
		}
		if err := s.plan("two-machines").Check(t.Context(), s.options(nil)); err == nil || !strings.Contains(err.Error(), "machine Shop/orders: it is not there") {
			t.Error(err)
		}
	})
}
