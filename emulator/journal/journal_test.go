package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func seqs(es []Entry) (out []string) {
	for _, e := range es {
		out = append(out, fmt.Sprintf("%d%s", e.Seq, e.Operation))
	}
	return out
}

func TestTheNewestEntriesAreKept(t *testing.T) {
	j := New(3)
	if got := j.Entries(0); len(got) != 0 {
		t.Fatal(got)
	}
	for _, op := range []string{"a", "b", "c", "d", "e"} {
		j.Add(Entry{Operation: op})
	}
	for after, want := range map[uint64][]string{
		0: {"3c", "4d", "5e"}, 3: {"4d", "5e"}, 5: {}, 99: {},
	} {
		if got := seqs(j.Entries(after)); !slices.Equal(got, want) {
			t.Errorf("after %d: %v, want %v", after, got, want)
		}
	}
	if e, ok := j.Find(func(e *Entry) bool { return e.Operation < "e" }); !ok || e.Seq != 4 {
		t.Errorf("%+v %v", e, ok)
	}
	if e, ok := j.Find(func(e *Entry) bool { return e.Operation == "a" }); ok {
		t.Errorf("found %+v", e)
	}
}

// sized is an exchange that says how much it takes.
type sized int

func (s sized) Entry() Entry { return Entry{Operation: fmt.Sprint(int(s))} }
func (s sized) Size() int    { return int(s) }

func TestBytesAreBounded(t *testing.T) {
	j := Bounded(4, 100)
	for _, row := range []struct {
		size int
		want []string
	}{
		{40, []string{"40"}}, {50, []string{"40", "50"}}, {20, []string{"50", "20"}}, {500, []string{"500"}}, {1, []string{"1"}},
		{1, []string{"1", "1"}}, {2, []string{"1", "1", "2"}}, {3, []string{"1", "1", "2", "3"}}, {4, []string{"1", "2", "3", "4"}},
	} {
		j.Add(sized(row.size))
		var got []string
		for _, e := range j.Entries(0) {
			got = append(got, e.Operation)
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("after %d bytes: %v, want %v", row.size, got, row.want)
		}
	}
}

// A follower sees what is there and what comes, is told what it came too late for, and ends
// with its context; nobody waits for it.
func TestFollow(t *testing.T) {
	j := New(4)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	j.Add(Entry{Operation: "a", Status: 403})
	j.Add(Entry{Operation: "b", Status: 200})
	var got []string
	step := 0
	for e, missed := range j.Follow(ctx, Filter{Refused: true}) {
		got = append(got, fmt.Sprintf("%d%s-%d", e.Seq, e.Operation, missed))
		switch step++; step {
		case 1: // more than fits comes while this one is being looked at: the first batch is read already
			for _, op := range []string{"c", "d", "e", "f", "g", "h"} {
				j.Add(Entry{Operation: op, Status: 404})
			}
		case 5:
			go j.Add(Entry{Operation: "i", Status: 404}) // comes while the follower waits, or before
		case 6:
			cancel()
		}
	}
	if want := []string{"1a-0", "5e-2", "6f-0", "7g-0", "8h-0", "9i-0"}; !slices.Equal(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
}

func TestManyFollowersAndWriters(t *testing.T) {
	j := New(10_000)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const writers, each = 4, 200
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			last, n := uint64(0), 0
			for e, missed := range j.Follow(ctx, Filter{}) {
				if e.Seq != last+1 || missed != 0 {
					t.Errorf("%d after %d, %d missed", e.Seq, last, missed)
				}
				if last, n = e.Seq, n+1; n == writers*each {
					return
				}
			}
		})
	}
	for range writers {
		wg.Go(func() {
			for range each {
				j.Add(Entry{})
			}
		})
	}
	wg.Wait()
}

func TestFilter(t *testing.T) {
	e := Entry{
		Seq: 7, Plane: "arm", Operation: "ResourceGroups_Get", Principal: "oid", ClientID: "app", PrincipalName: "tutorial-vm", Status: 403,
		Machine: "/subscriptions/s/m/vm1", URL: "https://management.azure.com/x", Code: "AuthorizationFailed", Message: "The client", Rules: []string{"RBAC-EVAL-001"},
	}
	for _, row := range []struct {
		f    Filter
		want bool
	}{
		{Filter{}, true}, {Filter{After: 6}, true}, {Filter{After: 7}, false}, {Filter{Plane: "ARM"}, true}, {Filter{Plane: "ar"}, false},
		{Filter{Operation: "resourcegroups"}, true}, {Filter{Operation: "get"}, true}, {Filter{Operation: "Groups"}, false}, {Filter{Principal: "OID"}, true}, {Filter{Principal: "app"}, true},
		{Filter{Principal: "Tutorial-VM"}, true}, {Filter{Principal: "o"}, false}, {Filter{Machine: "vm1"}, true}, {Filter{Machine: "/subscriptions/s/m/VM1"}, true},
		{Filter{Machine: "m"}, false}, {Filter{Status: 403}, true}, {Filter{Status: 4}, true}, {Filter{Status: 5}, false}, {Filter{Status: 404}, false},
		{Filter{Refused: true}, true}, {Filter{Text: "authorizationfailed"}, true}, {Filter{Text: "MANAGEMENT.azure"}, true}, {Filter{Text: "eval-001"}, true},
		{Filter{Text: "the client"}, true}, {Filter{Text: "other"}, false}, {Filter{Plane: "arm", Status: 4, Text: "other"}, false},
	} {
		if got := row.f.Match(&e); got != row.want {
			t.Errorf("%+v: %v", row.f, got)
		}
	}
	e.Status = 304
	if (Filter{Refused: true}).Match(&e) {
		t.Error("a blob that has not changed counts as refused")
	}
}

