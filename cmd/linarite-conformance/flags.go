package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/linarite/linarite/conformance"
	"github.com/linarite/linarite/conformance/report"
	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/conformance/targets"
	"github.com/linarite/linarite/conformance/tree"
)

type flags struct {
	target, cloud, filter, report, profile, ledger   string
	only                                             []string
	list, plan, yes, sweep, disruptive, slow, strict bool
	seed                                             int64
}

func (f *flags) add(set *pflag.FlagSet) {
	set.StringVar(&f.target, "target", "emulator", "name of a target ("+strings.Join(targets.Embedded(), ", ")+") or a target file")
	set.StringVar(&f.cloud, "cloud", "", "cloud of an emulator: public, china or usgov")
	set.StringVar(&f.filter, "label-filter", "", "Ginkgo's filter over the labels ID Rule Feature Profile Plane Level Standing Cost")
	set.StringVar(&f.profile, "profile", "", "one profile alone, such as TUTORIAL or BLOB")
	set.StringSliceVar(&f.only, "only", nil, "rules, areas or specs alone, such as BLOB-SAS or IMDS-TOKEN-002")
	set.StringVar(&f.report, "report", "", "folder for report.json, junit.xml, matrix.md and badge.json")
	set.BoolVar(&f.list, "list", false, "print the specs that would run, with their rules, and stop")
	set.BoolVar(&f.plan, "print-plan", false, "print the target, its features and what would be made, and stop")
	set.BoolVar(&f.yes, "yes", false, "make on real Azure what --print-plan shows")
	set.BoolVar(&f.sweep, "sweep", false, "delete what earlier runs have left on the target, and nothing else")
	set.StringVar(&f.ledger, "ledger", "linarite-ledger.jsonl", "file that keeps what a run on real Azure makes, for --sweep")
	set.BoolVar(&f.disruptive, "disruptive", false, "run specs too that may disturb others on the target")
	set.BoolVar(&f.slow, "slow", false, "run specs too that wait for minutes on real Azure")
	set.BoolVar(&f.strict, "strict", false, "rules of every level decide, not the MUST rules alone")
	set.Int64Var(&f.seed, "seed", 0, "order of the specs; 0 takes one by the time")
}

func (f *flags) load() (targets.File, error) {
	target, err := targets.Load(f.target)
	if err != nil || f.cloud == "" {
		return target, err
	}
	if target.Cloud != "" && target.Cloud != f.cloud {
		return target, fmt.Errorf("the target is in the cloud %s, and --cloud says %s", target.Cloud, f.cloud)
	}
	return target.In(f.cloud)
}

func (f *flags) selection() suite.Selection {
	return suite.Selection{Profile: f.profile, IDs: f.only, Disruptive: f.disruptive, Slow: f.slow}
}

func (f *flags) run(cmd *cobra.Command) error {
	config, err := f.config()
	if err != nil {
		return err
	}
	if f.sweep {
		return sweep(cmd, config)
	}
	prepared, err := conformance.Prepare(config)
	if err != nil {
		return err
	}
	chosen, err := f.chosen(prepared)
	switch {
	case err != nil:
		return err
	case f.list:
		list(cmd.OutOrStdout(), prepared.Catalogue, chosen)
		return nil
	case f.plan:
		printPlan(cmd.OutOrStdout(), prepared)
		return nil
	}
	if err := f.agree(cmd.OutOrStdout(), prepared); err != nil {
		return err
	}
	if f.report != "" {
		if err := report.Ready(f.report); err != nil {
			return err
		}
	}
	prepared.Hang()
	suiteConfig, reporter := ginkgo.GinkgoConfiguration()
	suiteConfig.LabelFilter, suiteConfig.RandomizeAllSpecs, suiteConfig.FailOnEmpty = f.filter, true, true
	suiteConfig.RandomSeed = time.Now().Unix()
	if minutes := config.Target.Limits.Minutes; minutes > 0 {
		suiteConfig.Timeout = time.Duration(minutes) * time.Minute
	}
	if f.seed != 0 {
		suiteConfig.RandomSeed = f.seed
	}
	reporter.Succinct, reporter.NoColor = true, !term.IsTerminal(int(os.Stdout.Fd()))
	ran := ginkgo.RunSpecs(noTest{}, "conformance of "+config.Target.Name, suiteConfig, reporter)
	if prepared.Report == nil {
		return exitError(exitCannot)
	}
	summary(cmd.OutOrStdout(), *prepared.Report)
	for _, d := range prepared.Known.Old(time.Now()) {
		fmt.Fprintf(cmd.ErrOrStderr(), "nobody has looked at the known difference %s since %s\n", d.ID, d.Checked)
	}
	code := prepared.Report.Exit()
	if !ran && code == 0 {
		code = exitFailed
	}
	if code != 0 {
		return exitError(code)
	}
	return nil
}

// chosen are the specs that will run and that the filter lets pass. Ginkgo would end the process over
// a filter that it cannot read, with the exit status of a failure.
func (f *flags) chosen(p *conformance.Prepared) ([]suite.Spec, error) {
	filter, err := types.ParseLabelFilter(f.filter)
	if err != nil {
		return nil, fmt.Errorf("--label-filter: %w", err)
	}
	var out []suite.Spec
	for _, s := range p.Plan.Runs() {
		if filter(tree.Labels(p.Catalogue, s)) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("--label-filter %s: %w", f.filter, conformance.ErrNothing)
	}
	return out, nil
}

