package sdkcompat

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"

	"github.com/linarite/linarite/emulator"
)

// carriers are the ways to a world.
var carriers = map[string]func(t *testing.T, emu *emulator.Emulator) *http.Client{
	"codec": func(_ *testing.T, emu *emulator.Emulator) *http.Client { return emu.Client() },
	"pipe": func(t *testing.T, emu *emulator.Emulator) *http.Client {
		return client(t, &http.Transport{DialContext: emu.DialContext, TLSClientConfig: &tls.Config{RootCAs: emu.RootCAs()}})
	},
	"socket": func(t *testing.T, emu *emulator.Emulator) *http.Client {
		server := must(emu.Serve(emulator.ServeOptions{Offline: true}))
		return client(t, &http.Transport{Proxy: http.ProxyURL(must(url.Parse(server.URL))), TLSClientConfig: &tls.Config{RootCAs: emu.RootCAs()}})
	},
}

func client(t *testing.T, transport *http.Transport) *http.Client {
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// onCarriers runs a test in the world tutorial of each cloud, over each carrier.
func onCarriers(t *testing.T, test func(t *testing.T, emu *emulator.Emulator, options azcore.ClientOptions)) {
	clouds := map[string]cloud.Configuration{"public": cloud.AzurePublic, "china": cloud.AzureChina, "usgov": cloud.AzureGovernment}
	for name, configuration := range clouds {
		for carrier, open := range carriers {
			t.Run(name+"/"+carrier, func(t *testing.T) {
				emu := emulator.New(t, emulator.World("tutorial"), emulator.Cloud(name))
				test(t, emu, azcore.ClientOptions{Transport: recorded(open(t, emu)), Cloud: configuration})
			})
		}
	}
}

const subscription = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"

// The flows of the tutorial that need no az: 1, 4, 5 and 6.
func TestFlows(t *testing.T) {
	onCarriers(t, func(t *testing.T, emu *emulator.Emulator, options azcore.ClientOptions) {
		cred := machine(options)
		blobs := must(azblob.NewClient(emu.StorageAccount("tutorialstore").URL(), cred, &azblob.ClientOptions{ClientOptions: options}))
		for _, name := range []string{"hello_world.txt", "hello world.txt"} {
			answer := must(blobs.DownloadStream(t.Context(), "files", name, nil))
			if got := string(must(io.ReadAll(answer.Body))); got != "Hello world! :)" || *answer.ContentType != "text/plain" {
				t.Errorf("%s: %q %s", name, got, *answer.ContentType)
			}
			_ = answer.Body.Close()
		}
		secrets := must(azsecrets.NewClient(emu.Vault("mytestkeyvault").URL(), cred, &azsecrets.ClientOptions{ClientOptions: options}))
		if secret := must(secrets.GetSecret(t.Context(), "MyTestSecret", "", nil)); *secret.Value != "p@ssw0rd!" || secret.ID.Version() != "7c2204c6093c4d859bc5b9eff8f29050" {
			t.Errorf("%q %s", *secret.Value, *secret.ID)
		}
		id := must(azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{
			ClientOptions: options, ID: azidentity.ClientID("00001111-aaaa-2222-bbbb-3333cccc4444"),
		}))
		for _, who := range []azcore.TokenCredential{cred, id} {
			groups := must(armresources.NewResourceGroupsClient(subscription, who, &arm.ClientOptions{ClientOptions: options}))
			if group := must(groups.Get(t.Context(), "DevTest", nil)); *group.Name != "DevTest" || *group.Properties.ProvisioningState != "Succeeded" {
				t.Error(*group.ID)
			}
		}
	})
}

// What Azure refuses is refused, in words that the clients understand.
func TestRefusals(t *testing.T) {
	onCarriers(t, func(t *testing.T, emu *emulator.Emulator, options azcore.ClientOptions) {
		cred := machine(options)
		account := emu.StorageAccount("tutorialstore")
		blobs := must(azblob.NewClient(account.URL(), cred, &azblob.ClientOptions{ClientOptions: options}))
		_, err := blobs.UploadBuffer(t.Context(), "files", "new", nil, nil)
		refused(t, "a reader writes", err, 403, string(bloberror.AuthorizationPermissionMismatch))
		_, err = blobs.DownloadStream(t.Context(), "files", "nothing", nil)
		refused(t, "no such blob", err, 404, string(bloberror.BlobNotFound))
		_, err = blobs.DownloadStream(t.Context(), "nothing", "nothing", nil)
		refused(t, "no such container", err, 404, string(bloberror.ContainerNotFound))
		secrets := must(azsecrets.NewClient(emu.Vault("mytestkeyvault").URL(), cred, &azsecrets.ClientOptions{ClientOptions: options}))
		_, err = secrets.GetSecret(t.Context(), "Nothing", "", nil)
		refused(t, "no such secret", err, 404, "SecretNotFound")
		groups := must(armresources.NewResourceGroupsClient(subscription, cred, &arm.ClientOptions{ClientOptions: options}))
		_, err = groups.Get(t.Context(), "other", nil)
		refused(t, "another group", err, 403, "AuthorizationFailed")
		stranger := must(azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{
			ClientOptions: options, ID: azidentity.ClientID("99999999-aaaa-2222-bbbb-3333cccc4444"),
		}))
		if _, err := stranger.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"https://vault.azure.net/.default"}}); err == nil || !strings.Contains(err.Error(), "isn't assigned to this resource") {
			t.Errorf("an identity of nobody's: %v", err)
		}
	})
}

