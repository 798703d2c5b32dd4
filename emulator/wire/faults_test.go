package wire

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/state"
)

func TestAPlannedFaultAnswersInstead(t *testing.T) {
	b := newBench()
	ran := 0
	p := plane(false, Operation{Name: "op", Method: "GET", Path: "/x", View: func(*Call, *state.Tx) (Response, error) { ran++; return OK(1), nil }})
	added := b.Faults.Add(fault.Rule{Match: fault.Match{Operation: "op"}, Times: 1, Effect: fault.Effect{Status: 429, RetryAfter: 5 * time.Second}})
	w := b.serve(p, httptest.NewRequest("GET", "/x", nil))
	if w.Code != 429 || w.Header().Get("Retry-After") != "5" || ran != 0 || !strings.Contains(w.Body.String(), `"code":"TooManyRequests"`) {
		t.Errorf("%d %v %s, ran %d times", w.Code, w.Header(), w.Body, ran)
	}
	if w := b.serve(p, httptest.NewRequest("GET", "/x", nil)); w.Code != 200 || w.Header().Get("Retry-After") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	entries := b.Journal.Entries(0)
	if len(entries) != 2 || entries[0].Fault != added.ID || entries[0].Code != "TooManyRequests" || entries[1].Fault != "" {
		t.Errorf("journal: %+v", entries)
	}
}

// The words of a refusal are the plane's own for that status, else those of its table with
// that code, else ours.
func TestWordsOfAPlannedRefusal(t *testing.T) {
	p := plane(false)
	p.Name = "vault"
	p.Usual = func(_ *Call, e fault.Effect) *apierr.Error {
		if e.Status == 429 {
			return apierr.New(apierr.VaultThrottled)
		}
		return nil
	}
	for _, row := range []struct {
		effect        fault.Effect
		code, message string
	}{
		{fault.Effect{Status: 429}, "Throttled", "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached"},
		{fault.Effect{Status: 429, Code: "throttled"}, "Throttled", "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached"},
		{fault.Effect{Status: 429, Code: "Other"}, "Other", "Planned fault."},
		{fault.Effect{Status: 401, Code: "Unauthorized"}, "Unauthorized", ""},
		{fault.Effect{Status: 403, Code: "Forbidden"}, "Forbidden", "Operation get is not allowed on a disabled secret."},
		{fault.Effect{Status: 502}, "BadGateway", "Planned fault."},
	} {
		e := planned(&Call{Plane: p}, row.effect)
		if e.Status != row.effect.Status || e.Code != row.code || row.message != "" && e.Message != row.message || strings.Contains(e.Message, "%") {
			t.Errorf("%+v: %d %s", row.effect, e.Status, e)
		}
	}
}

func TestRetryAfterForms(t *testing.T) {
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		effect      fault.Effect
		name, value string
	}{
		{fault.Effect{Status: 503, RetryAfter: 90 * time.Second}, "Retry-After", "90"},
		{fault.Effect{Status: 503, RetryAfter: 90 * time.Second, RetryAfterForm: fault.RetrySeconds}, "Retry-After", "90"},
		{fault.Effect{Status: 503, RetryAfter: 90 * time.Second, RetryAfterForm: fault.RetryDate}, "Retry-After", "Fri, 02 Jan 2026 12:01:30 GMT"},
		{fault.Effect{Status: 503, RetryAfter: 1500 * time.Millisecond, RetryAfterForm: fault.RetryMS}, "retry-after-ms", "1500"},
		{fault.Effect{Status: 503, RetryAfter: 1500 * time.Millisecond, RetryAfterForm: fault.RetryMSPrefixed}, "x-ms-retry-after-ms", "1500"},
		{fault.Effect{Status: 503}, "", ""},
		{fault.Effect{Status: 429}, "Retry-After", "7"}, // the plane's own
		{fault.Effect{Status: 429, RetryAfter: time.Second}, "Retry-After", "1"},
	} {
		h := http.Header{}
		c := &Call{Plane: &Plane{Throttle: 7 * time.Second}, Now: noon, struck: &fault.Rule{Effect: row.effect}}
		c.retryAfter(h)
		want := http.Header{}
		if row.name != "" {
			want[row.name] = []string{row.value}
		}
		if !reflect.DeepEqual(h, want) {
			t.Errorf("%+v: %v", row.effect, h)
		}
	}
}

