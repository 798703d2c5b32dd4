package identity

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/fault"
)

const (
	tenant   = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
	admin    = "11111111-2222-3333-4444-555555555555"
	assigned = "00001111-aaaa-2222-bbbb-3333cccc4444"
)

// env is an environment with these variables alone: names and values in turn.
func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// in are options for a world.
func in(emu *emulator.Emulator, pairs ...string) Options {
	return Options{Options: clientlib.Options{Transport: emu.Client()}, Getenv: env(pairs...)}
}

func world(t *testing.T, name string) *emulator.Emulator {
	t.Helper()
	return emulator.New(t, emulator.World(name))
}

// hour makes a named bad hour begin.
func hour(t *testing.T, emu *emulator.Emulator, name string) {
	t.Helper()
	s, ok := fault.ScenarioNamed(name)
	if !ok {
		t.Fatalf("no scenario %s", name)
	}
	for _, r := range s.Rules {
		emu.Faults().Add(r)
	}
}

func for1(audience string) clientlib.TokenRequest {
	return clientlib.TokenRequest{Audience: audience}
}

const storage = "https://storage.azure.com/"

// served is what a script says to one request.
type served struct {
	status int
	header string
	body   string
	err    error
	wait   time.Duration
}

// script answers requests in turn, the last one for ever, and keeps what was asked.
type script struct {
	mu    sync.Mutex
	steps []served
	asked []*http.Request
	forms []string
}

func (s *script) Do(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.asked = append(s.asked, req)
	form := ""
	if req.Body != nil {
		text, _ := io.ReadAll(req.Body)
		form = string(text)
	}
	s.forms = append(s.forms, form)
	step := s.steps[min(len(s.asked), len(s.steps))-1]
	s.mu.Unlock()
	if step.wait > 0 {
		timer := time.NewTimer(step.wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	if step.err != nil {
		return nil, step.err
	}
	resp := &http.Response{StatusCode: step.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(step.body))}
	if name, value, ok := strings.Cut(step.header, ": "); ok {
		resp.Header.Set(name, value)
	}
	return resp, nil
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

// by are options whose requests a script answers.
func by(s *script, pairs ...string) Options {
	return Options{Options: clientlib.Options{Transport: s}, Getenv: env(pairs...)}
}

// token is an answer with a token that lives so long.
func token(value string, life time.Duration) served {
	return served{status: 200, body: fmt.Sprintf(`{"access_token":%q,"expires_in":"%d","token_type":"Bearer"}`, value, int(life.Seconds()))}
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// get asks for a token.
func get(t *testing.T, c *Credential, audience string) string {
	t.Helper()
	return must[clientlib.Token](t)(c.Token(context.WithoutCancel(t.Context()), for1(audience))).Value
}

// opens tells the status of a blob with a token.
func opens(t *testing.T, emu *emulator.Emulator, c *Credential) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, cloud.Public().Blob("tutorialstore")+"/files/hello_world.txt", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Ms-Version", "2021-12-02")
	req.Header.Set("Authorization", "Bearer "+get(t, c, storage))
	resp := must[*http.Response](t)(emu.Client().Do(req))
	clientlib.Drain(resp)
	return resp.StatusCode
}
