package emulator_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/ids"
)

// hosted is options with a host's clock that a test moves.
func hosted(at *time.Time) emulator.Options {
	*at = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	return emulator.Options{Host: func() time.Time { return *at }}
}

func TestControlClock(t *testing.T) { onCarriers(t, checkControlClock) }

func checkControlClock(t *testing.T, open opener) {
	var host time.Time
	r := open(t, hosted(&host))
	see := func(what string, got, want moved) {
		t.Helper()
		var asked moved
		if r.must(&asked, 200, "GET", "clock", ""); got != want || asked != want {
			t.Errorf("%s: answered %+v, then %+v, want %+v", what, got, asked, want)
		}
		if now, err := time.Parse(time.RFC3339Nano, want.Now); err != nil || !r.emu.Clock().Now().Equal(now) {
			t.Errorf("%s: the world's time is %s", what, r.emu.Clock().Now())
		}
	}
	see("advance", r.clock(`{"op":"advance","by":"25h"}`), moved{"2027-03-02T13:00:00Z", false, "25h0m0s"})
	see("back", r.clock(`{"op":"advance","by":"-1h30m"}`), moved{"2027-03-02T11:30:00Z", false, "23h30m0s"})
	see("set", r.clock(`{"op":"set","at":"2030-01-01T01:00:00+01:00"}`), moved{"2030-01-01T00:00:00Z", false, "24876h0m0s"})
	host = host.Add(time.Minute)
	see("freeze", r.clock(`{"op":"freeze"}`), moved{"2030-01-01T00:01:00Z", true, "24876h0m0s"})
	host = host.Add(time.Minute)
	see("frozen", r.clock(`{"op":"freeze"}`), moved{"2030-01-01T00:01:00Z", true, "24875h59m0s"})
	see("frozen, advance", r.clock(`{"op":"advance","by":"1s"}`), moved{"2030-01-01T00:01:01Z", true, "24875h59m1s"})
	see("freeze at", r.clock(`{"op":"freeze","at":"2028-01-01T00:00:00.25Z"}`), moved{"2028-01-01T00:00:00.25Z", true, "7331h58m0s"})
	see("resume", r.clock(`{"op":"resume"}`), moved{"2028-01-01T00:00:00.25Z", false, "7331h58m0.25s"})
	host = host.Add(time.Minute)
	see("runs", r.clock(`{"op":"resume"}`), moved{"2028-01-01T00:01:00.25Z", false, "7331h58m0.25s"})
	for body, part := range map[string]string{
		`{"op":"stop"}`:                 `op: "stop": want advance, set, freeze or resume`,
		`{}`:                            `op: ""`,
		`{"op":"advance"}`:              "advance takes by, a span of time such as 25h",
		`{"op":"advance","by":"1 day"}`: `by: "1 day" is no span of time`,
		`{"op":"advance","by":"1h","at":"2030-01-01"}`: "advance does not take at",
		`{"op":"set"}`:                                       "set takes at, an instant",
		`{"op":"set","at":"tomorrow"}`:                       `at: "tomorrow" is no instant`,
		`{"op":"set","at":"2030-01-01"}`:                     "is no instant",
		`{"op":"set","by":"1h","at":"2030-01-01T00:00:00Z"}`: "set does not take by",
		`{"op":"resume","at":"2030-01-01T00:00:00Z"}`:        "resume does not take at",
		`{"op":"resume","by":"1h"}`:                          "resume does not take by",
		`{"op":"set","at":"1969-12-31T23:59:59Z"}`:           "goes from 1970 to 2199",
		`{"op":"freeze","at":"2200-01-01T00:00:00Z"}`:        "2200-01-01T00:00:00Z is out of reach",
		`{"op":"advance","by":"2000000h"}`:                   "goes from 1970 to 2199",
		`{"op":"set","at":"0001-01-01T00:00:00Z"}`:           "0001-01-01T00:00:00Z is out of reach", // the zero of time.Time
		`{"op":"freeze","at":"0001-01-01T00:00:00Z"}`:        "0001-01-01T00:00:00Z is out of reach",
	} {
		r.refuses(400, "InvalidRequest", part, "POST", "clock", body)
	}
	see("after what was refused", r.clock(`{"op":"resume"}`), moved{"2028-01-01T00:01:00.25Z", false, "7331h58m0.25s"})
}

