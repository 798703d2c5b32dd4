package identity

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/cloud"
)

// Find returns the credential that fits where the program runs. It asks nobody: it goes by the environment, in this
// order:
//
//  1. an application: AZURE_TENANT_ID and AZURE_CLIENT_ID with AZURE_CLIENT_SECRET, or with AZURE_CLIENT_CERTIFICATE_PATH;
//  2. a workload identity: AZURE_FEDERATED_TOKEN_FILE with the same two (one whose service account is not annotated
//     lacks AZURE_CLIENT_ID, and would else act as its node);
//  3. the machine's identity, as ManagedIdentity does; AZURE_CLIENT_ID alone selects a user-assigned one.
//
// Where nothing names the third, the first Token looks for IMDS, for two seconds at most, and remembers that it is there.
// With Options.Identity set, only the third fits: an identity that was asked for is never replaced by another. Half of
// what the first two need is an error that says what is missing. Entra ID is asked at the Login of Options.Cloud, or where
// that is the zero value at AZURE_AUTHORITY_HOST, if it is set.
func Find(o Options) (*Credential, error) {
	if err := o.Identity.check(); err != nil {
		return nil, err
	}
	if o.Identity.kind == "" {
		if c, err := application(o); c != nil || err != nil {
			return c, err
		}
		if o.env("AZURE_FEDERATED_TOKEN_FILE") != "" {
			if err := lacking(o, "AZURE_FEDERATED_TOKEN_FILE"); err != nil {
				return nil, err
			}
			return WorkloadIdentity(o)
		}
		if id := o.env("AZURE_CLIENT_ID"); id != "" {
			o.Identity = ClientID(id)
		}
	}
	if source := named(o); source != nil {
		return source(o)
	}
	s, err := newIMDS(o)
	if err != nil {
		return nil, err
	}
	f := &finding{imds: s}
	return newCredential("IMDS, if it answers ("+o.Identity.String()+")", s.pipeline.Options(), f.token), nil
}

// lacking is an error where the environment has what, and not all that belongs to it.
func lacking(o Options, what string) error {
	tenant, client := o.env("AZURE_TENANT_ID") == "", o.env("AZURE_CLIENT_ID") == ""
	switch {
	case tenant && client:
		return fmt.Errorf("identity: %s is set, and AZURE_TENANT_ID and AZURE_CLIENT_ID are not", what)
	case tenant:
		return fmt.Errorf("identity: %s is set, and AZURE_TENANT_ID is not", what)
	case client:
		return fmt.Errorf("identity: %s is set, and AZURE_CLIENT_ID is not", what)
	}
	return nil
}

// authority is AZURE_AUTHORITY_HOST, unless the program names a cloud; "" is the cloud's own.
func authority(o Options) string {
	if o.Cloud != (cloud.Cloud{}) {
		return ""
	}
	return o.env("AZURE_AUTHORITY_HOST")
}

// application is the credential of an application that the environment names; nil and nil if it names none.
func application(o Options) (*Credential, error) {
	tenant, client := o.env("AZURE_TENANT_ID"), o.env("AZURE_CLIENT_ID")
	secret, file := o.env("AZURE_CLIENT_SECRET"), o.env("AZURE_CLIENT_CERTIFICATE_PATH")
	if secret == "" && file == "" {
		return nil, nil
	}
	what := "AZURE_CLIENT_SECRET"
	if secret == "" {
		what = "AZURE_CLIENT_CERTIFICATE_PATH"
	}
	if err := lacking(o, what); err != nil {
		return nil, err
	}
	if secret != "" {
		return clientSecret(tenant, client, secret, authority(o), o)
	}
	text, err := os.ReadFile(file) //nolint:gosec // the environment names it, and who sets that may read it
	if err != nil {
		return nil, fmt.Errorf("identity: AZURE_CLIENT_CERTIFICATE_PATH: %w", err)
	}
	chain, key, err := ParseCertificate(text)
	if err != nil {
		return nil, fmt.Errorf("%w (AZURE_CLIENT_CERTIFICATE_PATH)", err)
	}
	return clientCertificate(tenant, client, chain, key, authority(o), o)
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
  a workload identity: AZURE_FEDERATED_TOKEN_FILE is not set
  a managed identity: the environment names no host (IDENTITY_ENDPOINT, MSI_ENDPOINT), and no metadata service answers at %s: %w`, ErrUnavailable, f.imds.base, err)
		}
		f.mu.Lock()
		f.seen = true
		f.mu.Unlock()
	}
	return f.imds.token(ctx, r)
}
