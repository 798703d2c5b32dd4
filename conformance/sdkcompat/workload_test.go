package sdkcompat

import (
	"context"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/fixtures/keys"
)

// The SDK in a pod: a projected token in a file, four variables, and no secret.
func TestWorkloadIdentity(t *testing.T) {
	emu := emulator.New(t, emulator.World("kubernetes"))
	options := of(emu)
	file := filepath.Join(t.TempDir(), "azure-identity-token")
	project := func(f emulator.FederatedToken) {
		if err := os.WriteFile(file, []byte(emu.FederatedToken(f)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	project(emulator.FederatedToken{})
	t.Setenv("AZURE_CLIENT_ID", emu.Identity("app-id").ClientID())
	t.Setenv("AZURE_TENANT_ID", tenant)
	t.Setenv("AZURE_FEDERATED_TOKEN_FILE", file)
	t.Setenv("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/")

	workload := must(azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{ClientOptions: options}))
	chain := must(azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: options}))
	blobs := must(azblob.NewClient("https://clusterstore.blob.core.windows.net/", workload, &azblob.ClientOptions{ClientOptions: options}))
	got := make([]byte, 64)
	n := must(blobs.DownloadBuffer(t.Context(), "files", "hello.txt", got, nil))
	if string(got[:n]) != "Hello from the pod\n" {
		t.Errorf("the blob is %q", got[:n])
	}
	secrets := must(azsecrets.NewClient("https://clustervault.vault.azure.net/", chain, &azsecrets.ClientOptions{ClientOptions: options}))
	if secret := must(secrets.GetSecret(t.Context(), "greeting", "", nil)); *secret.Value != "Hello from the vault" {
		t.Errorf("the secret is %q", *secret.Value)
	}

	// Another service account's token, and one that is a day old, are refused with Entra's own numbers.
	issuer := "https://westus.oic.prod-aks.azure.com/" + tenant + "/00004444-dddd-5555-eeee-6666ffff7777/"
	project(emulator.FederatedToken{Issuer: issuer, Subject: "system:serviceaccount:default:other"})
	refusedBy(t, must(azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{ClientOptions: options})), "AADSTS700213")
	project(emulator.FederatedToken{})
	emu.Clock().Advance(24 * time.Hour)
	refusedBy(t, must(azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{ClientOptions: options})), "AADSTS700024")
}

// The SDK's way for an application to trust the identity of its machine: an assertion that is
// the machine's token. The SDK keeps that token for the process, and offers it to the second
// world too.
func TestApplicationTrustsMachine(t *testing.T) {
	for range 2 {
		emu := emulator.New(t, emulator.World("tutorial"))
		options := of(emu)
		portal, id := emu.Application("portal"), emu.Identity("tutorial-id")
		portal.Trust("https://login.microsoftonline.com/"+tenant+"/v2.0", id.PrincipalID())
		emu.Grant(portal, "Storage Blob Data Reader", emu.StorageAccount("tutorialstore"))

		machine := must(azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ClientOptions: options, ID: azidentity.ClientID(id.ClientID())}))
		assertion := func(ctx context.Context) (string, error) {
			token, err := machine.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{"api://AzureADTokenExchange/.default"}})
			return token.Token, err
		}
		cred := must(azidentity.NewClientAssertionCredential(tenant, portal.ClientID(), assertion, &azidentity.ClientAssertionCredentialOptions{ClientOptions: options}))
		blobs := must(azblob.NewClient("https://tutorialstore.blob.core.windows.net/", cred, &azblob.ClientOptions{ClientOptions: options}))
		got := make([]byte, 64)
		if n := must(blobs.DownloadBuffer(t.Context(), "files", "hello_world.txt", got, nil)); string(got[:n]) != "Hello world! :)" {
			t.Errorf("the blob is %q", got[:n])
		}
	}
}

func refusedBy(t *testing.T, cred *azidentity.WorkloadIdentityCredential, number string) {
	t.Helper()
	_, err := cred.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"https://storage.azure.com/.default"}})
	if failed := (*azidentity.AuthenticationFailedError)(nil); !errors.As(err, &failed) || !strings.Contains(err.Error(), number) {
		t.Errorf("want %s, got %v", number, err)
	}
}

// An application that logs in with its certificate, as MSAL signs for it.
func TestClientCertificate(t *testing.T) {
	text := keys.Test()
	_, rest := pem.Decode(text)
	cert, _ := pem.Decode(rest)
	file := filepath.Join(t.TempDir(), "world.yaml")
	world := `schema: linarite/world/1
tenant:
  id: ` + tenant + `
  applications:
  - name: daemon
    clientId: 00005555-eeee-6666-ffff-777700008888
    certificates:
    - |
      ` + strings.ReplaceAll(strings.TrimSpace(string(pem.EncodeToMemory(cert))), "\n", "\n      ") + `
subscriptions:
- groups:
  - name: rg
    storage: [{name: daemonstore, containers: [{name: files, blobs: [{name: one, text: "1"}]}]}]
grants:
- {principal: application/daemon, role: Storage Blob Data Reader, scope: rg/daemonstore}
`
	if err := os.WriteFile(file, []byte(world), 0o600); err != nil {
		t.Fatal(err)
	}
	emu := emulator.New(t, emulator.World(file))
	options := of(emu)
	certs, key, err := azidentity.ParseCertificates(text[:len(text)-len(rest)+len(pem.EncodeToMemory(cert))], nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, chained := range []bool{false, true} {
		cred := must(azidentity.NewClientCertificateCredential(tenant, "00005555-eeee-6666-ffff-777700008888", certs, key,
			&azidentity.ClientCertificateCredentialOptions{ClientOptions: options, SendCertificateChain: chained}))
		blobs := must(azblob.NewClient("https://daemonstore.blob.core.windows.net/", cred, &azblob.ClientOptions{ClientOptions: options}))
		got := make([]byte, 8)
		if n := must(blobs.DownloadBuffer(t.Context(), "files", "one", got, nil)); string(got[:n]) != "1" {
			t.Errorf("the blob is %q", got[:n])
		}
	}
}
