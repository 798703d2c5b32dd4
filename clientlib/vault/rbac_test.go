package vault_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/clientlib/identity"
	"github.com/linarite/linarite/clientlib/vault"
	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/fault"
)

// TestRoles: in a vault under RBAC, with soft delete, roles decide, and a deleted secret comes back or goes for good.
func TestRoles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		emu := emulator.New(t)
		v := emu.Vault("my-vault")
		v.SetSecret("stage", "canary")
		o := clientlib.Options{Transport: emu.Client()}
		c := must[*vault.Client](t)(vault.New("my-vault", must[*identity.Credential](t)(identity.IMDS(identity.Options{Options: o})), o))
		ctx := t.Context()
		if _, err := c.Get(ctx, "stage", ""); !clientlib.HasCode(err, "ForbiddenByRbac") {
			t.Fatalf("without a role: %v", err)
		}
		emu.Grant(emu.Machine(), "Key Vault Secrets Officer", v)
		first := must[vault.Secret](t)(c.Get(ctx, "stage", ""))
		backup := must[[]byte](t)(c.Backup(ctx, "stage"))

		if s := must[vault.Secret](t)(c.Delete(ctx, "stage")); s.Purges.Sub(s.Deleted) != 90*24*time.Hour || s.Value != "" {
			t.Errorf("deleted %+v until %v", s, s.Purges)
		}
		must[vault.Secret](t)(c.WaitDeleted(ctx, "stage"))
		if _, err := c.Set(ctx, "stage", "canary-2", nil); !clientlib.HasCode(err, "ObjectIsDeletedButRecoverable") || strings.Contains(err.Error(), "canary") {
			t.Errorf("a name that is kept: %v", err)
		}
		must[vault.Secret](t)(c.Recover(ctx, "stage"))
		if s := must[vault.Secret](t)(c.WaitSecret(ctx, "stage")); s.Value != "canary" || s.Version != first.Version {
			t.Errorf("recovered %v", s)
		}

		must[vault.Secret](t)(c.Delete(ctx, "stage"))
		must[vault.Secret](t)(c.WaitDeleted(ctx, "stage"))
		count := 0
		for s, err := range c.ListDeleted(ctx) {
			if check(t, err); s.Name != "stage" || s.Deleted.IsZero() {
				t.Errorf("listed %+v", s)
			}
			count++
		}
		check(t, c.Purge(ctx, "stage"))
		if _, err := c.GetDeleted(ctx, "stage"); count != 1 || !clientlib.HasCode(err, "SecretNotFound") {
			t.Errorf("%d were deleted; after the purge: %v", count, err)
		}
		must[vault.Secret](t)(c.Restore(ctx, backup))
		if s := must[vault.Secret](t)(c.WaitSecret(ctx, "stage")); s.Value != "canary" || s.Version != first.Version {
			t.Errorf("restored %v", s)
		}
	})
}

// TestFaults: what a vault does on a bad day, to each of which there is an answer in the end.
func TestFaults(t *testing.T) {
	for name, effect := range map[string]fault.Effect{
		"throttled for long": {Status: 429},
		"told when":          {Status: 429, RetryAfter: 20 * time.Second},
		"away":               {Status: 503},
		"cut before":         {Cut: "before-head"},
		"cut within":         {Cut: "in-body"},
	} {
		synctest.Test(t, func(t *testing.T) {
			emu, c := world(t)
			emu.Faults().Add(fault.Rule{Match: fault.Match{Plane: "vault"}, Effect: effect, Times: 5})
			if s, err := c.Get(t.Context(), "MyTestSecret", ""); err != nil || s.Value != "p@ssw0rd!" {
				t.Errorf("%s, five times: %v", name, err)
			}
			emu.Faults().Add(fault.Rule{Match: fault.Match{Plane: "vault"}, Effect: effect, Times: 6})
			if _, err := c.Get(t.Context(), "MyTestSecret", ""); err == nil || !strings.Contains(err.Error(), "6 tries") {
				t.Errorf("%s, six times: %v", name, err)
			}
		})
	}
}

// TestNoSecret: a success that is no secret is not one with an empty value.
func TestNoSecret(t *testing.T) {
	for _, body := range []string{"", "{}", "null", `{"value":"x"}`, `{"id":"nonsense","value":"x"}`} {
		c, _, _ := scripted(t, "https://v.vault.azure.net", cloud.Cloud{}, step{200, "", body})
		if s, err := c.Get(t.Context(), "s", ""); err == nil {
			t.Errorf("%q is %v, value %q", body, s, s.Value)
		}
	}
}

// TestValuesStayHere: what is sent is in no error, whatever comes of it.
func TestValuesStayHere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := clientlib.TransportFunc(func(r *http.Request) (*http.Response, error) {
			_, _ = io.Copy(io.Discard, r.Body)
			return nil, io.ErrUnexpectedEOF
		})
		c := must[*vault.Client](t)(vault.New("v", &asking{}, clientlib.Options{Transport: tr}))
		if _, err := c.Set(t.Context(), "s", "canary", nil); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v", err)
		}
	})
}
