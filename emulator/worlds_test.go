package emulator_test

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
)

// as is the rig for a client that comes by the proxy as a user, over connections of its own.
func (r *rig) as(user string) *rig {
	r.Helper()
	at, err := url.Parse(r.door)
	if err != nil {
		r.Fatal(err)
	}
	at.User = url.UserPassword(user, "any")
	transport := &http.Transport{Proxy: http.ProxyURL(at), TLSClientConfig: &tls.Config{RootCAs: r.emu.RootCAs()}}
	r.Cleanup(transport.CloseIdleConnections)
	other := *r
	other.http = &http.Client{Transport: transport, Timeout: time.Minute}
	return &other
}

const filesURL = "https://tutorialstore.blob.core.windows.net/files"

// mine writes a blob that says whose it is, as the machine of the world.
func (r *rig) mine(text string) {
	r.Helper()
	token := bearer(r.machineToken("https://storage.azure.com/", ""))
	if a := r.do("PUT", filesURL+"/mine", text, token, version2021, "x-ms-blob-type: BlockBlob"); a.status != 201 {
		r.Fatalf("%d %s", a.status, a.body)
	}
}

// Ten worlds in one server, all of them at once, each over plain HTTP, TLS and the control
// API: each sees its own alone.
func TestTenWorlds(t *testing.T) {
	r := open(t, emulator.Options{})
	const grant = `{"principal":"machine/tutorial-vm","role":"Storage Blob Data Contributor","scope":"DevTest"}`
	tokens := make([]string, 10)
	var wg sync.WaitGroup
	for i := range tokens {
		wg.Go(func() {
			name := fmt.Sprintf("worker-%d", i)
			w := r.as(name + ".")
			w.must(nil, 201, "POST", "grants?world="+name, grant)
			w.must(nil, 200, "POST", "clock?world="+name, fmt.Sprintf(`{"op":"advance","by":"%dh"}`, i))
			tokens[i] = w.machineToken("https://storage.azure.com/", "")
			for n := range 20 {
				text := fmt.Sprintf("%s %d", name, n)
				w.mine(text)
				if a := w.get(filesURL+"/mine", bearer(tokens[i]), version2021); a.body != text {
					t.Errorf("%s read %q", name, a.body)
				}
			}
		})
	}
	wg.Wait()
	// The served world has got none of it, and the worlds' clocks are apart.
	if a := r.get(filesURL+"/mine", bearer(r.machineToken("https://storage.azure.com/", "")), version2021); a.status != 404 {
		t.Errorf("in the served world: %d %s", a.status, a.body)
	}
	var list struct {
		Worlds []struct {
			Name   string
			Opened bool
			Now    time.Time
		}
		Limit int
	}
	r.must(&list, 200, "GET", "worlds", "")
	if len(list.Worlds) != 11 || list.Limit != emulator.DefaultMaxWorlds || list.Worlds[0].Name != "tutorial" || !list.Worlds[0].Opened {
		t.Fatalf("%+v", list)
	}
	for i, w := range list.Worlds[1:] {
		ahead := w.Now.Sub(list.Worlds[0].Now)
		if off := ahead - time.Duration(i)*time.Hour; w.Name != fmt.Sprintf("worker-%d", i) || w.Opened || off < -time.Minute || off > time.Minute {
			t.Errorf("%+v is %v ahead", w, ahead)
		}
	}
	for i := range tokens {
		journal := r.must(nil, 200, "GET", fmt.Sprintf("journal?limit=0&world=worker-%d", i), "").body
		if journal != "" {
			t.Errorf("%q", journal)
		}
		all := r.must(nil, 200, "GET", fmt.Sprintf("journal?plane=blob&world=worker-%d", i), "").body
		if n := strings.Count(all, "\n"); n != 40 {
			t.Errorf("the journal of worker-%d has %d requests, want its own 40", i, n)
		}
	}
}

