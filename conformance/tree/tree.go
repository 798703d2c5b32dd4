package tree

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/linarite/linarite/conformance/rules"
	"github.com/linarite/linarite/conformance/suite"
)

// Options say what hangs in the tree and where it runs.
type Options struct {
	Catalogue *suite.Catalogue
	Plan      suite.Plan
	// Open makes the run's world in the first process. Its text is handed to Join in every
	// process, and holds no secret; what Open made is taken away by the function that it returns.
	Open func(ctx context.Context) (shared []byte, shut func(ctx context.Context), err error)
	// Join is a process's way to the world that Open made.
	Join func(shared []byte) (*suite.Env, func(), error)
	// Run runs one spec; nil means suite.Run.
	Run func(ctx context.Context, env *suite.Env, s suite.Spec) suite.SpecResult
	// Decides tells whether a rule that failed, or could not be checked, fails its spec; nil means
	// that MUST rules do.
	Decides func(r suite.RuleResult) bool
	// Report is given the results of all specs after a run, in the first process; never after a
	// preview.
	Report func(run Run) error
}

// Run is what a run of the tree came to.
type Run struct {
	Start, End time.Time
	Seed       int64
	Procs      int
	Filter     string
	// Complete tells that nothing cut the run short.
	Complete bool
	// Problems are failures outside the specs: of set-up and of taking down.
	Problems []string
	Results  map[string]suite.SpecResult
}

// entry is the name of the report entry with a spec's result.
const entry = "linarite"

// Hang builds the tree. Call it once, before RunSpecs.
func Hang(o Options) {
	h := &hung{o: o}
	var shut func(context.Context)
	ginkgo.SynchronizedBeforeSuite(func(ctx ginkgo.SpecContext) []byte {
		shared, down, err := o.Open(ctx)
		shut = down
		if err != nil {
			ginkgo.Fail("the world of the run could not be made: " + err.Error())
		}
		return shared
	}, func(_ ginkgo.SpecContext, shared []byte) {
		var err error
		if h.env, h.leave, err = o.Join(shared); err != nil {
			ginkgo.Fail("the target cannot be reached: " + err.Error())
		}
	})
	ginkgo.SynchronizedAfterSuite(func() {
		if h.leave != nil {
			h.leave()
		}
	}, func(ctx ginkgo.SpecContext) {
		if shut != nil {
			shut(ctx)
		}
	})
	h.containers()
	ginkgo.ReportAfterSuite("the report", func(r ginkgo.Report) {
		if r.SuiteConfig.DryRun || o.Report == nil {
			return
		}
		run, ran := gather(o.Plan, r)
		if !ran { // a preview runs this too, and shows every spec as passed
			return
		}
		if err := o.Report(run); err != nil {
			ginkgo.Fail("the report could not be written: " + err.Error())
		}
	})
}

// hung is what the leaves of one tree share in a process.
type hung struct {
	o     Options
	env   *suite.Env
	leave func()
}

// containers makes one container a plane with one an area, in the order of the catalogue.
func (h *hung) containers() {
	for _, plane := range groups(h.o.Plan.Specs, suite.Spec.Plane) {
		ginkgo.Describe(plane[0].Spec.Plane(), func() {
			for _, area := range groups(plane, areaOf) {
				ginkgo.Describe(areaOf(area[0].Spec), func() {
					for _, p := range area {
						h.leaf(p)
					}
				})
			}
		})
	}
}

// areaOf is the rule's id without its number.
func areaOf(s suite.Spec) string { return s.Rule()[:strings.LastIndexByte(s.Rule(), '-')] }

// groups puts specs together by a key, in the order in which the keys first come.
func groups(all []suite.Planned, key func(s suite.Spec) string) [][]suite.Planned {
	var out [][]suite.Planned
	place := map[string]int{}
	for _, p := range all {
		i, ok := place[key(p.Spec)]
		if !ok {
			i = len(out)
			place[key(p.Spec)] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], p)
	}
	return out
}

