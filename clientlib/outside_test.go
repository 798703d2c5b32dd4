package clientlib_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linarite/linarite/clientlib"
)

// answers is a transport that gives one status, body and headers after another, the last one for all that follow.
func answers(all ...func() *http.Response) clientlib.TransportFunc {
	var n atomic.Int64
	return func(*http.Request) (*http.Response, error) { return all[min(int(n.Add(1)), len(all))-1](), nil }
}

func plain(status int, body string, headers ...string) func() *http.Response {
	return func() *http.Response {
		h := http.Header{}
		for i := 0; i < len(headers); i += 2 {
			h.Set(headers[i], headers[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body))}
	}
}

func to(ctx context.Context, o clientlib.Options) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://service.example/", nil)
	if err != nil {
		return nil, err
	}
	return clientlib.NewPipeline(o, clientlib.Service{Name: "test"}).Do(req)
}

// ahead is a clock that is a year ahead, and counts its timers that are set.
type ahead struct{ set atomic.Int64 }

func (*ahead) Now() time.Time { return time.Now().AddDate(1, 0, 0) }

func (a *ahead) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	a.set.Add(1)
	timer := time.AfterFunc(d, func() { a.set.Add(-1); f() })
	return func() bool {
		stopped := timer.Stop()
		if stopped {
			a.set.Add(-1)
		}
		return stopped
	}
}

// TestDeadlineOfTheMachine: contexts end by the machine's clock, whatever clock the waits are by.
func TestDeadlineOfTheMachine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		resp, err := to(ctx, clientlib.Options{Clock: &ahead{}, Transport: answers(plain(503, ""), plain(200, ""))})
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	})
}

// TestReadToTheEnd: an answer that is read to its end leaves no timer behind, even if nobody closes it.
func TestReadToTheEnd(t *testing.T) {
	for _, body := range []string{"", "text"} {
		synctest.Test(t, func(t *testing.T) {
			clock := &ahead{}
			resp, err := to(t.Context(), clientlib.Options{Clock: clock, Transport: answers(plain(200, body))})
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(resp.Body); string(text) != body || err != nil || clock.set.Load() != 0 {
				t.Errorf("%q, %v, %d timers", text, err, clock.set.Load())
			}
		})
	}
}

// TestCancelCause: net/http fails with the cause of a context's end; the error is still one of a context that ended.
func TestCancelCause(t *testing.T) {
	why := errors.New("the caller's own reason")
	ctx, cancel := context.WithCancelCause(t.Context())
	_, err := to(ctx, clientlib.Options{Transport: clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
		cancel(why)
		return nil, context.Cause(req.Context())
	})})
	if !errors.Is(err, context.Canceled) || !errors.Is(err, why) {
		t.Errorf("%v", err)
	}
}

// TestRefusedWithSecrets: neither the fields that people print nor the log have what a refusal repeats of a request.
func TestRefusedWithSecrets(t *testing.T) {
	var log bytes.Buffer
	_, err := to(t.Context(), clientlib.Options{
		Log:       slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Transport: answers(plain(403, `{"error":{"code":"sig=canary","message":"at https://x/?sig=canary"}}`)),
	})
	var e *clientlib.Error
	if !errors.As(err, &e) || strings.Contains(e.Message, "canary") || strings.Contains(log.String(), "canary") || log.Len() == 0 {
		t.Errorf("%v, message %q, log %s", err, e.Message, log.String())
	}
}

// none is a credential without tokens.
type none struct{}

func (none) Token(context.Context, clientlib.TokenRequest) (clientlib.Token, error) {
	return clientlib.Token{}, errors.New("no identity here")
}

// TestNotOfTheTransport: a call without a token has not failed on its way.
func TestNotOfTheTransport(t *testing.T) {
	_, err := to(t.Context(), clientlib.Options{Transport: answers(plain(200, "")), PerTry: []clientlib.Policy{clientlib.Bearer(none{}, "https://a")}})
	var credential *clientlib.CredentialError
	var transport *clientlib.TransportError
	if !errors.As(err, &credential) || errors.As(err, &transport) {
		t.Errorf("%#v", err)
	}
}
