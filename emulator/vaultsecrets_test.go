package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// secure marks a request as one that came by TLS, for tests that skip the sockets.
func secure(r *http.Request) *http.Request {
	return r.WithContext(wire.WithOrigin(r.Context(), wire.Origin{Scheme: "https"}))
}

// recorder keeps the status of an answer.
type recorder struct {
	header http.Header
	status int
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) Write(b []byte) (int, error) { return len(b), nil }
func (w *recorder) WriteHeader(status int)      { w.status = status }

// secrets is a vault with a client who may do everything in it.
type secrets struct {
	*rig
	token string
}

func openSecrets(t *testing.T, open opener) *secrets {
	r := open(t, emulator.Options{World: vaultsWorld})
	return &secrets{r, r.vaultToken(worker)}
}

func (s *secrets) call(method, path, body string) answer {
	s.Helper()
	return s.do(method, s.vault("polvault", path), body, s.token, jsonType)
}

// bare replaces what differs from run to run: versions by V, instants by T.
func bare(body string) string {
	body = regexp.MustCompile(`[0-9a-f]{32}`).ReplaceAllString(body, "V")
	return regexp.MustCompile(`"(created|updated|deletedDate|scheduledPurgeDate)":\d{10}`).ReplaceAllString(body, `"$1":T`)
}

func (s *secrets) want(what string, a answer, body string) {
	s.Helper()
	if got := bare(a.body); a.status != 200 || got != body {
		s.Errorf("%s: %d %s\nwant 200 %s", what, a.status, got, body)
	}
}

const (
	polvault  = "https://polvault.vault.azure.net"
	recovery  = `"recoveryLevel":"Recoverable+Purgeable","recoverableDays":90}`
	plainAttr = `"attributes":{"enabled":true,"created":T,"updated":T,` + recovery
	missing   = " was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. " +
		"For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182"
)

func notFound(asked string) string {
	return vaultRefusal("SecretNotFound", "", "A secret with (name/id) "+asked+missing)
}

// The life of a secret: set, set again, read by version, changed.
func TestSecretLife(t *testing.T) { onCarriers(t, checkSecretLife) }

func checkSecretLife(t *testing.T, open opener) {
	s := openSecrets(t, open)
	id := `"id":"` + polvault + `/secrets/App-1/V",`
	first := s.call("PUT", "/secrets/App-1", `{"value":"a<&>\u00fc","attributes":{}}`)
	s.want("set", first, `{"value":"a<&>ü",`+id+plainAttr+`}`)
	s.want("set again, all members", s.call("PUT", "/secrets/APP-1", `{"value":"","contentType":"text/plain","attributes":{"enabled":true,"nbf":1893459661,"exp":4781870437},"tags":{"k":"v"},"unknown":1}`),
		`{"value":"","contentType":"text/plain",`+id+`"attributes":{"enabled":true,"nbf":1893459661,"exp":4781870437,"created":T,"updated":T,`+recovery+`,"tags":{"k":"v"}}`)
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(first.body), &made); err != nil {
		t.Fatal(err)
	}
	version := made.ID[strings.LastIndexByte(made.ID, '/')+1:]
	s.want("get the first", s.call("GET", "/secrets/app-1/"+version, ""), `{"value":"a<&>ü",`+id+plainAttr+`}`)
	if a := s.call("GET", "/secrets/app-1/", ""); a.status != 200 || !strings.HasPrefix(a.body, `{"value":"","contentType":"text/plain",`) {
		t.Errorf("get before its nbf: %d %s", a.status, a.body)
	}
	s.emu.Clock().Advance(10 * time.Second)
	s.want("patch the current", s.call("PATCH", "/secrets/app-1/", `{"attributes":{"enabled":false},"tags":{}}`),
		`{"contentType":"text/plain",`+id+`"attributes":{"enabled":false,"nbf":1893459661,"exp":4781870437,"created":T,"updated":T,`+recovery+`,"tags":{}}`)
	disabled := vaultRefusal("Forbidden", "SecretDisabled", "Operation get is not allowed on a disabled secret.")
	a := s.call("GET", "/secrets/app-1", "")
	if s.wantVault("disabled", a, 403, disabled); len(a.body) != 132 {
		t.Errorf("%d bytes, recorded are 132", len(a.body))
	}
	if a := s.call("GET", "/secrets/app-1/"+version, ""); a.status != 200 {
		t.Errorf("an older version of a disabled secret: %d", a.status)
	}
	patched := s.call("PATCH", "/secrets/app-1/"+version, `{"contentType":"x"}`)
	var times struct {
		Attributes struct{ Created, Updated int64 }
	}
	if err := json.Unmarshal([]byte(patched.body), &times); err != nil || times.Attributes.Updated-times.Attributes.Created < 10 {
		t.Errorf("%d %s", patched.status, patched.body)
	}
	s.want("set disabled", s.call("PUT", "/secrets/off", `{"value":"v","attributes":{"enabled":false}}`),
		`{"value":"v","id":"`+polvault+`/secrets/off/V","attributes":{"enabled":false,"created":T,"updated":T,`+recovery+`}`)
	for path, asked := range map[string]string{"/secrets/absent": "absent", "/secrets/absent/": "absent", "/secrets/App-1/abc": "App-1/abc"} {
		s.wantVault(path, s.call("GET", path, ""), 404, notFound(asked))
	}
	s.wantVault("patch what is not there", s.call("PATCH", "/secrets/absent", `{}`), 404, notFound("absent"))
	s.wantVault("delete what is not there", s.call("DELETE", "/secrets/absent", ""), 404, notFound("absent"))
}