// No world takes the token of another. Client libraries that keep tokens for the whole process
// offer such tokens, and are told to ask again; a stranger's is refused as Azure does.
func TestTokensOfOtherWorlds(t *testing.T) {
	r := open(t, emulator.Options{})
	a, b := r.as("a."), r.as("b.")
	rigs := map[string]*rig{"served": r, "a": a, "b": b}
	elsewhere, err := emulator.EphemeralHome()
	if err != nil {
		t.Fatal(err)
	}
	for _, resource := range []struct{ audience, url string }{
		{"https://management.azure.com/", r.arm(groupPath)},
		{"https://storage.azure.com/", filesURL + "/hello_world.txt"},
		{"https://vault.azure.net", "https://mytestkeyvault.vault.azure.net/secrets/MyTestSecret?api-version=7.4"},
	} {
		stranger := inMemory(t, emulator.New(t, emulator.World("tutorial"), emulator.With(func(o *emulator.Options) { o.Home = elsewhere }))).machineToken(resource.audience, "")
		for in, at := range rigs {
			if got := at.get(resource.url, bearer(stranger), version2021); got.status != 401 || strings.Contains(got.header.Get("WWW-Authenticate"), "claims") {
				t.Errorf("a stranger's in %s: %d %s", in, got.status, got.body)
			}
		}
		for of, from := range rigs {
			token := from.machineToken(resource.audience, "")
			for in, at := range rigs {
				// Another URL each time: the same request is told to come again.
				got := at.get(resource.url+map[bool]string{true: "&", false: "?"}[strings.Contains(resource.url, "?")]+"of="+of, bearer(token), version2021)
				if of == in {
					if got.status != 200 {
						t.Errorf("%s in %s: %d %s", of, in, got.status, got.body)
					}
					continue
				}
				if got.status != 401 || !strings.Contains(got.header.Get("WWW-Authenticate"), `error="insufficient_claims", claims="`) {
					t.Errorf("%s in %s: %d %s\n%s", of, in, got.status, got.header.Get("WWW-Authenticate"), got.body)
				}
			}
		}
	}
}

// In tests, where worlds share their keys, the refusal makes a client ask again.
func TestWorldsOfATestSendAClaimsChallenge(t *testing.T) {
	emu := emulator.New(t, emulator.World("tutorial"))
	other, err := emu.World("other")
	if err != nil {
		t.Fatal(err)
	}
	token := inMemory(t, emu).machineToken("https://management.azure.com/", "")
	r := inMemory(t, other)
	if a := r.get(r.arm(groupPath), bearer(token)); a.status != 401 || !strings.Contains(a.header.Get("WWW-Authenticate"), "insufficient_claims") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := r.get(r.arm(groupPath), bearer(r.machineToken("https://management.azure.com/", ""))); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// On one connection, each request is in the world of its own user; a tunnel is in one.
func TestOneConnectionManyWorlds(t *testing.T) {
	r := open(t, emulator.Options{World: "two-machines"})
	login := func(user string) string {
		return "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"))
	}
	conn, err := r.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const path = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://storage.azure.com/"
	reader := bufio.NewReader(conn)
	who := func(t *testing.T, conn net.Conn, reader *bufio.Reader, target, header string) (clientID, key string) {
		t.Helper()
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: 169.254.169.254\r\nMetadata: true\r\n%s\r\n", target, header)
		resp, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var token struct {
			Token    string `json:"access_token"`
			ClientID string `json:"client_id"`
		}
		if err := json.NewDecoder(resp.Body).Decode(&token); err != nil || token.Token == "" {
			t.Fatalf("%s %v", resp.Status, err)
		}
		head, err := base64.RawURLEncoding.DecodeString(strings.Split(token.Token, ".")[0])
		if err != nil {
			t.Fatal(err)
		}
		return token.ClientID, string(head)
	}
	const orders, invoices = "10000000-0000-4000-8000-000000000001", "10000000-0000-4000-8000-000000000002"
	keys := map[string]string{} // by world
	for _, row := range []struct{ user, world, clientID string }{
		{"", "two-machines", orders}, {"invoices", "two-machines", invoices}, {"a.", "a", orders}, {"a.invoices", "a", invoices}, {"b.invoices", "b", invoices},
		{"INVOICES", "two-machines", invoices}, {"A.Orders", "a", orders}, {"two-machines.invoices", "two-machines", invoices}, {".invoices", "two-machines", invoices},
		{"b.", "b", orders}, {".", "two-machines", orders}, {"a.invoices", "a", invoices},
	} {
		header := login(row.user) + "\r\n"
		if row.user == "" {
			header = ""
		}
		clientID, key := who(t, conn, reader, "http://169.254.169.254"+path, header)
		if clientID != row.clientID || keys[row.world] != "" && keys[row.world] != key {
			t.Errorf("%q: a token of %s, %s", row.user, clientID, key)
		}
		keys[row.world] = key
	}
	if keys["a"] == keys["b"] || keys["a"] == keys["two-machines"] || keys["b"] == keys["two-machines"] {
		t.Errorf("worlds sign by the same key: %v", keys)
	}
	fmt.Fprintf(conn, "CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n", login("b.invoices"))
	if resp, err := http.ReadResponse(reader, &http.Request{Method: "CONNECT"}); err != nil || resp.StatusCode != 200 {
		t.Fatalf("%v %v", resp, err)
	}
	for range 3 { // a login inside is the service's, and not the proxy's
		if clientID, key := who(t, conn, reader, path, login("a.orders")+"\r\n"); clientID != invoices || key != keys["b"] {
			t.Errorf("in the tunnel: a token of %s", clientID)
		}
	}
}