func example() Entry {
	return Entry{
		Seq: 1, RequestID: "id", Time: time.Date(2025, 1, 24, 3, 0, 0, 5e8, time.UTC), Plane: "blob", Operation: "Blob_Get", Method: "GET",
		URL: "https://a.blob.core.windows.net/c/b?comp=x&restype=a%20b", Status: 302, Code: "<Found>",
		Request:  Message{Header: []Field{{"Host", "a"}}, Size: 0},
		Response: Message{Header: []Field{{"Location", "https://b/"}}, Size: 12, ContentType: "text/plain", Body: "b"},
	}
}

func TestNDJSON(t *testing.T) {
	var b bytes.Buffer
	if err := WriteNDJSON(&b, slices.Values([]Entry{example(), {Seq: 2}})); err != nil {
		t.Fatal(err)
	}
	const first = `{"seq":1,"requestId":"id","time":"2025-01-24T03:00:00.5Z","plane":"blob","operation":"Blob_Get","method":"GET",` +
		`"url":"https://a.blob.core.windows.net/c/b?comp=x&restype=a%20b","status":302,"code":"<Found>",` +
		`"request":{"headers":[{"name":"Host","value":"a"}],"size":0},"response":{"headers":[{"name":"Location","value":"https://b/"}],"contentType":"text/plain","size":12,"body":"b"}}`
	lines := strings.Split(b.String(), "\n")
	if len(lines) != 3 || lines[0] != first || lines[2] != "" {
		t.Errorf("%s", b.String())
	}
}

// What the specification of HTTP Archive 1.2 asks of every archive.
func TestHAR(t *testing.T) {
	for _, entries := range [][]Entry{{}, {example()}, {example(), {Seq: 2, Status: 200, Response: Message{Size: -1}}}} {
		var b bytes.Buffer
		if err := WriteHAR(&b, "1.0", slices.Values(entries)); err != nil {
			t.Fatal(err)
		}
		var archive map[string]map[string]any
		if err := json.Unmarshal(b.Bytes(), &archive); err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		log := archive["log"]
		list, ok := log["entries"].([]any)
		if log["version"] != "1.2" || !ok || len(list) != len(entries) {
			t.Fatalf("%s", b.String())
		}
		need(t, log, "creator", "name", "version")
		for _, e := range list {
			e := e.(map[string]any)
			need(t, map[string]any{"e": e}, "e", "startedDateTime", "time", "request", "response", "cache", "timings")
			need(t, e, "request", "method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize")
			need(t, e, "response", "status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize", "bodySize")
			need(t, e["response"].(map[string]any), "content", "size", "mimeType")
			need(t, e, "timings", "send", "wait", "receive")
			if _, err := time.Parse(time.RFC3339, e["startedDateTime"].(string)); err != nil {
				t.Error(err)
			}
		}
		if len(list) == 1 {
			got := fmt.Sprint(list[0].(map[string]any)["request"].(map[string]any)["queryString"], list[0].(map[string]any)["response"].(map[string]any)["redirectURL"])
			if got != "[map[name:comp value:x] map[name:restype value:a b]]https://b/" {
				t.Error(got)
			}
		}
	}
}

// need says which members an object lacks, or has as null.
func need(t *testing.T, of map[string]any, name string, members ...string) {
	t.Helper()
	object, _ := of[name].(map[string]any)
	for _, m := range members {
		if object[m] == nil {
			t.Errorf("%s has no %s: %v", name, m, object)
		}
	}
}

func TestEveryReasonButPoliciesHasARule(t *testing.T) {
	for _, r := range Reasons() {
		for _, data := range []bool{false, true} {
			d := Decision{Reason: r, Data: data, Assignment: &Assignment{}}
			if (d.Rule() == "") != (r == ReasonPolicy) {
				t.Errorf("%s: %q", r, d.Rule())
			}
		}
	}
}

func TestWhichRuleOnScopes(t *testing.T) {
	const sub, vms = "/subscriptions/s", "/providers/Microsoft.Compute/virtualMachines/"
	for _, row := range [][3]string{
		{sub + "/resourceGroups/rg1", sub, "RBAC-SCOPE-005"}, {sub + "/resourceGroups/rg1", sub + "/resourceGroups/rg10", "RBAC-SCOPE-006"},
		{sub + "/resourceGroups/rg1" + vms + "a", sub + "/resourceGroups/RG1" + vms + "b", "RBAC-SCOPE-007"},
		{"/subscriptions/other", sub, "RBAC-SCOPE-008"}, {"nonsense", sub, "RBAC-SCOPE-008"},
	} {
		d := Decision{Reason: ReasonElsewhere, Scope: row[1], Assignment: &Assignment{Scope: row[0]}}
		if d.Rule() != row[2] {
			t.Errorf("%s for %s: %s, want %s", row[0], row[1], d.Rule(), row[2])
		}
	}
}
