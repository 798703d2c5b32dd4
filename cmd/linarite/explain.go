package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/emulator/explain"
)

func newExplain() *cobra.Command {
	var whatIf string
	cmd := &cobra.Command{
		Use:   "explain [ID|last]",
		Short: "Say why a request was refused, and what would mend it",
		Long: `Say why a request was refused, or allowed: who asked, which right it took at which
scope, which assignments were looked at, how the rule is known, and what would mend it.
ID is a number of the journal or the request id of an answer; without one, or with last,
it is the last refusal.`,
		Example: `  linarite explain
  linarite explain 12
  linarite explain --whatif 'machine/tutorial-vm "Storage Blob Data Contributor" DevTest'`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return []string{"last"}, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error { return explainOne(cmd, append(args, "last")[0], whatIf) },
	}
	cmd.Flags().StringVar(&whatIf, "whatif", "", "also say what a grant would change: PRINCIPAL ROLE SCOPE, as linarite grant takes them")
	addJSON(cmd)
	addURL(cmd)
	return cmd
}

func explainOne(cmd *cobra.Command, id, whatIf string) error {
	path := "explain/" + url.PathEscape(id)
	if whatIf != "" {
		if _, err := explain.ParseGrant(whatIf); err != nil {
			return usage(fmt.Errorf("--whatif: %w", err))
		}
		path += "?" + url.Values{"whatif": {whatIf}}.Encode()
	}
	var answer struct {
		Explanation json.RawMessage `json:"explanation"`
		Text        string          `json:"text"`
	}
	if err := control(cmd).call(http.MethodGet, path, nil, &answer); err != nil {
		return err
	}
	if wantsJSON(cmd) {
		return printJSON(cmd, answer.Explanation)
	}
	_, err := fmt.Fprintln(cmd.OutOrStdout(), strings.TrimRight(answer.Text, "\n"))
	return err
}