func refused(t *testing.T, what string, err error, status int, code string) {
	t.Helper()
	var refusal *azcore.ResponseError
	if !errors.As(err, &refusal) || refusal.StatusCode != status || refusal.ErrorCode != code {
		t.Errorf("%s: %v, want %d %s", what, err, status, code)
	}
}

// An account's key, and signatures made with it; large blobs go in blocks and come back in
// ranges; names keep their case and their characters.
func TestBlobsByKeyAndSignature(t *testing.T) {
	for carrier, open := range carriers {
		t.Run(carrier, func(t *testing.T) {
			emu := emulator.New(t)
			account := emu.StorageAccount("acct")
			options := &azblob.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: recorded(open(t, emu))}}
			owner := must(azblob.NewClientFromConnectionString(account.ConnectionString(), options))
			must(owner.CreateContainer(t.Context(), "made", nil))
			large := bytes.Repeat([]byte("0123456789abcdef"), 5<<16)
			value := "1"
			must(owner.UploadBuffer(t.Context(), "made", "dir/ä b%2F.bin", large, &azblob.UploadBufferOptions{
				BlockSize: 1 << 20, Concurrency: 3, Metadata: map[string]*string{"LikeThis": &value},
			}))
			if !bytes.Equal(account.Container("made").Download("dir/ä b%2F.bin"), large) {
				t.Error("the content is another")
			}
			signed := must(owner.ServiceClient().NewContainerClient("made").GetSASURL(sas.ContainerPermissions{Read: true, List: true}, emu.Clock().Now().Add(3600e9), nil))
			reader := must(azblob.NewClientWithNoCredential(strings.Replace(signed, "/made?", "/?", 1), options))
			back := make([]byte, len(large))
			if n := must(reader.DownloadBuffer(t.Context(), "made", "dir/ä b%2F.bin", back, &azblob.DownloadBufferOptions{BlockSize: 1 << 20})); n != int64(len(large)) || !bytes.Equal(back, large) {
				t.Error("what comes back is another")
			}
			pages := reader.NewListBlobsFlatPager("made", &azblob.ListBlobsFlatOptions{Include: azblob.ListBlobsInclude{Metadata: true}})
			for pages.More() {
				for _, b := range must(pages.NextPage(t.Context())).Segment.BlobItems {
					if *b.Name != "dir/ä b%2F.bin" || b.Metadata["likethis"] == nil { // azblob folds the names in lists
						t.Errorf("%s %v", *b.Name, b.Metadata)
					}
				}
			}
			_, err := reader.DeleteBlob(t.Context(), "made", "dir/ä b%2F.bin", nil)
			refused(t, "delete by a signature for reading", err, 403, string(bloberror.AuthorizationPermissionMismatch))
		})
	}
}

// A client of an application, with its secret, against the real login host.
func TestClientSecret(t *testing.T) {
	emu := emulator.New(t)
	app := emu.Application("worker")
	emu.Grant(app, "Reader", emu.Subscription())
	options := of(emu)
	cred := must(azidentity.NewClientSecretCredential(app.TenantID(), app.ClientID(), app.Secret(), &azidentity.ClientSecretCredentialOptions{ClientOptions: options}))
	groups := must(armresources.NewResourceGroupsClient(emu.Subscription().SubscriptionID(), cred, &arm.ClientOptions{ClientOptions: options}))
	names := []string{}
	for pages := groups.NewListPager(nil); pages.More(); {
		for _, g := range must(pages.NextPage(t.Context())).Value {
			names = append(names, *g.Name)
		}
	}
	if strings.Join(names, " ") != "DevTest" {
		t.Error(names)
	}
	wrong := must(azidentity.NewClientSecretCredential(app.TenantID(), app.ClientID(), "not the secret", &azidentity.ClientSecretCredentialOptions{ClientOptions: options}))
	if _, err := wrong.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"https://management.azure.com/.default"}}); err == nil || !strings.Contains(err.Error(), "AADSTS7000215") {
		t.Error(err)
	}
}