func (h *hung) leaf(p suite.Planned) {
	args := []any{Labels(h.o.Catalogue, p.Spec)}
	if p.Spec.Disruptive {
		args = append(args, ginkgo.Serial)
	}
	if p.Status != "" {
		ginkgo.It(p.Spec.ID+" "+p.Spec.Title, append(args, func() {
			report(suite.Left(p))
			ginkgo.Skip(string(p.Status) + ": " + p.Reason)
		})...)
		return
	}
	ginkgo.It(p.Spec.ID+" "+p.Spec.Title, append(args, func(ctx ginkgo.SpecContext) {
		run := h.o.Run
		if run == nil {
			run = suite.Run
		}
		result := run(ctx, h.env, p.Spec)
		report(result)
		if result.Status == suite.Excluded || result.Status == suite.Unsupported {
			ginkgo.Skip(string(result.Status) + ": " + result.Reason)
		}
		if text := h.complaint(result); text != "" {
			ginkgo.Fail(text)
		}
	})...)
}

// report leaves a result where the process that gathers finds it.
func report(result suite.SpecResult) {
	ginkgo.AddReportEntry(entry, result, types.ReportEntryVisibilityNever)
}

// complaint is what a reader needs to see why a spec failed; empty where nothing did that
// decides.
func (h *hung) complaint(result suite.SpecResult) string {
	var out strings.Builder
	decided := false
	for _, r := range result.Rules {
		if r.Status != suite.Fail && r.Status != suite.Broken {
			continue
		}
		rule := h.o.Catalogue.RuleOf(r.Rule)
		decided = decided || h.o.Decides == nil && rule.Level == rules.Must || h.o.Decides != nil && h.o.Decides(r)
		fmt.Fprintf(&out, "%s %s (%s, %s): %s\n", strings.ToUpper(string(r.Status)), r.Rule, rule.Level, rule.Standing, rule.Text)
		for _, line := range []string{r.Want, r.Got, r.Reason} {
			if line != "" {
				fmt.Fprintf(&out, "    %s\n", strings.ReplaceAll(line, "\n", "\n    "))
			}
		}
	}
	if !decided {
		ginkgo.GinkgoWriter.Print(out.String())
		return ""
	}
	return out.String()
}

// gather reads the results out of Ginkgo's report; false means that nothing ran at all.
func gather(plan suite.Plan, r ginkgo.Report) (Run, bool) {
	run := Run{
		Start: r.StartTime, End: r.EndTime, Seed: r.SuiteConfig.RandomSeed, Procs: r.SuiteConfig.ParallelTotal, Filter: r.SuiteConfig.LabelFilter,
		Complete: true, Results: map[string]suite.SpecResult{},
	}
	ran := false
	for _, s := range r.SpecReports {
		ran = ran || s.NumAttempts > 0
		if s.State.Is(types.SpecStateInterrupted | types.SpecStateAborted | types.SpecStateTimedout) {
			run.Complete = false
		}
		if s.LeafNodeType != types.NodeTypeIt {
			if s.State.Is(types.SpecStateFailureStates) {
				run.Problems = append(run.Problems, s.LeafNodeType.String()+": "+s.FailureMessage())
			}
			continue
		}
		for _, e := range s.ReportEntries {
			if e.Name != entry {
				continue
			}
			if result, ok := resultIn(e); ok {
				run.Results[result.Spec] = result
			}
		}
	}
	for _, reason := range r.SpecialSuiteFailureReasons {
		if strings.Contains(reason, "Interrupt") || strings.Contains(reason, "Timeout") {
			run.Complete = false
		}
	}
	for _, p := range plan.Specs {
		if _, ok := run.Results[p.Spec.ID]; !ok {
			p.Status, p.Reason = suite.NotRun, "not selected, or the run was cut short"
			run.Results[p.Spec.ID] = suite.Left(p)
		}
	}
	return run, ran
}

// resultIn reads an entry: it is a value in the process that made it, and JSON in another.
func resultIn(e types.ReportEntry) (suite.SpecResult, bool) {
	if result, ok := e.Value.GetRawValue().(suite.SpecResult); ok {
		return result, true
	}
	var result suite.SpecResult
	err := json.Unmarshal([]byte(e.Value.AsJSON), &result)
	return result, err == nil && result.Spec != ""
}