// Who asks for a place that there is not is refused by the proxy itself, in words that say
// which there are.
func TestPlacesThatThereAreNot(t *testing.T) {
	r := open(t, emulator.Options{World: "two-machines", MaxWorlds: 1})
	r.as("a.").imds("")
	for user, part := range map[string]string{
		"web-1":                       `The world two-machines has no machine called "web-1": it has invoices, orders. If you mean a world, write a dot after it: "web-1.".`,
		"a":                           `write a dot after it: "a."`,
		"a.web-1":                     `The world a has no machine called "web-1": it has invoices, orders.`,
		"b.":                          `There is no world "b" yet, and there are 1 beside two-machines already, which is as many as there may be: end one by linarite world end NAME, or serve with a greater --max-worlds.`,
		"a_b.":                        `"a_b" is not the name of a world: take 1 to 63 of a-z, 0-9 and -.`,
		"a/../b.":                     `is not the name of a world`,
		strings.Repeat("a", 64) + ".": `is not the name of a world`,
	} {
		w := r.as(user)
		a := w.imds("")
		if a.status != 403 || !strings.HasPrefix(a.body, "linarite: ") || !strings.Contains(a.body, part) {
			t.Errorf("%s: %d %s", user, a.status, a.body)
		}
		if resp, err := w.http.Get("https://management.azure.com/"); err == nil || !strings.Contains(err.Error(), "Forbidden") {
			t.Errorf("%s by CONNECT: %v %v", user, resp, err)
		}
	}
	r.refuses(409, "LimitReached", `There is no world "b" yet`, "GET", "health?world=b", "")
	r.refuses(404, "WorldNotFound", "There is no world 'b' here: there are two-machines, a.", "DELETE", "worlds/b", "")
	r.refuses(400, "InvalidRequest", "it ends with the process", "DELETE", "worlds/two-machines", "")
	r.must(nil, 204, "DELETE", "worlds/A", "")
	r.must(nil, 200, "GET", "health?world=b", "")

	none := open(t, emulator.Options{MaxWorlds: -1})
	if a := none.as("a.").imds(""); a.status != 403 || !strings.Contains(a.body, "--max-worlds") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A world begins as the served one was opened, and not as that is by now; one that has ended
// begins afresh, for those too who were in it.
func TestWorldsBeginAsOpened(t *testing.T) {
	r := open(t, emulator.Options{})
	r.emu.Group("since")
	r.emu.Clock().Advance(48 * time.Hour)
	r.must(nil, 201, "POST", "faults", `{"effect":{"status":503}}`)
	a := r.as("a.")
	opened := r.must(nil, 200, "GET", "world?world=a", "").body
	if strings.Contains(opened, "since") || !strings.Contains(opened, `"name":"a"`) || strings.Contains(r.must(nil, 200, "GET", "faults?world=a", "").body, "503") {
		t.Errorf("the fork has %s", opened)
	}
	a.must(nil, 201, "POST", "grants?world=a", `{"principal":"machine/tutorial-vm","role":"Storage Blob Data Contributor","scope":"DevTest"}`)
	a.mine("of a") // over a tunnel that stays
	old := bearer(a.machineToken("https://storage.azure.com/", ""))
	r.must(nil, 204, "DELETE", "worlds/a", "")
	if got := a.get(filesURL+"/mine", old, version2021); got.status != 401 {
		t.Errorf("a token of the ended world in the next of its name: %d %s", got.status, got.body)
	}
	if got := a.get(filesURL+"/mine", bearer(a.machineToken("https://storage.azure.com/", "")), version2021); got.status != 404 {
		t.Errorf("the next world of the name has %d %s", got.status, got.body)
	}
	if got := r.must(nil, 200, "GET", "world?world=a", "").body; got != opened {
		t.Errorf("it begins as\n%s\nand not as\n%s", got, opened)
	}
}

// A path of the front door can say a place too, and the user of a URL; the App Service
// secret of one world opens no other.
func TestPlacesAtTheFrontDoor(t *testing.T) {
	onCarriers(t, func(t *testing.T, open opener) {
		r := open(t, emulator.Options{World: "two-machines"})
		const orders, invoices = "10000000-0000-4000-8000-000000000001", "10000000-0000-4000-8000-000000000002"
		secret := map[string]string{}
		for _, world := range []string{"two-machines", "a", "b"} {
			secret[world] = r.field(r.must(nil, 200, "GET", "way?world="+world, ""), "identityHeader")
		}
		for _, row := range []struct{ place, world, clientID string }{
			{"", "two-machines", orders}, {"/~invoices", "two-machines", invoices}, {"/~a.", "a", orders}, {"/~a.invoices", "a", invoices},
			{"/~A%2eorders", "a", orders}, {"/~b.", "b", orders},
		} {
			for of, s := range secret {
				for _, clientID := range []string{orders, invoices} {
					a := r.send(r.direct, request(t, r.door+row.place+"/msi/token?api-version=2019-08-01&resource=https://storage.azure.com/&client_id="+clientID, "X-IDENTITY-HEADER: "+s))
					if good := of == row.world && clientID == row.clientID; good != (a.status == 200) || of != row.world && a.status != 401 {
						t.Errorf("%s for %s with the secret of %s: %d %s", row.place, clientID, of, a.status, a.body)
					}
				}
			}
		}
		for _, row := range []struct {
			url, header string
			status      int
			part        string
		}{
			{"/~a.invoices/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://storage.azure.com/", "Metadata: true", 200, "000000000002"},
			{"/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://storage.azure.com/", "Metadata: true\nAuthorization: Basic " + base64.StdEncoding.EncodeToString([]byte("a.invoices:")), 200, "000000000002"},
			{"/_linarite/v1/health", "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("b.:x")), 200, `"world":"b"`},
			{"/~a./_linarite/v1/health", "", 200, `"world":"a"`},
			{"/~a./_linarite/v1/health?world=b", "", 200, `"world":"b"`},
			{"/~nobody/metadata/x", "", 404, `no machine called \"nobody\"`},
			{"/~a./nothing", "", 404, "Nothing is at '/nothing'"},
			{"/~a.", "", 404, "Nothing is at '/'"},
			{"/~", "", 404, "Nothing is at '/'"},
			{"/~a_b./metadata", "", 400, "is not the name of a world"},
		} {
			a := r.send(r.direct, request(t, r.door+row.url, strings.Split(row.header, "\n")...))
			if a.status != row.status || !strings.Contains(a.body, row.part) {
				t.Errorf("%s: %d %s", row.url, a.status, a.body)
			}
		}
	})
}

func request(t *testing.T, target string, headers ...string) *http.Request {
	t.Helper()
	req, err := http.NewRequest("GET", target, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		if name, value, ok := strings.Cut(h, ": "); ok {
			req.Header.Set(name, value)
		}
	}
	return req
}

// A page of another site begins no worlds, and neither does a bent name; with --no-control
// the control API's parameter does not.
func TestNoWorldsForStrangers(t *testing.T) {
	r := open(t, emulator.Options{})
	for _, path := range []string{"/~a./metadata/instance", "/_linarite/v1/health?world=a", "/~a./_linarite/v1/health"} {
		if a := r.send(r.direct, request(t, r.door+path, "Sec-Fetch-Site: cross-site")); a.status != 403 || !strings.Contains(a.body, "CrossSiteRequest") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
		req := request(t, r.door+path)
		req.Host = "evil.example.com"
		if a := r.send(r.direct, req); a.status != 421 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if all := r.emu.Worlds(); len(all) != 1 {
		t.Errorf("%+v", all)
	}
	closed := open(t, emulator.Options{NoControl: true})
	if a := closed.send(closed.direct, request(t, closed.door+"/_linarite/v1/health?world=a")); a.status != 404 || len(closed.emu.Worlds()) != 1 {
		t.Errorf("%d %s, %v", a.status, a.body, closed.emu.Worlds())
	}
}

// A data folder keeps the served world and no other.
func TestOnlyTheServedWorldIsKept(t *testing.T) {
	dir := t.TempDir()
	r := open(t, emulator.Options{Data: dir})
	r.emu.Group("kept")
	other, err := r.emu.World("other")
	if err != nil {
		t.Fatal(err)
	}
	other.Group("lost")
	if err := r.emu.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.emu.World("another"); err == nil {
		t.Error("a closed process begins worlds")
	}
	again := open(t, emulator.Options{Data: dir})
	if got := again.must(nil, 200, "GET", "world", "").body; !strings.Contains(got, "kept") || strings.Contains(got, "lost") {
		t.Error(got)
	}
	if got := again.must(nil, 200, "GET", "world?world=other", "").body; !strings.Contains(got, "kept") || strings.Contains(got, "lost") {
		t.Errorf("it begins as %s", got)
	}
}

// The well-known account is in every world that is begun beside one that has it.
func TestWorldsHaveTheWellKnownAccount(t *testing.T) {
	r := open(t, emulator.Options{})
	other, err := r.emu.World("other")
	if err != nil {
		t.Fatal(err)
	}
	if got := other.StorageAccount("devstoreaccount1").Container("some").Blobs(); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// Identifiers of one world are not those of another, as if made by two hands.
func TestWorldsHaveTheirOwnIdentifiers(t *testing.T) {
	emu := emulator.New(t, emulator.World("tutorial"))
	seen := map[string]string{}
	for _, name := range []string{"", "a", "b"} {
		at, err := emu.World(name)
		if err != nil {
			t.Fatal(err)
		}
		id := inMemory(t, at).get(filesURL+"/hello_world.txt", version2021).header.Get("X-Ms-Request-Id")
		if other, ok := seen[id]; ok || id == "" {
			t.Errorf("the first answer of %q and of %q: %s", name, other, id)
		}
		seen[id] = name
	}
}
