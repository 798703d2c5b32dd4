package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/linarite/linarite/emulator"
)

// newRoot makes the command tree; every call makes a fresh one.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "linarite",
		Short: "A small, faithful Azure for code that uses managed identities",
		Long: `Linarite emulates what code with a managed identity talks to: the instance metadata
service at 169.254.169.254, Entra ID tokens, Azure Resource Manager, Blob storage and
Key Vault, on one shared state, with every request checked as Azure checks it.

Each flag can be set by an environment variable too: --https-port is LINARITE_HTTPS_PORT.`,
		Example: `  # a shell in a sealed world, where Azure's own addresses and names answer
  linarite run

  # the same world for everybody on this machine, through a proxy
  linarite serve
  eval "$(linarite env)"`,
		SilenceUsage:      true,
		SilenceErrors:     true,
		DisableAutoGenTag: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return fromEnvironment(cmd.Flags()) },
	}
	root.PersistentFlags().String("home", "", "folder that keeps this installation's keys (default $XDG_STATE_HOME/linarite)")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w: %w; see %s --help", emulator.ErrUsage, err, cmd.CommandPath())
	})
	root.AddCommand(
		newServe(), newStop(), newStatus(), newRun(), newEnv(), newToken(), newFederatedToken(),
		newExplain(), newJournal(), newClock(), newFault(), newState(), newGrant(), newRevoke(), newAdvise(), newApply(), newCA(), newWorld(), newDoctor(), newVersion(),
	)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range append(root.Commands(), root) {
		if c.Name() == "help" {
			c.Args = knownCommand
		}
		wrapArgs(c)
	}
	return root
}

// wrapArgs makes wrong arguments wrong usage, in every command below.
func wrapArgs(c *cobra.Command) {
	check := c.Args
	c.Args = func(cmd *cobra.Command, args []string) error {
		var err error
		switch {
		case check != nil:
			err = check(cmd, args)
		case cmd.HasSubCommands() && len(args) > 0:
			err = unknownCommand(cmd, args[0])
		case len(args) > 0:
			err = fmt.Errorf("%s takes no arguments, but got %q", cmd.CommandPath(), args[0])
		}
		if err != nil {
			return fmt.Errorf("%w: %w; see %s --help", emulator.ErrUsage, err, cmd.CommandPath())
		}
		return nil
	}
	if c.HasSubCommands() && c.RunE == nil && c.Run == nil {
		c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	for _, sub := range c.Commands() {
		if c.HasParent() {
			wrapArgs(sub)
		}
	}
}

// knownCommand checks the arguments of help.
func knownCommand(cmd *cobra.Command, args []string) error {
	if near, rest, _ := cmd.Root().Find(args); len(rest) > 0 {
		return unknownCommand(near, rest[0])
	}
	return nil
}

func unknownCommand(cmd *cobra.Command, name string) error {
	cmd.SuggestionsMinimumDistance = 2
	err := fmt.Errorf("unknown command %q", name)
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		err = fmt.Errorf("%w, did you mean %s", err, strings.Join(near, " or "))
	}
	return err
}

// fromEnvironment sets the flags that were not given from LINARITE_ variables.
func fromEnvironment(flags *pflag.FlagSet) error {
	var failed error
	flags.VisitAll(func(f *pflag.Flag) {
		name := "LINARITE_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := os.LookupEnv(name)
		if f.Changed || !ok || value == "" || f.Name == "help" || f.Annotations[givenOnly] != nil {
			return
		}
		if err := flags.Set(f.Name, value); err != nil && failed == nil {
			failed = fmt.Errorf("%w: %s: %w", emulator.ErrUsage, name, err)
		}
	})
	return failed
}

// givenOnly marks flags that no variable sets: another command has one of the same name that
// means something else.
const givenOnly = "linarite_given_only"

func notFromEnvironment(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		_ = flags.SetAnnotation(name, givenOnly, []string{}) // fails for a flag that is not there
	}
}

// openHome opens the folder that --home names.
func openHome(cmd *cobra.Command) (*emulator.Home, error) {
	dir, err := homeDir(cmd)
	if err != nil {
		return nil, err
	}
	home, err := emulator.OpenHome(dir)
	return home, inHome(err)
}

// inHome says what to do where a file of the home folder cannot be read or written.
func inHome(err error) error {
	if path := new(fs.PathError); errors.As(err, &path) {
		return fmt.Errorf("%w: name another folder by --home", err)
	}
	return err
}

func homeDir(cmd *cobra.Command) (string, error) {
	if dir, _ := cmd.Flags().GetString("home"); dir != "" {
		return dir, nil
	}
	return emulator.DefaultHome()
}

// azuriteAccounts is the variable by which Azurite is told of accounts that take the place
// of devstoreaccount1. It holds keys, so there is no flag of it: others see a command line.
const azuriteAccounts = "AZURITE_ACCOUNTS"

// worldFlags are the flags that say which world to open.
type worldFlags struct {
	world, cloud, machine string
	noWellKnown           bool
	noControl             bool
}

func (w *worldFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&w.world, "world", emulator.DefaultWorld, "starter world, or path of a world file")
	f.StringVar(&w.cloud, "cloud", "", "public, china or usgov (default: what the world file says, else public)")
	f.StringVar(&w.machine, "vm", "", "machine that callers are on (default: the world's first)")
	f.BoolVar(&w.noWellKnown, "no-well-known", false, "leave out principals whose secrets are public")
	f.BoolVar(&w.noControl, "no-control", false, "close the control API")
	_ = cmd.RegisterFlagCompletionFunc("world", completeWorld)
	complete(cmd, "cloud", "public", "china", "usgov")
}

func (w *worldFlags) options(home *emulator.Home) (emulator.Options, error) {
	o := emulator.Options{
		World: w.world, Cloud: w.cloud, Machine: w.machine, NoWellKnown: w.noWellKnown, NoControl: w.noControl,
		Home: home, Version: version(), Rules: ruleNamed,
	}
	var err error
	if text := os.Getenv(azuriteAccounts); text != "" && !w.noWellKnown {
		if o.DevAccounts, err = emulator.ParseDevAccounts(text); err != nil {
			err = fmt.Errorf("%s: %w", azuriteAccounts, err)
		}
	}
	return o, err
}
