package identity

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/linarite/linarite/clientlib"
)

// Find returns the credential that fits where the program runs. It asks nobody: it goes by the environment, in this
// order:
//
//  1. an application: AZURE_TENANT_ID and AZURE_CLIENT_ID with AZURE_CLIENT_SECRET, or with AZURE_CLIENT_CERTIFICATE_PATH;
//  2. a workload identity: AZURE_FEDERATED_TOKEN_FILE with the same two;
//  3. the machine's identity, as ManagedIdentity does; AZURE_CLIENT_ID alone selects a user-assigned one.
//
// Where nothing names the third, the first Token looks for IMDS, for two seconds at most, and remembers that it is there.
// With Options.Identity set, only the third fits: an identity that was asked for is never replaced by another. Half of
// what an application needs is an error that says what is missing.
func Find(o Options) (*Credential, error) {
	if err := o.Identity.check(); err != nil {
		return nil, err
	}
	if o.Identity.kind == "" {
		if c, err := application(o); c != nil || err != nil {
			return c, err
		}
		c, err := WorkloadIdentity(o)
		if err == nil || !errors.Is(err, ErrUnavailable) {
			return c, err
		}
		if id := o.env("AZURE_CLIENT_ID"); id != "" {
			o.Identity = ClientID(id)
		}
	}
	if !onlyIMDS(o) {
		return ManagedIdentity(o)
	}
	s, err := newIMDS(o)
	if err != nil {
		return nil, err
	}
	f := &finding{imds: s}
	return newCredential("IMDS, if it answers ("+o.Identity.String()+")", s.pipeline.Options(), f.token), nil
}

// onlyIMDS tells whether the environment names no source of a machine's identity.
func onlyIMDS(o Options) bool {
	return o.env("IDENTITY_ENDPOINT") == "" && o.env("MSI_ENDPOINT") == "" && agent(o) == ""
}

// application is the credential of an application that the environment names; nil and nil if it names none.
func application(o Options) (*Credential, error) {
	tenant, client, authority := o.env("AZURE_TENANT_ID"), o.env("AZURE_CLIENT_ID"), o.env("AZURE_AUTHORITY_HOST")
	secret, file := o.env("AZURE_CLIENT_SECRET"), o.env("AZURE_CLIENT_CERTIFICATE_PATH")
	if secret == "" && file == "" {
		return nil, nil
	}
	var missing []string
	for name, value := range map[string]string{"AZURE_TENANT_ID": tenant, "AZURE_CLIENT_ID": client} {
		if value == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("identity: AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH is set, and %s is not", strings.Join(missing, " and "))
	}
	if secret != "" {
		return clientSecret(tenant, client, secret, authority, o)
	}
	text, err := os.ReadFile(file) //nolint:gosec // the environment names it, and who sets that may read it
	if err != nil {
		return nil, fmt.Errorf("identity: AZURE_CLIENT_CERTIFICATE_PATH: %w", err)
	}
	chain, key, err := ParseCertificate(text)
	if err != nil {
		return nil, fmt.Errorf("%w (AZURE_CLIENT_CERTIFICATE_PATH)", err)
	}
	return clientCertificate(tenant, client, chain, key, authority, o)
}

// finding is IMDS before it has been seen.
type finding struct {
	imds *imds
	mu   sync.Mutex
	seen bool
}

func (f *finding) token(ctx context.Context, r clientlib.TokenRequest) (clientlib.Token, error) {
	f.mu.Lock()
	seen := f.seen
	f.mu.Unlock()
	if !seen {
		if err := f.imds.there(ctx); err != nil {
			return clientlib.Token{}, fmt.Errorf(`identity: no credential was found (%w):
  an application: AZURE_CLIENT_SECRET and AZURE_CLIENT_CERTIFICATE_PATH are not set
  a workload identity: AZURE_FEDERATED_TOKEN_FILE is not set, or AZURE_TENANT_ID or AZURE_CLIENT_ID is not
  a managed identity: IDENTITY_ENDPOINT and MSI_ENDPOINT are not set, and no metadata service answers at %s: %w`, ErrUnavailable, f.imds.base, err)
		}
		f.mu.Lock()
		f.seen = true
		f.mu.Unlock()
	}
	return f.imds.token(ctx, r)
}
