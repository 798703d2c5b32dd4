package sdkcompat

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/linarite/linarite/emulator"
	armplane "github.com/linarite/linarite/emulator/arm"
	"github.com/linarite/linarite/emulator/blob"
	"github.com/linarite/linarite/emulator/vault"
	"github.com/linarite/linarite/emulator/wire"
)

const tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee"

// versions are the service versions that a sweep asks for; empty ones are the clients' own.
type versions struct{ subscriptions, resources, storage, identities, vaults, secrets, blobs string }

// described are the versions that make openapi-check has published descriptions of.
func described() versions {
	return versions{"2022-12-01", "2021-04-01", "2023-01-01", "2023-01-31", "2023-07-01", "7.4", "2021-12-02"}
}

// sweep calls every operation that an SDK has a method for.
type sweep struct {
	*testing.T
	emu      *emulator.Emulator
	versions versions
	cred     azcore.TokenCredential
	options  azcore.ClientOptions
}

// Every operation that the emulator has is called by a client that others wrote, and answers what that client can read:
// with the versions that descriptions were published for, and with those that the clients choose.
func TestSweep(t *testing.T) {
	for name, v := range map[string]versions{"described": described(), "own": {}} {
		t.Run(name, func(t *testing.T) {
			// In a bubble, waits that Retry-After asks for take no time.
			synctest.Test(t, func(t *testing.T) { sweepAll(t, v) })
		})
	}
}

func sweepAll(t *testing.T, v versions) {
	emu := emulator.New(t, emulator.World("tutorial"))
	options := of(emu)
	cred := must(azidentity.NewClientSecretCredential(tenant, "11111111-2222-3333-4444-555555555555", "linarite",
		&azidentity.ClientSecretCredentialOptions{ClientOptions: options}))
	s := sweep{t, emu, v, cred, options}
	s.directory()
	s.groups()
	s.identities()
	s.assignments()
	s.accounts()
	s.machines()
	s.vaults()
	s.secrets()
	s.containers()
	s.blobs()
	s.coverage()
}

// withoutMethod are operations that no SDK here calls: their clients read metadata with HEAD.
func withoutMethod() []string { return []string{"Container_GetMetadata", "Blob_GetMetadata"} }

// arm is the options of Resource Manager's clients.
func (s sweep) arm(version string) *arm.ClientOptions {
	options := s.options
	options.APIVersion = version
	return &arm.ClientOptions{ClientOptions: options}
}

// coverage says which operations no client called.
func (s sweep) coverage() {
	called := map[string]bool{}
	for _, e := range s.emu.Journal().Entries(0) {
		if e.Status < http.StatusInternalServerError {
			called[e.Plane+" "+e.Operation] = true
		}
	}
	for plane, operations := range map[string][]wire.Operation{"arm": armplane.New().Operations(), "blob": blob.New().Operations(), "vault": vault.New().Operations()} {
		for _, o := range operations {
			// Anonymous ones are documents that SDKs do not read, and refusals of what is not emulated.
			if !o.Anonymous && called[plane+" "+o.Name] == slices.Contains(withoutMethod(), o.Name) {
				s.Errorf("%s of %s: called %t; add it to the sweep, or take it in or out of withoutMethod", o.Name, plane, called[plane+" "+o.Name])
			}
		}
	}
}

// version overrides the x-ms-version of requests before they are signed: the client of Blob storage has no option for it.
type version string

func (v version) Do(req *policy.Request) (*http.Response, error) {
	if v != "" {
		req.Raw().Header["x-ms-version"] = []string{string(v)}
	}
	return req.Next()
}

// each takes every page.
func each[T any](s sweep, pages *runtime.Pager[T]) {
	s.Helper()
	for pages.More() {
		must(pages.NextPage(s.Context()))
	}
}