const whole = "0123456789"

// spoiling is a plane with one answer of ten bytes, one without a known size, an empty one
// and one to HEAD.
func spoiling() *Plane {
	body := func(size int64) func(*Call, *state.Tx) (Response, error) {
		return func(*Call, *state.Tx) (Response, error) {
			return Response{Body: Stream{size, strings.NewReader(whole)}, ContentType: "text/plain"}, nil
		}
	}
	return plane(false,
		Operation{Name: "sized", Method: "GET", Path: "/sized", View: body(int64(len(whole)))},
		Operation{Name: "sized", Method: "HEAD", Path: "/sized", View: body(int64(len(whole)))},
		Operation{Name: "unsized", Method: "GET", Path: "/unsized", View: body(-1)},
		Operation{Name: "empty", Method: "GET", Path: "/empty", View: func(*Call, *state.Tx) (Response, error) { return Response{}, nil }},
		Operation{Name: "none", Method: "GET", Path: "/none", View: func(*Call, *state.Tx) (Response, error) { return Response{Status: 204}, nil }},
	)
}

// received is all that comes over a real connection until it ends, in pieces.
type received struct {
	status, length string
	chunked        bool
	body           string
	err            error
}

// ask sends one request by hand, on a connection of its own, and reads until its end.
func ask(t *testing.T, at, method, path string) received {
	t.Helper()
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(conn, method+" "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(conn)
	head, body, _ := strings.Cut(string(all), "\r\n\r\n")
	r := received{body: body, err: err}
	for i, line := range strings.Split(head, "\r\n") {
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case i == 0:
			_, r.status, _ = strings.Cut(line, " ")
		case strings.EqualFold(name, "Content-Length"):
			r.length += value
		case strings.EqualFold(name, "Transfer-Encoding"):
			r.chunked = value == "chunked"
		}
	}
	return r
}

// What a bare socket sees of each way to spoil an answer.
func TestSpoiltAnswersOverASocket(t *testing.T) {
	b := newBench()
	b.AttachFaults()
	p := spoiling()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.Serve(w, &Call{World: b.World, Request: r, Host: "x"})
	}))
	defer server.Close()
	at := strings.TrimPrefix(server.URL, "http://")
	const ok = "200 OK"
	for name, row := range map[string]struct {
		effect       fault.Effect
		method, path string
		want         received
	}{
		"before the head":         {fault.Effect{Cut: fault.CutBeforeHead}, "GET", "/sized", received{}},
		"after the head":          {fault.Effect{Cut: fault.CutAfterHead}, "GET", "/sized", received{status: ok, length: "10"}},
		"half":                    {fault.Effect{Cut: fault.CutInBody}, "GET", "/sized", received{status: ok, length: "10", body: "01234"}},
		"three bytes":             {fault.Effect{Cut: fault.CutInBody, CutAfter: 3}, "GET", "/sized", received{status: ok, length: "10", body: "012"}},
		"never the last":          {fault.Effect{Cut: fault.CutInBody, CutAfter: 99}, "GET", "/sized", received{status: ok, length: "10", body: "012345678"}},
		"half of what":            {fault.Effect{Cut: fault.CutInBody}, "GET", "/unsized", received{status: ok, chunked: true, body: "5\r\n01234\r\n"}},
		"cut without a body":      {fault.Effect{Cut: fault.CutInBody}, "GET", "/empty", received{}},
		"cut of a HEAD":           {fault.Effect{Cut: fault.CutAfterHead}, "HEAD", "/sized", received{}},
		"a refusal is cut":        {fault.Effect{Status: 503, Cut: fault.CutAfterHead}, "GET", "/sized", received{status: "503 Service Unavailable", length: "66"}},
		"too long":                {fault.Effect{LengthOff: 5}, "GET", "/sized", received{status: ok, length: "15", body: whole}},
		"too short":               {fault.Effect{LengthOff: -4}, "GET", "/sized", received{status: ok, length: "6", body: whole}},
		"shorter than none":       {fault.Effect{LengthOff: -40}, "GET", "/sized", received{status: ok, length: "0", body: whole}},
		"too long for none":       {fault.Effect{LengthOff: 5}, "GET", "/empty", received{status: ok, length: "5"}},
		"too long for HEAD":       {fault.Effect{LengthOff: 5}, "HEAD", "/sized", received{status: ok, length: "15"}},
		"no length to be wrong":   {fault.Effect{LengthOff: 5}, "GET", "/none", received{status: "204 No Content"}},
		"slow":                    {fault.Effect{SlowBytes: 4, SlowEvery: 1}, "GET", "/sized", received{status: ok, length: "10", body: whole}},
		"slow without a size":     {fault.Effect{SlowBytes: 4, SlowEvery: 1}, "GET", "/unsized", received{status: ok, chunked: true, body: "4\r\n0123\r\n4\r\n4567\r\n2\r\n89\r\n0\r\n\r\n"}},
		"slow until it is cut":    {fault.Effect{SlowBytes: 4, SlowEvery: 1, Cut: fault.CutInBody, CutAfter: 6}, "GET", "/sized", received{status: ok, length: "10", body: "012345"}},
		"delayed, and then whole": {fault.Effect{Delay: 1}, "GET", "/sized", received{status: ok, length: "10", body: whole}},
	} {
		t.Run(name, func(t *testing.T) {
			b.Faults.Clear()
			added := b.Faults.Add(fault.Rule{Effect: row.effect})
			if got := ask(t, at, row.method, row.path); !reflect.DeepEqual(got, row.want) {
				t.Errorf("got %+v\nwant %+v", got, row.want)
			}
			entries := b.Journal.Entries(0)
			if last := entries[len(entries)-1]; last.Fault != added.ID {
				t.Errorf("journal: %+v", last)
			}
		})
	}
	if len(b.bugs) > 0 {
		t.Error(b.bugs)
	}
}