func TestSecretBodies(t *testing.T) { onCarriers(t, checkSecretBodies) }

func checkSecretBodies(t *testing.T, open opener) {
	s := openSecrets(t, open)
	for body, property := range map[string]string{
		``: "", `{`: "", `[]`: "", `"x"`: "", `{"value":"x"} {}`: "", `{"value":"` + strings.Repeat("x", 25601) + `"}`: "", `{"value":"` + strings.Repeat("x", 2<<20) + `"}`: "",
		`{}`: "value", `null`: "value", `{"value":null}`: "value", `{"value":1}`: "value", `{"value":"x","attributes":{"enabled":"yes"}}`: "attributes.enabled",
		`{"value":"x","attributes":{"exp":1.5}}`: "attributes.exp", `{"value":"x","attributes":{"exp":-1}}`: "exp", `{"value":"x","attributes":{"nbf":999999999999}}`: "nbf",
		`{"value":"x","tags":{"a":1}}`: "tags", `{"value":"x","contentType":"` + strings.Repeat("x", 256) + `"}`: "contentType",
	} {
		a := s.call("PUT", "/secrets/body", body)
		s.wantVault(body[:min(len(body), 60)], a, 400, vaultRefusal("BadParameter", "", "Property "+property+" has invalid value\r\n"))
	}
	if a := s.call("GET", "/secrets/body", ""); a.status != 404 {
		t.Errorf("a refused body left something: %d", a.status)
	}
	if a := s.call("PUT", "/secrets/body", "\xef\xbb\xbf"+`{"value":"`+strings.Repeat("x", 25600)+`"}`); a.status != 200 {
		t.Errorf("25 KB: %d", a.status)
	}
	s.wantVault("patch", s.call("PATCH", "/secrets/body", `{"attributes":1}`), 400, vaultRefusal("BadParameter", "", "Property attributes has invalid value\r\n"))
}

type page struct {
	Value    []struct{ ID string }
	NextLink *string
}

// pages follows nextLink as clients do and returns the ids, a page a slice.
func (s *secrets) pages(target string) (all [][]string) {
	s.Helper()
	for target != "" {
		a := s.get(target, s.token)
		var p page
		if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.status != 200 {
			s.Fatalf("%s: %d %s", target, a.status, a.body)
		}
		ids := []string{}
		for _, v := range p.Value {
			ids = append(ids, strings.TrimPrefix(v.ID, polvault+"/secrets/"))
		}
		all = append(all, ids)
		if target = ""; p.NextLink != nil {
			target = *p.NextLink
		}
	}
	return all
}

func TestSecretLists(t *testing.T) { onCarriers(t, checkSecretLists) }

