package sdkcompat

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/fixtures/keys"
)

// Hundreds of worlds at the same time, all with the same names and ids, while MSAL keeps
// tokens for the whole process under one key: every client ends up with its own world's
// token, and none is ever let in with another's.
//
// The chain's probe of the metadata service gives up after a second. In the bubble that
// second does not pass while anybody has something to do, however slow the machine is.
func TestWorldsDoNotShareTokens(t *testing.T) { synctest.Test(t, shareNoTokens) }

func shareNoTokens(t *testing.T) {
	const worlds = 500
	var wait sync.WaitGroup
	failed := make([]error, worlds)
	witnesses := make([]*witness, worlds)
	for i := range worlds {
		emu := emulator.New(t)
		files, vault := emu.StorageAccount("acct").Container("files"), emu.Vault("my-vault")
		vault.SetSecret("which", fmt.Sprint(i))
		emu.Grant(emu.Machine(), "Storage Blob Data Contributor", files)
		emu.Grant(emu.Machine(), "Key Vault Secrets User", vault)
		emu.Grant(emu.Machine(), "Reader", emu.Group("DevTest"))
		witnesses[i] = &witness{next: emu.Client()}
		wait.Go(func() { failed[i] = useWorld(t.Context(), emu, witnesses[i], i) })
	}
	wait.Wait()
	refused := 0
	for i, w := range witnesses {
		if failed[i] != nil {
			t.Errorf("world %d: %v", i, failed[i])
		}
		if w.foreign > 0 {
			t.Errorf("world %d let in %d requests with another world's token", i, w.foreign)
		}
		refused += w.refused
	}
	if refused == 0 {
		t.Error("no token of another world was ever offered: this test shows nothing")
	}
}

// useWorld writes and reads everywhere in a world, and finds what is there.
func useWorld(ctx context.Context, emu *emulator.Emulator, transport *witness, number int) error {
	options := azcore.ClientOptions{Transport: transport}
	chain, err := azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: options})
	if err != nil {
		return err
	}
	want := fmt.Sprint(number)
	for _, cred := range []azcore.TokenCredential{machine(options), chain} {
		blobs, err := azblob.NewClient("https://acct.blob.core.windows.net", cred, &azblob.ClientOptions{ClientOptions: options})
		if err != nil {
			return err
		}
		if _, err := blobs.UploadBuffer(ctx, "files", "which", []byte(want), nil); err != nil {
			return err
		}
		got := make([]byte, len(want))
		if _, err := blobs.DownloadBuffer(ctx, "files", "which", got, nil); err != nil || string(got) != want {
			return fmt.Errorf("blob %q: %w", got, err)
		}
		secrets, err := azsecrets.NewClient("https://my-vault.vault.azure.net", cred, &azsecrets.ClientOptions{ClientOptions: options})
		if err != nil {
			return err
		}
		secret, err := secrets.GetSecret(ctx, "which", "", nil)
		if err != nil || *secret.Value != want {
			return fmt.Errorf("secret: %w", err)
		}
		groups, err := armresources.NewResourceGroupsClient(emu.Subscription().SubscriptionID(), cred, &arm.ClientOptions{ClientOptions: options})
		if err != nil {
			return err
		}
		if _, err := groups.Get(ctx, "DevTest", nil); err != nil {
			return err
		}
	}
	return nil
}

