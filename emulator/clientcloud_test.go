package emulator_test

import (
	"slices"
	"strings"
	"testing"

	known "github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/emulator/cloud"
)

// TestClientsKnowTheSameClouds: what the client library knows of a cloud is what is served here.
func TestClientsKnowTheSameClouds(t *testing.T) {
	served := cloud.All()
	clouds := known.All()
	if len(served) != len(clouds) {
		t.Fatalf("%d clouds are served, and clients know %d", len(served), len(clouds))
	}
	for i, c := range clouds {
		s := served[i]
		for what, pair := range map[string][2]string{
			"name":     {c.Name, s.Name},
			"location": {c.Location, s.DefaultLocation},
			"login":    {c.Login, s.Entra.LoginEndpoint},
			"arm":      {c.ARM, strings.TrimSuffix(s.ARM.Endpoint, "/")},
			"graph":    {c.Graph, strings.TrimSuffix(s.Endpoints.MicrosoftGraph, "/")},
			"storage":  {c.StorageAudience, s.Endpoints.Storage},
			"vault":    {c.VaultAudience, s.Endpoints.Vault},
			"blobs":    {c.BlobSuffix, "blob." + s.DNS.Storage},
			"vaults":   {c.VaultSuffix, s.DNS.Vault},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s: %s is %q for clients, and %q here", c.Name, what, pair[0], pair[1])
			}
		}
		if !slices.Contains(s.ARM.Audiences, c.ARMAudience) {
			t.Errorf("%s: ARM does not take %s", c.Name, c.ARMAudience)
		}
	}
}
