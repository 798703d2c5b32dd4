package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Every command says in its help what it does and shows how it is called; a command that
// only groups others lists them.
func TestHelp(t *testing.T) {
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		if cmd.Name() == "help" || cmd.Name() == "completion" {
			return // cobra's own
		}
		path := cmd.CommandPath()
		t.Run(path, func(t *testing.T) {
			if cmd.Short == "" {
				t.Error("does not say what it does")
			}
			if !cmd.HasSubCommands() && !strings.Contains(cmd.Example, path) {
				t.Errorf("has no example of %s: %q", path, cmd.Example)
			}
			help := helpOf(t, strings.Fields(path)[1:])
			want := []string{cmd.Short, "Usage:", path}
			if cmd.Long != "" {
				want[0] = cmd.Long
			}
			if cmd.Example != "" {
				want = append(want, "Examples:", cmd.Example)
			}
			for _, sub := range cmd.Commands() {
				want = append(want, sub.Name(), sub.Short)
			}
			for _, w := range want {
				if !strings.Contains(help, w) {
					t.Errorf("help lacks %q:\n%s", w, help)
				}
			}
		})
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(newRoot())
}

// helpOf asks a fresh command tree, since execution changes one.
func helpOf(t *testing.T, args []string) string {
	t.Helper()
	var out strings.Builder
	root := newRoot()
	root.SetArgs(append(args, "--help"))
	root.SetOut(&out)
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Every flag that the help shows is explained there.
func TestFlagsAreExplained(t *testing.T) {
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden && f.Usage == "" {
				t.Errorf("%s --%s: not a word about it", cmd.CommandPath(), f.Name)
			}
		})
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(newRoot())
}
