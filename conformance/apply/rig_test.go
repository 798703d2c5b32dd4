package apply_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/identity"
	"github.com/linarite/linarite/conformance/apply"
	"github.com/linarite/linarite/conformance/ledger"
	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/fixtures/world"
	"github.com/linarite/linarite/fixtures/worlds"
)

const (
	tenant        = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
	administrator = "11111111-2222-3333-4444-555555555555"
)

// richWorld has what the starter worlds have not.
const richWorld = `schema: linarite/world/1
tenant:
  id: aaaabbbb-0000-cccc-1111-dddd2222eeee
  groups: [{name: Readers}]
  applications:
    - {name: linarite-admin, clientId: 11111111-2222-3333-4444-555555555555, secrets: [linarite]}
subscriptions:
  - id: aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e
    groups:
      - name: Machines
        machines: [{name: web, kind: vmss, identity: {system: true, user: [one, two]}}]
      - name: Things
        location: eastus
        identities:
          - name: one
            federated:
              - {name: cluster, issuer: "https://oidc.example.com/c/", subject: "system:serviceaccount:default:web"}
          - {name: two, location: westus}
        storage:
          - name: richstore
            httpsOnly: false
            containers:
              - name: shown
                public: blob
                blobs:
                  - {name: a b/ü.txt, text: "two words", contentType: text/plain, metadata: {owner: me, Team: x}, tags: {project: "a/b c", "0": x}}
                  - {name: empty, text: ""}
                  - {name: bytes, base64: AAEC/w==}
        vaults:
          - name: rich-vault
            mode: policy
            policies: [{principal: identity/one, secrets: [get, list]}]
            secrets: [{name: Password, value: "  spaces "}]
          - name: roles-vault
            secrets: [{name: Other, value: "x"}]
roles:
  - name: Lister
    id: 55555555-2222-3333-4444-555555555555
    description: lists
    actions: ["*/read"]
    notActions: [Microsoft.Authorization/*/Delete]
    dataActions: [Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read]
    assignableScopes: [Things]
grants:
  - {principal: machine/web, role: Lister, scope: Things}
  - {principal: identity/two, role: acdd72a7-3385-48ef-bd42-f606fba81ae7, scope: Things/richstore/shown}
  - {principal: identity/one, role: Key Vault Secrets User, scope: Things/roles-vault/secrets/Other}
`

func decode(t *testing.T, name string) *world.World {
	t.Helper()
	data, ok := worlds.Get(name)
	if name == "rich" {
		data, ok = []byte(richWorld), true
	}
	w, err := world.Decode(name, data)
	if !ok || err != nil {
		t.Fatal(name, err)
	}
	return w
}

// open opens an emulator of a world.
func open(t *testing.T, w *world.World) *emulator.Emulator {
	t.Helper()
	text, err := w.Encode()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "world.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return emulator.New(t, emulator.World(path))
}

// bare is what has to be there before a world is applied: its machines, and the administrator who applies.
func bare(t *testing.T, name string) *world.World {
	w := decode(t, name)
	w.Tenant.Groups, w.Roles = nil, nil
	if !slices.ContainsFunc(w.Tenant.Applications, func(a world.Application) bool { return a.ClientID == administrator }) {
		w.Tenant.Applications = append(w.Tenant.Applications, world.Application{Name: "linarite-admin", ClientID: administrator, Secrets: []string{"linarite"}})
	}
	w.Grants = []world.Grant{
		{Principal: "application/linarite-admin", Role: "Owner", Scope: "subscription"},
		{Principal: "application/linarite-admin", Role: "Storage Blob Data Owner", Scope: "subscription"},
	}
	for i := range w.Subscriptions {
		var kept []world.ResourceGroup
		for _, g := range w.Subscriptions[i].Groups {
			if len(g.Machines) == 0 {
				continue
			}
			for j := range g.Machines {
				g.Machines[j].Identity = world.MachineIdentity{}
			}
			g.Identities, g.Storage, g.Vaults = nil, nil, nil
			kept = append(kept, g)
		}
		w.Subscriptions[i].Groups = kept
	}
	return w
}

// site is a target with a ledger.
type site struct {
	t      *testing.T
	emu    *emulator.Emulator
	ledger string
	out    strings.Builder
}

func newSite(t *testing.T, name string) *site {
	return &site{t: t, emu: open(t, bare(t, name)), ledger: filepath.Join(t.TempDir(), "ledger.jsonl")}
}

// options are those of a run by a transport; the ledger is closed with the test.
func (s *site) options(transport clientlib.Transport) apply.Options {
	s.t.Helper()
	if transport == nil {
		transport = s.emu.Client()
	}
	o := clientlib.Options{Transport: transport, Retry: clientlib.Retry{Tries: 1}}
	cred, err := identity.ClientSecret(tenant, administrator, "linarite", identity.Options{Options: o})
	if err != nil {
		s.t.Fatal(err)
	}
	held, err := ledger.Read(s.ledger)
	if err != nil {
		s.t.Fatal(err)
	}
	l, err := ledger.Open(s.ledger, "test", func() time.Time { return time.Unix(1e9, 0) })
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { l.Close() })
	s.out.Reset()
	return apply.Options{Options: o, Credential: cred, Ledger: l, Held: held, Out: &s.out}
}