// datedWorld has everything that a clock brings to an end, or about.
const datedWorld = `schema: linarite/world/1
tenant:
  id: ` + tenant + `
  applications:
    - {name: linarite-admin, clientId: ` + admin + `, secrets: [linarite]}
subscriptions:
  - id: ` + subscription + `
    groups:
      - name: rg1
        machines:
          - {name: vm, identity: {system: true}}
        storage:
          - name: datedstore
            containers: [{name: files, blobs: [{name: a.txt, text: hello}]}]
        vaults:
          - {name: datedvault, mode: rbac, softDelete: true, secrets: [{name: Gone, value: x}]}
      - name: rg10
grants:
  - {principal: application/linarite-admin, role: Owner, scope: subscription}
  - {principal: machine/vm, role: Storage Account Contributor, scope: rg1}
  - {principal: machine/vm, role: Key Vault Secrets Officer, scope: rg1}
switches: {rolePropagation: 25h, eventualDelete: 25h}
`

// Everything dated ends by one move of the clock, and nothing waits.
func TestEverythingFollowsTheClock(t *testing.T) { onCarriers(t, checkEverythingFollowsTheClock) }

func checkEverythingFollowsTheClock(t *testing.T, open opener) {
	r := openText(t, open, datedWorld)
	now, err := time.Parse(time.RFC3339Nano, r.clock(`{"op":"freeze"}`).Now)
	if err != nil {
		t.Fatal(err)
	}
	const life = 91 * 24 * time.Hour
	d := &dated{rig: r, token: r.machineToken("https://management.azure.com/", ""), owner: bearer(r.adminToken())}
	d.arrange(now.Add(life - time.Second))
	d.compare("before", map[string]string{
		"token": "200", "cached token": "the same", "signature": "200", "role": "403", "deleted group": "200", "name of a deleted secret": "409", "secret": "200", "planned fault": "503",
	})
	r.clock(fmt.Sprintf(`{"op":"advance","by":"%s"}`, life))
	d.compare("after", map[string]string{
		"token": "401", "cached token": "another", "signature": "403", "role": "200", "deleted group": "404", "name of a deleted secret": "200", "secret": "200", "planned fault": "none",
	})
}

// dated is what one clock is about.
type dated struct {
	*rig
	token, owner, signature string
}

const datedRG10 = "/subscriptions/" + subscription + "/resourceGroups/rg10?api-version=2021-04-01"

// arrange makes what ends at an instant, or before.
func (d *dated) arrange(end time.Time) {
	d.Helper()
	store := rg1Path + "/providers/Microsoft.Storage/storageAccounts/datedstore"
	a := d.do("POST", d.arm(store+"/listServiceSas?api-version=2017-06-01"),
		`{"canonicalizedResource":"/blob/datedstore/files","signedResource":"c","signedPermission":"r","signedExpiry":"`+end.Format(time.RFC3339)+`"}`, bearer(d.token), jsonType)
	if d.signature = d.field(a, "serviceSasToken"); d.signature == "" {
		d.Fatalf("%d %s", a.status, a.body)
	}
	for what, a := range map[string]answer{
		"assign":          d.put(d.arm(rg1Path+assignments+"/"+guid(1)+newest), grantBody(readerRole, claim(d, d.token, "oid"), ""), d.owner),
		"delete a group":  d.do("DELETE", d.arm(datedRG10), "", d.owner),
		"set a secret":    d.put(d.rig.vault("datedvault", "/secrets/Kept"), fmt.Sprintf(`{"value":"v","attributes":{"exp":%d}}`, end.Unix()), d.vaultToken("")),
		"delete a secret": d.do("DELETE", d.rig.vault("datedvault", "/secrets/Gone"), "", d.vaultToken("")),
	} {
		if a.status >= 300 {
			d.Fatalf("%s: %d %s", what, a.status, a.body)
		}
	}
	d.must(nil, 201, "POST", "faults", `{"match":{"plane":"entra"},"effect":{"status":503},"for":"2000h"}`)
}

func (d *dated) compare(when string, want map[string]string) {
	d.Helper()
	fresh := d.machineToken("https://management.azure.com/", "")
	status := func(a answer) string { return fmt.Sprint(a.status) }
	reader := d.arm(rg1Path + "/providers/Microsoft.Compute/virtualMachines/vm?api-version=2023-03-01")
	got := map[string]string{
		"token":                    status(d.get(d.arm(rg1Path+"/providers/Microsoft.Storage/storageAccounts?api-version=2021-04-01"), bearer(d.token))),
		"cached token":             map[bool]string{true: "the same", false: "another"}[fresh == d.token],
		"signature":                status(d.get("https://datedstore.blob.core.windows.net/files/a.txt?" + d.signature)),
		"role":                     status(d.get(reader, bearer(fresh))),
		"name of a deleted secret": status(d.put(d.rig.vault("datedvault", "/secrets/Gone"), `{"value":"y"}`, d.vaultToken(""))),
		// A date on a secret is a note to its readers: the vault goes on giving it out.
		"secret": status(d.get(d.rig.vault("datedvault", "/secrets/Kept"), d.vaultToken(""))),
	}
	got["planned fault"] = status(d.entraToken())
	if got["planned fault"] == "200" {
		got["planned fault"] = "none"
		d.owner = bearer(d.adminToken())
	}
	got["deleted group"] = status(d.get(d.arm(datedRG10), d.owner))
	for what := range want {
		if got[what] != want[what] {
			d.Errorf("%s, %s: %s, want %s", when, what, got[what], want[what])
		}
	}
}

