package identity

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/clientlib/vault"
	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/fault"
)

// These tests are what users of public libraries have complained about: docs/clientlib-complaints.md has the issues.

// TestComplaintSharedCache: two worlds in one process do not share tokens. (Azure/azure-sdk-for-net#47896)
func TestComplaintSharedCache(t *testing.T) {
	one, two := world(t, "tutorial"), world(t, "tutorial")
	a := get(t, must[*Credential](t)(IMDS(in(one))), storage)
	b := get(t, must[*Credential](t)(IMDS(in(two))), storage)
	if a == b || len(two.Journal().Entries(0)) != 1 {
		t.Error("the second world's token is the first one's")
	}
}

// TestComplaintSlowFirstAnswer: a metadata service that needs six seconds for its first token is waited for: only the
// question whether it is there has a limit. (Azure/azure-sdk-for-net#20609, Azure/azure-sdk-for-go#22676)
func TestComplaintSlowFirstAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := token("a", time.Hour)
		slow.wait = 6 * time.Second
		s := &script{steps: []served{{wait: 1400 * time.Millisecond, status: 400}, {wait: 1400 * time.Millisecond, status: 400}, slow}}
		if got := get(t, must[*Credential](t)(Find(by(s))), storage); got != "a" {
			t.Errorf("token %q", got)
		}
	})
}

// TestComplaintNotThereForGood: a metadata service that was not there once is looked for again.
// (Azure/azure-sdk-for-net#9550)
func TestComplaintNotThereForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []served{{wait: time.Hour}, {wait: time.Hour}, {status: 400}, token("a", time.Hour)}}
		c := must[*Credential](t)(Find(by(s)))
		if _, err := c.Token(t.Context(), for1(storage)); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%v", err)
		}
		if got := get(t, c, storage); got != "a" {
			t.Errorf("token %q", got)
		}
	})
}

// TestComplaintGone: 410 is an update that takes up to seventy seconds, and is sat out. (Azure/azure-sdk-for-go#24842)
func TestComplaintGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		c := must[*Credential](t)(IMDS(Options{Getenv: env(), Options: clientlib.Options{
			Retry: clientlib.Retry{Random: func() float64 { return 0 }}, // the shortest waits
			Transport: clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
				step := served{status: 410}
				if time.Since(began) > 70*time.Second {
					step = token("a", time.Hour)
				}
				return (&script{steps: []served{step}}).Do(req)
			}),
		}}))
		if got := get(t, c, storage); got != "a" {
			t.Errorf("token %q", got)
		}
	})
}

// TestComplaintProxy: the metadata service is not asked through a proxy. (Azure/azure-sdk-for-net#18967)
func TestComplaintProxy(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	client, ok := local(Options{}, "imds").Options().Transport.(*http.Client)
	if !ok {
		t.Fatal("no client of net/http")
	}
	transport, ok := client.Transport.(*http.Transport)
	if !ok || transport.Proxy != nil {
		t.Error("a proxy would be asked")
	}
}

// TestComplaintClientID: AZURE_CLIENT_ID alone names a managed identity, and is no half of an application; one that the
// program names is not replaced by an application of the environment. (Azure/azure-sdk-for-net#14122,
// Azure/azure-sdk-for-net#8731)
func TestComplaintClientID(t *testing.T) {
	for name, o := range map[string]Options{
		"variable": {Getenv: env("AZURE_CLIENT_ID", "mine")},
		"program":  {Getenv: env("AZURE_TENANT_ID", tenant, "AZURE_CLIENT_ID", admin, "AZURE_CLIENT_SECRET", "s"), Identity: ClientID("mine")},
	} {
		s := &script{steps: []served{{status: 400}, token("a", time.Hour)}}
		o.Transport = s
		if get(t, must[*Credential](t)(Find(o)), storage); s.asked[1].URL.Query().Get("client_id") != "mine" || s.asked[1].URL.Host != "169.254.169.254" {
			t.Errorf("%s: asked %s", name, s.asked[1].URL)
		}
	}
}

// TestComplaintChain: where there is no metadata service, that is said after two seconds and not after twenty-five.
// (Azure/azure-sdk-for-net#45647, Azure/azure-sdk-for-net#39295)
func TestComplaintChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []served{{err: &net.OpError{Op: "dial", Err: errors.New("no route to host")}, wait: time.Hour}}}
		began := time.Now()
		_, err := must[*Credential](t)(Find(by(s))).Token(t.Context(), for1(storage))
		if !errors.Is(err, ErrUnavailable) || time.Since(began) > 2*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}

