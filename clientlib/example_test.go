package clientlib_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/blob"
	"github.com/linarite/linarite/clientlib/identity"
	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/fault"
)

// check ends a program that went wrong.
func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// world is the tutorial's.
func world() *emulator.Emulator {
	emu, err := emulator.Open(emulator.Options{World: "tutorial"})
	check(err)
	return emu
}

// The tutorial's program: it finds out who it is, and reads a blob. In production Options are empty: nothing stands in
// for the network.
func Example() {
	emu := world()
	defer emu.Close()
	o := clientlib.Options{Transport: emu.Client()}

	cred, err := identity.Find(identity.Options{Options: o})
	check(err)
	store, err := blob.New("tutorialstore", cred, o)
	check(err)
	_, err = store.Container("files").Blob("hello_world.txt").Download(context.Background(), os.Stdout, nil)
	check(err)
	// Output: Hello world! :)
}

// A refusal is an *Error, whichever service it is of.
func ExampleError() {
	emu := world()
	defer emu.Close()
	cred, err := identity.IMDS(identity.Options{Options: clientlib.Options{Transport: emu.Client()}})
	check(err)
	store, err := blob.New("tutorialstore", cred, clientlib.Options{Transport: emu.Client()})
	check(err)

	_, err = store.Container("files").Blob("none.txt").Download(context.Background(), io.Discard, nil)
	var refused *clientlib.Error
	if errors.As(err, &refused) {
		fmt.Println(refused.Status, refused.Code, refused.Tries)
	}
	// Output: 404 BlobNotFound 1
}

func ExampleHasCode() {
	err := fmt.Errorf("starting: %w", &clientlib.Error{Status: 403, Code: "Forbidden", Inner: "SecretDisabled"})
	fmt.Println(clientlib.HasCode(err, "SecretDisabled", "SecretNotFound"))
	// Output: true
}

func ExampleHasStatus() {
	err := fmt.Errorf("starting: %w", &clientlib.Error{Status: 404, Code: "BlobNotFound"})
	fmt.Println(clientlib.HasStatus(err, http.StatusNotFound, http.StatusGone))
	// Output: true
}

// An hour in which the store is busy: the log tells of it, and the program does not notice.
func ExampleOptions() {
	emu := world()
	defer emu.Close()
	emu.Faults().Add(fault.Rule{Match: fault.Match{Plane: "blob"}, Effect: fault.Effect{Status: 503}, Times: 1})
	short := func(_ []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case slog.TimeKey, "url", "took", "request_id", "wait":
			return slog.Attr{}
		}
		return a
	}
	o := clientlib.Options{
		Transport:   emu.Client(),
		Application: "shop/1.2",
		Retry:       clientlib.Retry{Tries: 6, First: time.Millisecond},
		Log:         slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: short})),
	}
	account := emu.StorageAccount("tutorialstore")
	store, err := blob.NewWithKey(account.URL(), "tutorialstore", account.Key(), o)
	check(err)
	fmt.Println(store.Container("files").Exists(context.Background()))
	// Output:
	// level=WARN msg=request service=blob method=HEAD try=1 status=503 code=ServerBusy
	// true <nil>
}

func ExampleOptions_Resolve() {
	o := clientlib.Options{}.Resolve()
	fmt.Println(o.Cloud.Name, o.Transport != nil, o.Clock != nil)
	// Output: public true true
}

// Any function may stand in for the network.
func ExampleTransportFunc_Do() {
	teapot := clientlib.TransportFunc(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusTeapot, Body: http.NoBody}, nil
	})
	req, err := http.NewRequest(http.MethodGet, "https://example.com/", nil)
	check(err)
	resp, err := teapot.Do(req)
	check(err)
	clientlib.Drain(resp)
	fmt.Println(resp.StatusCode)
	// Output: 418
}

// A transport of one's own, with a proxy.
func ExampleNewTransport() {
	client := clientlib.NewTransport()
	if t, ok := client.Transport.(*http.Transport); ok {
		t.Proxy = http.ProxyFromEnvironment
		t.MaxConnsPerHost = 8
	}
	o := clientlib.Options{Transport: client}
	fmt.Println(o.Transport == client)
	// Output: true
}

// graph is a client of a service that this library has no package for.
func graph(emu *emulator.Emulator) *clientlib.Pipeline {
	o := clientlib.Options{Transport: emu.Client()}
	cred, err := identity.ClientSecret("aaaabbbb-0000-cccc-1111-dddd2222eeee", "11111111-2222-3333-4444-555555555555", "linarite", identity.Options{Options: o})
	check(err)
	return clientlib.NewPipeline(o, clientlib.Service{
		Name:   "graph",
		PerTry: []clientlib.Policy{clientlib.Bearer(cred, o.Resolve().Cloud.Graph)},
	})
}

// A client of one's own, for a service that this library has no package for.
func ExampleNewPipeline() {
	emu := world()
	defer emu.Close()
	var page struct {
		Value []struct{ DisplayName string }
	}
	_, err := graph(emu).JSON(context.Background(), http.MethodGet, "https://graph.microsoft.com/v1.0/servicePrincipals?$filter=displayName%20eq%20'tutorial-vm'", nil, &page)
	check(err)
	fmt.Println(page.Value[0].DisplayName)
	// Output: tutorial-vm
}

