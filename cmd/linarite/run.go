package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

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
proxies are taken out of its environment; nobody is logged in. Inside, linarite's other
commands are about this world. When the command fails, what the world refused is
explained on standard error.`,
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
	cmd.Flags().BoolVar(&f.quiet, "quiet", false, "do not explain refused requests when the command fails")
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
	if !f.quiet && status.Signal == 0 { // who ends a command knows why
		explainRefusals(cmd.ErrOrStderr(), emu)
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

// explainRefusals tells, after a command that failed, which of its requests the world
// refused, the newest first, and what mends them. A request that was refused several times
// in a row is told once.
func explainRefusals(out io.Writer, emu *emulator.Emulator) {
	refused := emu.Journal().Select(journal.Filter{Refused: true})
	if len(refused) == 0 {
		return
	}
	said := "1 of its requests was refused"
	if len(refused) > 1 {
		said = fmt.Sprintf("%d of its requests were refused, the newest first", len(refused))
	}
	out, annotate := forWorkflow(out, os.Getenv)
	fmt.Fprintf(out, "linarite: the command failed; %s:\n", said)
	left := len(refused)
	for range refusalsShown {
		if left == 0 {
			break
		}
		newest := &refused[left-1]
		first := left - 1
		for first > 0 && sameRefusal(&refused[first-1], newest) {
			first--
		}
		x, err := emu.Explain(strconv.FormatUint(newest.Seq, 10))
		if err != nil { // gone from the journal since
			break
		}
		short := x.Short()
		if times := left - first; times > 1 {
			short = strings.Replace(short, "\n", fmt.Sprintf(" (%d times)\n", times), 1)
		}
		fmt.Fprint(out, "  "+strings.ReplaceAll(strings.TrimSuffix(short, "\n"), "\n", "\n  ")+"\n")
		annotate(short)
		left = first
	}
	if left > 0 {
		fmt.Fprintf(out, "  %d more came before: linarite journal --refused and linarite explain, run beside the command in its world, tell of all\n", left)
	}
}

func sameRefusal(a, b *journal.Entry) bool {
	return a.Status == b.Status && a.Code == b.Code && a.Method == b.Method && a.URL == b.URL
}
