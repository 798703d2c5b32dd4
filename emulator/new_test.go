package emulator_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/fault"
)

// fakeTest is a test that fails without anybody minding.
type fakeTest struct {
	mu       sync.Mutex
	cleanups []func()
	errors   []string
	logs     []string
	ended    bool
}

func (f *fakeTest) Helper()          {}
func (f *fakeTest) Name() string     { return "TestFake" }
func (f *fakeTest) Cleanup(g func()) { f.cleanups = append(f.cleanups, g) }

func (f *fakeTest) Errorf(format string, args ...any) { f.add(&f.errors, format, args) }
func (f *fakeTest) Logf(format string, args ...any)   { f.add(&f.logs, format, args) }

// Fatalf ends the goroutine, as that of a real test does.
func (f *fakeTest) Fatalf(format string, args ...any) {
	f.add(&f.errors, format, args)
	runtime.Goexit()
}

func (f *fakeTest) add(to *[]string, format string, args []any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		panic("said after the test has ended: " + fmt.Sprintf(format, args...))
	}
	*to = append(*to, fmt.Sprintf(format, args...))
}

// run runs what a test would do, then its cleanups, and returns how the test failed.
func (f *fakeTest) run(test func()) []string {
	done := make(chan struct{})
	go func() {
		defer close(done)
		test()
	}()
	<-done
	for _, g := range slices.Backward(f.cleanups) {
		g()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
	return f.errors
}

// wantErrors compares how a test failed: one error for each part, in order.
func wantErrors(t *testing.T, name string, got []string, parts ...string) {
	t.Helper()
	ok := len(got) == len(parts)
	for i := 0; ok && i < len(parts); i++ {
		ok = strings.HasPrefix(got[i], "linarite: ") && strings.Contains(got[i], parts[i])
	}
	if !ok {
		t.Errorf("%s: got %q\nwant %q", name, got, parts)
	}
}

// An unknown host, a leaked goroutine, a bug of ours: each fails the user's test with a
// sentence that helps; and so does what is wrong with the arrangement itself.
func TestWhatFailsATest(t *testing.T) {
	for name, row := range map[string]struct {
		test func(f *fakeTest)
		want []string
	}{
		"nothing done": {func(f *fakeTest) { emulator.New(f) }, nil},
		"a host outside Azure": {func(f *fakeTest) {
			_, err := emulator.New(f).Client().Get("https://example.com/")
			wantUnknown(t, err, "example.com")
		}, []string{`does not serve the host "example.com": it serves 169.254.169.254, login.microsoftonline.com`}},
		"a service that is not served": {func(f *fakeTest) {
			_, err := emulator.New(f).Client().Get("https://r.azurecr.io/")
			wantUnknown(t, err, "r.azurecr.io")
		}, []string{"Linarite does not serve the host 'r.azurecr.io'."}},
		"another cloud's": {func(f *fakeTest) {
			_, err := emulator.New(f, emulator.Cloud("china")).Client().Get("https://management.azure.com/subscriptions?api-version=2022-12-01")
			wantUnknown(t, err, "management.azure.com")
		}, []string{"This world is of the cloud 'china' and serves"}},
		"an account that is not there": {func(f *fakeTest) {
			emu := emulator.New(f)
			emu.StorageAccount("acct1")
			_, err := emu.Client().Get("https://acct2.blob.core.windows.net/c/b")
			wantUnknown(t, err, "acct2.blob.core.windows.net")
		}, []string{"no storage account called 'acct2': in Azure, the name would not resolve. It has acct1.; make the account by emu.StorageAccount(\"acct2\")"}},
		"a vault that is not there": {func(f *fakeTest) {
			_, err := emulator.New(f).Client().Get("https://v.vault.azure.net/secrets")
			wantUnknown(t, err, "v.vault.azure.net")
		}, []string{"no vault called 'v': in Azure, the name would not resolve. It has no vaults.; make the vault by emu.Vault(\"v\")"}},
		"a port that is not there": {func(f *fakeTest) {
			_, err := emulator.New(f).Client().Get("http://127.0.0.1:9999/")
			wantUnknown(t, err, "127.0.0.1:9999")
		}, []string{"127.0.0.1 answers here at port 4280, 4443, 10000, 10001, 10002; "}},
		"an unknown host that is allowed": {func(f *fakeTest) {
			_, err := emulator.New(f, emulator.AllowUnknownHosts()).Client().Get("https://example.com/")
			wantUnknown(t, err, "example.com")
		}, nil},
		"a dialled host": {func(f *fakeTest) {
			_, err := emulator.New(f).DialContext(t.Context(), "tcp", "example.com:443")
			wantUnknown(t, err, "example.com")
		}, []string{`does not serve the host "example.com"`}},
		"a body left open": {func(f *fakeTest) {
			resp, err := emulator.New(f).Client().Get("http://169.254.169.254/metadata/instance")
			if err != nil || resp.StatusCode != 400 {
				t.Errorf("%v %v", resp, err)
			}
		}, []string{"the answer to GET http://169.254.169.254/metadata/instance was left with its body neither read to the end nor closed"}},
		"a request left behind": {func(f *fakeTest) {
			emu := emulator.New(f)
			emu.Faults().Add(fault.Rule{Effect: fault.Effect{Delay: 1 << 40}})
			go func() {
				req, _ := http.NewRequest("GET", "http://169.254.169.254/metadata/versions?x=1", nil)
				req.Header.Set("Metadata", "true")
				resp, err := emu.Client().Do(req)
				if err == nil {
					resp.Body.Close()
				}
			}()
			for began := time.Now(); emu.Faults().Rules()[0].Acted == 0 && time.Since(began) < time.Minute; {
				runtime.Gosched()
			}
		}, []string{"GET http://169.254.169.254/metadata/versions?x=1 was still waiting for its answer when the test ended"}},
		"a bug of ours": {func(f *fakeTest) {
			emu := emulator.New(f)
			emu.BreakTokens()
			r := &rig{TB: t, emu: emu, http: emu.Client()}
			if a := r.imds("api-version=2018-02-01&resource=https://storage.azure.com/"); a.status != 500 {
				t.Errorf("%d %s", a.status, a.body)
			}
		}, []string{"this is a bug in Linarite, please report it: "}},
		"another world's scope": {func(f *fakeTest) {
			e := emulator.New(f)
			e.Grant(e.Machine(), "Reader", e.Fork().Vault("vlt"))
		}, []string{"vaults/vlt is of another world: ask this one for it"}},
		"another world's principal": {func(f *fakeTest) {
			e := emulator.New(f)
			e.Grant(e.Fork().Application("app"), "Reader", e.Subscription())
		}, []string{"application app is of another world"}},
		"another world's identity": {func(f *fakeTest) {
			e := emulator.New(f)
			e.Machine().Assign(e.Fork().Identity("shared"))
		}, []string{"shared is of another world"}},
		"nobody":         {func(f *fakeTest) { e := emulator.New(f); e.Grant((*emulator.Machine)(nil), "Reader", e.Subscription()) }, []string{"nil is nobody and nothing"}},
		"nothing":        {func(f *fakeTest) { e := emulator.New(f); e.Grant(e.Machine(), "Reader", nil) }, []string{"nil is nobody and nothing"}},
		"no past":        {func(f *fakeTest) { emulator.New(f, emulator.From(nil)) }, []string{"From: no snapshot"}},
		"no past at all": {func(f *fakeTest) { emulator.New(f).Restore(nil) }, []string{"Restore: no snapshot"}},
		"no such world":  {func(f *fakeTest) { emulator.New(f, emulator.World("nowhere")) }, []string{`no starter world is called "nowhere"`}},
		"no such role":   {func(f *fakeTest) { e := emulator.New(f); e.Grant(e.Machine(), "Raeder", e.Group("DevTest")) }, []string{`no role is called "Raeder"`}},
		"no such principal": {func(f *fakeTest) {
			e := emulator.New(f)
			e.Grant(emulator.Ref("machine/vn"), "Reader", e.Subscription())
		}, []string{`there is no machine "vn": the world has vm`}},
		"no such scope":        {func(f *fakeTest) { e := emulator.New(f); e.Grant(e.Machine(), "Reader", emulator.Ref("DevTset")) }, []string{`there is no resource group "DevTset": the world has DevTest`}},
		"nothing to revoke":    {func(f *fakeTest) { e := emulator.New(f); e.Revoke(e.Machine(), "Reader", e.Subscription()) }, []string{`has no role "Reader" at /subscriptions/` + subscription + `: it has none`}},
		"account name":         {func(f *fakeTest) { emulator.New(f).StorageAccount("My_Store") }, []string{`storage account "My_Store": it must be 3 to 24 lower-case letters and digits`}},
		"container name":       {func(f *fakeTest) { emulator.New(f).StorageAccount("acct").Container("Files") }, []string{`container "Files": InvalidResourceName`}},
		"blob name":            {func(f *fakeTest) { emulator.New(f).StorageAccount("acct").Container("files").Upload("", nil) }, []string{`blob "": InvalidUri`}},
		"no such blob":         {func(f *fakeTest) { emulator.New(f).StorageAccount("acct").Container("files").Download("b") }, []string{`there is no blob "b" in files: it has none`}},
		"vault name":           {func(f *fakeTest) { emulator.New(f).Vault("-v") }, []string{`vault "-v": it must be 3 to 24`}},
		"secret name":          {func(f *fakeTest) { emulator.New(f).Vault("vlt").SetSecret("a b", "") }, []string{`secret "a b": BadParameter`}},
		"no such secret":       {func(f *fakeTest) { emulator.New(f).Vault("vlt").Secret("s") }, []string{`there is no secret "s" in vlt`}},
		"identity name":        {func(f *fakeTest) { emulator.New(f).Identity("?") }, []string{`identity "?": it must be 3 to 128`}},
		"machine name":         {func(f *fakeTest) { emulator.New(f).VM("") }, []string{`machine "": it must be 1 to 64`}},
		"group name":           {func(f *fakeTest) { emulator.New(f).Group("a/b") }, []string{`resource group "a/b": it must be 1 to 90`}},
		"another cloud's past": {func(f *fakeTest) { emulator.New(f, emulator.Cloud("usgov")).Restore(emulator.New(f).Snapshot()) }, []string{"the snapshot is of the cloud public, and this world of usgov"}},
		"a snapshot and a world": {func(f *fakeTest) {
			emulator.New(f, emulator.From(emulator.New(f).Snapshot()), emulator.World("tutorial"))
		}, []string{`a world that begins from a snapshot is the world "empty" in the cloud public`}},
	} {
		f := &fakeTest{}
		wantErrors(t, name, f.run(func() { row.test(f) }), row.want...)
	}
}

// wantUnknown checks the error of a host that is not served: what a resolver says of a name
// that there is not, and nothing to try again.
func wantUnknown(t *testing.T, err error, host string) {
	t.Helper()
	unknown, ok := errors.AsType[*emulator.UnknownHostError](err)
	dns, isDNS := errors.AsType[*net.DNSError](err)
	if !ok || unknown.Host != host || !isDNS || !dns.IsNotFound || !errors.As(err, new(interface{ NonRetriable() })) {
		t.Errorf("%s: %v", host, err)
	}
}

// Whoever goes on with a world after its test gets an error, and the test, which has ended,
// is not spoken to.
func TestAWorldEndsWithItsTest(t *testing.T) {
	f := &fakeTest{}
	var emu *emulator.Emulator
	var served *emulator.Server
	if got := f.run(func() {
		emu = emulator.New(f)
		var err error
		if served, err = emu.Serve(emulator.ServeOptions{}); err != nil {
			t.Error(err)
		}
	}); len(got) > 0 {
		t.Fatal(got)
	}
	if resp, err := emu.Client().Get("https://example.com/"); err == nil {
		t.Error(resp.Status)
	}
	if resp, err := emu.Client().Get("http://169.254.169.254/"); err == nil || !strings.Contains(err.Error(), "the test that it belongs to has ended") {
		t.Error(resp, err)
	}
	if c, err := emu.DialContext(t.Context(), "tcp", "127.0.0.1:4280"); err == nil {
		t.Error(c)
	}
	if resp, err := http.Get(served.URL); err == nil {
		t.Error(resp.Status)
	}
	if s, err := emu.Serve(emulator.ServeOptions{}); err == nil {
		t.Error(s)
	}
	defer func() {
		if said := fmt.Sprint(recover()); !strings.Contains(said, `storage account "?": it must be`) || !strings.Contains(said, "has ended") {
			t.Error(said)
		}
	}()
	emu.StorageAccount("?")
}

// Refusals are in the log of a test that fails, with who was refused and why.
func TestRefusalsAreLogged(t *testing.T) {
	f := &fakeTest{}
	f.run(func() {
		emu := emulator.New(f)
		r := &rig{TB: t, emu: emu, http: emu.Client()}
		r.get(r.arm(groupPath), bearer(r.machineToken("https://management.azure.com/", "")))
	})
	if len(f.logs) != 1 || !strings.Contains(f.logs[0], "linarite: 403 AuthorizationFailed to ") || !strings.Contains(f.logs[0], "resourceGroups/read") {
		t.Errorf("%q", f.logs)
	}
}

// What handles make is what a client finds, and what clients make handles find.
func TestHandles(t *testing.T) {
	emu := emulator.New(t)
	files := emu.StorageAccount("acct").Container("files")
	files.Upload("a b/ä.txt", []byte("content"))
	vault := emu.Vault("Test-Vault")
	version := vault.SetSecret("Name", "value")
	if emu.StorageAccount("ACCT").ID() != emu.StorageAccount("acct").ID() || emu.Vault("test-vault").Name() != "Test-Vault" || emu.Group("devtest").Name() != "DevTest" {
		t.Error("a thing that is there is made again")
	}
	emu.Grant(emu.Machine(), "Storage Blob Data Contributor", files)
	emu.Grant(emu.Machine(), "storage blob data contributor", emulator.Ref("DevTest/acct/files")) // the same once more
	emu.Grant(emu.Machine(), "Key Vault Secrets User", vault)
	r := &rig{TB: t, emu: emu, http: emu.Client()}
	storage := bearer(r.machineToken("https://storage.azure.com/", ""))
	if a := r.get(files.BlobURL("a b/ä.txt"), storage, version2021); a.status != 200 || a.body != "content" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := r.do("PUT", files.BlobURL("new"), "of a client", storage, version2021, "x-ms-blob-type: BlockBlob"); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := string(files.Download("new")); got != "of a client" || !slices.Equal(files.Blobs(), []string{"a b/ä.txt", "new"}) {
		t.Errorf("%q %q", got, files.Blobs())
	}
	a := r.get(vault.URL()+"secrets/name/"+version+"?api-version=7.4", bearer(r.machineToken("https://vault.azure.net", "")))
	if a.status != 200 || r.field(a, "value") != "value" || vault.Secret("name") != "value" {
		t.Errorf("%d %s", a.status, a.body)
	}
	emu.Revoke(emu.Machine(), "Storage Blob Data Contributor", files)
	if a := r.get(files.BlobURL("new"), storage, version2021); a.status != 403 {
		t.Errorf("revoked: %d %s", a.status, a.body)
	}
	if !strings.Contains(emu.StorageAccount("acct").ConnectionString(), ";AccountName=acct;AccountKey="+emu.StorageAccount("acct").Key()+";EndpointSuffix=core.windows.net") {
		t.Error(emu.StorageAccount("acct").ConnectionString())
	}
}

// Each machine has its own client, and gets the tokens of its own identities.
func TestMachinesOfATest(t *testing.T) {
	emu := emulator.New(t)
	web, id := emu.VM("web"), emu.Identity("shared-id")
	oid := func(c *http.Client, selector string) string {
		r := &rig{TB: t, emu: emu, http: c}
		return claim(t, r.machineToken("https://management.azure.com/", selector), "oid")
	}
	if web.PrincipalID() == emu.Machine().PrincipalID() || oid(web.Client(), "") != web.PrincipalID() || oid(emu.Client(), "") != emu.Machine().PrincipalID() {
		t.Error("a machine speaks for another")
	}
	selector := "&client_id=" + id.ClientID()
	r := &rig{TB: t, emu: emu, http: web.Client()}
	if a := r.imds("api-version=2018-02-01&resource=https://management.azure.com/" + selector); a.status != 400 {
		t.Errorf("before it is assigned: %d %s", a.status, a.body)
	}
	web.Assign(id)
	web.Assign(id)
	if got := oid(web.Client(), selector); got != id.PrincipalID() {
		t.Errorf("got %s, want %s", got, id.PrincipalID())
	}
	if a := (&rig{TB: t, emu: emu, http: emu.Client()}).imds("api-version=2018-02-01&resource=https://management.azure.com/" + selector); a.status != 400 {
		t.Errorf("on another machine: %d %s", a.status, a.body)
	}
	emu.Grant(id, "Reader", emu.Group("DevTest"))
	if a := r.get(r.arm(groupPath), bearer(r.machineToken("https://management.azure.com/", selector))); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	app := emu.Application("worker")
	emu.Grant(app, "Reader", emu.Subscription())
	token := bearer(r.appToken(app.ClientID(), app.Secret(), "https://management.azure.com/"))
	if a := r.get(r.arm("/subscriptions/"+emu.Subscription().SubscriptionID()+"?api-version=2022-12-01"), token); a.status != 200 || app.TenantID() != emu.Subscription().TenantID() {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A world without a test tells nobody, and panics for a mistake in the program.
func TestWorldsWithoutATest(t *testing.T) {
	emu, err := emulator.Open(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer emu.Close()
	if _, err := emu.Client().Get("https://example.com/"); err == nil {
		t.Error("a host outside is served")
	}
	defer func() {
		if said := fmt.Sprint(recover()); !strings.Contains(said, `linarite: storage account "?": it must be`) {
			t.Error(said)
		}
	}()
	emu.StorageAccount("?")
}

// Two worlds of one name are the same to the letter, and forget nothing between.
func TestTheSeedIsTheTestsName(t *testing.T) {
	var ids []string
	for range 2 {
		emu := emulator.New(t)
		resp, err := emu.Client().Get("http://169.254.169.254/metadata/versions")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		ids = append(ids, resp.Header.Get("X-Ms-Request-Id")+emu.Machine().PrincipalID()+emu.Journal().Entries(0)[0].RequestID)
	}
	if ids[0] != ids[1] {
		t.Errorf("%q", ids)
	}
}

// A child process that heeds the environment reaches the world, with TLS verified, and its
// own logins stay outside.
func TestEnv(t *testing.T) {
	if os.Getenv("LINARITE_TEST_CHILD") != "" {
		child(t)
		return
	}
	t.Setenv("AZURE_CLIENT_SECRET", "the user's own")
	t.Setenv("NO_PROXY", "169.254.169.254")
	emu := emulator.New(t, emulator.World("tutorial"))
	vars := emu.Env()
	if slices.ContainsFunc(vars, func(v string) bool { return strings.HasPrefix(v, "AZURE_CLIENT_SECRET=") }) {
		t.Error("the user's own secret goes along")
	}
	if again := emu.Env(); !slices.Equal(again, vars) {
		t.Error("a second call gives another world")
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestEnv$", "-test.v")
	cmd.Env = append(vars, "LINARITE_TEST_CHILD=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "content: Hello world! :)") {
		t.Errorf("%v\n%s", err, out)
	}
}

// child is a program that knows nothing of Linarite but the environment.
func child(t *testing.T) {
	r := &rig{TB: t, http: http.DefaultClient}
	token := r.machineToken("https://storage.azure.com/", "")
	a := r.get("https://tutorialstore.blob.core.windows.net/files/hello_world.txt", bearer(token), version2021)
	fmt.Printf("content: %s\n", a.body)
}

// In memory, the well-known account is there for whoever asks for it.
func TestTheWellKnownAccountInMemory(t *testing.T) {
	emu := emulator.New(t)
	resp, err := emu.Client().Get("http://127.0.0.1:10000/devstoreaccount1?comp=list")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode == 421 || !strings.Contains(string(body), "<Error>") {
		t.Errorf("%d %s %v", resp.StatusCode, body, err)
	}
	none := emulator.New(t, emulator.AllowUnknownHosts(), emulator.With(func(o *emulator.Options) { o.NoWellKnown = true }))
	if resp, err := none.Client().Get("http://127.0.0.1:10000/devstoreaccount1?comp=list"); err == nil {
		t.Error(resp.Status)
	}
}