func ExamplePipeline_Options() {
	p := clientlib.NewPipeline(clientlib.Options{}, clientlib.Service{Name: "mine"})
	fmt.Println(p.Options().Cloud.ARM)
	// Output: https://management.azure.com
}

// ready answers each request with its text.
func ready(text string) clientlib.Options {
	return clientlib.Options{Transport: clientlib.TransportFunc(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(text))}, nil
	})}
}

func get() *http.Request {
	req, err := http.NewRequest(http.MethodGet, "https://example.com/", nil)
	check(err)
	return req
}

// Do leaves the body to its caller: a long one need not be in memory.
func ExamplePipeline_Do() {
	resp, err := clientlib.NewPipeline(ready("a long text"), clientlib.Service{Name: "mine"}).Do(get())
	check(err)
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	fmt.Println(n, err)
	// Output: 11 <nil>
}

// Read asks again where an answer is cut short.
func ExamplePipeline_Read() {
	_, text, err := clientlib.NewPipeline(ready("a short text"), clientlib.Service{Name: "mine"}).Read(get())
	fmt.Printf("%s %v\n", text, err)
	// Output: a short text <nil>
}

func ExamplePipeline_JSON() {
	var out struct{ Answer int }
	_, err := clientlib.NewPipeline(ready(`{"answer":42}`), clientlib.Service{Name: "mine"}).JSON(context.Background(), http.MethodPut, "https://example.com/", map[string]string{"a": "question"}, &out)
	fmt.Println(out.Answer, err)
	// Output: 42 <nil>
}

// fixed is a credential for those who have a token already.
type fixed string

func (f fixed) Token(context.Context, clientlib.TokenRequest) (clientlib.Token, error) {
	return clientlib.Token{Value: string(f), Expires: time.Now().Add(time.Hour)}, nil
}

func ExampleBearer() {
	o := ready("")
	o.PerTry = []clientlib.Policy{func(req *http.Request, next clientlib.Next) (*http.Response, error) {
		fmt.Println(req.Header.Get("Authorization"))
		return next(req)
	}}
	p := clientlib.NewPipeline(o, clientlib.Service{Name: "mine", PerTry: []clientlib.Policy{clientlib.Bearer(fixed("abc"), "https://example.com/")}})
	_, _, err := p.Read(get())
	check(err)
	// Output: Bearer abc
}

// WithToken is for policies that learn from a challenge whom the token is for.
func ExampleWithToken() {
	ask := func(req *http.Request, next clientlib.Next) (*http.Response, error) {
		return clientlib.WithToken(req, next, fixed("abc"), clientlib.TokenRequest{Audience: "https://vault.azure.net"})
	}
	next := func(req *http.Request) (*http.Response, error) {
		fmt.Println(req.Header.Get("Authorization"))
		return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
	}
	_, err := ask(get(), next)
	check(err)
	// Output: Bearer abc
}

func ExampleChallenges() {
	h := http.Header{"Www-Authenticate": {`Bearer authorization="https://login.microsoftonline.com/common", resource="https://vault.azure.net"`}}
	for _, c := range clientlib.Challenges(h) {
		fmt.Println(c.Scheme, c.Params["resource"])
	}
	// Output: Bearer https://vault.azure.net
}

func ExampleClaimsChallenge() {
	h := http.Header{"Www-Authenticate": {`Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="`}}
	fmt.Println(clientlib.ClaimsChallenge(h))
	// Output: {"access_token":{}}
}

func ExampleRetryAfter() {
	fmt.Println(clientlib.RetryAfter(http.Header{"Retry-After": {"7"}}, time.Now()))
	// Output: 7s
}

// A policy that asks twice sends a request of its own the second time.
func ExampleRewind() {
	req, err := http.NewRequest(http.MethodPut, "https://example.com/", strings.NewReader("the body"))
	check(err)
	first, _ := io.ReadAll(req.Body)
	again, err := clientlib.Rewind(req)
	check(err)
	second, _ := io.ReadAll(again.Body)
	fmt.Printf("%s, %s\n", first, second)
	// Output: the body, the body
}

func ExampleDrain() {
	resp, err := ready("what nobody reads").Transport.Do(get())
	check(err)
	clientlib.Drain(resp)
	n, err := resp.Body.Read(make([]byte, 1))
	fmt.Println(n, err)
	// Output: 0 EOF
}

func ExampleSleep() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	fmt.Println(clientlib.Sleep(ctx, clientlib.Options{}.Resolve().Clock, time.Hour))
	// Output: context canceled
}

// A token does not print what it is.
func ExampleToken() {
	token := clientlib.Token{Value: "secret", Expires: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}
	fmt.Printf("%v, %+v, %#v\n", token, token, token)
	// Output: token until 2026-11-28T12:00:00Z, token until 2026-11-28T12:00:00Z, token until 2026-11-28T12:00:00Z
}
