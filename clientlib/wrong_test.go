package clientlib

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestRequestsThatAreNone: what is no request of HTTP is said at once, without its secrets, and not sent again and again.
func TestRequestsThatAreNone(t *testing.T) {
	for name, spoil := range map[string]func(*http.Request){
		"value":  func(r *http.Request) { r.Header.Set("X-Secret", canary+"\r\nHost: evil.example") },
		"delete": func(r *http.Request) { r.Header.Set("X-Secret", canary+"\x7f") },
		"name":   func(r *http.Request) { r.Header["x-ms-meta-a b"] = []string{canary} },
		"colon":  func(r *http.Request) { r.Header["x-ms-meta-a:b"] = []string{canary} },
		"empty":  func(r *http.Request) { r.Header[""] = []string{canary} },
		"query":  func(r *http.Request) { r.URL.RawQuery = "sig=" + canary + "\n" },
		"scheme": func(r *http.Request) { r.URL.Scheme = "ftp" },
	} {
		s := &script{steps: []step{says(200)}}
		policy := func(req *http.Request, next Next) (*http.Response, error) {
			spoil(req)
			return next(req)
		}
		p := NewPipeline(Options{Transport: s, PerTry: []Policy{policy}}, Service{Name: "test"})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://service.example/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Fine", "with a\ttab, and ü")
		_, err = p.Do(req)
		var failed *TransportError
		if !errors.As(err, &failed) || failed.Tries != 1 || len(s.asked) > 0 || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v, after %d requests", name, err, len(s.asked))
		}
	}
}

// TestPoliciesThatAnswer: a policy may answer in the service's place, also without a body; what is no success is an error.
func TestPoliciesThatAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		status int // 0 is neither an answer nor an error
		want   func(error) bool
	}{
		"nothing": {0, func(err error) bool {
			return err != nil && strings.Contains(err.Error(), "neither an answer nor an error")
		}},
		"success": {204, func(err error) bool { return err == nil }},
		"refusal": {404, func(err error) bool { return HasStatus(err, 404) }},
	} {
		policy := func(*http.Request, Next) (*http.Response, error) {
			if c.status == 0 {
				return nil, nil
			}
			return &http.Response{StatusCode: c.status}, nil
		}
		for where, o := range map[string]Options{"call": {PerCall: []Policy{policy}}, "try": {PerTry: []Policy{policy}}} {
			o.Transport = &script{steps: []step{says(200)}}
			p := NewPipeline(o, Service{Name: "test"})
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://service.example/", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := p.Do(req)
			if err == nil {
				Drain(resp)
			}
			if !c.want(err) {
				t.Errorf("%s, by %s, Do: %v", name, where, err)
			}
			if _, _, err = p.Read(req); !c.want(err) {
				t.Errorf("%s, by %s, Read: %v", name, where, err)
			}
		}
	}
}

// TestRequestsOfPolicies: a policy's own request has an answer of its own, even within a call of Read.
func TestRequestsOfPolicies(t *testing.T) {
	inner := NewPipeline(Options{Transport: &script{steps: []step{says(200).with("more than the outer service is to say")}}}, Service{Name: "inner", LongestBody: 4})
	got := ""
	policy := func(req *http.Request, next Next) (*http.Response, error) {
		own, err := http.NewRequestWithContext(req.Context(), http.MethodGet, "https://inner.example/", nil)
		if err != nil {
			return nil, err
		}
		resp, err := inner.Do(own)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		got = string(text)
		if err != nil {
			return nil, err
		}
		return next(req)
	}
	p := NewPipeline(Options{Transport: &script{steps: []step{says(200).with("outer")}}, PerCall: []Policy{policy}}, Service{Name: "outer"})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://service.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, text, err := p.Read(req); err != nil || string(text) != "outer" || !strings.HasPrefix(got, "more than") {
		t.Errorf("%q, %v; the policy's own %q", text, err, got)
	}
}