// script is what two worlds are asked alike: it changes something on each plane.
func (r *rig) script() (said []string) {
	r.Helper()
	keep := func(a answer) answer {
		head := []string{}
		for name, values := range a.header {
			head = append(head, name+": "+strings.Join(values, ","))
		}
		slices.Sort(head)
		said = append(said, fmt.Sprint(a.status, " ", strings.Join(head, "\n"), "\n", a.body))
		return a
	}
	r.clock(`{"op":"advance","by":"1h"}`) // what it answers tells of the host's clock
	keep(r.control("POST", "faults", `{"match":{"plane":"graph","share":0.5},"effect":{"status":503}}`))
	token := bearer(r.field(keep(r.imds(imdsToken)), "access_token"))
	owner := bearer(r.field(keep(r.entraToken()), "access_token"))
	keep(r.get(r.arm(armGroup), token))
	keep(r.put(r.arm("/subscriptions/"+subscription+"/resourceGroups/new?api-version=2021-04-01"), `{"location":"westus"}`, owner))
	keep(r.put(r.arm("/subscriptions/"+subscription+"/resourceGroups/other?api-version=2021-04-01"), `{"location":"westus"}`, token))
	keep(r.do("DELETE", r.arm("/subscriptions/"+subscription+"/resourceGroups/new?api-version=2021-04-01"), "", owner))
	keep(r.put(r.vault("mytestkeyvault", "/secrets/Another"), `{"value":"v"}`, r.vaultToken("")))
	keep(r.get(r.vault("mytestkeyvault", "/secrets"), r.vaultToken("")))
	storage := bearer(r.machineToken("https://storage.azure.com/", ""))
	keep(r.get("https://tutorialstore.blob.core.windows.net"+tutorialBlob, storage, "x-ms-version: 2021-12-02"))
	keep(r.do("PUT", "https://tutorialstore.blob.core.windows.net/files/new", "hello", storage, "x-ms-version: 2021-12-02", "x-ms-blob-type: BlockBlob"))
	keep(r.control("POST", "snapshots", ""))
	keep(r.control("GET", "world", ""))
	keep(r.control("GET", "explain/last", ""))
	keep(r.control("GET", "journal", ""))
	return said
}

// differing compares what two worlds said.
func differing(t *testing.T, one, two []string) {
	t.Helper()
	for i := range one {
		if one[i] != two[i] {
			t.Errorf("answer %d is not the same again:\n%s\n---- and then\n%s", i+1, one[i], two[i])
		}
	}
}

// With a frozen clock, the same seed and requests give the same bytes, however the host's
// time goes on.
func TestTheSameBytesAgain(t *testing.T) { onCarriers(t, checkTheSameBytesAgain) }

func checkTheSameBytesAgain(t *testing.T, open opener) {
	seed := ids.NamedSeed("the same bytes again")
	// The ports of sockets are not the same again, and who speaks through a proxy tells.
	ports := regexp.MustCompile(`127\.0\.0\.1:\d+`)
	play := func(pace time.Duration) (said []string) {
		var host time.Time
		o := hosted(&host)
		o.Seed = &seed
		from := host
		o.Host = func() time.Time { return host }
		r := open(t, o)
		r.clock(`{"op":"freeze","at":"2027-06-01T00:00:00Z"}`)
		host = from.Add(pace)
		for _, s := range r.script() {
			said = append(said, ports.ReplaceAllString(s, "127.0.0.1:PORT"))
		}
		return said
	}
	differing(t, play(time.Second), play(17*time.Hour))
}

// In a test the worlds of a process have key ids of their own: all but that, and what it
// signs, is the same again.
func TestTheSameBytesAgainEmbedded(t *testing.T) {
	signed := regexp.MustCompile(`"access_token":"[^"]*"`)
	play := func() (said []string) {
		host := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
		emu := emulator.New(t, emulator.World("tutorial"), emulator.With(func(o *emulator.Options) { o.Host = func() time.Time { return host } }))
		r := &rig{TB: t, emu: emu, http: emu.Client(), direct: emu.Client(), door: emulator.DefaultURL}
		r.clock(`{"op":"freeze"}`)
		for _, s := range r.script() {
			// A token's length differs with its key id's.
			s = regexp.MustCompile(`Content-Length: \d{4}`).ReplaceAllString(signed.ReplaceAllString(s, `"access_token":"…"`), "Content-Length: N")
			said = append(said, s)
		}
		return said
	}
	differing(t, play(), play())
}
