package emulator_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/explain"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/storageauth"
)

// noon is when the worlds of explanations stand still, and so does their host.
var noon = time.Date(2025, 1, 24, 12, 0, 0, 0, time.UTC)

// scene is a world in which a refusal is played. Requests go to the handler, as carriers bring
// them, so that every run has the same ids and instants.
type scene struct {
	*rig
	machine string
}

// act plays one refusal: the last request of it is the one that is explained.
type act struct {
	// kind is the refusal's; what tells several of one kind apart.
	kind  apierr.Kind
	what  string
	world string
	play  func(*scene)
}

func (a act) name() string {
	if a.what == "" {
		return string(a.kind)
	}
	return string(a.kind) + ", " + a.what
}

// embedded is the world tutorial, opened as tests do: without a home.
const embedded = "embedded"

// stage opens an act's world: a starter world, a file of testdata, or a text.
func stage(t testing.TB, world string) *scene {
	t.Helper()
	if strings.Contains(world, "\n") {
		path := filepath.Join(t.TempDir(), "world.yaml")
		if err := os.WriteFile(path, []byte(world), 0o600); err != nil {
			t.Fatal(err)
		}
		world = path
	}
	return stageLogged(t, world, nil)
}

// stageLogged is stage with a request log.
func stageLogged(t testing.TB, world string, log *slog.Logger) *scene {
	t.Helper()
	seed := ids.NamedSeed("explain")
	if world == embedded {
		emu, err := emulator.Open(emulator.Options{Seed: &seed, Host: func() time.Time { return noon }, Log: log})
		if err != nil {
			t.Fatal(err)
		}
		return &scene{rig: &rig{TB: t, emu: emu}}
	}
	return &scene{rig: open(t, emulator.Options{World: world, Seed: &seed, Host: func() time.Time { return noon }, Log: log})}
}

// ask sends a request from the scene's machine.
func (s *scene) ask(method, target, body string, headers ...string) answer {
	s.Helper()
	if body != "" { // as a server leaves it in the header
		headers = append(headers, "Content-Length: "+itoa(len(body)))
	}
	return s.from(s.machine, method, target, body, headers...)
}

// token is a machine's for a resource, selector appended.
func (s *scene) token(resource, selector string) string {
	s.Helper()
	return bearer(s.field(s.ask("GET", tokenURL+"?api-version=2018-02-01&resource="+url.QueryEscape(resource)+selector, "", "Metadata: true"), "access_token"))
}

// login is an application's token.
func (s *scene) login(clientID, secret, resource string) string {
	s.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {secret}, "scope": {resource + "/.default"}}
	return bearer(s.field(s.form("/"+tenant+"/oauth2/v2.0/token", form.Encode()), "access_token"))
}

func (s *scene) form(path, body string) answer {
	s.Helper()
	return s.ask("POST", "https://login.microsoftonline.com"+path, body, "Content-Type: application/x-www-form-urlencoded")
}

const armResource = "https://management.azure.com/"

// owner sends a request to Resource Manager as the administrator does.
func (s *scene) owner(method, path, body string) answer {
	s.Helper()
	return s.armAs(s.login(admin, "linarite", armResource), method, path, body)
}

// own sends a request to Resource Manager with the machine's token.
func (s *scene) own(method, path, body string) answer {
	s.Helper()
	return s.armAs(s.token(armResource, ""), method, path, body)
}

func (s *scene) armAs(who, method, path, body string) answer {
	s.Helper()
	if !strings.Contains(path, "api-version=") {
		path += map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "api-version=2021-04-01"
	}
	return s.ask(method, "https://management.azure.com"+path, body, who, jsonType)
}

// store sends a request to Blob storage that is signed by the key of devstoreaccount1.
func (s *scene) store(method, path, body string, headers ...string) answer {
	s.Helper()
	target := s.blob(devAccount, path)
	return s.ask(method, target, body, s.signature(method, target, body, headers...)...)
}

func (s *scene) signature(method, target, body string, headers ...string) []string {
	s.Helper()
	u, err := url.Parse(target)
	if err != nil {
		s.Fatal(err)
	}
	headers = append([]string{"x-ms-date: " + noon.Format(http.TimeFormat)}, headers...)
	if !strings.Contains(strings.Join(headers, "\n"), "x-ms-version: ") {
		headers = append(headers, version2021)
	}
	h := http.Header{}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	if body != "" {
		h.Set("Content-Length", itoa(len(body)))
	}
	r := storageauth.Request{Method: method, Account: devAccount, Path: u.EscapedPath(), Query: storageauth.ParseQuery(u.RawQuery), Header: h, Version: h.Get("x-ms-version")}
	a := storageauth.Authorization{Scheme: storageauth.SharedKey, Account: devAccount, Signature: storageauth.Sign(decodedKey(s), r.StringToSign(storageauth.SharedKey))}
	return append(headers, "Authorization: "+a.String())
}

// sas is a shared access signature of devstoreaccount1 for its container files.
func (s *scene) sas(sas storageauth.SAS) string {
	s.Helper()
	sas.Version = orValue(sas.Version, "2021-12-02")
	if sas.Identifier == "" {
		sas.Expiry = orValue(sas.Expiry, noon.Add(time.Hour).Format(time.RFC3339))
	}
	return sas.Signed(storageauth.Target{Account: devAccount, Container: "files"}, decodedKey(s)).Encode()
}

// files makes the container files of devstoreaccount1, with a blob.
func (s *scene) files() {
	s.Helper()
	s.store("PUT", "/files?restype=container", "")
	s.store("PUT", "/files/a", "hello", "x-ms-blob-type: BlockBlob")
}

// data asks Blob storage with the machine's token.
func (s *scene) data(method, path, body string, headers ...string) answer {
	s.Helper()
	return s.ask(method, s.blob("tutorialstore", path), body, append(headers, s.token(storageResource, ""), version2021)...)
}

// secret asks a vault; who is a selector of the machine's identities.
func (s *scene) secret(vault, who, method, path, body string) answer {
	s.Helper()
	return s.ask(method, s.vault(vault, path), body, s.token(s.emu.Cloud().Endpoints.Vault, who), jsonType)
}

// change changes the state behind the services' backs.
func (s *scene) change(how func(*state.Tx)) {
	s.Helper()
	if err := s.emu.State().Update(func(tx *state.Tx) error { how(tx); return nil }); err != nil {
		s.Fatal(err)
	}
}

// forged is a token that this world's keys sign, for whomever and of whenever.
func (s *scene) forged(tenantID, resource string, at time.Time) string {
	s.Helper()
	token, err := signer(s, s.emu.Cloud()).Issue(someone(tenantID, "99999999-9999-9999-9999-999999999999", resource), at)
	if err != nil {
		s.Fatal(err)
	}
	return bearer(token.Raw)
}

// explained is the last exchange in words.
func (s *scene) explained() explain.Explanation {
	s.Helper()
	x, err := s.emu.ExplainWith(itoa(int(s.emu.Journal().Last())), emulator.ExplainOptions{Rules: rulebook(s)})
	if err != nil {
		s.Fatal(err)
	}
	return x
}
