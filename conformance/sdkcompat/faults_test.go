package sdkcompat

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

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
		if token := must(machine(of(emu)).GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"https://vault.azure.net/.default"}})); token.Token == "" {
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
