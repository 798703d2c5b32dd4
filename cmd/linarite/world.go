package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/fixtures/worlds"
)

func newWorld() *cobra.Command {
	cmd := &cobra.Command{Use: "world", Short: "Look at starter worlds, check world files, end worlds"}
	cmd.AddCommand(
		&cobra.Command{Use: "list", Short: "List the starter worlds", RunE: listWorlds, Example: "  linarite world list"},
		&cobra.Command{Use: "show NAME", Short: "Print a starter world", Args: cobra.ExactArgs(1), RunE: showWorld,
			ValidArgsFunction: completeStarter, Example: "  linarite world show tutorial"},
		&cobra.Command{Use: "init NAME FILE", Short: "Write a starter world to a new file", Args: cobra.ExactArgs(2), RunE: initWorld,
			ValidArgsFunction: completeStarter, Example: "  linarite world init tutorial my-world.yaml"},
		&cobra.Command{
			Use: "validate FILE...", Short: "Say what is wrong with world files", Args: cobra.MinimumNArgs(1), RunE: validateWorlds,
			Example: "  linarite world init tutorial my-world.yaml\n  linarite world validate my-world.yaml",
		},
	)
	cmd.AddCommand(newWorldEnd())
	return cmd
}

// completeWorld lets a shell offer the starter worlds, and files.
func completeWorld(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return worlds.Names(), cobra.ShellCompDirectiveDefault
}

// completeStarter is for a starter world, and a file after it.
func completeStarter(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return worlds.Names(), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveDefault
}

func newWorldEnd() *cobra.Command {
	cmd := &cobra.Command{
		Use: "end NAME", Short: "End a world that began beside the served one", Args: cobra.ExactArgs(1),
		Long: `End a world that began beside the one that a running linarite serve serves. What is in it is
lost, its name is free, and whoever uses that next gets a fresh world. linarite status lists
the worlds.`,
		Example: "  linarite world end team-a",
		RunE: func(cmd *cobra.Command, args []string) error {
			return control(cmd).call(http.MethodDelete, "worlds/"+url.PathEscape(args[0]), nil, nil)
		},
	}
	addURL(cmd)
	return cmd
}

func listWorlds(cmd *cobra.Command, _ []string) error {
	for _, name := range worlds.Names() {
		data, _ := worlds.Get(name)
		fmt.Fprintf(cmd.OutOrStdout(), "%-14s %s\n", name, summary(data))
	}
	return nil
}

// summary is the first line of comment of a starter world.
func summary(data []byte) string {
	for line := range strings.Lines(string(data)) {
		if text, ok := strings.CutPrefix(line, "#"); ok {
			return strings.TrimSpace(text)
		}
	}
	return ""
}

func starter(name string) ([]byte, error) {
	if data, ok := worlds.Get(name); ok {
		return data, nil
	}
	return nil, fmt.Errorf("%w: no starter world is called %q: there are %s", emulator.ErrUsage, name, strings.Join(worlds.Names(), ", "))
}

func showWorld(cmd *cobra.Command, args []string) error {
	data, err := starter(args[0])
	if err != nil {
		return err
	}
	_, err = cmd.OutOrStdout().Write(data)
	return err
}

func initWorld(cmd *cobra.Command, args []string) error {
	data, err := starter(args[0])
	if err != nil {
		return err
	}
	err = writeNew(args[1], func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already: give another name, or remove it first", args[1])
	}
	if err != nil {
		return err
	}
	named := args[1]
	if !strings.ContainsAny(named, `/\`) {
		named = "./" + named // a bare name may be taken for a starter world's
	}
	fmt.Fprintf(cmd.OutOrStdout(), "wrote %s: linarite serve --world %s serves it\n", args[1], named)
	return nil
}

// writeNew makes a file, which is there whole or not at all: half of one would be in the
// way of the next try.
func writeNew(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	err = write(f)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		_ = os.Remove(path)
	}
	return err
}

func validateWorlds(cmd *cobra.Command, args []string) error {
	failed := false
	for _, path := range args {
		if !strings.ContainsAny(path, `/\.`) {
			path = "./" + path
		}
		if err := emulator.Validate(path); err != nil {
			failed = true
			fmt.Fprintln(cmd.ErrOrStderr(), strings.ReplaceAll(err.Error(), emulator.ErrUsage.Error()+": ", ""))
			continue
		}
		fmt.Fprintln(cmd.OutOrStdout(), path+": good")
	}
	if failed {
		return exitError(exitFailed)
	}
	return nil
}
