package apply_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/clientlib/blob"
	"github.com/linarite/linarite/conformance/apply"
	"github.com/linarite/linarite/conformance/ledger"
)

// answer is one of Resource Manager's own.
func answer(req *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)),
	}
}

// TestARefusalLeavesNoLine: what was surely not made is not in the ledger, where somebody else may make it later.
func TestARefusalLeavesNoLine(t *testing.T) {
	bubble(t, "tutorial", func(t *testing.T, s *site) {
		o := s.options(clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
			if req.Method == http.MethodPut && strings.HasSuffix(req.URL.Path, "/tutorial-id") {
				return answer(req, 403, `{"error":{"code":"AuthorizationFailed","message":"no"}}`), nil
			}
			return s.emu.Client().Do(req)
		}))
		err := s.plan("tutorial").Apply(t.Context(), o)
		if err == nil || !strings.Contains(err.Error(), "identity DevTest/tutorial-id: ") || !strings.Contains(err.Error(), "Contributor and User Access Administrator") {
			t.Error(err)
		}
		if left := s.entries(); len(left) > 0 {
			t.Errorf("the ledger has %v", left)
		}
	})
}

// TestSweepPurges: the emulator forgets a deleted vault, so that only the request shows that its name is set free.
func TestSweepPurges(t *testing.T) {
	bubble(t, "two-machines", func(t *testing.T, s *site) {
		s.apply("two-machines")
		purged := 0
		entries := s.entries()
		o := s.options(clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
			if strings.HasSuffix(req.URL.Path, "/deletedVaults/shopvault/purge") {
				purged++
				return answer(req, 200, ""), nil
			}
			return s.emu.Client().Do(req)
		}))
		if swept := must(apply.Sweep(t.Context(), o, entries))(t); swept.Failed() || purged != 1 {
			t.Errorf("purged %d times, kept %q, left %q", purged, swept.Kept, swept.Left)
		}
	})
}

// TestSweepReadsAssignmentsOnce: what a role assignment says is looked at once, and then it goes.
func TestSweepReadsAssignmentsOnce(t *testing.T) {
	bubble(t, "two-machines", func(t *testing.T, s *site) {
		s.apply("two-machines")
		entries, read, deleted := s.entries(), map[string]int{}, 0
		o := s.options(clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
			if strings.Contains(req.URL.Path, "/roleAssignments/") {
				switch req.Method {
				case http.MethodGet:
					read[req.URL.Path]++
				case http.MethodDelete:
					deleted++
				}
			}
			return s.emu.Client().Do(req)
		}))
		if swept := must(apply.Sweep(t.Context(), o, entries))(t); swept.Failed() || deleted == 0 || len(read) != deleted {
			t.Errorf("%d read, %d deleted, kept %q, left %q", len(read), deleted, swept.Kept, swept.Left)
		}
		for path, times := range read {
			if times != 1 {
				t.Errorf("%s is read %d times", path, times)
			}
		}
	})
}

func TestSweepKeepsAGroupThatIsNotEmpty(t *testing.T) {
	bubble(t, "rich", func(t *testing.T, s *site) {
		s.apply("rich")
		must(s.admin().PutIdentity(t.Context(), "Things", "stranger", arm.Identity{}))(t)
		swept := s.sweep()
		if len(swept.Kept) != 1 || !strings.Contains(swept.Kept[0], "1 resources are in it still, stranger among them") {
			t.Errorf("kept %q", swept.Kept)
		}
		if !strings.Contains(state(t, s.emu), "userassignedidentities/stranger ") {
			t.Error("the stranger is gone")
		}
	})
}

// TestBlobsAreAsTheWorldSays: each part of a blob that is another is written again where the account is ours.
func TestBlobsAreAsTheWorldSays(t *testing.T) {
	bubble(t, "rich", func(t *testing.T, s *site) {
		s.apply("rich")
		want := state(t, s.emu)
		o := s.options(nil)
		account := s.emu.StorageAccount("richstore")
		c := must(blob.NewWithKey(account.URL(), "richstore", account.Key(), o.Options))(t)
		b := c.Container("shown").Blob("a b/ü.txt")
		metadata, tags := map[string]string{"owner": "me", "Team": "x"}, map[string]string{"project": "a/b c", "0": "x"}
		for name, is := range map[string]struct {
			text string
			o    blob.UploadOptions
		}{
			"content":      {"two wordz", blob.UploadOptions{Headers: blob.Headers{ContentType: "text/plain"}, Metadata: metadata, Tags: tags}},
			"content type": {"two words", blob.UploadOptions{Metadata: metadata, Tags: tags}},
			"metadata":     {"two words", blob.UploadOptions{Headers: blob.Headers{ContentType: "text/plain"}, Tags: tags}},
			"tags":         {"two words", blob.UploadOptions{Headers: blob.Headers{ContentType: "text/plain"}, Metadata: metadata}},
		} {
			must(b.Upload(t.Context(), strings.NewReader(is.text), &is.o))(t)
			if out := s.apply("rich"); !strings.Contains(out, "blob richstore/shown/a b/ü.txt changed") {
				t.Errorf("%s: %s", name, out)
			}
			if d := unlike(state(t, s.emu), want); d != "" {
				t.Errorf("%s: %s", name, d)
			}
		}
	})
}

