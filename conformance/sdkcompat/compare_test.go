package sdkcompat

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/linarite/linarite/clientlib"
	ourarm "github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/clientlib/blob"
	"github.com/linarite/linarite/clientlib/identity"
	"github.com/linarite/linarite/clientlib/vault"
	"github.com/linarite/linarite/emulator"
)

// TestWeight: the client library adds to a program at most a third of what the Azure SDK adds, and one module.
func TestWeight(t *testing.T) {
	size, modules := map[string]int64{}, map[string]int{}
	for _, name := range []string{"none", "ours", "theirs"} {
		file := filepath.Join(t.TempDir(), name)
		cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", file, "./compare/"+name)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
		size[name] = must(os.Stat(file)).Size()
		for _, m := range must(buildinfo.ReadFile(file)).Deps {
			if m.Path != "github.com/linarite/linarite" {
				modules[name]++
			}
		}
	}
	ours, theirs := size["ours"]-size["none"], size["theirs"]-size["none"]
	t.Logf("growth over %d KiB: ours %d KiB, theirs %d KiB (%.2f); modules linked: ours %d, theirs %d",
		size["none"]>>10, ours>>10, theirs>>10, float64(ours)/float64(theirs), modules["ours"], modules["theirs"])
	if ours*3 > theirs || modules["ours"] > 1 {
		t.Errorf("more than a third, or more than one module")
	}
}

// constant is a credential of either library that always has a token.
type constant struct{}

func (constant) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "t", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

func (constant) Token(context.Context, clientlib.TokenRequest) (clientlib.Token, error) {
	return clientlib.Token{Value: "t", Expires: time.Now().Add(time.Hour)}, nil
}

// canned answers each request at once, with as little as both libraries take, so that what is counted is theirs.
type canned struct{ content []byte }

func (c canned) Do(req *http.Request) (*http.Response, error) {
	resp := &http.Response{StatusCode: 200, Header: http.Header{"Etag": {`"1"`}, "Last-Modified": {"Sat, 28 Nov 2026 12:00:00 GMT"}}, Request: req}
	body := c.content
	switch {
	case req.Method == http.MethodPut:
		_, _ = io.Copy(io.Discard, req.Body)
		resp.StatusCode, body = 201, nil
	case strings.Contains(req.URL.Host, "vault") && req.Header.Get("Authorization") == "":
		resp.StatusCode, body = 401, nil
		resp.Header.Set("WWW-Authenticate", `Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"`)
	case strings.Contains(req.URL.Host, "vault"):
		body = []byte(`{"value":"v","id":"https://v.vault.azure.net/secrets/s/0123","attributes":{"enabled":true,"created":1680047573,"updated":1680047573}}`)
	case req.Header.Get("Range") != "" || req.Header.Get("X-Ms-Range") != "":
		resp.StatusCode = 206
		resp.Header.Set("Content-Range", "bytes 0-"+strconv.Itoa(len(body)-1)+"/"+strconv.Itoa(len(body)))
	}
	resp.ContentLength, resp.Body = int64(len(body)), io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// calls are the same calls by either library, ready to be made.
func calls() map[string]struct{ ours, theirs func() } {
	ctx, kilobyte := context.Background(), make([]byte, 1024)
	transport := canned{kilobyte}
	o := clientlib.Options{Transport: transport}
	options := azcore.ClientOptions{Transport: transport}
	ourBlob := must(blob.New("tutorialstore", constant{}, o)).Container("files").Blob("b")
	theirBlob := must(azblob.NewClient("https://tutorialstore.blob.core.windows.net", constant{}, &azblob.ClientOptions{ClientOptions: options}))
	ourVault := must(vault.New("v", constant{}, o))
	theirVault := must(azsecrets.NewClient("https://v.vault.azure.net", constant{}, &azsecrets.ClientOptions{ClientOptions: options}))
	into := make([]byte, 1024)
	return map[string]struct{ ours, theirs func() }{
		"get 1 KiB": {
			func() { must(ourBlob.Download(ctx, bytes.NewBuffer(into[:0]), nil)) },
			func() {
				got := must(theirBlob.DownloadStream(ctx, "files", "b", nil))
				_ = must(io.ReadFull(got.NewRetryReader(ctx, nil), into))
			},
		},
		"put 1 KiB": {
			func() { must(ourBlob.Upload(ctx, bytes.NewReader(kilobyte), nil)) },
			func() { must(theirBlob.UploadBuffer(ctx, "files", "b", kilobyte, nil)) },
		},
		"get a secret": {
			func() { must(ourVault.Get(ctx, "s", "")) },
			func() { must(theirVault.GetSecret(ctx, "s", "", nil)) },
		},
	}
}

// TestAllocations: a call of the client library allocates at most half as often as one of the Azure SDK.
func TestAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates too")
	}
	for name, c := range calls() {
		ours, theirs := testing.AllocsPerRun(200, c.ours), testing.AllocsPerRun(200, c.theirs)
		t.Logf("%s: ours %.0f allocations, theirs %.0f (%.2f)", name, ours, theirs, ours/theirs)
		if ours*2 > theirs {
			t.Errorf("%s: more than half", name)
		}
	}
}