// The first piece goes out before the wait, and a caller who leaves ends it.
func TestSlowBytesAreSentAtOnce(t *testing.T) {
	b := newBench()
	ended := make(chan struct{})
	p := spoiling()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		p.Serve(w, &Call{World: b.World, Request: r, Host: "x"})
	}))
	defer server.Close()
	b.Faults.Add(fault.Rule{Effect: fault.Effect{SlowBytes: 4, SlowEvery: time.Hour}})
	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/sized", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got := make([]byte, 4)
	if _, err := io.ReadFull(resp.Body, got); err != nil || string(got) != "0123" {
		t.Errorf("%s %v", got, err)
	}
	leave()
	<-ended
}

// paced notes when, by the bubble's clock, which bytes were flushed.
type paced struct {
	*httptest.ResponseRecorder
	start time.Time
	log   []string
	sent  int
}

func (p *paced) Flush() {
	p.log = append(p.log, time.Since(p.start).String()+" "+p.Body.String()[p.sent:])
	p.sent = p.Body.Len()
}

func TestSlowAndDelayedByHostTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench()
		b.Faults.Add(fault.Rule{Effect: fault.Effect{Delay: time.Minute, SlowBytes: 4, SlowEvery: 10 * time.Second}})
		w := &paced{ResponseRecorder: httptest.NewRecorder(), start: time.Now()}
		spoiling().Serve(w, &Call{World: b.World, Request: httptest.NewRequest("GET", "/sized", nil), Host: "x"})
		if want := []string{"1m0s 0123", "1m10s 4567"}; !reflect.DeepEqual(w.log, want) || w.Body.String() != whole {
			t.Errorf("%q %s", w.log, w.Body)
		}
		if took := time.Since(w.start); took != 80*time.Second {
			t.Errorf("the last bytes came after %s", took)
		}
	})
}

// Whoever leaves while the request is held back has asked for nothing.
func TestADelayEndsWithItsCaller(t *testing.T) {
	b := newBench()
	ran := false
	p := plane(false, Operation{Name: "op", Method: "PUT", Path: "/x", Update: func(*Call, *state.Tx) (Response, error) { ran = true; return OK(1), nil }})
	b.Faults.Add(fault.Rule{Effect: fault.Effect{Delay: time.Hour}})
	gone, leave := context.WithCancel(t.Context())
	leave()
	defer func() {
		if bug := recover(); bug != http.ErrAbortHandler || ran { //nolint:errorlint // a panic's value
			t.Errorf("%v, ran: %v", bug, ran)
		}
	}()
	b.serve(p, httptest.NewRequest("PUT", "/x", nil).WithContext(gone))
}

