package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/journal"
)

type runFlags struct {
	worldFlags
	keep  []string
	quiet bool
}

func newRun() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run [-- COMMAND...]",
		Short: "Run a command, or a shell, in a sealed world (Linux)",
		Long: `Run a command where 169.254.169.254 is the metadata service of a machine of the
world, Azure's names resolve to the world, its certificates are trusted, and no packet
leaves. The world is the command's own and ends with it.

The command sees this machine's files, user and working directory. Credentials and
proxies are taken out of its environment; nobody is logged in.`,
		Example: `  linarite run
  linarite run --cloud china -- bash -c 'curl -H Metadata:true "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.chinacloudapi.cn/"'
  linarite run --world ./my-world.yaml --vm web-1 -- go test ./...`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && cmd.ArgsLenAtDash() != 0 {
				return fmt.Errorf("put -- before the command: linarite run -- %s", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return run(cmd, f, args) },
	}
	f.add(cmd.Flags())
	cmd.Flags().StringSliceVar(&f.keep, "keep-env", nil, "environment variable to keep that would be taken out (can be repeated)")
	cmd.Flags().BoolVar(&f.quiet, "quiet", false, "do not list refused requests when the command fails")
	return cmd
}

func run(cmd *cobra.Command, f runFlags, command []string) error {
	if len(command) == 0 {
		command = []string{shell()}
	}
	home, err := openHome(cmd)
	if err != nil {
		fmt.Fprintf(os.Stderr, "linarite: %v; using keys that end with this world\n", err)
		if home, err = emulator.EphemeralHome(); err != nil {
			return err
		}
	}
	emu, err := emulator.Open(f.options(home))
	if err != nil {
		return err
	}
	if cmd.Context().Err() != nil {
		return errors.New("ended before the command began")
	}
	// From here on, the terminal's ^C is for the command, and ends the world through it.
	status, err := emu.Seal(context.WithoutCancel(cmd.Context()), emulator.SealOptions{
		Command: command, Environ: os.Environ(), Keep: f.keep, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
	if err != nil {
		return err
	}
	if status.Code == 0 {
		return nil
	}
	if !f.quiet {
		listRefusals(os.Stderr, emu.Journal())
	}
	return exitError(status.Code)
}

func shell() string {
	if s := os.Getenv("SHELL"); s != "" {
		return s
	}
	return "/bin/sh"
}

// refusalsShown bounds what is said after a failure.
const refusalsShown = 5

// listRefusals tells, after a failed command, which of its requests the world refused.
func listRefusals(out io.Writer, j *journal.Journal) {
	var refused []journal.Entry
	for _, e := range j.Entries(0) {
		if e.Status >= 400 {
			refused = append(refused, e)
		}
	}
	if len(refused) == 0 {
		return
	}
	fmt.Fprintf(out, "linarite: the command failed; of its requests %d were refused", len(refused))
	if more := len(refused) - refusalsShown; more > 0 {
		fmt.Fprintf(out, " (the last %d)", refusalsShown)
		refused = refused[more:]
	}
	fmt.Fprintln(out, ":")
	for _, e := range refused {
		fmt.Fprintf(out, "  %d %s %s\n", e.Status, e.Method, e.URL)
		if e.Message != "" {
			fmt.Fprintf(out, "      %s: %s\n", e.Code, firstLine([]byte(e.Message)))
		}
		if d := e.Decision; d != nil && !d.Allowed && d.Assignment != nil {
			fmt.Fprintf(out, "      nearest: %s at %s (%s)\n", d.Assignment.Role, d.Assignment.Scope, d.Reason)
		}
	}
}