// TestSweepKeepsWhatALineIsNotOf: a ledger that somebody else has written in leads to nothing but what apply makes.
func TestSweepKeepsWhatALineIsNotOf(t *testing.T) {
	bubble(t, "tutorial", func(t *testing.T, s *site) {
		s.apply("tutorial")
		c := s.admin()
		group, account := c.GroupID("DevTest"), c.AccountID("DevTest", "tutorialstore")
		theirs := c.IdentityID("DevTest", "theirs")
		is := must(c.PutIdentity(t.Context(), "DevTest", "theirs", arm.Identity{}))(t)
		given := must(c.AssignRole(t.Context(), group, "Reader", is.Properties.PrincipalID))(t)
		before := state(t, s.emu)
		var lines []ledger.Entry
		for _, kind := range []string{"roleAssignment", "role", "federation", "policy", "secret", "container", "blob", "machineIdentity", "deployerRole", "deployerPolicy", "group", "vault", "storageAccount", "nonsense", ""} {
			for _, id := range []string{theirs, given.ID, group + "/providers/Microsoft.Storage/storageAccounts/../x", "/", "", "nonsense", account + "?x=" + group, theirs + "#system", "/subscriptions/x"} {
				lines = append(lines, ledger.Entry{Run: "test", Kind: kind, ID: id})
			}
		}
		for _, line := range lines {
			swept := must(apply.Sweep(t.Context(), s.options(nil), []ledger.Entry{line}))(t)
			if !swept.Failed() || len(swept.Deleted) > 0 {
				t.Errorf("%s %q: %+v", line.Kind, line.ID, swept)
			}
		}
		o := s.options(nil)
		o.Held = append(o.Held, ledger.Entry{Run: "test", Kind: "deployerRole", ID: given.ID}, ledger.Entry{Run: "test", Kind: "deployerRole", ID: theirs})
		if err := s.plan("tutorial").Apply(t.Context(), o); err == nil || !strings.Contains(err.Error(), given.ID) {
			t.Errorf("a foreign right in the ledger: %v", err)
		}
		if d := unlike(state(t, s.emu), before); d != "" {
			t.Error(d)
		}
	})
}

// TestSweepElsewhere: what is not found where there is no such subscription is not gone.
func TestSweepElsewhere(t *testing.T) {
	s := newSite(t, "tutorial")
	id := "/subscriptions/12345678-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/g"
	for kind, id := range map[string]string{
		"group": id, "storageAccount": id + "/providers/Microsoft.Storage/storageAccounts/elsewhere1", "vault": id + "/providers/Microsoft.KeyVault/vaults/elsewhere1",
	} {
		swept := must(apply.Sweep(t.Context(), s.options(nil), []ledger.Entry{{Run: "test", Kind: kind, ID: id}}))(t)
		if len(swept.Left) != 1 || len(swept.Deleted) > 0 {
			t.Errorf("%s: %+v", kind, swept)
		}
	}
}

// TestSweepStops: a sweep that is interrupted ends after the line in hand, and the ledger keeps the rest.
func TestSweepStops(t *testing.T) {
	bubble(t, "tutorial", func(t *testing.T, s *site) {
		s.apply("tutorial")
		ctx, cancel := context.WithCancel(t.Context())
		under := s.emu.Client()
		o := s.options(clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
			if req.Method == http.MethodDelete {
				cancel()
			}
			return under.Do(req)
		}))
		entries := s.entries()
		swept, err := apply.Sweep(ctx, o, entries)
		if err == nil || !strings.Contains(err.Error(), "sweep again") || len(swept.Deleted) != 1 || len(swept.Left) > 0 {
			t.Errorf("%+v, %v", swept, err)
		}
		if left := len(s.entries()); left == 0 || left >= len(entries) {
			t.Errorf("%d of %d lines are left", left, len(entries))
		}
		if swept := s.sweep(); swept.Failed() || len(s.entries()) > 0 {
			t.Errorf("swept again: %+v", swept)
		}
	})
}
