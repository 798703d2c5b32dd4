package blob_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/blob"
	"github.com/linarite/linarite/emulator"
)

const store = "tutorialstore"

// tutorial is the tutorial's world, and a client of its account by the key.
func tutorial(t *testing.T) (*emulator.Emulator, *blob.Client) {
	t.Helper()
	emu := emulator.New(t, emulator.World("tutorial"))
	return emu, keyed(t, emu, clientlib.Options{})
}

func keyed(t *testing.T, emu *emulator.Emulator, o clientlib.Options) *blob.Client {
	t.Helper()
	if o.Transport == nil {
		o.Transport = emu.Client()
	}
	account := emu.StorageAccount(store)
	return must(blob.NewWithKey(account.URL(), store, account.Key(), o))(t)
}

// must fails the test on an error.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// machine is the credential of a machine, asked for as simply as can be.
type machine struct{ client *http.Client }

func (m machine) Token(ctx context.Context, r clientlib.TokenRequest) (clientlib.Token, error) {
	address := "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" + url.QueryEscape(r.Audience)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return clientlib.Token{}, err
	}
	req.Header.Set("Metadata", "true")
	resp, err := m.client.Do(req)
	if err != nil {
		return clientlib.Token{}, err
	}
	defer resp.Body.Close()
	var out struct {
		Token string `json:"access_token"`
		Until string `json:"expires_on"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return clientlib.Token{}, err
	}
	seconds, err := strconv.ParseInt(out.Until, 10, 64)
	return clientlib.Token{Value: out.Token, Expires: time.Unix(seconds, 0)}, err
}

// pattern is bytes of which no two places look alike.
func pattern(n int) []byte {
	out := make([]byte, n)
	x := uint64(n)*0x9E3779B97F4A7C15 + 1
	for i := range out {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		out[i] = byte(x >> 32)
	}
	return out
}

// at is a place in memory that can be written in any order.
type at struct {
	mu   sync.Mutex
	data []byte
}

func (a *at) WriteAt(p []byte, off int64) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if need := int(off) + len(p); need > len(a.data) {
		a.data = append(a.data, make([]byte, need-len(a.data))...)
	}
	return copy(a.data[off:], p), nil
}

// seen is a transport that looks at what goes by.
func seen(to clientlib.Transport, look func(*http.Request)) clientlib.Transport {
	var mu sync.Mutex
	return clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
		mu.Lock()
		look(req)
		mu.Unlock()
		return to.Do(req)
	})
}

// lost is a transport that loses the answer to the first request that a test is true for: it has been done.
func lost(to clientlib.Transport, which func(*http.Request) bool) clientlib.Transport {
	var once sync.Once
	return clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
		resp, err := to.Do(req)
		hit := false
		if err == nil && which(req) {
			once.Do(func() { hit = true })
		}
		if hit {
			clientlib.Drain(resp)
			return nil, errors.New("the connection was reset")
		}
		return resp, err
	})
}

// answer is a scripted answer.
func answer(req *http.Request, status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	return &http.Response{
		StatusCode: status, Header: h, Body: io.NopCloser(bytes.NewReader([]byte(body))), ContentLength: int64(len(body)), Request: req,
	}
}

// code checks that an error is a refusal with a code.
func code(t *testing.T, err error, want string) {
	t.Helper()
	if !clientlib.HasCode(err, want) {
		t.Errorf("%v instead of %s", err, want)
	}
}
