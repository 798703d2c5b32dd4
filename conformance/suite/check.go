package suite

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/onsi/gomega/types"

	"github.com/linarite/linarite/clientlib/wire"
)

// Check is an assertion about one rule. A false one does not end the spec: what follows is
// looked at too.
type Check struct {
	t  *T
	id string
}

// Rule begins an assertion about a rule that the spec names in its ID or Covers.
func (t *T) Rule(id string) Check {
	if _, ok := t.checked[id]; !ok {
		t.Broken("it asserts %s, which it does not name", id)
	}
	return Check{t, id}
}

// Assertion holds what is looked at.
type Assertion struct {
	check  Check
	actual any
	about  string
}

// Expect looks at a value, mostly an answer; about says in a few words which one, where the
// spec has several.
func (c Check) Expect(actual any, about ...string) Assertion {
	return Assertion{c, actual, strings.Join(about, " ")}
}

// To holds the value to a matcher.
func (a Assertion) To(m types.GomegaMatcher) { a.is(m, true) }

// NotTo holds the value to the opposite.
func (a Assertion) NotTo(m types.GomegaMatcher) { a.is(m, false) }

func (a Assertion) is(m types.GomegaMatcher, want bool) {
	ok, err := m.Match(a.actual)
	switch {
	case err != nil:
		// A value that the matcher cannot look at is not what the rule says: no JSON, no such member.
		a.check.t.failed(a, "a value that can be looked at", err.Error())
	case ok == want:
		a.check.t.held(a.check.id)
	case want:
		a.check.t.failed(a, "", m.FailureMessage(a.actual))
	default:
		a.check.t.failed(a, "", m.NegatedFailureMessage(a.actual))
	}
}

// Eventually asks again and again until the matcher holds, or the target's time for settling
// is over.
func (c Check) Eventually(ctx context.Context, ask func(ctx context.Context) any, m types.GomegaMatcher) {
	var last any
	ok := c.t.poll(ctx, time.Duration(c.t.Env.Target.Limits.Settle), func(ctx context.Context) bool {
		last = ask(ctx)
		ok, err := m.Match(last)
		return err == nil && ok
	})
	if !ok {
		c.t.cutShort(ctx)
		c.Expect(last, "until the time for settling was over").To(m)
		return
	}
	c.t.held(c.id)
}

// Require holds a value to a matcher that says nothing about a rule of the spec: set-up, or the
// permission beside a refusal. A false one is an error of the run, not a failure of the target.
func (t *T) Require(actual any, m types.GomegaMatcher, about ...string) {
	ok, err := m.Match(actual)
	if err != nil {
		t.Broken("%s: %v", strings.Join(about, " "), err)
	}
	if !ok {
		t.Broken("%s: %s", strings.Join(about, " "), m.FailureMessage(actual))
	}
}

// Settle asks until done is true: for what Azure makes count only after a while. Time that runs
// out is an error of the run.
func (t *T) Settle(ctx context.Context, what string, done func(ctx context.Context) bool) {
	if !t.poll(ctx, time.Duration(t.Env.Target.Limits.Settle), done) {
		t.Broken("%s: not within %v", what, time.Duration(t.Env.Target.Limits.Settle))
	}
}

// cutShort ends a spec whose waiting was ended from outside: that what it waited for did not come by
// then says nothing about the target.
func (t *T) cutShort(ctx context.Context) {
	if err := ctx.Err(); err != nil {
		t.Broken("cut short while it waited: %v", err)
	}
}

// poll asks at growing distances, from 20 ms to 5 s. An answer that is on its way when the time is
// over is waited for: that it is late says nothing about what it is.
func (t *T) poll(ctx context.Context, limit time.Duration, done func(ctx context.Context) bool) bool {
	over, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		if done(ctx) {
			return true
		}
		timer := time.NewTimer(wait)
		select {
		case <-over.Done():
			timer.Stop()
			return false
		case <-timer.C:
		}
	}
}

// held notes that an assertion about a rule was true.
func (t *T) held(id string) {
	if r := t.checked[id]; r.Status == "" {
		r.Status = Pass
	}
}

// failed notes the first false assertion about a rule.
func (t *T) failed(a Assertion, want, got string) {
	r := t.checked[a.check.id]
	if r.Status == Fail {
		return
	}
	r.Status, r.Exchange = Fail, t.exchangeOf(a.actual)
	r.Want, r.Got = want, got
	if a.about != "" {
		r.Got = a.about + ": " + r.Got
	}
	r.Got = t.clean(withoutValues(r.Got))
	const most = 2000
	if len(r.Got) > most {
		r.Got = r.Got[:most] + " …"
	}
}

// exchangeOf is the place of the exchange with an answer, or of the last one.
func (t *T) exchangeOf(actual any) int {
	if a, ok := actual.(*wire.Answer); ok {
		if i, ok := t.answers[a]; ok {
			return i
		}
	}
	return len(t.exchanges)
}

// brokenSpec is what Broken ends a spec with.
type brokenSpec struct{ reason string }

// Broken ends the spec: something went wrong that says nothing about the target.
func (t *T) Broken(format string, args ...any) {
	panic(brokenSpec{fmt.Sprintf(format, args...)})
}
