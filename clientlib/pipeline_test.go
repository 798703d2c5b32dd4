package clientlib

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestOrder: the policies of a call are passed once, then for each try the service's and the caller's, and back.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var passed []string
		note := func(name string) Policy {
			return func(req *http.Request, next Next) (*http.Response, error) {
				passed = append(passed, name)
				req.Header.Add("Passed", name)
				defer func() { passed = append(passed, "/"+name) }()
				return next(req)
			}
		}
		s := &script{steps: []step{says(503), says(200)}}
		p := NewPipeline(Options{Transport: s, PerCall: []Policy{note("call1"), note("call2")}, PerTry: []Policy{note("try1"), note("try2")}},
			Service{Name: "test", PerTry: []Policy{note("service")}})
		resp, err := p.Do(request(t, "GET", ""))
		if err != nil || resp.StatusCode != 200 {
			t.Fatal(err)
		}
		each := "service try1 try2 /try2 /try1 /service"
		if got, want := strings.Join(passed, " "), "call1 call2 "+each+" "+each+" /call2 /call1"; got != want {
			t.Errorf("passed %s\nwant   %s", got, want)
		}
		if got := strings.Join(s.asked[1].Header["Passed"], " "); got != "call1 call2 service try1 try2" {
			t.Errorf("the second try's headers have what the first one's have: %s", got)
		}
	})
}

// TestAgent: a request says who sends it, unless it says so itself.
func TestAgent(t *testing.T) {
	s := &script{steps: []step{says(200)}}
	app := pipe(s, func(o *Options) { o.Application = "shop/2" })
	for _, p := range []*Pipeline{pipe(s), app} {
		if _, err := p.Do(request(t, "GET", "")); err != nil {
			t.Fatal(err)
		}
	}
	own := request(t, "GET", "")
	own.Header = http.Header{"User-Agent": {"mine"}}
	bare := request(t, "GET", "")
	bare.Header = nil
	for _, req := range []*http.Request{own, bare} {
		if _, err := app.Do(req); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"linarite-test/1 (", "shop/2 linarite-test/1 (", "mine", "shop/2 linarite-test/1 ("} {
		if got := s.asked[i].UserAgent(); !strings.HasPrefix(got, want) {
			t.Errorf("request %d is of %q", i, got)
		}
	}
}

// TestBodies: each try has the whole body; one that cannot be had again is sent once.
func TestBodies(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*http.Request)
		want   int
		said   string
	}{
		"rewound": {func(*http.Request) {}, 3, "503"},
		"once": {func(r *http.Request) {
			r.Body, r.GetBody = io.NopCloser(once("the body")), nil
		}, 1, "503"},
		"no body": {func(r *http.Request) { r.Body, r.GetBody = nil, nil }, 3, "503"},
		"NoBody":  {func(r *http.Request) { r.Body, r.GetBody = http.NoBody, nil }, 3, "503"},
		"gone by now": {func(r *http.Request) {
			r.GetBody = func() (io.ReadCloser, error) { return nil, errors.New("file closed") }
		}, 1, "file closed"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: []step{says(503).with("x"), says(503).with("y"), says(200)}}
				if row.want < 3 {
					s.steps[2].status = 503
				}
				req := request(t, "PUT", "the body")
				had := req.GetBody
				row.change(req)
				_, err := pipe(s).Do(req)
				if row.want < 3 {
					in(t, err, row.said)
				} else if err != nil {
					t.Error(err)
				}
				if s.count() != row.want {
					t.Errorf("sent %d times, want %d", s.count(), row.want)
				}
				for _, body := range s.bodies {
					if req.Body != nil && req.Body != http.NoBody && had != nil && body != "the body" {
						t.Errorf("sent %q", body)
					}
				}
				if s.closed != min(row.want, 2) {
					t.Errorf("%d bodies of refusals were closed", s.closed)
				}
			})
		})
	}
}

// TestRead: an answer that is cut short is asked for again, and one that is too long is not.
func TestRead(t *testing.T) {
	cut := func() step {
		s := says(200)
		s.body = io.MultiReader(strings.NewReader("hal"), failing{io.ErrUnexpectedEOF})
		return s
	}
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{cut(), cut(), says(200).with("whole")}}
		resp, text, err := pipe(s).Read(request(t, "GET", ""))
		if err != nil || string(text) != "whole" || s.count() != 3 || s.closed != 3 {
			t.Errorf("%q, %v after %d, %d closed", text, err, s.count(), s.closed)
		}
		if again, err := io.ReadAll(resp.Body); err != nil || string(again) != "whole" {
			t.Errorf("the answer's body: %q, %v", again, err)
		}

		s = &script{steps: []step{cut()}}
		var broken *TransportError
		_, _, err = pipe(s).Read(request(t, "GET", ""))
		if !errors.As(err, &broken) || broken.Tries != 4 || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("always cut: %v", err)
		}
		in(t, err, "(4 tries)")

		// Do leaves the body to the caller, whole or not.
		s = &script{steps: []step{cut()}}
		resp, err = pipe(s).Do(request(t, "GET", ""))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(resp.Body); string(text) != "hal" || !errors.Is(err, io.ErrUnexpectedEOF) || s.count() != 1 {
			t.Errorf("%q, %v", text, err)
		}
		_ = resp.Body.Close()
	})
}