func (s *site) plan(name string) *apply.Plan {
	s.t.Helper()
	p, err := apply.New(decode(s.t, name), apply.Naming{Name: "test", Application: administrator})
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// apply applies a world and returns its lines.
func (s *site) apply(name string) string {
	s.t.Helper()
	if err := s.plan(name).Apply(s.t.Context(), s.options(nil)); err != nil {
		s.t.Fatalf("%v\n%s", err, s.out.String())
	}
	return s.out.String()
}

func (s *site) entries() []ledger.Entry {
	s.t.Helper()
	entries, err := ledger.Read(s.ledger)
	if err != nil {
		s.t.Fatal(err)
	}
	return entries
}

func (s *site) sweep() apply.Swept {
	s.t.Helper()
	entries := s.entries()
	swept, err := apply.Sweep(s.t.Context(), s.options(nil), entries)
	if err != nil {
		s.t.Fatal(err)
	}
	return swept
}

// failing fails the nth request to a data plane or Resource Manager, before it is sent or after its answer.
type failing struct {
	under *http.Client
	nth   int
	after bool
	sent  int
}

func (f *failing) Do(req *http.Request) (*http.Response, error) {
	if strings.Contains(req.URL.Host, "login.") {
		return f.under.Do(req)
	}
	f.sent++
	if f.sent == f.nth && !f.after {
		return nil, io.ErrUnexpectedEOF
	}
	resp, err := f.under.Do(req)
	if err == nil && f.sent == f.nth {
		resp.Body.Close()
		return nil, io.ErrUnexpectedEOF
	}
	return resp, err
}

// state is what an emulator holds, one line a thing, without what a world file cannot say, and with names in the place
// of ids that Azure chooses.
func state(t *testing.T, emu *emulator.Emulator) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "saved")
	if err := emu.Save(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "state.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var saved map[string]any
	if err := yaml.Unmarshal(text, &saved); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	each(saved["principals"], func(p map[string]any) {
		names[fmt.Sprint(p["objectID"])] = fmt.Sprint(p["kind"], " ", p["displayName"])
	})
	keep := map[string][]string{
		"resourceGroups": {"name", "location"}, "machines": {"id", "userIdentities"}, "identities": {"id", "location", "federated"},
		"storageAccounts": {"id", "location", "kind", "sku", "httpsOnly", "allowSharedKeyAccess"},
		"vaults":          {"id", "location", "rbac", "softDelete", "policies"}, "containers": {"account", "name", "public"},
		"blobs": {"account", "container", "name", "content", "contentType", "metadata", "tags"}, "secrets": {"vault", "name", "value"},
		"roleAssignments": {"scope", "roleID", "principalID"}, "principals": {"kind", "displayName"},
	}
	each(saved["storageAccounts"], func(a map[string]any) {
		if a["allowSharedKeyAccess"] == nil {
			a["allowSharedKeyAccess"] = true // nobody has said
		}
	})
	each(saved["blobs"], func(b map[string]any) {
		if metadata, ok := b["metadata"].([]any); ok {
			slices.SortFunc(metadata, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
	})
	var lines []string
	for section, entries := range saved {
		fields, known := keep[section]
		each(entries, func(e map[string]any) {
			if !known && !strings.Contains(strings.ToLower(section), "role") {
				return
			}
			if e["goneAt"] != nil { // a group that is gone, and not cleared away
				return
			}
			line := section
			if fields == nil {
				for f := range e {
					if !strings.Contains(f, "created") && !strings.Contains(f, "updated") && f != "createdBy" && f != "updatedBy" {
						fields = append(fields, f)
					}
				}
			}
			slices.Sort(fields)
			for _, f := range slices.Compact(fields) {
				if e[f] != nil && fmt.Sprint(e[f]) != "[]" {
					line += fmt.Sprintf(" %s=%v", f, e[f])
				}
			}
			for id, name := range names {
				line = strings.ReplaceAll(line, id, name)
			}
			lines = append(lines, strings.ToLower(line))
			fields = keep[section]
		})
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func each(list any, f func(map[string]any)) {
	all, _ := list.([]any)
	for _, one := range all {
		if m, ok := one.(map[string]any); ok {
			f(m)
		}
	}
}

// without leaves out the lines that match.
func without(text, pattern string) string {
	re := regexp.MustCompile(pattern)
	var out []string
	for line := range strings.Lines(text) {
		if !re.MatchString(line) {
			out = append(out, strings.TrimRight(line, "\n"))
		}
	}
	return strings.Join(out, "\n")
}

// unlike are the lines of one text that are not in the other, both ways.
func unlike(got, want string) string {
	var out []string
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for _, line := range a {
		if !slices.Contains(b, line) {
			out = append(out, "+ "+line)
		}
	}
	for _, line := range b {
		if !slices.Contains(a, line) {
			out = append(out, "- "+line)
		}
	}
	return strings.Join(out, "\n")
}

// bubble runs a test for a world where waiting takes no time.
func bubble(t *testing.T, name string, test func(t *testing.T, s *site)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, newSite(t, name)) })
	})
}