func checkSecretLists(t *testing.T, open opener) {
	s := openSecrets(t, open)
	item := func(name string) string { return `{"id":"` + polvault + `/secrets/` + name + `",` + plainAttr + `}` }
	s.want("one secret", s.call("GET", "/secrets", ""), `{"value":[`+item("One")+`],"nextLink":null}`)
	s.want("with the slash that .NET sends", s.call("GET", "/secrets/", ""), `{"value":[`+item("One")+`],"nextLink":null}`)
	s.want("versions of nothing", s.call("GET", "/secrets/absent/versions", ""), `{"value":[],"nextLink":null}`)
	s.want("nothing deleted", s.call("GET", "/deletedsecrets", ""), `{"value":[],"nextLink":null}`)
	s.call("PUT", "/secrets/b", `{"value":"1"}`)
	s.call("PUT", "/secrets/A-1", `{"value":"1"}`)
	s.call("PUT", "/secrets/a", `{"value":"1","contentType":"t","tags":{"k":"v"}}`)
	first := s.call("GET", "/secrets?maxresults=1", "")
	want := regexp.MustCompile(`^\{"value":\[\{"id":"` + regexp.QuoteMeta(polvault) + `/secrets/a","contentType":"t","attributes":\{[^}]*\},"tags":\{"k":"v"\}\}\],` +
		`"nextLink":"https://polvault\.vault\.azure\.net:443/secrets\?api-version=7\.4&\$skiptoken=([\w-]+)&maxresults=1"\}$`)
	if !want.MatchString(first.body) {
		t.Errorf("%s\nwant %s", first.body, want)
	}
	if got := fmt.Sprint(s.pages(s.vault("polvault", "/secrets?maxresults=1"))); got != "[[a] [A-1] [b] [One]]" {
		t.Error(got)
	}
	if got := fmt.Sprint(s.pages(s.vault("polvault", "/secrets?maxresults=3"))); got != "[[a A-1 b] [One]]" {
		t.Error(got)
	}
	for i := range 26 {
		s.call("PUT", "/secrets/many", fmt.Sprintf(`{"value":"%d"}`, i))
	}
	all := s.pages(s.vault("polvault", "/secrets/many/versions"))
	if len(all) != 2 || len(all[0]) != 25 || len(all[1]) != 1 || !regexp.MustCompile(`^many/[0-9a-f]{32}$`).MatchString(all[1][0]) || all[0][0] >= all[0][24] {
		t.Error(all)
	}
	if a := s.call("GET", "/secrets/many/versions", ""); strings.Contains(a.body, "maxresults") || !strings.Contains(a.body, "/secrets/many/versions?api-version=7.4&$skiptoken=") {
		t.Error(a.body)
	}
	for _, bad := range []string{"0", "26", "-1", "x", ""} {
		s.wantVault("maxresults="+bad, s.call("GET", "/secrets?maxresults="+bad, ""), 400, vaultRefusal("BadParameter", "", "Property maxresults has invalid value\r\n"))
	}
	for _, bad := range []string{"x", "e30", "eyJOZXh0TWFya2VyIjoiMiEzIVlXRT0ifQ"} {
		s.wantVault(bad, s.call("GET", "/secrets?$skiptoken="+bad, ""), 400, vaultRefusal("BadParameter", "", "The continuation token '"+bad+"' is invalid."))
	}
	token := want.FindStringSubmatch(first.body)[1]
	if a := s.call("GET", "/secrets?%24skiptoken="+token+"&maxresults=1", ""); !strings.Contains(a.body, "/secrets/A-1") {
		t.Error(a.body)
	}
}

func TestSecretSoftDelete(t *testing.T) { onCarriers(t, checkSecretSoftDelete) }

func checkSecretSoftDelete(t *testing.T, open opener) {
	s := openSecrets(t, open)
	s.call("PUT", "/secrets/One", `{"value":"second","tags":{"k":"v"}}`)
	const members = `"recoveryId":"` + polvault + `/deletedsecrets/One","deletedDate":T,"scheduledPurgeDate":T,`
	bundle := `{` + members + `"id":"` + polvault + `/secrets/One/V",` + plainAttr + `,"tags":{"k":"v"}}`
	a := s.call("DELETE", "/secrets/one", "")
	s.want("delete", a, bundle)
	var when struct{ DeletedDate, ScheduledPurgeDate int64 }
	if err := json.Unmarshal([]byte(a.body), &when); err != nil || when.ScheduledPurgeDate-when.DeletedDate != 7776000 {
		t.Errorf("%+v", when)
	}
	s.want("get deleted", s.call("GET", "/deletedsecrets/ONE", ""), bundle)
	s.want("list deleted", s.call("GET", "/deletedsecrets", ""), `{"value":[{`+members+`"id":"`+polvault+`/secrets/One",`+plainAttr+`,"tags":{"k":"v"}}],"nextLink":null}`)
	s.want("list", s.call("GET", "/secrets", ""), `{"value":[],"nextLink":null}`)
	s.wantVault("get", s.call("GET", "/secrets/One/"+firstOne, ""), 404, notFound("One/"+firstOne))
	s.wantVault("set", s.call("PUT", "/secrets/One", `{"value":"x"}`), 409, vaultRefusal("Conflict", "ObjectIsDeletedButRecoverable",
		"Secret One is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged."))
	s.wantVault("another", s.call("GET", "/deletedsecrets/Two", ""), 404, vaultRefusal("SecretNotFound", "", "Deleted Secret not found: Two"))
	s.wantVault("recover another", s.call("POST", "/deletedsecrets/Two/recover", ""), 404, notFound("Two"))
	s.want("recover", s.call("POST", "/deletedsecrets/One/recover", ""), `{"id":"`+polvault+`/secrets/One/V",`+plainAttr+`,"tags":{"k":"v"}}`)
	if a := s.call("GET", "/secrets/One/"+firstOne, ""); a.status != 200 {
		t.Errorf("an old version after recovery: %d", a.status)
	}
	s.call("DELETE", "/secrets/One", "")
	purged := s.call("DELETE", "/deletedsecrets/One", "")
	if purged.status != 204 || purged.body != "" {
		t.Errorf("purge: %d %s", purged.status, purged.body)
	}
	vaultHeaders(t, purged)
	s.wantVault("purge twice", s.call("DELETE", "/deletedsecrets/One", ""), 404, vaultRefusal("SecretNotFound", "", "Deleted Secret not found: One"))
	if a := s.call("PUT", "/secrets/ONE", `{"value":"x"}`); a.status != 200 || !strings.Contains(a.body, "/secrets/ONE/") {
		t.Errorf("the name again: %d %s", a.status, a.body)
	}
	s.call("DELETE", "/secrets/one", "")
	s.emu.Clock().Advance(90 * 24 * time.Hour)
	s.token = s.vaultToken(worker)
	s.wantVault("past its time", s.call("GET", "/deletedsecrets/one", ""), 404, vaultRefusal("SecretNotFound", "", "Deleted Secret not found: one"))
}

