package selftest

import (
	"context"
	"crypto/tls"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/provision"
	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/conformance/targets"
	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/fixtures/keys"
)

// rig opens an emulator in this process and makes the world of a run on it.
func rig(t *testing.T) *suite.Env {
	t.Helper()
	emu, err := emulator.Open(emulator.Options{World: "suite", AllowUnknownHosts: true, OnInternal: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = emu.Close() })
	client := &wire.Client{Dial: emu.DialContext, TLS: &tls.Config{RootCAs: emu.RootCAs(), MinVersion: tls.VersionTLS12}}
	t.Cleanup(client.CloseIdle)
	target, err := targets.Load("emulator")
	if err != nil {
		t.Fatal(err)
	}
	env := suite.Setup(target, suite.Resolve(target), client, time.Now, secrets(emu), nil)
	world, cleanup, err := provision.Up(t.Context(), env)
	t.Cleanup(func() { cleanup(context.Background()) })
	if err != nil {
		t.Fatalf("making the world: %v", err)
	}
	return delegating(suite.Setup(target, world, client, time.Now, secrets(emu), nil))
}

// secrets are what the target file names variables of.
func secrets(emu *emulator.Emulator) func(string) string {
	values := map[string]string{
		"LINARITE_SUITE_APP_CLIENT_ID": "22222222-3333-4444-5555-666666666666", "LINARITE_SUITE_APP_CLIENT_SECRET": "suite-app-secret",
		"LINARITE_SUITE_APP_CLIENT_CERTIFICATE": string(keys.Test()),
	}
	return func(name string) string {
		if name != "LINARITE_SUITE_APPSERVICE" {
			return values[name]
		}
		for _, v := range emu.Env() {
			if secret, ok := strings.CutPrefix(v, "IDENTITY_HEADER="); ok {
				return secret
			}
		}
		return ""
	}
}
