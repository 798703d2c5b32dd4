package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/clientlib/identity"
	"github.com/linarite/linarite/conformance/apply"
	"github.com/linarite/linarite/conformance/ledger"
	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/fixtures/world"
	"github.com/linarite/linarite/fixtures/worlds"
)

// applyFlags are the flags of apply.
type applyFlags struct {
	target, ledger, suffix, subscription, location, cloud string
	expires                                               time.Duration
	yes, dryRun, sweep                                    bool
}

const (
	targetEmulator = "emulator"
	targetAzure    = "azure"
)

func newApply() *cobra.Command {
	var f applyFlags
	cmd := &cobra.Command{
		Use:   "apply WORLD | apply --sweep",
		Short: "Build a world in a running one, or on real Azure",
		Long: `Build what a world file describes, through the client library, in the running world
or on real Azure. WORLD is a starter world or the path of a world file. What is there
already stays as it is, so that applying twice is applying once. Machines are not made:
they have to be there.

On real Azure the plan and its cost are printed, and nothing is made without --yes. The
credential is what the environment has: AZURE_TENANT_ID, AZURE_CLIENT_ID and a secret, or
the machine's identity. See docs/apply.md.`,
		Example: `  linarite apply ./my-world.yaml
  linarite apply tutorial --target azure --subscription ID
  linarite apply tutorial --target azure --subscription ID --suffix x7q --ledger made.jsonl --yes
  linarite apply --sweep --ledger made.jsonl --target azure --yes`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.target, "target", targetEmulator, "emulator (the running world) or azure")
	flags.StringVar(&f.ledger, "ledger", "", "file that keeps what is made, for --sweep")
	flags.StringVar(&f.suffix, "suffix", "", "ends the names of storage accounts and vaults, which are unique in a cloud")
	flags.StringVar(&f.subscription, "subscription", "", "id of the subscription, in place of the world's own")
	flags.StringVar(&f.location, "location", "", "region of what the world gives none (default: the cloud's own)")
	flags.StringVar(&f.cloud, "cloud", "", "with --target azure: public, china or usgov (default: what the world file says, else public)")
	flags.DurationVar(&f.expires, "expires", 0, "put a tag on what is made that says when it may go, such as 4h from now")
	flags.BoolVar(&f.yes, "yes", false, "make it, on real Azure")
	flags.BoolVar(&f.dryRun, "dry-run", false, "print the plan and make nothing")
	flags.BoolVar(&f.sweep, "sweep", false, "delete what the ledger says apply has made, and nothing else")
	addURL(cmd)
	return cmd
}

func (f *applyFlags) run(cmd *cobra.Command, args []string) error {
	if err := f.check(args); err != nil {
		return usage(err)
	}
	if f.sweep {
		return f.runSweep(cmd)
	}
	w, name, files, err := openWorldFile(args[0])
	if err != nil {
		return usage(err)
	}
	to, err := f.open(cmd, w)
	if err != nil {
		return err
	}
	naming := apply.Naming{
		Name: name, Suffix: f.suffix, Subscription: f.subscription, Azure: f.azure(), Application: to.application,
	}
	if naming.Subscription == "" {
		naming.Subscription = to.only(w)
	}
	if f.suffix != "" {
		naming.Name += "-" + f.suffix
	}
	plan, err := apply.New(w, naming)
	if err != nil {
		return usage(err)
	}
	to.Files, to.Location = files, f.location
	return f.carryOut(cmd, plan, to)
}

func (f *applyFlags) azure() bool { return f.target == targetAzure }

// check says what does not go together.
func (f *applyFlags) check(args []string) error {
	switch {
	case f.target != targetEmulator && f.target != targetAzure:
		return fmt.Errorf("--target is %s or %s, not %q", targetEmulator, targetAzure, f.target)
	case f.sweep && len(args) > 0:
		return errors.New("--sweep takes no world: the ledger says what there is to delete")
	case f.sweep && f.ledger == "":
		return errors.New("--sweep wants --ledger, the file that says what apply has made")
	case !f.sweep && len(args) == 0:
		return fmt.Errorf("name a world: one of %s, or the path of a file", strings.Join(worlds.Names(), ", "))
	case f.azure() && f.yes && !f.dryRun && f.ledger == "":
		return errors.New("--yes on real Azure wants --ledger, a file that keeps what is made, so that --sweep can take it away")
	case f.azure() && f.yes && !f.dryRun && !f.sweep && f.subscription == "":
		return errors.New("--yes on real Azure wants --subscription: the world's own is an example")
	case f.cloud != "" && !f.azure():
		return errors.New("--cloud is for --target azure: the running world has its own")
	case f.expires < 0:
		return errors.New("--expires is a time from now, such as 4h")
	}
	return nil
}

// destination is where a world goes.
type destination struct {
	apply.Options
	application string   // client id of who applies, "" if nobody has asked yet
	served      []string // subscriptions of the running world
}

// only is the one subscription of the running world, for a world file that leaves its own out.
func (d destination) only(w *world.World) string {
	if len(w.Subscriptions) == 1 && w.Subscriptions[0].ID == "" && len(d.served) == 1 {
		return d.served[0]
	}
	return ""
}