// A connection that is dropped after the operation loses the answer, not the deed; with a
// status there is no deed.
func TestACutLosesTheAnswer(t *testing.T) {
	for status, want := range map[int]int{0: 1, 503: 0} {
		b := newBench()
		ran := 0
		p := plane(false, Operation{Name: "op", Method: "PUT", Path: "/x", Update: func(*Call, *state.Tx) (Response, error) { ran++; return OK(1), nil }})
		b.Faults.Add(fault.Rule{Effect: fault.Effect{Cut: fault.CutBeforeHead, Status: status}})
		func() {
			defer func() {
				if bug := recover(); bug != http.ErrAbortHandler { //nolint:errorlint // a panic's value
					t.Errorf("%v", bug)
				}
			}()
			b.serve(p, httptest.NewRequest("PUT", "/x", nil))
		}()
		if ran != want || len(b.Journal.Entries(0)) != 1 {
			t.Errorf("status %d: ran %d times, %d entries", status, ran, len(b.Journal.Entries(0)))
		}
	}
}

func TestStaleReads(t *testing.T) {
	b := newBench()
	b.AttachFaults()
	groups := func(_ *Call, tx *state.Tx) (Response, error) { return OK(tx.ResourceGroups.Len()), nil }
	p := plane(false,
		Operation{Name: "read", Method: "GET", Path: "/x", View: groups},
		Operation{Name: "write", Method: "PUT", Path: "/x", Update: func(c *Call, tx *state.Tx) (Response, error) {
			tx.ResourceGroups.Put(state.ResourceGroup{Name: strconv.Itoa(tx.ResourceGroups.Len())})
			return groups(c, tx)
		}},
	)
	is := func(what, method, want string) {
		t.Helper()
		if got := b.serve(p, httptest.NewRequest(method, "/x", nil)).Body.String(); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	is("a write", "PUT", "1")
	added := b.Faults.Add(fault.Rule{Effect: fault.Effect{Stale: true}})
	is("a write beside stale reads", "PUT", "2")
	is("a stale read", "GET", "1")
	is("another", "GET", "1")
	if r, _ := b.Faults.Rule(added.ID); r.Seen != 2 || r.Acted != 2 {
		t.Errorf("%+v", r)
	}
	kept := b.Faults.Rules()
	b.Faults.Clear()
	is("a read", "GET", "2")
	b.Faults.Restore(kept)
	is("restored", "GET", "1")
}

// Two worlds of one seed draw alike, and the seed is not to be seen in a list.
func TestSharesFollowTheWorldsSeed(t *testing.T) {
	rule := fault.Rule{Match: fault.Match{Share: 0.5}, Effect: fault.Effect{Status: 500}}
	one, two := newBench(), newBench()
	one.AttachFaults()
	two.AttachFaults()
	a, b := one.Faults.Add(rule), two.Faults.Add(rule)
	seed := one.IDs.Seed()
	if a.Match.Seed != b.Match.Seed || len(a.Match.Seed) < 10 || strings.Contains(hex.EncodeToString(seed[:]), strings.TrimSuffix(a.Match.Seed, "-1")) {
		t.Errorf("%q %q", a.Match.Seed, b.Match.Seed)
	}
	if next := one.Faults.Add(rule); next.Match.Seed == a.Match.Seed {
		t.Error("two rules draw alike")
	}
}

// Without rules, nothing is asked.
func TestNoRulesCostNothing(t *testing.T) {
	b := newBench()
	p := spoiling()
	p.Describe = func(*Call, *fault.Point) error { return errors.New("asked") }
	if w := b.serve(p, httptest.NewRequest("GET", "/sized", nil)); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	c := &Call{World: b.World, Plane: p}
	if n := testing.AllocsPerRun(100, func() { _ = faultBefore(c) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
