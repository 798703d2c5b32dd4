package sdkcompat

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/linarite/linarite/emulator"
)

// must panics for an error, which fails the test that is running.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// machine is the credential of code on the world's machine.
func machine(options azcore.ClientOptions) *azidentity.ManagedIdentityCredential {
	return must(azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ClientOptions: options}))
}

// of is the options of clients of a world.
func of(emu *emulator.Emulator) azcore.ClientOptions {
	return azcore.ClientOptions{Transport: recorded(emu.Client())}
}

// witness is a transport that sees which tokens a world's metadata service gives out, and
// with which tokens its other services let somebody in.
type witness struct {
	next *http.Client

	mu      sync.Mutex
	issued  map[string]bool
	foreign int // requests that were let in with a token of another world
	refused int // requests that offered one and were refused
}

func (w *witness) Do(req *http.Request) (*http.Response, error) {
	resp, err := w.next.Do(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.issued == nil {
		w.issued = map[string]bool{}
	}
	if req.URL.Path == "/metadata/identity/oauth2/token" && resp.StatusCode == http.StatusOK {
		var answer struct {
			Token string `json:"access_token"`
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			return nil, err
		}
		w.issued[answer.Token] = true
		return resp, nil
	}
	token, given := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	switch {
	case !given || w.issued[token]:
	case resp.StatusCode < http.StatusBadRequest:
		w.foreign++
	default:
		w.refused++
	}
	return resp, nil
}
