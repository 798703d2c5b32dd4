package suite

import (
	"context"
	"testing"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
)

// An answer that is under way when the time for settling is over is waited for as long as the spec
// has time: else a target that keeps saying no would now and then be no failure but an error.
func TestAPollDoesNotCutAnAnswerOff(t *testing.T) {
	env := on(t, answer(200, "{}"))
	env.Target.Limits.Settle = 1 // ns: over before the first answer is there
	r := Run(t.Context(), env, specOf(func(ctx context.Context, t *T) {
		until, _ := ctx.Deadline()
		t.Rule(ruleA).Eventually(ctx, func(ctx context.Context) any {
			given, _ := ctx.Deadline()
			t.Rule(ruleB).Expect(given.Equal(until), "the time that an answer is given").To(gomega.BeTrue())
			return t.Send(ctx, t.IMDS("/x").Anonymous())
		}, match.Status(404))
	}))
	if got := statuses(r); got != "fail pass fail" {
		t.Errorf("%s (%+v)", got, r)
	}
}

// A run that is cut short while a spec waits says nothing about the target.
func TestWaitingThatIsCutShortIsNoFailure(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	env := on(t, answer(200, "{}"))
	r := Run(ctx, env, specOf(func(ctx context.Context, t *T) {
		ask := func(ctx context.Context) any {
			defer cancel()
			return t.Send(ctx, t.IMDS("/x").Anonymous())
		}
		t.Rule(ruleA).NextSecond(ctx, ask, match.Status(404))
	}))
	if got := statuses(r); got != "error error error" {
		t.Errorf("%s (%+v)", got, r)
	}
}

// The spare machine is one spec's at a time, and the next one's when that has ended.
func TestTheSpareMachineIsOneSpecsAtATime(t *testing.T) {
	env := on(t, answer(200, "{}"))
	env.World.Spare = "/subscriptions/s/spare"
	take := specOf(func(ctx context.Context, t *T) {
		t.Rule(ruleA).Expect(t.SpareMachine(ctx)).To(gomega.Equal("/subscriptions/s/spare"))
		done, cancel := context.WithCancel(ctx)
		cancel()
		other := Run(done, t.Env.Behind(t.Env.Transport), specOf(func(ctx context.Context, t *T) { t.SpareMachine(ctx) }))
		t.Rule(ruleB).Expect(other.Reason).To(gomega.ContainSubstring("waiting for the spare machine"))
		t.Send(ctx, t.IMDS("/x").Anonymous())
	})
	for range 2 {
		if got := statuses(Run(t.Context(), env, take)); got != "pass pass pass" {
			t.Error(got)
		}
	}
}
