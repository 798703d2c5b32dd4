package sdkcompat

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/msi/armmsi"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/fault"
)

// A throttled metadata service: the client waits as long as it is told, five times, and
// none of it is real.
func TestBackOffTakesNoTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		emu := emulator.New(t)
		emu.Faults().Add(fault.Rule{Match: fault.Match{Plane: "imds"}, Effect: fault.Effect{Status: 429, RetryAfter: 10 * time.Second}, Times: 5})
		began := time.Now()
		if token := must(machine(of(emu)).GetToken(t.Context(), forAudience("https://servicebus.azure.net"))); token.Token == "" {
			t.Error("no token")
		}
		if waited := time.Since(began); waited < 50*time.Second || waited > 2*time.Minute {
			t.Errorf("the client has waited %v", waited)
		}
		if acted := emu.Faults().Rules()[0].Acted; acted != 5 {
			t.Errorf("%d requests were throttled", acted)
		}
	})
}

// What the Azure SDK for Go makes of each scenario, and how long it waits: in a bubble, so
// that the waiting takes no time.
func TestScenarios(t *testing.T) {
	checks := map[string]func(t *testing.T, emu *emulator.Emulator){
		"imds-warming-up": func(t *testing.T, emu *emulator.Emulator) {
			took(t, 70*time.Second, 100*time.Second, func() { must(machine(of(emu)).GetToken(t.Context(), forAudience("https://database.windows.net"))) })
		},
		"imds-throttled": func(t *testing.T, emu *emulator.Emulator) {
			took(t, 10*time.Second, 40*time.Second, func() { must(machine(of(emu)).GetToken(t.Context(), forAudience("https://batch.core.windows.net"))) })
		},
		"token-endpoint-down": func(t *testing.T, emu *emulator.Emulator) {
			app, options := emu.Application("worker"), of(emu)
			cred := must(azidentity.NewClientSecretCredential(app.TenantID(), app.ClientID(), app.Secret(), &azidentity.ClientSecretCredentialOptions{ClientOptions: options}))
			if _, err := cred.GetToken(t.Context(), forAudience("https://vault.azure.net")); err == nil || !strings.Contains(err.Error(), "AADSTS90033") {
				t.Errorf("down: %v", err)
			}
			emu.Faults().Clear()
			must(cred.GetToken(t.Context(), forAudience("https://vault.azure.net")))
		},
		"arm-throttled": func(t *testing.T, emu *emulator.Emulator) {
			groups := must(armresources.NewResourceGroupsClient(subscription, machine(of(emu)), &arm.ClientOptions{ClientOptions: of(emu)}))
			took(t, 15*time.Second, 20*time.Second, func() { must(groups.Get(t.Context(), "DevTest", nil)) })
		},
		"role-not-propagated": func(t *testing.T, emu *emulator.Emulator) { // a 403 is not tried again: whoever has just assigned a role must
			groups := must(armresources.NewResourceGroupsClient(subscription, machine(of(emu)), &arm.ClientOptions{ClientOptions: of(emu)}))
			for range 3 {
				_, err := groups.Get(t.Context(), "DevTest", nil)
				refused(t, "not propagated", err, 403, "AuthorizationFailed")
			}
			must(groups.Get(t.Context(), "DevTest", nil))
		},
		"federated-writes-collide": func(t *testing.T, emu *emulator.Emulator) { // nor is a 409: whoever writes several writes them in turn
			admin := must(azidentity.NewClientSecretCredential(tenant, "11111111-2222-3333-4444-555555555555", "linarite", &azidentity.ClientSecretCredentialOptions{ClientOptions: of(emu)}))
			credentials := must(armmsi.NewFederatedIdentityCredentialsClient(subscription, admin, &arm.ClientOptions{ClientOptions: of(emu)}))
			put := func() error {
				_, err := credentials.CreateOrUpdate(t.Context(), "DevTest", "tutorial-id", "one", armmsi.FederatedIdentityCredential{Properties: &armmsi.FederatedIdentityCredentialProperties{
					Issuer: to.Ptr("https://issuer.example.com/"), Subject: to.Ptr("one"), Audiences: []*string{to.Ptr("api://AzureADTokenExchange")},
				}}, nil)
				return err
			}
			refused(t, "another is written", put(), 409, "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity")
			if err := put(); err != nil {
				t.Error(err)
			}
		},
		"storage-partition-moving": func(t *testing.T, emu *emulator.Emulator) {
			took(t, 2*time.Second, 3*time.Minute, func() {
				must(tutorialBlobs(emu).DownloadBuffer(t.Context(), "files", "hello_world.txt", make([]byte, 15), nil))
			})
		},
		"vault-throttled": func(t *testing.T, emu *emulator.Emulator) {
			secrets := must(azsecrets.NewClient(emu.Vault("mytestkeyvault").URL(), machine(of(emu)), &azsecrets.ClientOptions{ClientOptions: of(emu)}))
			took(t, 2*time.Second, 3*time.Minute, func() { must(secrets.GetSecret(t.Context(), "MyTestSecret", "", nil)) })
		},
		"download-cut": func(t *testing.T, emu *emulator.Emulator) {
			answer := must(tutorialBlobs(emu).DownloadStream(t.Context(), "files", "hello_world.txt", nil))
			if got, err := io.ReadAll(answer.Body); !errors.Is(err, io.ErrUnexpectedEOF) || string(got) != "Hello w" {
				t.Errorf("the plain body: %q %v", got, err)
			}
			_ = answer.Body.Close()
			emu.Faults().Clear()
			emu.Faults().Add(scenario(t, "download-cut").Rules[0])
			answer = must(tutorialBlobs(emu).DownloadStream(t.Context(), "files", "hello_world.txt", nil))
			body := answer.NewRetryReader(t.Context(), nil)
			if got := string(must(io.ReadAll(body))); got != "Hello world! :)" {
				t.Errorf("with the SDK's own retries: %q", got)
			}
			_ = body.Close()
		},
	}
	for _, s := range fault.Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			check, ok := checks[s.Name]
			if !ok {
				t.Fatal("nobody knows what the SDK makes of it: add a check")
			}
			synctest.Test(t, func(t *testing.T) {
				emu := emulator.New(t, emulator.World("tutorial"))
				for _, r := range s.Rules {
					emu.Faults().Add(r)
				}
				check(t, emu)
				acted := 0
				for _, r := range emu.Faults().Rules() {
					acted += r.Acted
				}
				if acted == 0 && s.Name != "token-endpoint-down" {
					t.Error("no fault has acted")
				}
			})
		})
	}
}

func scenario(t *testing.T, name string) fault.Scenario {
	t.Helper()
	s, ok := fault.ScenarioNamed(name)
	if !ok {
		t.Fatal(name)
	}
	return s
}

// took checks how long something takes by the clock of the bubble.
func took(t *testing.T, least, most time.Duration, do func()) {
	t.Helper()
	began := time.Now()
	do()
	if passed := time.Since(began); passed < least || passed > most {
		t.Errorf("it took %v", passed)
	}
}

// forAudience asks for a token. Whoever counts what the metadata service is asked takes an audience
// that no other test takes: MSAL keeps a machine's tokens for the process, and every bubble
// begins at the same instant.
func forAudience(audience string) policy.TokenRequestOptions {
	return policy.TokenRequestOptions{Scopes: []string{audience + "/.default"}}
}

func tutorialBlobs(emu *emulator.Emulator) *azblob.Client {
	return must(azblob.NewClient(emu.StorageAccount("tutorialstore").URL(), machine(of(emu)), &azblob.ClientOptions{ClientOptions: of(emu)}))
}
