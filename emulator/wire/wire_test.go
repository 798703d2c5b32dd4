package wire

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/clock"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/state"
)

type bench struct {
	*World
	bugs []error
}

func newBench() *bench {
	b := &bench{}
	b.World = &World{
		Name: "test", Clock: clock.New(nil), IDs: ids.New(ids.NamedSeed("test")), State: state.New(),
		Faults: &fault.Set{}, Journal: journal.New(100), OnInternal: func(err error) { b.bugs = append(b.bugs, err) },
	}
	return b
}

func (b *bench) serve(p *Plane, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	p.Serve(w, &Call{World: b.World, Request: r, Host: "example.com"})
	return w
}

func plane(fold bool, operations ...Operation) *Plane {
	found := func(c *Call) error {
		if c.Operation == nil {
			return &apierr.Error{Status: 404, Code: "none", Message: strings.Join(c.Methods(), " ")}
		}
		return nil
	}
	return NewPlane(Plane{Name: "test", Steps: []Step{match, faultBefore, found}, Envelope: Front{}, FoldCase: fold}, operations)
}

func echo(names ...string) func(*Call, *state.Tx) (Response, error) {
	return func(c *Call, _ *state.Tx) (Response, error) {
		out := []string{c.Operation.Name}
		for _, n := range names {
			out = append(out, c.Var(n))
		}
		return OK(out), nil
	}
}

func TestRouting(t *testing.T) {
	ops := []Operation{
		{Name: "group", Method: "GET", Path: "/subs/{sub}/groups/{group}", View: echo("sub", "group")},
		{Name: "put", Method: "PUT", Path: "/subs/{sub}/groups/{group}", View: echo("group")},
		{Name: "special", Method: "GET", Path: "/subs/{sub}/special", When: func(c *Call) bool { return c.Query.Has("x") }, View: echo("sub")},
		{Name: "deep", Method: "GET", Path: "/{scope...}/locks/{name}", View: echo("scope", "name")},
	}
	b := newBench()
	for fold, rows := range map[bool]map[string]string{
		false: {
			"/subs/1/groups/a":       `["group","1","a"]`,
			"/subs/1/groups/a%2Fb":   `["group","1","a/b"]`,
			"/subs/1/groups/a%20b":   `["group","1","a b"]`,
			"/subs/1/groups/a+b":     `["group","1","a+b"]`,
			"/subs/1/groups/a;b=c":   `["group","1","a;b=c"]`,
			"/Subs/1/groups/a":       `404 `,
			"/subs/1/groups/":        `404 `,
			"/subs/1/groups/a/b":     `404 `,
			"/subs/1/special?x=":     `["special","1"]`,
			"/subs/1/special":        `404 `,
			"/a/b/c/locks/l":         `["deep","a/b/c","l"]`,
			"/a//b/locks/l":          `["deep","a//b","l"]`,
			"/subs/1/groups/..%2f..": `["group","1","../.."]`,
		},
		true: {
			"/SUBS/1/Groups/A": `["group","1","A"]`,
			"/A/Locks/L":       `["deep","A","L"]`,
		},
	} {
		p := plane(fold, ops...)
		for target, want := range rows {
			w := b.serve(p, httptest.NewRequest("GET", target, nil))
			got := w.Body.String()
			if w.Code == 404 {
				got = "404 "
			}
			if got != want {
				t.Errorf("fold %v %s: %s, want %s", fold, target, got, want)
			}
		}
	}
	p := plane(false, ops...)
	if w := b.serve(p, httptest.NewRequest("DELETE", "/subs/1/groups/a", nil)); !strings.Contains(w.Body.String(), `"GET PUT"`) {
		t.Errorf("verbs that the path takes: %s", w.Body)
	}
	if got := p.Candidates(httptest.NewRequest("GET", "/subs/1/special?x=", nil)); !slices.Equal(got, []string{"special"}) {
		t.Error(got)
	}
}

