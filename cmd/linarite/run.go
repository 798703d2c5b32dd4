package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/reach/sandbox"
)

type runFlags struct {
	worldFlags
	sealFlags
	attach string
	quiet  bool
}

func newRun() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [-- COMMAND...]",
		Short: "Run a command, or a shell, in a sealed world (Linux)",
		Long: `Run a command where 169.254.169.254 is the metadata service of a machine of the
world, Azure's names resolve to the world, its certificates are trusted, and no packet
leaves. The world is the command's own and ends with it, or with --attach that of a running
linarite serve. --publish lets this machine reach a server inside, --reach lets the command
reach one service outside, which is never Azure's.

Where the kernel refuses such a world, it is made by sudo -n, and where sudo refuses too,
the command runs beside its world by the proxy; either is said. Where a command must be
sealed or not run, as in CI, give --sealed-only or set LINARITE_SEALED_ONLY=true. In a
container that has CAP_NET_ADMIN and can make no namespaces, --here uses its own network.

The command sees this machine's files, user and working directory. Credentials and
proxies are taken out of its environment; nobody is logged in. Inside, linarite's other
commands are about this world. When the command fails, what the world refused is
explained on standard error.`,
		Example: `  linarite run
  linarite run --cloud china -- bash -c 'curl -H Metadata:true "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.chinacloudapi.cn/"'
  linarite run --world ./my-world.yaml --vm web-1 -- go test ./...
  linarite run --attach --vm web-1 -- ./my-service
  linarite run --publish 8080:80 --reach localhost:5432 -- ./my-service`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && cmd.ArgsLenAtDash() != 0 {
				return fmt.Errorf("put -- before the command: linarite run -- %s", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return run(cmd, f, args) },
	}
	f.worldFlags.add(cmd)
	f.sealFlags.add(cmd.Flags())
	cmd.Flags().StringVar(&f.attach, "attach", "", "be in the world of a running linarite serve, at this URL; --world is then one of its worlds,\n--vm one of its machines (without a value: LINARITE_URL, else "+emulator.DefaultURL+")")
	cmd.Flags().Lookup("attach").NoOptDefVal = attachDefault
	notFromEnvironment(cmd.Flags(), "attach") // what a variable says, the command line could not take back
	cmd.Flags().BoolVar(&f.quiet, "quiet", false, "do not explain refused requests when the command fails")
	return cmd
}

func run(cmd *cobra.Command, f runFlags, command []string) error {
	if len(command) == 0 {
		command = []string{shell()}
	}
	options, err := f.sealOptions(cmd, command)
	if err != nil {
		return err
	}
	if cmd.Flags().Changed("attach") {
		return attach(cmd, f, options)
	}
	home, err := openHome(cmd)
	if err != nil {
		fmt.Fprintf(os.Stderr, "linarite: %v; using keys that end with this world\n", err)
		if home, err = emulator.EphemeralHome(); err != nil {
			return err
		}
	}
	o, err := f.options(home)
	if err != nil {
		return err
	}
	emu, err := emulator.Open(o)
	if err != nil {
		return err
	}
	if cmd.Context().Err() != nil {
		return errors.New("ended before the command began")
	}
	// From here on, the terminal's ^C is for the command, and ends the world through it.
	ctx := context.WithoutCancel(cmd.Context())
	status, err := f.sealOr(options,
		func() (sandbox.ExitStatus, error) { return emu.Seal(ctx, options) },
		func() (sandbox.ExitStatus, error) { return emu.Beside(ctx, options) })
	return f.ended(status, err, func() { explainRefusals(cmd.ErrOrStderr(), ownJournal{emu}) })
}

// ended turns a command's end into that of linarite.
func (f runFlags) ended(status sandbox.ExitStatus, err error, explain func()) error {
	if err != nil {
		return err
	}
	if status.Code == 0 {
		return nil
	}
	if !f.quiet && status.Signal == 0 { // who ends a command knows why
		explain()
	}
	return exitError(status.Code)
}

func shell() string {
	if s := os.Getenv("SHELL"); s != "" {
		return s
	}
	return "/bin/sh"
}