// TestLongest: what is longer than the service's answers are is not read, announced or not.
func TestLongest(t *testing.T) {
	for _, length := range []int64{-1, 11} {
		s := &script{steps: []step{says(200).with("0123456789a")}}
		announced := TransportFunc(func(req *http.Request) (*http.Response, error) {
			resp, err := s.Do(req)
			resp.ContentLength = length
			return resp, err
		})
		p := NewPipeline(Options{Transport: announced}, Service{Name: "test", LongestBody: 10})
		_, text, err := p.Read(request(t, "GET", ""))
		in(t, err, "too long")
		if len(text) > 0 || s.count() != 1 || s.closed != 1 {
			t.Errorf("%q after %d requests, %d closed", text, s.count(), s.closed)
		}
	}
	s := &script{steps: []step{says(200).with("0123456789")}}
	p := NewPipeline(Options{Transport: s}, Service{Name: "test", LongestBody: 10})
	if _, text, err := p.Read(request(t, "GET", "")); err != nil || string(text) != "0123456789" {
		t.Errorf("as long as may be: %q, %v", text, err)
	}
}

// TestReadFromPolicy: a policy may answer in the service's place, and its answer is read as well.
func TestReadFromPolicy(t *testing.T) {
	kept := func(*http.Request, Next) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("kept"))}, nil
	}
	s := &script{steps: []step{says(500)}}
	if _, text, err := pipe(s, func(o *Options) { o.PerCall = []Policy{kept} }).Read(request(t, "GET", "")); err != nil || string(text) != "kept" || s.count() != 0 {
		t.Errorf("%q, %v", text, err)
	}
}

// TestJSON: what is sent and read as JSON.
func TestJSON(t *testing.T) {
	var out struct{ A int }
	s := &script{steps: []step{says(200).with(`{"a":7}`)}}
	resp, err := pipe(s).JSON(t.Context(), "POST", "https://acct.example/x?sig="+canary, map[string]int{"b": 1}, &out)
	if err != nil || out.A != 7 || resp.StatusCode != 200 || s.bodies[0] != `{"b":1}` {
		t.Errorf("%v, %v, sent %q", out, err, s.bodies)
	}
	if h := s.asked[0].Header; h.Get("Accept") != "application/json" || h.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", h)
	}
	for name, row := range map[string]struct {
		in   any
		url  string
		body string
		want string
	}{
		"not JSON":   {nil, "https://acct.example/x?sig=" + canary, "<html>" + canary, "not the JSON that was expected"},
		"other JSON": {nil, "https://acct.example/x", `{"a":"x"}`, "not the JSON that was expected"},
		"no value":   {func() {}, "https://acct.example/x", "", "unsupported type"},
		"no address": {nil, "https://acct.example:x y/", "", "invalid"},
	} {
		_, err := pipe(&script{steps: []step{says(200).with(row.body)}}).JSON(t.Context(), "GET", row.url, row.in, &out)
		if err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v", name, err)
		}
	}
	out.A = 9
	s = &script{steps: []step{says(204)}}
	if _, err := pipe(s).JSON(t.Context(), "DELETE", "https://acct.example/x", nil, &out); err != nil || out.A != 9 || s.asked[0].Header.Get("Content-Type") != "" {
		t.Errorf("an answer without a body: %v, %v", out, err)
	}
}

// TestRewind: a policy that sends more than once gives each request headers and a body of its own.
func TestRewind(t *testing.T) {
	twice := func(req *http.Request, next Next) (*http.Response, error) {
		again, err := Rewind(req)
		if err != nil {
			return nil, err
		}
		again.Header.Set("Second", "yes")
		resp, err := next(req)
		if err != nil {
			return nil, err
		}
		Drain(resp)
		return next(again)
	}
	s := &script{steps: []step{says(200).with("one"), says(200).with("two")}}
	p := pipe(s, func(o *Options) { o.PerTry = []Policy{twice} })
	_, text, err := p.Read(request(t, "PUT", "body"))
	if err != nil || string(text) != "two" || !slices.Equal(s.bodies, []string{"body", "body"}) || s.asked[0].Header.Get("Second") != "" {
		t.Errorf("%q, %v: %q", text, err, s.bodies)
	}
	bare := request(t, "PUT", "body")
	bare.GetBody = nil
	_, _, err = p.Read(bare)
	in(t, err, "no GetBody")
	if s.count() != 2 {
		t.Error("a policy's error was tried again")
	}
}

// TestStandIns: what a transport must not do is an error, and no panic.
func TestStandIns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := pipe(TransportFunc(func(*http.Request) (*http.Response, error) { return nil, nil })).Do(request(t, "GET", ""))
		in(t, err, "neither an answer nor an error")
		resp, text, err := pipe(TransportFunc(func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 200}, nil })).Read(request(t, "GET", ""))
		if err != nil || len(text) > 0 || resp.Body == nil {
			t.Errorf("an answer without a body: %v", err)
		}
		_, err = pipe(TransportFunc(func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 404}, nil })).Do(request(t, "GET", ""))
		in(t, err, "404 Not Found")
	})
}

// TestSleep: waiting ends with its context, and leaves nothing behind.
func TestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, clock := time.Now(), Options{}.Resolve().Clock
		if err := Sleep(t.Context(), clock, time.Hour); err != nil || time.Since(began) != time.Hour {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := Sleep(ctx, clock, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if err := Sleep(ctx, clock, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a context that has ended: %v", err)
		}
		if err := Sleep(t.Context(), clock, -1); err != nil {
			t.Error(err)
		}
	})
}

// failing is a reader that fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
