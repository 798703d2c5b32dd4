package selftest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/suite"
)

// Baseline is a run without a fault: what each spec came to, and what it saw.
type Baseline struct {
	Results map[string]suite.SpecResult
	Seen    map[string][]Seen
	specs   []suite.Spec
	env     *suite.Env
	// alone is held for writing by a spec that disturbs others.
	alone sync.RWMutex
	// turns are by id of a spec: it may use a name that there is only one of, such as the account's.
	turns map[string]*sync.Mutex
}

// Measure runs the specs on a target, several at a time, and keeps what they saw.
func Measure(ctx context.Context, env *suite.Env, specs []suite.Spec) *Baseline {
	b := &Baseline{Results: map[string]suite.SpecResult{}, Seen: map[string][]Seen{}, specs: specs, env: env, turns: map[string]*sync.Mutex{}}
	for _, s := range specs {
		b.turns[s.ID] = &sync.Mutex{}
	}
	var mu sync.Mutex
	each(specs, func(s suite.Spec) {
		var seen []Seen
		var guard sync.Mutex
		recording := wire.TransportFunc(func(ctx context.Context, r *wire.Request) (*wire.Answer, error) {
			a, err := env.Transport.Send(ctx, r)
			if err == nil {
				guard.Lock()
				seen = append(seen, Seen{planeOf(env.World, r.URL), r.Clone(), a})
				guard.Unlock()
			}
			return a, err
		})
		result := b.run(ctx, env.Behind(recording), s)
		mu.Lock()
		defer mu.Unlock()
		b.Results[s.ID], b.Seen[s.ID] = result, seen
	})
	return b
}

// run runs a spec beside others, but never beside itself, or alone where it would disturb them.
func (b *Baseline) run(ctx context.Context, env *suite.Env, s suite.Spec) suite.SpecResult {
	b.turns[s.ID].Lock()
	defer b.turns[s.ID].Unlock()
	if s.Disruptive {
		b.alone.Lock()
		defer b.alone.Unlock()
	} else {
		b.alone.RLock()
		defer b.alone.RUnlock()
	}
	return suite.Run(ctx, env, s)
}

// Outcome is what a fault came to.
type Outcome struct {
	Fault Fault
	// Killed tells that the rule turned red, and nothing that the fault does not name.
	Killed bool
	// Why says what is wrong with a fault that was not killed as it should be.
	Why string
	// Ran are the specs that saw an answer that the fault alters.
	Ran []string
}

// Plant runs the specs that a fault can change, and says whether the suite saw it.
func (b *Baseline) Plant(ctx context.Context, f Fault) Outcome {
	out := Outcome{Fault: f}
	on, err := f.On.compile()
	if err != nil {
		out.Why = err.Error()
		return out
	}
	env := b.env.Behind(f.plant(b.env.Transport, on, func(u string) string { return planeOf(b.env.World, u) }))
	var wrong []string
	for _, s := range b.specs {
		if !slices.ContainsFunc(b.Seen[s.ID], on.matches) {
			continue
		}
		out.Ran = append(out.Ran, s.ID)
		for i, after := range b.run(ctx, env, s).Rules {
			before := b.Results[s.ID].Rules[i]
			switch {
			case before.Status == after.Status:
			case after.Rule == f.Rule && after.Status == suite.Fail:
				out.Killed = true
			case slices.Contains(f.Also, after.Rule):
			case slices.Contains(s.Profiles, suite.Tutorial): // a flow is a chain: it ends at any link that breaks
			default:
				wrong = append(wrong, fmt.Sprintf("%s in %s turned %s (%s%s)", after.Rule, s.ID, after.Status, after.Got, after.Reason))
			}
		}
	}
	switch {
	case len(out.Ran) == 0:
		out.Why = "no spec saw an answer that it alters"
	case len(wrong) > 0:
		out.Killed, out.Why = false, "it also broke what it does not name: "+strings.Join(wrong, "; ")
	case !out.Killed:
		out.Why = fmt.Sprintf("it survived: %s still passes in %s", f.Rule, strings.Join(out.Ran, ", "))
	}
	return out
}

// each runs f for all, a few at a time.
func each[E any](all []E, f func(E)) {
	const atOnce = 8
	var wait sync.WaitGroup
	queue := make(chan E)
	for range atOnce {
		wait.Go(func() {
			for one := range queue {
				f(one)
			}
		})
	}
	for _, one := range all {
		queue <- one
	}
	close(queue)
	wait.Wait()
}

// planeOf tells which plane of a world a URL is for.
func planeOf(w suite.World, u string) string {
	c := w.CloudData()
	for _, at := range []struct{ base, plane string }{
		{w.IMDS, "imds"}, {w.AppService, "appservice"}, {w.ARM, "arm"}, {w.Graph, "graph"}, {w.Login, "login"}, {w.Blob, "blob"},
	} {
		if at.base != "" && strings.HasPrefix(u, at.base) {
			return at.plane
		}
	}
	if strings.Contains(u, "."+c.BlobSuffix) {
		return "blob"
	}
	if _, storage, _ := strings.Cut(c.BlobSuffix, "."); strings.Contains(u, "."+storage) {
		return "sibling" // Queue, Table and File storage
	}
	return "vault"
}
