package provision

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/ledger"
	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/conformance/targets"
)

func TestLimit(t *testing.T) {
	target := targets.File{Kind: targets.Emulator, Limits: targets.Limits{Requests: 2}}
	sent := 0
	under := wire.TransportFunc(func(context.Context, *wire.Request) (*wire.Answer, error) {
		sent++
		return &wire.Answer{Status: 200, Body: make([]byte, 600<<10)}, nil
	})
	send := func(transport wire.Transport, ctx context.Context) error {
		_, err := transport.Send(ctx, &wire.Request{Method: "GET"})
		return err
	}
	limited := Limit(under, target)
	if err := errors.Join(send(limited, t.Context()), send(limited, t.Context())); err != nil {
		t.Fatal(err)
	}
	if err := send(limited, t.Context()); !errors.Is(err, ErrLimit) || sent != 2 {
		t.Errorf("%v after %d requests", err, sent)
	}
	target.Limits = targets.Limits{Bytes: "1MiB"}
	limited = Limit(under, target)
	if err := errors.Join(send(limited, t.Context()), send(limited, t.Context())); err != nil {
		t.Fatal(err)
	}
	if err := send(limited, t.Context()); !errors.Is(err, ErrLimit) {
		t.Errorf("%v after more bytes than are allowed", err)
	}
}

// TestLimitLetsCleaningPass: a run over its limits still takes away what it made.
func TestLimitLetsCleaningPass(t *testing.T) {
	target, err := targets.Parse("t", []byte("schema: "+targets.Schema+"\nname: t\nkind: emulator\nlimits: {requests: 1}\n"))
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	under := wire.TransportFunc(func(context.Context, *wire.Request) (*wire.Answer, error) {
		sent++
		return &wire.Answer{Status: 200}, nil
	})
	env := suite.Setup(target, suite.Resolve(target), Limit(under, target), time.Now, nil, nil)
	cleanup, err := suite.Act(t.Context(), env, func(ctx context.Context, t *suite.T) {
		t.Cleanup(func(ctx context.Context) { t.Send(ctx, t.IMDS("/made")) })
		t.Send(ctx, t.IMDS("/one"))
		t.Send(ctx, t.IMDS("/two"))
	})
	if err == nil || !strings.Contains(err.Error(), "limit") {
		t.Error(err)
	}
	cleanup(t.Context())
	if sent != 2 {
		t.Errorf("%d requests, want the first and that of cleaning up", sent)
	}
}

func TestThrottledAnswersAreWaitedOut(t *testing.T) {
	for retry, want := range map[string]time.Duration{"7": 7 * time.Second, "": 5 * time.Second, "soon": 5 * time.Second, "-1": 5 * time.Second, "600": time.Minute} {
		a := &wire.Answer{Status: 429, Header: wire.Header{{Name: "Retry-After", Value: retry}}}
		if got := throttled(a); got != want {
			t.Errorf("Retry-After %q: %v", retry, got)
		}
	}
	if throttled(&wire.Answer{Status: 503}) != 0 {
		t.Error("503 was waited out")
	}
}

func TestPlan(t *testing.T) {
	p := Plan{Target: targets.File{Name: "t", Kind: targets.Azure, Limits: targets.Limits{Money: 0.05, Minutes: 30}}, World: suite.World{RunID: "lzc1", Group: "g"}, Specs: 40}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	if p.Target.Limits.Money = 0.001; p.Check() == nil {
		t.Error("a run that may cost more than is allowed was taken")
	}
	var out strings.Builder
	p.Print(&out)
	for _, want := range []string{"lzc1", "1 storage account", "2 key vaults", "up to 30 minutes", "US dollars", "g, which is there already and stays"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the plan does not say %q:\n%s", want, out.String())
		}
	}
}

func TestUpTakesAwayAfterAnError(t *testing.T) {
	target, err := targets.Parse("t", []byte("schema: "+targets.Schema+"\nname: t\nkind: emulator\nnames: {group: g}\nlimits: {settle: 1s, spec: 1s}\n"))
	if err != nil {
		t.Fatal(err)
	}
	env := suite.Setup(target, suite.Resolve(target), wire.TransportFunc(func(context.Context, *wire.Request) (*wire.Answer, error) {
		return nil, errors.New("refused")
	}), time.Now, nil, nil)
	_, down, err := Up(t.Context(), env)
	if err == nil {
		t.Error("a world was made of nothing")
	}
	down(t.Context())
}

// TestSweepKeeps: whatever a ledger says, nothing is asked for but ids of the kinds that runs make, below
// the group of the target.
func TestSweepKeeps(t *testing.T) {
	target, err := targets.Parse("t", []byte("schema: "+targets.Schema+"\nname: t\nkind: emulator\nsubscription: s\nnames: {group: g}\nlimits: {settle: 1s, spec: 1s}\ncredentials: {deployer: imds}\n"))
	if err != nil {
		t.Fatal(err)
	}
	const group = "/subscriptions/s/resourceGroups/g"
	const assignment = "/providers/Microsoft.Authorization/roleAssignments/11111111-aaaa-2222-bbbb-333333333333"
	for _, e := range []ledger.Entry{
		{Kind: "roleAssignment", ID: "/subscriptions/s/resourceGroups/other" + assignment},
		{Kind: "roleAssignment", ID: group + "/../other" + assignment},
		{Kind: "roleAssignment", ID: group + "/%2e%2e/other" + assignment},
		{Kind: "roleAssignment", ID: group + "/providers/Microsoft.Storage/storageAccounts/theirs"},
		{Kind: "roleAssignment", ID: group + "/providers/Microsoft.Storage/storageAccounts/theirs?api-version=2023-01-01&x=" + assignment},
		{Kind: "roleAssignment", ID: group + "/providers/Microsoft.Compute/virtualMachines/runner"},
		{Kind: "storageAccount", ID: group + "/providers/Microsoft.KeyVault/vaults/theirs"},
		{Kind: "storageAccount", ID: group + "/providers/Microsoft.Storage/storageAccounts/a/blobServices/default"},
		{Kind: "group", ID: group},
		{Kind: "vault", ID: ""},
		{Kind: "", ID: group + "/x"},
	} {
		token := "." + base64.RawURLEncoding.EncodeToString([]byte(`{"exp":9999999999}`)) + "."
		env := suite.Setup(target, suite.Resolve(target), wire.TransportFunc(func(_ context.Context, r *wire.Request) (*wire.Answer, error) {
			switch {
			case strings.Contains(r.URL, "/oauth2/token"):
				return &wire.Answer{Status: 200, Body: []byte(`{"access_token":"` + token + `"}`)}, nil
			case strings.Contains(r.URL, group+"/resources?"):
				return &wire.Answer{Status: 200, Body: []byte(`{"value":[]}`)}, nil
			}
			t.Errorf("%+v: %s %s", e, r.Method, r.URL)
			return &wire.Answer{Status: 404}, nil
		}), time.Now, nil, nil)
		if out, err := Sweep(t.Context(), env, []ledger.Entry{e}, nil); err != nil || len(out.Kept) != 1 || len(out.Deleted) > 0 {
			t.Errorf("%+v: %+v, %v", e, out, err)
		}
	}
}

// TestASilentTargetEnds: making the world ends although nobody answers.
func TestASilentTargetEnds(t *testing.T) {
	target := targets.File{Kind: targets.Emulator, Limits: targets.Limits{Spec: 1}}
	silent := wire.TransportFunc(func(ctx context.Context, _ *wire.Request) (*wire.Answer, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	if _, err := Limit(silent, target).Send(t.Context(), &wire.Request{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