// A clock that is moved makes tokens old, or not yet good, that client libraries keep by
// their own clock: they are told to ask again, and the test goes on with the clients it has.
func TestClientsFollowTheClock(t *testing.T) {
	emu := emulator.New(t)
	files, vault := emu.StorageAccount("acct").Container("files"), emu.Vault("my-vault")
	files.Upload("b", []byte("x"))
	vault.SetSecret("s", "v")
	emu.Grant(emu.Machine(), "Storage Blob Data Reader", files)
	emu.Grant(emu.Machine(), "Key Vault Secrets Officer", vault)
	emu.Grant(emu.Machine(), "Reader", emu.Group("DevTest"))
	cred, options := machine(of(emu)), of(emu)
	client := blobs(cred, options)
	secrets := must(azsecrets.NewClient(vault.URL(), cred, &azsecrets.ClientOptions{ClientOptions: options}))
	groups := must(armresources.NewResourceGroupsClient(emu.Subscription().SubscriptionID(), cred, &arm.ClientOptions{ClientOptions: options}))
	for _, by := range []time.Duration{0, 25 * time.Hour, 91 * 24 * time.Hour, -48 * time.Hour, -100 * 24 * time.Hour} {
		emu.Clock().Advance(by)
		for range 2 {
			if _, err := client.DownloadBuffer(t.Context(), "files", "b", make([]byte, 1), nil); err != nil {
				t.Errorf("blob, after %v more: %v", by, err)
			}
			if _, err := secrets.GetSecret(t.Context(), "s", "", nil); err != nil {
				t.Errorf("secret, after %v more: %v", by, err)
			}
			if _, err := groups.Get(t.Context(), "DevTest", nil); err != nil {
				t.Errorf("group, after %v more: %v", by, err)
			}
		}
	}
	must(secrets.DeleteSecret(t.Context(), "s", nil))
	emu.Clock().Advance(91 * 24 * time.Hour)
	_, err := secrets.GetDeletedSecret(t.Context(), "s", nil)
	refused(t, "past its retention", err, 404, "SecretNotFound")
}

// One client asks many things at once, while its world has no token yet and the process
// has one of another world. The client library answers one challenge for each request, and
// may answer it with the very token that was refused, taken from the cache by another
// request meanwhile: such a request is told to come again.
func TestManyRequestsAtOnce(t *testing.T) {
	const worlds, requests = 100, 16
	for i := range worlds {
		emu := emulator.New(t)
		emu.Grant(emu.Machine(), "Storage Blob Data Contributor", emu.StorageAccount("acct").Container("files"))
		client := blobs(machine(of(emu)), of(emu))
		var wait sync.WaitGroup
		failed := make([]error, requests)
		for k := range requests {
			wait.Go(func() { _, failed[k] = client.UploadBuffer(t.Context(), "files", fmt.Sprint(k), []byte("x"), nil) })
		}
		wait.Wait()
		if err := errors.Join(failed...); err != nil {
			t.Errorf("world %d: %v", i, err)
		}
	}
}

// Ten worlds of one server with a home, as `linarite serve` has one, from one process
// at the same time, and again after each has ended and begun anew under its name: no client
// has to be restarted, and none is let in with another world's token.
func TestWorldsOfOneServer(t *testing.T) {
	home := must(emulator.EphemeralHome())
	// Not a key that ends with this test: the process keeps tokens of the other tests' worlds.
	home.Keys = must(identity.ParseKeys(keys.Test()))
	emu := emulator.New(t, emulator.World("tutorial"), emulator.With(func(o *emulator.Options) { o.Home = home }))
	server := must(emu.Serve(emulator.ServeOptions{Offline: true}))
	const worlds = 10
	refused := 0
	for round := range 2 {
		var wait sync.WaitGroup
		failed := make([]error, worlds)
		witnesses := make([]*witness, worlds)
		for i := range worlds {
			name := fmt.Sprintf("worker-%d", i)
			at := must(emu.World(name))
			files, vault := at.StorageAccount("acct").Container("files"), at.Vault("my-vault")
			vault.SetSecret("which", fmt.Sprint(i))
			at.Grant(at.Machine(), "Storage Blob Data Contributor", files)
			at.Grant(at.Machine(), "Key Vault Secrets User", vault)
			at.Grant(at.Machine(), "Reader", at.Group("DevTest"))
			door := must(url.Parse(server.URL))
			door.User = url.User(name + ".")
			witnesses[i] = &witness{next: client(t, &http.Transport{Proxy: http.ProxyURL(door), TLSClientConfig: &tls.Config{RootCAs: emu.RootCAs()}})}
			wait.Go(func() { failed[i] = useWorld(t.Context(), at, witnesses[i], i) })
		}
		wait.Wait()
		for i, w := range witnesses {
			if failed[i] != nil {
				t.Errorf("round %d, world %d: %v", round, i, failed[i])
			}
			if w.foreign > 0 {
				t.Errorf("round %d: world %d let in %d requests with another world's token", round, i, w.foreign)
			}
			refused += w.refused
			if err := emu.EndWorld(fmt.Sprintf("worker-%d", i)); err != nil {
				t.Error(err)
			}
		}
	}
	if refused == 0 {
		t.Error("no token of another world was ever offered: this test shows nothing")
	}
}
