package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/ids"
)

// complaints is what is wrong with a rule.
type complaints []string

func (c *complaints) when(wrong bool, format string, args ...any) {
	if wrong {
		*c = append(*c, fmt.Sprintf(format, args...))
	}
}

// Check says all that is wrong with a rule, in the names of its JSON; nil is a rule that
// can be added. Whether there is an operation of that name only the planes know.
func (r Rule) Check() error {
	var c complaints
	r.Match.check(&c)
	r.Effect.check(&c, r.Match.Plane)
	c.when(r.Times < 0, "times %d: want how often the rule acts, or nothing for always", r.Times)
	c.when(r.Times > 0 && r.Match.Nth > 0, "nth acts once, so times says nothing beside it: leave one out")
	c.when(r.For < 0, "for %s: a span of time is not negative", r.For)
	c.when(r.For > 0 && !r.Until.IsZero(), "for and until both say when the rule ends: leave one out")
	if _, ok := ScenarioNamed(r.Scenario); r.Scenario != "" && !ok {
		return unknownScenario(r.Scenario)
	}
	if len(c) > 0 {
		return errors.New("fault: " + strings.Join(c, "; "))
	}
	return nil
}

func (m *Match) check(c *complaints) {
	plane := strings.ToLower(m.Plane)
	c.when(m.Plane != "" && !slices.Contains(Planes(), plane), "plane %q: want one of %s", m.Plane, strings.Join(Planes(), ", "))
	c.when(m.Identity != "" && !ids.IsGUID(m.Identity), "identity %q: want an object id or a client id, which are GUIDs", m.Identity)
	if strings.HasPrefix(m.Machine, "/") {
		_, err := armid.Parse(m.Machine)
		c.when(err != nil, "machine: %v", err)
	}
	c.when(m.Resource != "" && m.Plane == "", "resource needs plane, because each plane names its resources in its own way")
	c.when(m.Resource != "" && (plane == "arm" || plane == "graph") && !strings.HasPrefix(m.Resource, "/"),
		"resource %q: of %s it begins with a slash", m.Resource, plane)
	c.when(m.Nth < 0, "nth %d: requests are counted from 1", m.Nth)
	c.when(!(m.Share >= 0 && m.Share <= 1), "share %v: want a part such as 0.3, at most 1", m.Share) // not a number too
	c.when(m.Nth != 0 && m.Share != 0, "nth and share both choose among the requests: leave one out")
	c.when(m.Seed != "" && m.Share == 0, "seed needs share")
}

// maxCode bounds an error code, which goes into a header of Storage's answers.
const maxCode = 128

func (e *Effect) check(c *complaints, plane string) {
	nothing := *e
	nothing.RetryAfterForm = ""
	c.when(nothing == Effect{}, "the effect does nothing: give status, delay, cut, lengthOff, slowBytes, stale or rolesPending")
	c.when(e.Status != 0 && (e.Status < 400 || e.Status > 599), "status %d: want 400 to 599", e.Status)
	c.when(e.Code != "" && e.Status == 0, "code needs status")
	c.when(len(e.Code) > maxCode || strings.IndexFunc(e.Code, func(r rune) bool { return r < ' ' || r > '~' }) >= 0,
		"code %.*q: want at most %d visible characters", maxCode, e.Code, maxCode)
	e.checkRetryAfter(c)
	c.when(e.Delay < 0, "delay %s: a span of time is not negative", e.Delay)
	e.checkAnswer(c)
	c.when(e.Status != 0 && e.Stale, "stale changes what the operation sees, but with status it does not run: leave one out")
	c.when(e.Status != 0 && e.RolesPending, "rolesPending changes who may run the operation, but with status it does not run: leave one out")
	c.when(e.RolesPending && plane != "" && !slices.Contains([]string{"arm", "blob", "queue", "table", "file", "vault"}, strings.ToLower(plane)),
		"rolesPending: no role assignments decide in plane %q, but in arm, vault and those of storage", plane)
}

func (e *Effect) checkRetryAfter(c *complaints) {
	forms := []string{RetrySeconds, RetryDate, RetryMS, RetryMSPrefixed}
	form := e.RetryAfterForm
	c.when(e.RetryAfter < 0, "retryAfter %s: a span of time is not negative", e.RetryAfter)
	c.when(e.RetryAfter != 0 && e.Status == 0, "retryAfter needs status")
	c.when(form != "" && !slices.Contains(forms, form), "retryAfterForm %q: want one of %s", form, strings.Join(forms, ", "))
	c.when(form != "" && e.RetryAfter == 0, "retryAfterForm needs retryAfter")
	unit := time.Second
	if form == RetryMS || form == RetryMSPrefixed {
		unit = time.Millisecond
	}
	c.when(e.RetryAfter%unit != 0, "retryAfter %s: its form has whole units of %s: round it, or take the form %s", e.RetryAfter, unit, RetryMS)
}

// maxLengthOff bounds the bytes that a Content-Length is wrong by, so that it stays a number.
const maxLengthOff = 1 << 40

// checkAnswer is about what spoils an answer.
func (e *Effect) checkAnswer(c *complaints) {
	cuts := []Cut{CutBeforeHead, CutAfterHead, CutInBody}
	c.when(e.Cut != "" && !slices.Contains(cuts, e.Cut), "cut %q: want %s, %s or %s", e.Cut, CutBeforeHead, CutAfterHead, CutInBody)
	c.when(e.CutAfter < 0, "cutAfter %d: want a number of bytes, or nothing for half of the body", e.CutAfter)
	c.when(e.CutAfter != 0 && e.Cut != CutInBody, "cutAfter needs cut %s", CutInBody)
	off := e.LengthOff
	c.when(off > maxLengthOff || off < -maxLengthOff, "lengthOff %d: want at most %d either way", off, int64(maxLengthOff))
	c.when(e.LengthOff != 0 && e.Cut != "", "lengthOff and cut both end the body early: leave one out")
	c.when(e.SlowBytes < 0, "slowBytes %d: want a number of bytes", e.SlowBytes)
	c.when(e.SlowEvery < 0, "slowEvery %s: a span of time is not negative", e.SlowEvery)
	c.when((e.SlowBytes != 0) != (e.SlowEvery != 0), "slowBytes and slowEvery need each other")
	c.when(e.SlowBytes != 0 && (e.Cut == CutBeforeHead || e.Cut == CutAfterHead), "cut %s leaves nothing to send slowly", e.Cut)
}