// agree stops a run on real Azure that nobody has agreed to.
func (f *flags) agree(w io.Writer, p *conformance.Prepared) error {
	if p.Config.Target.Kind != targets.Azure {
		return nil
	}
	plan := p.Provision()
	plan.Print(w)
	if err := plan.Check(); err != nil {
		return err
	}
	if !f.yes {
		return errors.New("nothing was made: --yes makes this")
	}
	return nil
}

// sweep deletes what runs have left, and says what.
func sweep(cmd *cobra.Command, config conformance.Config) error {
	if config.Ledger == "" {
		return errors.New("--sweep is for real Azure: whatever is made on other targets ends with the run")
	}
	out, err := conformance.Sweep(cmd.Context(), config)
	w := cmd.OutOrStdout()
	for _, id := range out.Deleted {
		fmt.Fprintln(w, "deleted "+id)
	}
	for _, why := range out.Kept {
		fmt.Fprintln(w, "kept    "+why)
	}
	for _, why := range out.Left {
		fmt.Fprintln(w, "left    "+why)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%d deleted, %d kept, %d left\n", len(out.Deleted), len(out.Kept), len(out.Left))
	if len(out.Left) > 0 {
		return exitError(exitFailed)
	}
	return nil
}

// noTest is what RunSpecs tells of a failure; the report tells the rest.
type noTest struct{}

// Fail implements ginkgo.GinkgoTestingT.
func (noTest) Fail() {}

// list prints what would run.
func list(w io.Writer, c *suite.Catalogue, specs []suite.Spec) {
	for _, s := range specs {
		fmt.Fprintf(w, "%s  %s\n", s.ID, s.Title)
		for _, l := range tree.Labels(c, s) {
			if strings.HasPrefix(l, "Rule:") {
				id := strings.TrimPrefix(l, "Rule:")
				fmt.Fprintf(w, "    %s %s: %s\n", id, c.RuleOf(id).Level, c.RuleOf(id).Text)
			}
		}
	}
}

// printPlan prints what the planner decided.
func printPlan(w io.Writer, p *conformance.Prepared) {
	t := p.Config.Target
	fmt.Fprintf(w, "target %s (%s), cloud %s\n", t.Name, t.Kind, suite.Resolve(t).Cloud)
	counts := map[suite.Status]int{}
	for _, s := range p.Plan.Specs {
		counts[s.Status]++
	}
	fmt.Fprintf(w, "%d specs will run; %d unsupported, %d excluded, %d not selected\n",
		counts[""], counts[suite.Unsupported], counts[suite.Excluded], counts[suite.NotRun])
	for _, k := range p.Plan.Capabilities {
		if k.Origin == "default" && k.Present {
			continue
		}
		fmt.Fprintf(w, "feature %s: present %v (%s) %s\n", k.Feature, k.Present, k.Origin, k.Reason)
	}
}

// summary prints the totals, and each rule that failed.
func summary(w io.Writer, r report.Report) {
	fmt.Fprintln(w) // Ginkgo's row of points has no end
	for _, rule := range r.Rules {
		if rule.Status != suite.Fail && rule.Status != suite.Broken {
			continue
		}
		note := ""
		if rule.Known != "" {
			note = " (known: " + rule.Known + ")"
		}
		if rule.Outdated != "" {
			note = " (passes, though known to fail: " + rule.Outdated + ")"
		}
		fmt.Fprintf(w, "%-5s %s %s%s in %s\n", rule.Status, rule.ID, rule.Level, note, rule.Spec)
	}
	var parts []string
	for _, s := range suite.Statuses() {
		if n := r.Totals[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	fmt.Fprintf(w, "%d rules: %s; seed %d\n", len(r.Rules), strings.Join(parts, ", "), r.Run.Seed)
	for _, problem := range r.Problems {
		fmt.Fprintln(w, "problem: "+problem)
	}
	for _, left := range r.Left {
		fmt.Fprintln(w, "left: "+left)
	}
	if len(r.Left) > 0 {
		fmt.Fprintln(w, "the same command with --sweep instead of --yes removes it")
	}
}

func newCompare() *cobra.Command {
	var common bool
	c := &cobra.Command{
		Use: "compare A.json B.json", Short: "Print the rules whose status differs between two reports",
		Long: `Prints the rules whose status differs between two reports.

Exit: 1 when a rule fails in the second that did not in the first, or a MUST rule passed in the
first and does not in the second.`,
		Example: "  linarite-conformance compare azurite/report.json emulator/report.json",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, errA := report.Read(args[0])
			b, errB := report.Read(args[1])
			if err := errors.Join(errA, errB); err != nil {
				return err
			}
			changes, err := report.Compare(a, b, common)
			if err != nil {
				return err
			}
			for _, c := range changes {
				fmt.Fprintf(cmd.OutOrStdout(), "%-20s %-12s %-12s %s\n", c.ID, c.A, c.B, c.Got)
			}
			if slices.ContainsFunc(changes, report.Change.Worse) {
				return exitError(exitFailed)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&common, "common", false, "compare reports of different lists of specs by what both have")
	return c
}
