package wire

import (
	"encoding/hex"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
)

// AttachFaults gives the planned faults the world's clock, a seed and its state.
func (w *World) AttachFaults() {
	w.Faults.Attach(fault.Host{
		Now: w.Clock.Now,
		Seed: func() string {
			seed := w.IDs.Seed()
			return hex.EncodeToString(ids.NamedBytes("fault seed", hex.EncodeToString(seed[:]))[:8]) // one way: lists show it
		},
		Keep: func() any { return w.State.Snapshot() },
	})
}

// faultBefore lets a planned fault act on the request. It stands where a plane knows who
// asks: what is refused before, no fault sees.
func faultBefore(c *Call) error {
	if c.World.Faults.Empty() {
		return nil
	}
	p := fault.Point{
		Plane: c.Plane.Name, Machine: c.Machine.ID, MachineName: c.Machine.Name, ObjectID: c.Caller.ObjectID(), ClientID: c.Caller.AppID(),
		Resource: unescaped(c.Path), Now: c.Now,
	}
	if c.Operation != nil {
		p.Operation, p.Read = c.Operation.Name, c.Operation.View != nil
	}
	if describe := c.Plane.Describe; describe != nil {
		if err := describe(c, &p); err != nil {
			return err
		}
	}
	rule, hit := c.World.Faults.Strike(p)
	if !hit {
		return nil
	}
	c.struck = &rule
	if err := pause(c, rule.Effect.Delay); err != nil {
		return err
	}
	if rule.Effect.Status == 0 {
		return nil
	}
	return planned(c, rule.Effect)
}

// pause waits in host time, as long as the caller does.
func pause(c *Call, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-c.Request.Context().Done():
		return &ClientGoneError{c.Request.Context().Err()}
	}
}

// planned is the refusal that a fault asks for: the plane's usual one, or the one of its
// table with that status and code. What neither knows is said in the plane's form, with
// words of ours.
func planned(c *Call, e fault.Effect) *apierr.Error {
	if usual := c.Plane.Usual; usual != nil {
		if own := usual(c, e); own != nil && (e.Code == "" || strings.EqualFold(e.Code, own.Code)) {
			return own
		}
	}
	code := e.Code
	if code == "" {
		code = strings.ReplaceAll(http.StatusText(e.Status), " ", "")
	}
	if own := apierr.Find(tableOf(c.Plane.Name), e.Status, code); own != nil {
		return own
	}
	return &apierr.Error{Kind: "fault", Status: e.Status, Code: code, Message: "Planned fault."}
}

// tableOf is what the kinds of a plane's refusals begin with.
func tableOf(plane string) string {
	switch plane {
	case "msi":
		return "appservice"
	case "blob", "queue", "table", "file":
		return "storage"
	}
	return plane
}

// retryAfter sets how long the refusal of a planned fault tells the caller to wait.
func (c *Call) retryAfter(h http.Header) {
	if c.struck == nil || c.struck.Effect.Status == 0 {
		return
	}
	wait := c.Wait()
	switch form := c.struck.Effect.RetryAfterForm; {
	case wait <= 0:
	case form == fault.RetryMS || form == fault.RetryMSPrefixed:
		set(h, form, strconv.FormatInt(wait.Milliseconds(), 10))
	case form == fault.RetryDate:
		set(h, "Retry-After", c.Now.Add(wait).Format(http.TimeFormat))
	default:
		set(h, "Retry-After", strconv.FormatInt(int64(wait/time.Second), 10))
	}
}

// Wait is how long the planned refusal tells the caller to wait, zero where it says
// nothing.
func (c *Call) Wait() time.Duration {
	switch {
	case c.struck == nil:
		return 0
	case c.struck.Effect.RetryAfter == 0 && c.struck.Effect.Status == http.StatusTooManyRequests:
		return c.Plane.Throttle
	}
	return c.struck.Effect.RetryAfter
}

// view is where a read reads: the present state, or an earlier one by a planned fault.
func (c *Call) view() func(func(*state.Tx)) {
	if c.struck != nil && c.struck.Effect.Stale {
		if past, ok := c.struck.Kept().(*state.Snapshot); ok {
			return past.View
		}
	}
	return c.World.State.View
}

// Facts is what decisions about the caller rest on. A planned fault may hold all role
// assignments back.
func (c *Call) Facts(tx *state.Tx) rbac.Facts {
	facts := rbac.FactsOf(tx)
	if c.struck != nil && c.struck.Effect.RolesPending {
		return pending{facts, c.Now}
	}
	return facts
}

// pending are facts whose assignments have not taken effect yet.
type pending struct {
	rbac.Facts
	now time.Time
}

// RoleAssignmentsOf puts the effect of each assignment off.
func (p pending) RoleAssignmentsOf(principalID string) iter.Seq[state.RoleAssignment] {
	return func(yield func(state.RoleAssignment) bool) {
		for a := range p.Facts.RoleAssignmentsOf(principalID) {
			a.EffectiveFrom = p.now.Add(time.Nanosecond)
			if !yield(a) {
				return
			}
		}
	}
}
