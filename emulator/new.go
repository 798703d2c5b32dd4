package emulator

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/journal"
)

// TB is what New needs of a test; *testing.T, *testing.B and *testing.F have it.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Logf(format string, args ...any)
	Name() string
}

// Option changes the world that New makes.
type Option func(*Options)

// World names a starter world or the path of a world file; the default is the starter
// world empty: a tenant, a subscription, one group, one machine that may do nothing.
func World(name string) Option { return func(o *Options) { o.World = name } }

// Cloud names the cloud: public, china or usgov.
func Cloud(name string) Option { return func(o *Options) { o.Cloud = name } }

// OnMachine names the machine that callers are on; the default is the world's first.
func OnMachine(name string) Option { return func(o *Options) { o.Machine = name } }

// From begins with a snapshot, such as one that a parent test has taken.
func From(s *Snapshot) Option {
	return func(o *Options) {
		if o.From = s; s == nil {
			o.From = new(Snapshot) // refused by Open
		}
	}
}

// AllowUnknownHosts lets the test go on where a client asks for a host that the world does
// not serve: for tests of what the client makes of that.
func AllowUnknownHosts() Option { return func(o *Options) { o.AllowUnknownHosts = true } }

// With sets any of the Options.
func With(set func(*Options)) Option { return set }

// New makes a world for a test, which ends with it. Identifiers are repeatable: the seed
// is the test's name.
//
// The test fails, with a sentence that says what to do, where a client of Client asks for
// a host that the world does not serve, or leaves a request or the body of an answer behind;
// and, by whatever carrier, where it meets a bug of Linarite's. Refusals are logged at the
// end, so that a failing test shows them. Handles end the test like t.Fatal: use them in the
// test's own goroutine.
func New(tb TB, opts ...Option) *Emulator {
	tb.Helper()
	seed := ids.NamedSeed(tb.Name())
	o := Options{Seed: &seed}
	for _, opt := range opts {
		opt(&o)
	}
	if o.World == "" && o.From == nil {
		o.World = "empty"
	}
	return newIn(tb, o)
}

func newIn(tb TB, o Options) *Emulator {
	tb.Helper()
	t := &test{TB: tb}
	onInternal := o.OnInternal
	inTest := o
	inTest.OnInternal = func(err error) {
		t.errorf("this is a bug in Linarite, please report it: %v", err)
		if onInternal != nil {
			onInternal(err)
		}
	}
	e, err := Open(inTest)
	if err != nil {
		tb.Fatalf("linarite: %v", err)
		return nil
	}
	e.options, e.test = o, t // a fork tells its own test
	tb.Cleanup(func() {
		tb.Helper()
		e.end()
	})
	return e
}

// test is a test as long as it runs: to one that has ended nothing may be said.
type test struct {
	TB

	mu    sync.Mutex
	ended bool
}

func (t *test) over() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ended
}

func (t *test) say(f func(string, ...any), format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.ended {
		t.Helper()
		f("linarite: "+format, args...)
	}
}

func (t *test) errorf(format string, args ...any) {
	t.Helper()
	t.say(t.Errorf, format, args...)
}

// logged bounds how many refusals stand in the log of a test.
const logged = 50

// refusals logs what clients were refused, the latest of it: a test that fails shows it.
func (t *test) refusals(j *journal.Journal) {
	all := slices.DeleteFunc(j.Select(journal.Filter{Refused: true}), everyday)
	if n := len(all) - logged; n > 0 {
		t.say(t.Logf, "%d earlier refusals are not shown", n)
		all = all[n:]
	}
	for _, e := range all {
		who := "nobody"
		if e.Principal != "" {
			who = strings.TrimSpace(e.PrincipalName + " " + e.Principal)
		}
		text := strings.Join(strings.Fields(e.Message), " ")
		for _, d := range e.Details {
			text += " " + d.Name + ": " + d.Value
		}
		t.say(t.Logf, "%d %s to %s: %s %s: %s", e.Status, e.Code, who, e.Method, e.URL, text)
	}
}

// everyday tells the refusals that client libraries ask for on their way, and those that
// the test has been told of.
func everyday(e journal.Entry) bool {
	switch e.Kind {
	case apierr.FrontHost, apierr.FrontAccount, apierr.FrontVault, // see unknown
		apierr.FrontOtherWorld, apierr.FrontOtherWorldAgain, apierr.VaultNoToken:
		return true
	case apierr.IMDSMetadataHeader: // DefaultAzureCredential looks so whether anybody is there
		return !strings.Contains(e.URL, "?")
	}
	return false
}

// fatal ends the world's test. A world without a test has nobody to tell and panics, and so
// does one whose test has ended: what comes here is a mistake in the program that uses it.
func (e *Emulator) fatal(format string, args ...any) {
	e.test.Helper()
	if e.test.over() {
		panic("linarite: " + fmt.Sprintf(format, args...) + " (the test that the world belongs to has ended)")
	}
	e.test.Fatalf("linarite: "+format, args...)
}

// must ends the world's test for an error.
func (e *Emulator) must(err error) {
	e.test.Helper()
	if err != nil {
		e.fatal("%v", err)
	}
}

// noTest stands for the test of a world that Open made.
type noTest struct{}

func (noTest) Helper()                           {}
func (noTest) Cleanup(func())                    {}
func (noTest) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (noTest) Errorf(string, ...any)             {}
func (noTest) Logf(string, ...any)               {}
func (noTest) Name() string                      { return "" }

// end closes the world and says what its clients have left behind.
func (e *Emulator) end() {
	for _, left := range e.exchanges.Close() {
		if left.Answered {
			e.test.errorf("the answer to %s %s was left with its body neither read to the end nor closed, which leaks a connection and a goroutine: "+
				"call Close on the answer's Body", left.Method, left.URL)
			continue
		}
		e.test.errorf("%s %s was still waiting for its answer when the test ended: wait for the goroutine that asks, or cancel its context", left.Method, left.URL)
	}
	if err := e.Close(); err != nil {
		e.test.errorf("closing the world: %v", err)
	}
	e.test.refusals(e.Journal())
	e.test.mu.Lock()
	defer e.test.mu.Unlock()
	e.test.ended = true
}
