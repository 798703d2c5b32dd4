package emulator_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/journal"
)

// entries reads lines of a journal.
func entries(t testing.TB, lines string) (all []journal.Entry) {
	t.Helper()
	for line := range strings.Lines(lines) {
		var e journal.Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, e)
	}
	return all
}

func TestControlJournal(t *testing.T) { onCarriers(t, checkControlJournal) }

func checkControlJournal(t *testing.T, open opener) {
	r := open(t, emulator.Options{Version: "v1"})
	if a := r.must(nil, 200, "GET", "journal", ""); a.body != "" || a.header.Get("Content-Type") != "application/x-ndjson" {
		t.Errorf("%v %q", a.header, a.body)
	}
	token := bearer(r.machineToken("https://management.azure.com/", ""))                                                                                    // 1
	r.get(r.arm(armGroup), token)                                                                                                                           // 2
	r.get(r.arm(armGroup))                                                                                                                                  // 3: 401
	r.put(r.arm("/subscriptions/"+subscription+"/resourceGroups/new?api-version=2021-04-01"), `{"location":"westus"}`, token)                               // 4: 403
	r.get("https://tutorialstore.blob.core.windows.net"+tutorialBlob, bearer(r.machineToken("https://storage.azure.com/", "")), "x-ms-version: 2021-12-02") // 5, 6
	object := r.emu.Journal().Entries(1)[0].Principal
	for query, want := range map[string]string{
		"": "1 2 3 4 5 6", "?after=4": "5 6", "?plane=ARM": "2 3 4", "?operation=ResourceGroups_": "2 3 4", "?principal=" + object: "2 4 6",
		"?machine=tutorial-vm&limit=1": "6", "?status=403": "4", "?status=4": "3 4", "?refused=true": "3 4", "?refused=false&plane=blob": "6",
		"?text=RESOURCEGROUPS/NEW": "4", "?limit=2": "5 6", "?limit=0": "", "?limit=9&plane=imds": "1 5", "?plane=vault": "", "?format=ndjson&limit=1": "6",
	} {
		var got []string
		for _, e := range entries(t, r.must(nil, 200, "GET", "journal"+query, "").body) {
			got = append(got, fmt.Sprint(e.Seq))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %s", query, got, want)
		}
	}
	var archive struct {
		Log struct {
			Creator struct{ Version string }
			Entries []struct{ Response struct{ Status int } }
		}
	}
	if r.must(&archive, 200, "GET", "journal?format=har&status=4", ""); len(archive.Log.Entries) != 2 || archive.Log.Entries[1].Response.Status != 403 || archive.Log.Creator.Version != "v1" {
		t.Errorf("%+v", archive)
	}
	for query, part := range map[string]string{
		"after=x": "after=x: want the number of an entry", "status=x": "status=x: want a number", "status=42": "status=42: want a status such as 403", "status=600": "want a status",
		"limit=-1": "limit=-1: want a number", "refused=yes": "refused=yes: want true or false", "follow=1": "follow=1: want true or false", "format=csv": "format=csv: want ndjson or har",
		"format=har&follow=true": "an archive has an end",
	} {
		r.refuses(400, "InvalidQuery", part, "GET", "journal?"+query, "")
	}
}

// followed is a journal that is being followed.
type followed struct {
	*rig
	lines *bufio.Reader
	body  io.Closer
	leave context.CancelFunc
}

// follow begins to follow the journal: what is asked from then on will come.
func (r *rig) follow(query string) *followed {
	r.Helper()
	ctx, leave := context.WithCancel(context.Background())
	r.Cleanup(leave)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.door+controlPath+"journal?follow=true"+query, nil)
	if err != nil {
		r.Fatal(err)
	}
	resp, err := r.direct.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { _ = resp.Body.Close() })
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/x-ndjson" {
		r.Fatalf("%s %v", resp.Status, resp.Header)
	}
	return &followed{r, bufio.NewReader(resp.Body), resp.Body, leave}
}

// next waits for a line, which must be the entry of that number.
func (f *followed) next(seq uint64) {
	f.Helper()
	line, err := f.lines.ReadString('\n')
	if err != nil {
		f.Fatalf("%q: %v", line, err)
	}
	if e := entries(f, line)[0]; e.Seq != seq {
		f.Errorf("want entry %d, got %s", seq, line)
	}
	if err := controlDescribed(f).valid(line, "paths", "/journal", "get", "responses", "200", "content", "application/x-ndjson", "schema"); err != nil {
		f.Error(err)
	}
}

// Who follows the journal sees each entry as soon as it is there.
func TestControlFollow(t *testing.T) { onCarriers(t, checkControlFollow) }

func checkControlFollow(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	ask := func() { r.imds(imdsToken) }
	ask()
	ask()
	all, last, fresh, refused := r.follow(""), r.follow("&limit=1"), r.follow("&limit=0"), r.follow("&refused=true&after=0")
	all.next(1)
	all.next(2)
	last.next(2)
	for seq := uint64(3); seq <= 5; seq++ {
		ask()
		for _, f := range []*followed{all, last, fresh} {
			f.next(seq) // before the next is asked for: nothing is held back
		}
	}
	r.get(r.arm(armGroup))
	refused.next(6)
	all.next(6)
	all.leave()
	ask()
	last.next(6)
	last.next(7)
	// The end of the world is the end of the stream, not a broken line.
	closed := make(chan error, 1)
	go func() { closed <- r.emu.Close() }()
	fresh.next(6)
	fresh.next(7)
	if rest, err := io.ReadAll(fresh.lines); len(rest) > 0 || err != nil && r.tlsAddress != "" {
		t.Errorf("%q %v", rest, err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// Whoever follows and leaves has left: nothing goes on for them.
func TestControlFollowEndsWithItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		emu := emulator.New(t)
		r := &rig{TB: t, emu: emu, http: emu.Client(), direct: emu.Client(), door: emulator.DefaultURL}
		following := func() bool {
			synctest.Wait()
			all := make([]byte, 1<<20)
			return strings.Contains(string(all[:runtime.Stack(all, true)]), "control.(*api).follow")
		}
		f := r.follow("")
		r.imds(imdsToken)
		f.next(1)
		if !following() {
			t.Fatal("nobody follows")
		}
		_ = f.body.Close()
		f.leave()
		if following() {
			t.Error("somebody is followed for who has left")
		}
	})
}

// Who is too slow is told how much was dropped.
func TestControlFollowTellsWhatWasMissed(t *testing.T) {
	onCarriers(t, checkControlFollowTellsWhatWasMissed)
}

func checkControlFollowTellsWhatWasMissed(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	for range 10_050 { // the journal keeps ten thousand
		r.emu.Journal().Add(journal.Entry{Plane: "imds", Method: "GET", Status: 200})
	}
	f := r.follow("&after=10")
	line, err := f.lines.ReadString('\n')
	if err != nil || line != `{"missed":40}`+"\n" {
		t.Errorf("%q %v", line, err)
	}
	f.next(51)
}
