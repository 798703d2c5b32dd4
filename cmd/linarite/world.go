package main

import (
	"errors"
	"fmt"
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
			Example: "  linarite world show tutorial"},
		&cobra.Command{Use: "init NAME FILE", Short: "Write a starter world to a new file", Args: cobra.ExactArgs(2), RunE: initWorld,
			Example: "  linarite world init tutorial my-world.yaml"},
		&cobra.Command{
			Use: "validate FILE...", Short: "Say what is wrong with world files", Args: cobra.MinimumNArgs(1), RunE: validateWorlds,
			Example: "  linarite world init tutorial my-world.yaml\n  linarite world validate my-world.yaml",
		},
	)
	cmd.AddCommand(newWorldEnd())
	return cmd
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
	f, err := os.OpenFile(args[1], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists already: give another name, or remove it first", args[1])
	}
	if err != nil {
		return err
	}
	if _, err = f.Write(data); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "wrote %s: linarite serve --world %s serves it\n", args[1], args[1])
	return nil
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