func TestSecretsWithoutSoftDelete(t *testing.T) { onCarriers(t, checkSecretsWithoutSoftDelete) }

func checkSecretsWithoutSoftDelete(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	s := &secrets{r, r.vaultToken("")}
	do := func(method, path string) answer {
		return r.do(method, "https://mytestkeyvault.vault.azure.net"+path+"?api-version=7.4", "", s.token)
	}
	s.want("delete", do("DELETE", "/secrets/MyTestSecret"), `{"id":"https://mytestkeyvault.vault.azure.net/secrets/MyTestSecret/V",`+
		`"attributes":{"enabled":true,"created":T,"updated":T,"recoveryLevel":"Purgeable","recoverableDays":0}}`)
	s.wantVault("gone", do("GET", "/secrets/MyTestSecret"), 404, notFound("MyTestSecret"))
	not := func(operation string) string {
		return vaultRefusal("NotSupported", "", `Operation "`+operation+`" is not enabled for this vault.`)
	}
	s.wantVault("get deleted", do("GET", "/deletedsecrets/MyTestSecret"), 400, not("get"))
	s.wantVault("list deleted", do("GET", "/deletedsecrets"), 400, not("list"))
	s.wantVault("recover", do("POST", "/deletedsecrets/MyTestSecret/recover"), 400, not("recover"))
}

func TestSecretBackup(t *testing.T) { onCarriers(t, checkSecretBackup) }

func checkSecretBackup(t *testing.T, open opener) {
	s := openSecrets(t, open)
	s.call("PUT", "/secrets/One", `{"value":"second","contentType":"t"}`)
	a := s.call("POST", "/secrets/one/backup", "")
	var backup struct{ Value string }
	if err := json.Unmarshal([]byte(a.body), &backup); err != nil || !strings.HasPrefix(backup.Value, "KUF6dXJlS2V5VmF1bHRTZWNyZXRCYWNrdXBWMS5taWNyb3NvZnQuY29t") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	conflict := s.call("POST", "/secrets/restore", a.body)
	if conflict.status != 409 || !strings.HasPrefix(conflict.body, `{"error":{"code":"Conflict","message":"There was a conflict restoring the secret 'https://polvault.vault.azure.net/secrets/One/`) ||
		strings.Contains(conflict.body, "innererror") {
		t.Errorf("%d %s", conflict.status, conflict.body)
	}
	s.call("DELETE", "/secrets/One", "")
	s.call("DELETE", "/deletedsecrets/One", "")
	s.want("restore", s.call("POST", "/secrets/restore", a.body), `{"contentType":"t","id":"`+polvault+`/secrets/One/V",`+plainAttr+`}`)
	if a := s.call("GET", "/secrets/One/"+firstOne, ""); a.status != 200 || !strings.HasPrefix(a.body, `{"value":"first"`) {
		t.Errorf("an old version: %d %s", a.status, a.body)
	}
	for _, bad := range []string{`{"value":"garbage"}`, `{"value":""}`, `{}`, `{"value":"` + backup.Value + `A"}`, `{"value":"*"}`} {
		s.wantVault("restore", s.call("POST", "/secrets/restore", bad), 400, vaultRefusal("Malformed backup blob", "", "Backup blob contains invalid or corrupt version."))
	}
	s.changeVault("polvault", func(v *state.Vault) { v.PurgeProtection, v.RetentionDays = true, 7 })
	if a := s.call("DELETE", "/secrets/One", ""); !strings.Contains(a.body, `"recoveryLevel":"CustomizedRecoverable","recoverableDays":7}`) {
		t.Error(a.body)
	}
	s.wantVault("purge", s.call("DELETE", "/deletedsecrets/One", ""), 403, vaultRefusal("Forbidden", "", "Operation \"purge\" is not allowed because purge protection is enabled for this vault. "+
		"Key Vault service will automatically purge it after the retention period has passed.\r\nVault: polvault;location=westus"))
}
