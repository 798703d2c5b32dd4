package apply_test

import (
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/conformance/apply"
	"github.com/linarite/linarite/fixtures/world"
)

func TestFederatedCredentials(t *testing.T) {
	bubble(t, "rich", func(t *testing.T, s *site) {
		run := func(audience, want string) {
			t.Helper()
			w := decode(t, "rich")
			w.Subscriptions[0].Groups[1].Identities[0].Federated[0].Audience = audience
			plan := must(apply.New(w, apply.Naming{Name: "test", Application: administrator}))(t)
			if err := plan.Apply(t.Context(), s.options(nil)); err != nil || !strings.Contains(s.out.String(), "federated credential Things/one/cluster "+want+"\n") {
				t.Errorf("want %s: %v\n%s", want, err, s.out.String())
			}
		}
		run("", "made")
		run("", "is there already")
		run("api://other", "changed")
		o := s.options(nil)
		c := must(arm.New("aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e", o.Credential, o.Options))(t)
		all := must(arm.Collect(c.Federations(t.Context(), "Things", "one")))(t)
		want := arm.Federation{Name: "cluster", Issuer: "https://oidc.example.com/c/", Subject: "system:serviceaccount:default:web", Audiences: []string{"api://other"}}
		if len(all) != 1 || !reflect.DeepEqual(all[0], want) {
			t.Errorf("%+v", all)
		}
		s.sweep()
	})
}

// TestRightsThatTakeTime: where roles take minutes to count, the deployer's own right to write secrets is waited for,
// and taken away at the end.
func TestRightsThatTakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := bare(t, "rich")
		w.Switches.RolePropagation = 3 * time.Minute
		s := &site{t: t, emu: open(t, w), ledger: t.TempDir() + "/ledger.jsonl"}
		s.apply("rich")
		if got := state(t, s.emu); strings.Contains(got, "roleid=b86a8fe4") {
			t.Errorf("the right is still there:\n%s", got)
		}
		for _, e := range s.entries() {
			if strings.HasPrefix(e.Kind, "deployer") {
				t.Errorf("the ledger still has %v", e)
			}
		}
	})
}

// TestAnotherSubscription: the ids of scopes move with it.
func TestAnotherSubscription(t *testing.T) {
	text := head + "grants: [{principal: 99990000-aaaa-bbbb-cccc-dddddddddddd, role: acdd72a7-3385-48ef-bd42-f606fba81ae7, scope: /subscriptions/AAAA0A0A-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/g}]\n"
	w, err := world.Decode("w", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	const other = "bbbb0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
	bubble(t, "empty", func(t *testing.T, s *site) {
		var paths []string
		o := s.options(clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
			if strings.HasPrefix(req.URL.Path, "/subscriptions/") {
				paths = append(paths, req.Method+" "+req.URL.Path)
				body := `{"value":[],"location":"westus"}`
				return &http.Response{StatusCode: 200, Request: req, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
			}
			return s.emu.Client().Do(req)
		}))
		p := must(apply.New(w, apply.Naming{Name: "w", Subscription: other}))(t)
		if err := p.Apply(t.Context(), o); err != nil {
			t.Error(err)
		}
		for _, path := range paths {
			if !strings.Contains(path, " /subscriptions/"+other+"/resourceGroups/g") {
				t.Errorf("asked %s", path)
			}
		}
		if len(paths) < 3 {
			t.Errorf("asked %q", paths)
		}
	})
}
