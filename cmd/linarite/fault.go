package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/linarite/linarite/emulator/fault"
)

// faultList is what the control API answers about rules.
type faultList struct {
	Faults []fault.Rule `json:"faults"`
}

func newFault() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fault",
		Short: "Plan failures: what goes wrong, with which requests, and until when",
	}
	list := &cobra.Command{
		Use: "list", Short: "List the planned failures, and how often they were met", Example: "  linarite fault list\n  linarite fault list --json", RunE: listFaults,
	}
	addJSON(list)
	clearing := &cobra.Command{
		Use: "clear [ID]", Short: "Take back one planned failure, or all of them", Example: "  linarite fault clear\n  linarite fault clear 2",
		Args: cobra.MaximumNArgs(1), RunE: clearFaults,
	}
	cmd.AddCommand(newFaultAdd(), list, clearing)
	for _, sub := range cmd.Commands() {
		addURL(sub)
	}
	cmd.AddCommand(newScenarios())
	return cmd
}

func newFaultAdd() *cobra.Command {
	var rule fault.Rule
	var scenario string
	cmd := &cobra.Command{
		Use:   "add",
		Short: "Plan a failure",
		Long: `Plan a failure. Flags say which requests it is about (none: all), what goes wrong with
them, and when it ends (nothing: when it is cleared); or --scenario takes ready rules.
A span of time is written as 5m or 24h; a bare number means seconds.`,
		Example: `  linarite fault add --plane imds --op GetToken --nth 2 --status 429 --retry-after 5
  linarite fault add --plane blob --operation Blob_Download --cut in-body --times 1
  linarite fault add --scenario storage-partition-moving`,
		RunE: func(cmd *cobra.Command, _ []string) error { return addFault(cmd, rule, scenario) },
	}
	cmd.Flags().SortFlags = false // they stand by what they are for
	ruleFlags(cmd.Flags(), &rule)
	cmd.Flags().StringVar(&scenario, "scenario", "", "add the rules of a scenario, see linarite fault scenarios")
	cmd.Flags().SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "op" {
			name = "operation"
		}
		return pflag.NormalizedName(name)
	})
	addJSON(cmd)
	complete(cmd, "scenario", scenarioNames()...)
	complete(cmd, "plane", fault.Planes()...)
	complete(cmd, "cut", string(fault.CutBeforeHead), string(fault.CutAfterHead), string(fault.CutInBody))
	complete(cmd, "retry-after-form", fault.RetrySeconds, fault.RetryDate, fault.RetryMS, fault.RetryMSPrefixed)
	return cmd
}

// complete lets a shell offer the values of a flag.
func complete(cmd *cobra.Command, flag string, values ...string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // fails for a flag that is not there
}

func scenarioNames() []string {
	var names []string
	for _, s := range fault.Scenarios() {
		names = append(names, s.Name)
	}
	return names
}

func addFault(cmd *cobra.Command, rule fault.Rule, scenario string) error {
	order, err := faultOrder(rule, scenario)
	if err == nil {
		err = unsaidFlag(cmd.Flags())
	}
	if err != nil {
		return usage(err)
	}
	var added faultList
	if err := control(cmd).call(http.MethodPost, "faults", order, &added); err != nil {
		return err
	}
	if wantsJSON(cmd) {
		return printJSON(cmd, added)
	}
	for _, r := range added.Faults {
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "added fault %s: %s\n", r.ID, ruleText(r)); err != nil {
			return err
		}
	}
	return nil
}

// faultOrder is a rule or a scenario as the control API takes it, which checks it as this
// does.
func faultOrder(rule fault.Rule, scenario string) (json.RawMessage, error) {
	var order any = rule
	if scenario != "" {
		if rule != (fault.Rule{}) {
			return nil, errors.New("--scenario brings its own rules: leave the other flags out")
		}
		order = struct {
			Scenario string `json:"scenario"`
		}{scenario}
	}
	if scenario == "" {
		if err := rule.Check(); err != nil { // before JSON, which has no word for some numbers
			return nil, err
		}
	}
	data, err := json.Marshal(order)
	if err == nil {
		_, err = fault.Decode(data)
	}
	return data, err
}

func listFaults(cmd *cobra.Command, _ []string) error {
	var list faultList
	if err := control(cmd).call(http.MethodGet, "faults", nil, &list); err != nil {
		return err
	}
	if wantsJSON(cmd) {
		return printJSON(cmd, list)
	}
	if len(list.Faults) == 0 {
		_, err := fmt.Fprintln(cmd.OutOrStdout(), "no failures are planned")
		return err
	}
	return printFaults(cmd.OutOrStdout(), list.Faults)
}

func printFaults(out io.Writer, rules []fault.Rule) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tADDED\tSEEN\tACTED\tSTATE\tSCENARIO\tRULE")
	for _, r := range rules {
		state, scenario := "active", "-"
		if r.Spent {
			state = "spent"
		}
		if r.Scenario != "" {
			scenario = r.Scenario
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\t%s\t%s\n", r.ID, r.Added.UTC().Format(time.RFC3339), r.Seen, r.Acted, state, scenario, ruleText(r))
	}
	return table.Flush()
}

func clearFaults(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return done(cmd, control(cmd).call(http.MethodDelete, "faults", nil, nil), "no failures are planned now")
	}
	err := control(cmd).call(http.MethodDelete, "faults/"+url.PathEscape(args[0]), nil, nil)
	return done(cmd, orListed(err, "planned failure", args[0], "linarite fault list"), "cleared fault "+args[0])
}

func newScenarios() *cobra.Command {
	cmd := &cobra.Command{
		Use: "scenarios", Short: "List the scenarios, each with what happens", Example: "  linarite fault scenarios",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if wantsJSON(cmd) {
				return printJSON(cmd, fault.Scenarios())
			}
			var out bytes.Buffer
			for _, s := range fault.Scenarios() {
				fmt.Fprintf(&out, "%-24s  %s\n", s.Name, s.Text)
			}
			_, err := out.WriteTo(cmd.OutOrStdout())
			return err
		},
	}
	addJSON(cmd)
	return cmd
}
