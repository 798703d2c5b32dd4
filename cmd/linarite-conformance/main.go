// Command linarite-conformance runs the conformance suite against a target and writes a report.
// See linarite-conformance --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/conformance"
	"github.com/linarite/linarite/conformance/targets"
)

// Exit codes.
const (
	exitFailed = 1 // a MUST rule failed, or something was left
	exitCannot = 2 // wrong target or usage, nothing selected: nothing was run
)

// release is set by the linker in released binaries.
var release string //nolint:gochecknoglobals // the linker can set nothing else

func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "devel"
}

// exitError carries an exit code whose reason has been told.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit %d", int(e)) }

func main() { os.Exit(execute(os.Args[1:])) }

func execute(args []string) int {
	root := newRoot()
	root.SetArgs(args)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := root.ExecuteContext(ctx)
	var said exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &said):
		return int(said)
	}
	fmt.Fprintln(os.Stderr, "linarite-conformance: "+err.Error())
	return exitCannot
}

func newRoot() *cobra.Command {
	var f flags
	root := &cobra.Command{
		Use:   "linarite-conformance",
		Short: "Find out whether a service keeps Azure's rules",
		Long: `Runs the conformance suite: specs that send requests byte for byte and hold each answer
to a numbered rule. The same specs run against the emulator, against other emulators and
against real Azure; a target file says where, and what may be made there.

Exit: 0 no MUST rule failed, 1 some did or something was left behind, 2 could not run.`,
		Example: `  # the emulator of this version, in this process
  linarite-conformance

  # one area, with a report
  linarite-conformance --only BLOB-SAS --report out

  # what would run against a target of your own, and what it would make
  linarite-conformance --target my-azure.yaml --print-plan`,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.add(root.Flags())
	root.AddCommand(newCompare(), newVersion())
	return root
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) { fmt.Fprintln(cmd.OutOrStdout(), version()) },
	}
}

// config is what the flags ask for.
func (f *flags) config() (conformance.Config, error) {
	target, err := f.load()
	if err != nil {
		return conformance.Config{}, err
	}
	c := conformance.Config{
		Target: target, Selection: f.selection(), Report: f.report, Version: version(), Now: time.Now, Link: link, Strict: f.strict,
	}
	switch target.Kind {
	case targets.Azure:
		c.Ledger = f.ledger
	case targets.Replay:
		c.Run, err = replayed(target)
	}
	return c, err
}
