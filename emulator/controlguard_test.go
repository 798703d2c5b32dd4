package emulator_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/fault"
)

// marks is what would show that something got through: one number for each thing that
// the control API changes. The host's clock must stand still.
func (r *rig) marks(dir string) string {
	r.Helper()
	_, err := os.Stat(dir)
	saved := "not saved"
	if err == nil {
		saved = "saved"
	}
	return strings.Join([]string{
		r.must(nil, 200, "GET", "clock", "").body, r.must(nil, 200, "GET", "faults", "").body, r.must(nil, 200, "GET", "snapshots", "").body,
		r.must(nil, 200, "GET", "health", "").body, r.must(nil, 200, "GET", "worlds", "").body, r.must(nil, 200, "GET", "world", "").body, saved,
	}, "\n")
}

// No page of another site can change anything: neither what it sends without asking, nor
// what comes by a name that was bent to this machine.
func TestControlChangesNothingForStrangers(t *testing.T) {
	onCarriers(t, checkControlChangesNothingForStrangers)
}

func checkControlChangesNothingForStrangers(t *testing.T, open opener) {
	var host time.Time
	r := open(t, hosted(&host))
	r.emu.Faults().Add(fault.Rule{Effect: fault.Effect{Delay: 1}, Match: fault.Match{Plane: "graph"}})
	r.must(nil, 201, "POST", "snapshots", "")
	r.emu.Group("since")
	dir := filepath.Join(t.TempDir(), "saved")
	r.must(nil, 200, "GET", "health?world=w1", "")
	before := r.marks(dir)
	strangers := map[string]struct {
		host    string
		headers map[string]string
		status  int
	}{
		"another origin":          {"", map[string]string{"Origin": "https://evil.example.com"}, 403},
		"an origin without name":  {"", map[string]string{"Origin": "null"}, 403},
		"another port":            {"", map[string]string{"Origin": "http://127.0.0.1:1"}, 403},
		"another scheme":          {"", map[string]string{"Origin": strings.Replace(r.door, "http:", "https:", 1)}, 403},
		"another site":            {"", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"a neighbour":             {"", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		"a bent name":             {"evil.example.com", nil, 421},
		"a bent name, own origin": {"evil.example.com:4280", map[string]string{"Origin": "http://evil.example.com:4280"}, 421},
		"a look-alike":            {"localhost.example.com", nil, 421},
		"text":                    {"", map[string]string{"Content-Type": "text/plain"}, 415},
		"a form":                  {"", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 415},
		"a form with files":       {"", map[string]string{"Content-Type": "multipart/form-data; boundary=x"}, 415},
		"a type like JSON":        {"", map[string]string{"Content-Type": "text/plain; application/json"}, 415},
		"no type":                 {"", map[string]string{"Content-Type": ""}, 415},
	}
	for operation, body := range changing(dir) {
		for name, stranger := range strangers {
			if name == "no type" && body == "" {
				continue // who sends neither says by Origin where from
			}
			method, path, _ := strings.Cut(operation, " ")
			req, err := http.NewRequest(method, r.door+controlPath+path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Host = stranger.host
			req.Header.Set("Content-Type", "application/json")
			for k, v := range stranger.headers {
				if req.Header.Set(k, v); v == "" {
					req.Header.Del(k)
				}
			}
			if a := r.send(r.direct, req); a.status != stranger.status {
				t.Errorf("%s, %s: %d %s, want %d", operation, name, a.status, a.body, stranger.status)
			}
		}
	}
	if after := r.marks(dir); after != before {
		t.Errorf("something has changed:\n%s\n---- before\n%s", after, before)
	}
	// The same requests from here do change things, all of them.
	for _, operation := range []string{"POST clock", "DELETE faults/1", "POST faults", "DELETE faults", "POST grants", "DELETE grants", "POST snapshots",
		"POST save", "POST snapshots/1/restore", "DELETE snapshots/1", "POST load", "POST reset", "DELETE worlds/w1"} {
		method, path, _ := strings.Cut(operation, " ")
		before := r.marks(dir)
		if a := r.control(method, path, changing(dir)[operation], "Origin: "+r.door, "Sec-Fetch-Site: same-origin"); a.status >= 300 {
			t.Errorf("%s: %d %s", operation, a.status, a.body)
		}
		if after := r.marks(dir); after == before {
			t.Errorf("%s changed nothing", operation)
		}
	}
}

// A preflight asks whether a page may send what is refused unasked: it may not.
func TestControlRefusesPreflights(t *testing.T) { onCarriers(t, checkControlRefusesPreflights) }

func checkControlRefusesPreflights(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	for operation := range changing(t.TempDir()) {
		_, path, _ := strings.Cut(operation, " ")
		a := r.do("OPTIONS", r.door+controlPath+path, "", "Origin: https://evil.example.com", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type")
		if a.status != 403 || a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %v", path, a.status, a.header)
		}
	}
}

// --no-control closes all of it.
func TestNoControl(t *testing.T) { onCarriers(t, checkNoControl) }

func checkNoControl(t *testing.T, open opener) {
	r := open(t, emulator.Options{NoControl: true})
	for operation := range controlDescribed(t).operations {
		method, path, _ := strings.Cut(operation, " /")
		a := r.do(method, r.door+controlPath+strings.NewReplacer("{id}", "1", "{name}", "1").Replace(path), `{"op":"advance","by":"1h"}`, jsonType)
		if a.status != 404 || !strings.Contains(a.body, "PathNotServed") || !strings.Contains(a.body, "the control API, /_linarite/, is closed") {
			t.Errorf("%s: %d %s", operation, a.status, a.body)
		}
	}
}

// What the words of the refusal list is what there is.
func TestControlSaysWhatThereIs(t *testing.T) { onCarriers(t, checkControlSaysWhatThereIs) }

func checkControlSaysWhatThereIs(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	a := r.get(r.door + controlPath + "nothing")
	for operation := range controlDescribed(t).operations {
		_, path, _ := strings.Cut(operation, " /")
		if first, _, _ := strings.Cut(path, "/"); a.status != 404 || !strings.Contains(a.body, first) {
			t.Errorf("%d %s does not name %s", a.status, a.body, first)
		}
	}
	if a := r.do("PUT", r.door+controlPath+"faults/1", ""); a.status != 405 || !strings.Contains(a.body, "takes only GET, DELETE") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// Bodies are strict and have a bound.
func TestControlBodies(t *testing.T) { onCarriers(t, checkControlBodies) }

func checkControlBodies(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	for _, path := range []string{"POST clock", "POST grants", "DELETE grants", "POST save", "POST load"} {
		method, path, _ := strings.Cut(path, " ")
		for body, part := range map[string]string{
			`{"other":1}`: `unknown field "other"`,
			`[]`:          "an object is wanted, not array",
			`{"`:          "ends in the middle",
			`{} {}`:       "text after the end",
			`nonsense`:    "invalid character",
		} {
			r.refuses(400, "InvalidBody", part, method, path, body)
		}
		r.refuses(400, "InvalidBody", "it is empty", method, path, "")
		r.refuses(413, "BodyTooLarge", "at most 65536 bytes", method, path, `{"x":"`+strings.Repeat("x", 64<<10)+`"}`)
	}
	r.refuses(400, "InvalidBody", "op is a text, not number", "POST", "clock", `{"op":1}`)
	for _, operation := range []string{"POST reset", "POST snapshots", "DELETE faults", "DELETE faults/1", "POST snapshots/1/restore", "DELETE snapshots/1"} {
		method, path, _ := strings.Cut(operation, " ")
		r.refuses(400, "InvalidBody", `unknown field "op"`, method, path, `{"op":"x"}`)
	}
	r.must(nil, 204, "POST", "reset", "{}")
	r.refuses(413, "BodyTooLarge", "", "POST", "faults", `{"x":"`+strings.Repeat("x", 64<<10)+`"}`)
	r.refuses(400, "InvalidBody", "it is empty", "POST", "faults", "")
}