// BenchmarkCalls is what a call costs without the network, by either library.
func BenchmarkCalls(b *testing.B) {
	for name, c := range calls() {
		for who, call := range map[string]func(){"ours": c.ours, "theirs": c.theirs} {
			b.Run(name+"/"+who, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					call()
				}
			})
		}
	}
}

// attempts are the operation that a scenario hits, by either library.
func attempts(t *testing.T, emu *emulator.Emulator, plane string) (ours, theirs func() error) {
	ctx, o := t.Context(), clientlib.Options{Transport: emu.Client()}
	cred, machine := must(identity.IMDS(identity.Options{Options: o})), machine(of(emu))
	switch plane {
	case "imds":
		const audience = "https://management.azure.com/"
		return func() error { _, err := cred.Token(ctx, clientlib.TokenRequest{Audience: audience}); return err },
			func() error {
				_, err := machine.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{audience + "/.default"}})
				return err
			}
	case "entra":
		const id = "11111111-2222-3333-4444-555555555555"
		app := must(identity.ClientSecret(tenant, id, "linarite", identity.Options{Options: o}))
		theirApp := must(azidentity.NewClientSecretCredential(tenant, id, "linarite", &azidentity.ClientSecretCredentialOptions{ClientOptions: of(emu)}))
		return func() error {
				_, err := app.Token(ctx, clientlib.TokenRequest{Audience: "https://vault.azure.net"})
				return err
			},
			func() error { _, err := theirApp.GetToken(ctx, forAudience("https://vault.azure.net")); return err }
	case "arm":
		groups := must(armresources.NewResourceGroupsClient(subscription, machine, &arm.ClientOptions{ClientOptions: of(emu)}))
		azure := must(ourarm.New(subscription, cred, o))
		return func() error { _, err := azure.Group(ctx, "DevTest"); return err }, func() error { _, err := groups.Get(ctx, "DevTest", nil); return err }
	case "vault":
		safe := must(vault.New("mytestkeyvault", cred, o))
		secrets := must(azsecrets.NewClient("https://mytestkeyvault.vault.azure.net", machine, &azsecrets.ClientOptions{ClientOptions: of(emu)}))
		return func() error { _, err := safe.Get(ctx, "MyTestSecret", ""); return err }, func() error { _, err := secrets.GetSecret(ctx, "MyTestSecret", "", nil); return err }
	}
	file := must(blob.New("tutorialstore", cred, o)).Container("files").Blob("hello_world.txt")
	store := must(azblob.NewClient("https://tutorialstore.blob.core.windows.net", machine, &azblob.ClientOptions{ClientOptions: of(emu)}))
	return func() error { _, err := file.Download(ctx, io.Discard, nil); return err }, func() error {
		got, err := store.DownloadStream(ctx, "files", "hello_world.txt", nil)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, got.Body)
		_ = got.Body.Close()
		return err
	}
}

// TestNoFaultWorse: in no named bad hour does the Azure SDK get through where the client library does not.
func TestNoFaultWorse(t *testing.T) {
	for name, plane := range map[string]string{
		"imds-warming-up": "imds", "imds-throttled": "imds", "token-endpoint-down": "entra", "arm-throttled": "arm", "role-not-propagated": "arm",
		"storage-partition-moving": "blob", "vault-throttled": "vault", "download-cut": "blob",
	} {
		t.Run(name, func(t *testing.T) {
			said := map[bool]string{true: "gets through", false: "does not"}
			var through [2]bool
			var waited [2]time.Duration
			for i := range through {
				synctest.Test(t, func(t *testing.T) {
					emu := emulator.New(t, emulator.World("tutorial"))
					for _, r := range scenario(t, name).Rules {
						emu.Faults().Add(r)
					}
					ours, theirs := attempts(t, emu, plane)
					began := time.Now()
					through[i] = []func() error{ours, theirs}[i]() == nil
					waited[i] = time.Since(began).Round(100 * time.Millisecond)
				})
			}
			t.Logf("ours %s after %s, theirs %s after %s", said[through[0]], waited[0], said[through[1]], waited[1])
			if through[1] && !through[0] {
				t.Error("handled worse")
			}
		})
	}
}