// open finds the way to the target. On real Azure nobody is asked as long as no subscription is named.
func (f *applyFlags) open(cmd *cobra.Command, w *world.World) (destination, error) {
	if !f.azure() {
		return openRunning(cmd, w)
	}
	name := f.cloud
	switch file := string(w.Cloud); {
	case name == "" && file == "":
		name = emulator.DefaultCloud
	case name == "":
		name = file
	case file != "" && !strings.EqualFold(name, file):
		return destination{}, usage(fmt.Errorf("the world file says cloud: %s, so --cloud %s cannot be had: leave one of them out", file, name))
	}
	c, ok := cloud.ByName(name)
	if !ok {
		return destination{}, usage(fmt.Errorf("--cloud is public, china or usgov, not %q", name))
	}
	var d destination
	d.Options.Options = clientlib.Options{Cloud: c, Application: "linarite/" + version()}
	if f.subscription == "" && !f.sweep {
		return d, nil
	}
	cred, err := identity.Find(identity.Options{Options: d.Options.Options})
	if err != nil {
		return d, err
	}
	d.Credential = cred
	me, err := apply.Who(cmd.Context(), cred, d.Options.Options)
	d.application = me.ApplicationID
	return d, err
}

// carryOut prints the plan, looks whether it can be carried out, and does so where that was asked for.
func (f *applyFlags) carryOut(cmd *cobra.Command, plan *apply.Plan, to destination) error {
	out := cmd.OutOrStdout()
	to.Out = out
	if f.azure() || f.dryRun {
		plan.Print(out)
	} else {
		for _, n := range plan.Not {
			fmt.Fprintf(out, "cannot make %s: %s\n", n.What, n.Why)
		}
	}
	if to.Credential == nil {
		return errors.New("nothing was asked and nothing was made: add --subscription to check the plan against it, and then --yes and --ledger to make it")
	}
	if err := plan.Check(cmd.Context(), to.Options); err != nil {
		return fmt.Errorf("nothing was made: %w", err)
	}
	switch {
	case f.dryRun:
		return nil
	case f.azure() && !f.yes:
		return errors.New("nothing was made: add --yes and --ledger to make it")
	}
	if f.expires > 0 {
		to.Expires = to.Resolve().Clock.Now().Add(f.expires)
	}
	closeLedger, err := f.openLedger(&to, plan.Name)
	if err != nil {
		return err
	}
	return errors.Join(plan.Apply(cmd.Context(), to.Options), closeLedger())
}

// openLedger opens the ledger, where one is wanted.
func (f *applyFlags) openLedger(to *destination, run string) (func() error, error) {
	if f.ledger == "" {
		return func() error { return nil }, nil
	}
	held, err := ledger.Read(f.ledger)
	if err != nil {
		return nil, err
	}
	place := f.place(to)
	for _, e := range held {
		if e.At != "" && e.At != place {
			return nil, usage(fmt.Errorf("%s names what is in %s, and this is %s: say --target and --cloud as when it was made, or name another ledger", f.ledger, e.At, place))
		}
	}
	l, err := ledger.Open(f.ledger, run, to.Resolve().Clock.Now)
	if err != nil {
		return nil, err
	}
	l.SetPlace(place)
	to.Held, to.Ledger = held, l
	return l.Close, nil
}

// place is where things are made, for the ledger: what is not found in one place is not gone from the other.
func (f *applyFlags) place(to *destination) string {
	if !f.azure() {
		return targetEmulator
	}
	return targetAzure + "/" + to.Options.Options.Cloud.Name
}

func (f *applyFlags) runSweep(cmd *cobra.Command) error {
	if _, err := os.Stat(f.ledger); err != nil {
		return fmt.Errorf("the ledger: %w", err)
	}
	entries, err := ledger.Read(f.ledger)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if len(entries) == 0 {
		fmt.Fprintf(out, "%s names nothing that is still there\n", f.ledger)
		return nil
	}
	if f.dryRun || f.azure() && !f.yes {
		for _, e := range entries {
			fmt.Fprintf(out, "would delete %s %s\n", e.Kind, e.ID)
		}
		if f.dryRun {
			return nil
		}
		return errors.New("nothing was deleted: add --yes to delete what is in the ledger")
	}
	to, err := f.open(cmd, &world.World{})
	if err != nil {
		return err
	}
	to.Out = out
	closeLedger, err := f.openLedger(&to, "sweep")
	if err != nil {
		return err
	}
	swept, err := apply.Sweep(cmd.Context(), to.Options, entries)
	for _, id := range swept.Deleted {
		fmt.Fprintln(out, "deleted", id)
	}
	for _, line := range swept.Kept {
		fmt.Fprintln(out, "kept", line)
	}
	for _, line := range swept.Left {
		fmt.Fprintln(out, "not deleted", line)
	}
	if err := errors.Join(err, closeLedger()); err != nil {
		return err
	}
	if swept.Failed() {
		return errors.New("the ledger still names what is there: see the lines above")
	}
	return nil
}

// openWorldFile reads a starter world or a file; name is what its things are tagged with.
func openWorldFile(arg string) (w *world.World, name string, files fs.FS, err error) {
	if data, ok := worlds.Get(arg); ok {
		w, err = world.Decode(arg+".yaml", data)
		return w, arg, nil, err
	}
	if !strings.ContainsAny(arg, `/\.`) {
		_, err := starter(arg)
		return nil, "", nil, err
	}
	data, err := os.ReadFile(arg)
	if err != nil {
		return nil, "", nil, err
	}
	w, err = world.Decode(arg, data)
	name = strings.TrimSuffix(strings.TrimSuffix(filepath.Base(arg), ".yaml"), ".yml")
	return w, name, os.DirFS(filepath.Dir(arg)), err
}
