package selftest

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/suite"
)

// TestAnswers: whichever answer a spec gets an error of the server's for, it does not pass. An answer that may be
// anything is one that nobody looks at: a list that is empty, a member that is absent, because there is none.
func TestAnswers(t *testing.T) {
	env := rig(t)
	env.Target.Limits.Settle = shortly
	b := Measure(t.Context(), env, chosen(t))
	type one struct {
		spec suite.Spec
		nth  int
	}
	var all []one
	for _, s := range b.specs {
		// A flow goes on without what nobody has seen; what all of them ask, other specs do too.
		if b.Results[s.ID].Status != suite.Pass || slices.Contains(s.Profiles, suite.Tutorial) {
			continue
		}
		for i := range min(b.Results[s.ID].Requests, 40) {
			all = append(all, one{s, i})
		}
	}
	for i := len(all) - 1; i >= 0; i-- {
		if i%stride != 0 {
			all = slices.Delete(all, i, i+1)
		}
	}
	each(all, func(o one) {
		result := b.run(t.Context(), env.Behind(failing(env.Transport, o.nth)), o.spec)
		if result.Status != suite.Pass || o.nth >= len(result.Exchanges) {
			return
		}
		lost := result.Exchanges[o.nth]
		again := func(x suite.Exchange) bool {
			return x.Method == lost.Method && x.URL == lost.URL && x.Body == lost.Body
		}
		if !slices.ContainsFunc(result.Exchanges[o.nth+1:], again) { // what was waited for is asked again
			t.Errorf("%s passes without an answer to its request %d: %s %s", o.spec.ID, o.nth+1, lost.Method, lost.URL)
		}
	})
}

// failing answers the nth request of a spec, from 0, by an error of the server's.
func failing(under wire.Transport, nth int) wire.Transport {
	var asked atomic.Int64
	return wire.TransportFunc(func(ctx context.Context, r *wire.Request) (*wire.Answer, error) {
		a, err := under.Send(ctx, r)
		if err != nil || suite.IsCleaning(ctx) || asked.Add(1) != int64(nth)+1 {
			return a, err
		}
		body := `{"error":{"code":"ServiceUnavailable","message":"no"}}`
		if strings.Contains(r.URL, ".blob.") {
			body = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>ServerBusy</Code><Message>no</Message></Error>"
		}
		return &wire.Answer{Proto: "HTTP/1.1", Status: 503, Reason: "Service Unavailable", Body: []byte(body), Framing: "length"}, nil
	})
}