// TestComplaintHerd: fifty callers at once send one request, and none waits for a renewal while the token lives.
// (Azure/azure-sdk-for-net#13610, Azure/azure-sdk-for-python#26177)
func TestComplaintHerd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, renewal := token("a", time.Hour), token("b", time.Hour)
		first.wait, renewal.wait = time.Second, 20*time.Second
		s := &script{steps: []served{first, renewal}}
		c := must[*Credential](t)(IMDS(by(s)))
		all := func() time.Duration {
			began := time.Now()
			var wait sync.WaitGroup
			for range 50 {
				wait.Go(func() {
					if got, err := c.Token(t.Context(), for1(storage)); err != nil || got.Value != "a" {
						t.Errorf("%v, %v", got, err)
					}
				})
			}
			wait.Wait()
			took := time.Since(began)
			synctest.Wait() // what goes on in the background has been sent
			return took
		}
		if took := all(); took != time.Second || s.count() != 1 {
			t.Errorf("%d requests in %s", s.count(), took)
		}
		time.Sleep(57 * time.Minute)
		if took := all(); took != 0 || s.count() != 2 {
			t.Errorf("the renewal: %d requests, and callers waited %s", s.count(), took)
		}
		time.Sleep(time.Minute) // it ends
	})
}

// TestComplaintRetryAfter: a wait of more than a minute that a service asks for is kept; one of days ends the call at
// once. (Azure/azqr#51, Azure/azure-sdk-for-net#50949)
func TestComplaintRetryAfter(t *testing.T) {
	for asked, waits := range map[string]bool{"90": true, "410400": false} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{steps: []served{{status: 429, header: "Retry-After: " + asked}, token("a", time.Hour)}}
			began := time.Now()
			_, err := must[*Credential](t)(IMDS(by(s))).Token(t.Context(), for1(storage))
			took := time.Since(began)
			if waits && (err != nil || took < 90*time.Second || took > 99*time.Second) || !waits && (!clientlib.HasStatus(err, 429) || took > 0) {
				t.Errorf("Retry-After: %s: %s, %v", asked, took, err)
			}
		})
	}
}

// TestComplaintSovereign: in every cloud a vault gets a token of its own cloud's audience. (Azure/azure-sdk-for-rust#3309)
func TestComplaintSovereign(t *testing.T) {
	for _, c := range cloud.All() {
		emu := emulator.New(t, emulator.World("tutorial"), emulator.Cloud(c.Name))
		o := in(emu)
		o.Cloud = c
		v := must[*vault.Client](t)(vault.New(c.Vault("mytestkeyvault"), must[*Credential](t)(IMDS(o)), o.Options))
		if s := must[vault.Secret](t)(v.Get(t.Context(), "MyTestSecret", "")); s.Value != "p@ssw0rd!" {
			t.Errorf("%s: the secret is another", c.Name)
		}
	}
}

// TestComplaintSecretInLog: neither the error nor the log of a call that is tried again shows a secret of its address.
// (Azure/azure-sdk-for-js#29910, Azure/azure-storage-java#431)
func TestComplaintSecretInLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		emu := world(t, "tutorial")
		emu.Faults().Add(fault.Rule{Match: fault.Match{Plane: "blob"}, Effect: fault.Effect{Status: 503}})
		var log bytes.Buffer
		p := clientlib.NewPipeline(clientlib.Options{Transport: emu.Client(), Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}, clientlib.Service{Name: "blob"})
		account := emu.StorageAccount("tutorialstore")
		req := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), http.MethodGet, account.URL()+"/files/hello_world.txt?sv=2021-12-02&sig=canary", nil))
		_, err := p.Do(req)
		if err == nil || log.Len() == 0 || bytes.Contains(log.Bytes(), []byte("canary")) || bytes.Contains([]byte(err.Error()), []byte("canary")) {
			t.Errorf("%v\n%s", err, log.String())
		}
	})
}

// TestComplaintsAreTested: every test that the table of complaints names is there, and every one here is in the table.
func TestComplaintsAreTested(t *testing.T) {
	table := string(must[[]byte](t)(os.ReadFile("../../docs/clientlib-complaints.md")))
	var tests strings.Builder
	for _, file := range []string{"complaints_test.go", "../retry_test.go", "../error_test.go", "../watch_test.go", "../pipeline_test.go", "../blob/faults_test.go"} {
		tests.Write(must[[]byte](t)(os.ReadFile(file)))
	}
	for _, found := range regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(table, -1) {
		if !strings.Contains(tests.String(), "func "+found[1]+"(t *testing.T)") {
			t.Errorf("the table names %s, which is no test", found[1])
		}
	}
	for _, found := range regexp.MustCompile(`func (TestComplaint[A-Z][A-Za-z]+)\(`).FindAllStringSubmatch(tests.String(), -1) {
		if !strings.Contains(table, "`"+found[1]+"`") {
			t.Errorf("%s is not in the table", found[1])
		}
	}
}
