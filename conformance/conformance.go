package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/known"
	"github.com/linarite/linarite/conformance/ledger"
	"github.com/linarite/linarite/conformance/provision"
	"github.com/linarite/linarite/conformance/report"
	"github.com/linarite/linarite/conformance/rules"
	"github.com/linarite/linarite/conformance/specs"
	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/conformance/targets"
	"github.com/linarite/linarite/conformance/tree"
)

// Config says what to run against what.
type Config struct {
	Target    targets.File
	Selection suite.Selection
	// Report is the folder for the report's files; empty writes none.
	Report string
	// Version is the suite's own.
	Version string
	// Now is the suite's clock.
	Now func() time.Time
	// Ledger is a file that keeps what the run makes, for a sweep; empty keeps none.
	Ledger string
	// Link gives a process its way to the target. Shared is nil in the process that opens the
	// target; in the others it is what Link.Share was there.
	Link func(ctx context.Context, target targets.File, shared json.RawMessage) (Link, error)
	// Strict lets rules of every level decide, not the MUST rules alone.
	Strict bool
	// Run runs one spec where a target has a way of its own; nil means suite.Run.
	Run func(ctx context.Context, env *suite.Env, s suite.Spec) suite.SpecResult
}

// Link is a process's way to a target.
type Link struct {
	Transport wire.Transport
	// Getenv has the secrets that the target file names variables of.
	Getenv func(name string) string
	// Share is handed to the Link of other processes. It goes through the run's own channels,
	// and holds nothing of anybody else's.
	Share any
	// Version is what the target says of its version, where it does.
	Version string
	Close   func()
}

// Prepared is a run that is planned and not begun.
type Prepared struct {
	Config    Config
	Catalogue *suite.Catalogue
	Plan      suite.Plan
	Known     known.List
	// Report is set at the end of a run, in the process that gathers.
	Report *report.Report

	version string
	world   suite.World
	ledger  suite.Ledger
}

// ErrNothing tells that the selection leaves nothing to run.
var ErrNothing = errors.New("nothing is selected that can run on this target")

// Prepare checks the specs, the target and the selection. Its errors are the caller's: exit 2.
func Prepare(config Config) (*Prepared, error) {
	catalogue, err := suite.NewCatalogue(specs.All())
	if err != nil {
		return nil, err
	}
	if config.Selection.Profile == "" && len(config.Selection.IDs) == 0 {
		config.Selection.Profile = config.Target.Profile
	}
	if err := provision.Check(config.Target); err != nil {
		return nil, err
	}
	plan, err := suite.NewPlan(catalogue, config.Target, nil, config.Selection)
	if err != nil {
		return nil, err
	}
	list, err := known.For(config.Target.Name)
	if err != nil {
		return nil, err
	}
	if len(plan.Runs()) == 0 {
		return nil, ErrNothing
	}
	world := provision.Begin(suite.Resolve(config.Target), config.Target, config.Now())
	return &Prepared{Config: config, Catalogue: catalogue, Plan: plan, Known: list, world: world}, nil
}

// Provision is what the run will make, for a person to agree to.
func (p *Prepared) Provision() provision.Plan {
	return provision.Plan{Target: p.Config.Target, World: p.world, Specs: len(p.Plan.Runs())}
}

// Sweep deletes what earlier runs have left on the target; see provision.Sweep.
func Sweep(ctx context.Context, config Config) (provision.Swept, error) {
	entries, err := ledger.Read(config.Ledger)
	if err != nil {
		return provision.Swept{}, err
	}
	link, err := config.Link(ctx, config.Target, nil)
	if err != nil {
		return provision.Swept{}, err
	}
	defer closeLink(link)
	lines, err := ledger.Open(config.Ledger, "sweep", config.Now)
	if err != nil {
		return provision.Swept{}, err
	}
	defer lines.Close()
	env := suite.Setup(config.Target, suite.Resolve(config.Target), provision.Limit(link.Transport, config.Target), config.Now, link.Getenv, nil)
	return provision.Sweep(ctx, env, entries, lines)
}