func TestBugsAreNotAnswersOfAzure(t *testing.T) {
	b := newBench()
	p := plane(false,
		Operation{Name: "panics", Method: "GET", Path: "/panics", View: func(*Call, *state.Tx) (Response, error) { panic("boom") }},
		Operation{Name: "fails", Method: "GET", Path: "/fails", View: func(*Call, *state.Tx) (Response, error) { return Response{}, errors.New("boom") }},
		Operation{Name: "unwritable", Method: "GET", Path: "/unwritable", View: func(*Call, *state.Tx) (Response, error) { return OK(make(chan int)), nil }},
		Operation{Name: "writes", Method: "PUT", Path: "/writes", Update: func(_ *Call, tx *state.Tx) (Response, error) {
			tx.ResourceGroups.Put(state.ResourceGroup{Name: "x"})
			panic("boom")
		}},
	)
	for i, target := range []string{"/panics", "/fails", "/unwritable", "/writes"} {
		method := "GET"
		if target == "/writes" {
			method = "PUT"
		}
		w := b.serve(p, httptest.NewRequest(method, target, nil))
		if w.Code != 500 || !strings.Contains(w.Body.String(), "This is a bug in Linarite") || strings.Contains(w.Body.String(), "boom") {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
		if len(b.bugs) != i+1 {
			t.Fatalf("%s: told of %v", target, b.bugs)
		}
	}
	entries := b.Journal.Entries(0)
	if last := entries[len(entries)-1]; last.Status != 500 || !strings.Contains(last.Internal, "boom") {
		t.Errorf("journal: %+v", last)
	}
	b.State.View(func(tx *state.Tx) {
		if tx.ResourceGroups.Len() != 0 {
			t.Error("a panic left something behind")
		}
	})
}

func TestAnswers(t *testing.T) {
	b := newBench()
	p := plane(false,
		Operation{Name: "json", Method: "GET", Path: "/json", View: func(*Call, *state.Tx) (Response, error) { return OK(map[string]string{"a": "<&>"}), nil }},
		Operation{Name: "head", Method: "HEAD", Path: "/json", View: func(*Call, *state.Tx) (Response, error) { return OK("x"), nil }},
		Operation{Name: "none", Method: "GET", Path: "/none", View: func(*Call, *state.Tx) (Response, error) { return Response{Status: 204}, nil }},
		Operation{Name: "bytes", Method: "GET", Path: "/bytes", View: func(*Call, *state.Tx) (Response, error) {
			return Response{Body: []byte("<html>"), ContentType: "text/plain"}.With("x-a", "1"), nil
		}},
		Operation{Name: "body", Method: "POST", Path: "/body", Prepare: func(c *Call) error {
			body, err := c.ReadBody(4)
			c.Input = string(body)
			if errors.Is(err, ErrTooLarge) {
				return &apierr.Error{Status: 413, Code: "big"}
			}
			return err
		}, View: func(c *Call, _ *state.Tx) (Response, error) { return OK(c.Input), nil }},
	)
	get := func(method, target, body string) *httptest.ResponseRecorder {
		return b.serve(p, httptest.NewRequest(method, target, strings.NewReader(body)))
	}
	if w := get("GET", "/json", ""); w.Body.String() != `{"a":"<&>"}` || w.Header().Get("Content-Length") != "11" || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	if w := get("HEAD", "/json", ""); w.Body.Len() != 0 || w.Header().Get("Content-Length") != "3" {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	if w := get("GET", "/none", ""); w.Code != 204 || w.Header()["Content-Length"] != nil || w.Header()["Content-Type"] != nil {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := get("GET", "/bytes", ""); w.Body.String() != "<html>" || w.Header().Get("Content-Type") != "text/plain" || w.Header()["x-a"] == nil {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
	if w := get("POST", "/body", "abcd"); w.Body.String() != `"abcd"` {
		t.Errorf("%s", w.Body)
	}
	if w := get("POST", "/body", "abcde"); w.Code != 413 {
		t.Errorf("%d", w.Code)
	}
	broken := httptest.NewRequest("POST", "/body", io.MultiReader(strings.NewReader("a"), failing{}))
	func() {
		defer func() {
			if bug := recover(); bug != http.ErrAbortHandler { //nolint:errorlint // a panic's value
				t.Errorf("a body that breaks off: %v", bug)
			}
		}()
		b.serve(p, broken)
	}()
	if len(b.bugs) != 0 {
		t.Error(b.bugs)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestBearer(t *testing.T) {
	for _, row := range []struct {
		header      []string
		token       string
		present, ok bool
	}{
		{nil, "", false, false},
		{[]string{""}, "", false, false},
		{[]string{"Bearer abc"}, "abc", true, true},
		{[]string{"bearer  abc "}, "abc", true, true},
		{[]string{"BEARER abc"}, "abc", true, true},
		{[]string{"Bearer"}, "", true, false},
		{[]string{"Bearer "}, "", true, false},
		{[]string{"Bearerabc"}, "", true, false},
		{[]string{"Bearer a b"}, "a b", true, false},
		{[]string{"Bearer a,Bearer b"}, "a,Bearer b", true, false},
		{[]string{"Basic abc"}, "abc", true, false},
		{[]string{"Bearer a", "Bearer b"}, "", true, false},
	} {
		token, present, ok := Bearer(row.header)
		if token != row.token || present != row.present || ok != row.ok {
			t.Errorf("%q: %q %v %v", row.header, token, present, ok)
		}
	}
}

func TestPaging(t *testing.T) {
	all := slices.Values([]string{"a", "b", "c"})
	key := func(s string) string { return s }
	for _, row := range []struct {
		after string
		limit int
		page  []string
		next  string
	}{
		{"", 2, []string{"a", "b"}, "b"}, {"b", 2, []string{"c"}, ""}, {"", 3, []string{"a", "b", "c"}, ""},
		{"c", 3, []string{}, ""}, {"aa", 1, []string{"b"}, "b"},
	} {
		page, next := Page(all, key, row.after, row.limit)
		if !slices.Equal(page, row.page) || page == nil || next != row.next {
			t.Errorf("%+v: %v %q", row, page, next)
		}
	}
	for _, k := range []string{"a", "s/ü/€", "\x00"} {
		if got, ok := ParseSkipToken(SkipToken(k)); !ok || got != k {
			t.Errorf("%q: %q %v", k, got, ok)
		}
	}
	for _, bad := range []string{"", "!", "a b", "YQ=="} {
		if _, ok := ParseSkipToken(bad); ok {
			t.Errorf("%q is taken for a token", bad)
		}
	}
}

func TestQuery(t *testing.T) {
	folded, err := ParseQuery("API-Version=1&%24filter=a+b&x", true)
	if err != nil || folded.Get("api-version") != "1" || folded.Get("$Filter") != "a b" || !folded.Has("X") || folded.Has("y") {
		t.Errorf("%v %v", folded, err)
	}
	exact, err := ParseQuery("a=1&A=2&a=3", false)
	if name, twice := exact.Duplicate(); err != nil || exact.Get("A") != "2" || name != "a" || !twice {
		t.Errorf("%v %v", exact, err)
	}
	if _, err := ParseQuery("a=%zz", false); err == nil {
		t.Error("a bad escape is no error")
	}
}

func FuzzServe(f *testing.F) {
	for _, s := range []string{"/subs/1/groups/a?x", "//", "/%2F/locks/%00", "/a?sig=%"} {
		f.Add(s)
	}
	p := plane(true, Operation{Name: "group", Method: "GET", Path: "/subs/{sub}/groups/{group}", View: echo("sub", "group")},
		Operation{Name: "deep", Method: "GET", Path: "/{scope...}/locks/{name}", View: echo("scope", "name")})
	f.Fuzz(func(t *testing.T, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || u.Host != "" {
			return
		}
		b := newBench()
		w := b.serve(p, &http.Request{Method: "GET", URL: u, Header: http.Header{}, Body: http.NoBody, Host: "example.com"})
		if w.Code >= 500 || len(b.bugs) > 0 {
			t.Fatalf("%q: %d %v", target, w.Code, b.bugs)
		}
	})
}