// handed is what the first process hands to all.
type handed struct {
	World suite.World     `json:"world"`
	Link  json.RawMessage `json:"link"`
}

// Hang builds Ginkgo's tree of the run. Call it once in a process, before RunSpecs.
func (p *Prepared) Hang() {
	tree.Hang(tree.Options{
		Catalogue: p.Catalogue, Plan: p.Plan, Open: p.open, Join: p.join, Report: p.report, Run: p.Config.Run,
		Decides: func(r suite.RuleResult) bool {
			if id, _ := p.Known.Judge(r.Rule, r.Spec, r.Status == suite.Fail, false, r.Got); id != "" {
				return false
			}
			return p.Config.Strict || p.Catalogue.RuleOf(r.Rule).Level == rules.Must
		},
	})
}

// open makes the world of the run; its link stays open until the end.
func (p *Prepared) open(ctx context.Context) ([]byte, func(context.Context), error) {
	link, err := p.Config.Link(ctx, p.Config.Target, nil)
	if err != nil {
		return nil, nil, err
	}
	p.version = link.Version
	if p.Config.Ledger != "" {
		if p.ledger, err = ledger.Open(p.Config.Ledger, p.world.RunID, p.Config.Now); err != nil {
			closeLink(link)
			return nil, nil, err
		}
	}
	world, down, err := provision.Up(ctx, p.env(p.world, link))
	shut := func(ctx context.Context) {
		down(ctx)
		closeLink(link)
	}
	if err != nil {
		return nil, shut, err
	}
	p.world = world
	share, err := json.Marshal(link.Share)
	if err != nil {
		return nil, shut, err
	}
	text, err := json.Marshal(handed{World: world, Link: share})
	return text, shut, err
}

func closeLink(l Link) {
	if l.Close != nil {
		l.Close()
	}
}

func (p *Prepared) env(world suite.World, link Link) *suite.Env {
	return suite.Setup(p.Config.Target, world, provision.Limit(link.Transport, p.Config.Target), p.Config.Now, link.Getenv, p.ledger)
}

// join is a process's way to the world that was made.
func (p *Prepared) join(shared []byte) (*suite.Env, func(), error) {
	var h handed
	if err := json.Unmarshal(shared, &h); err != nil {
		return nil, nil, fmt.Errorf("what the first process handed on: %w", err)
	}
	link, err := p.Config.Link(context.Background(), p.Config.Target, h.Link)
	if err != nil {
		return nil, nil, err
	}
	if p.Config.Ledger != "" && p.ledger == nil {
		if p.ledger, err = ledger.Open(p.Config.Ledger, h.World.RunID, p.Config.Now); err != nil {
			return nil, nil, err
		}
	}
	return p.env(h.World, link), func() { closeLink(link) }, nil
}

// report adds up and writes what the run came to.
func (p *Prepared) report(run tree.Run) error {
	target := p.Config.Target
	if target.Cloud == "" {
		target.Cloud = p.world.Cloud
	}
	left, err := p.left()
	if err != nil {
		return err
	}
	r := report.New(report.Input{
		Version: p.Config.Version, Catalogue: p.Catalogue, Target: target, TargetVersion: p.version, Plan: p.Plan,
		Run: report.Run{ID: p.world.RunID, Start: run.Start.UTC(), Seconds: run.End.Sub(run.Start).Seconds(), Seed: run.Seed,
			Procs: run.Procs, Filter: run.Filter, Complete: run.Complete},
		Results: run.Results, Known: p.Known, Problems: run.Problems, Left: left,
	})
	p.Report = &r
	if p.Config.Report == "" {
		return nil
	}
	return r.Write(p.Config.Report)
}

// left is what the ledger says may still be there.
func (p *Prepared) left() (left []string, err error) {
	if p.Config.Ledger == "" {
		return nil, nil
	}
	entries, err := ledger.Read(p.Config.Ledger)
	for _, e := range entries {
		if e.Run == p.world.RunID && e.Kind != "container" {
			left = append(left, e.Kind+" "+e.ID)
		}
	}
	return left, err
}
