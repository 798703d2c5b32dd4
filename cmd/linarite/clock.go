package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// clockOrder is what the control API takes, clockView what it answers.
type (
	clockOrder struct {
		Op string `json:"op"`
		By string `json:"by,omitempty"`
		At string `json:"at,omitempty"`
	}
	clockView struct {
		Now    time.Time `json:"now"`
		Frozen bool      `json:"frozen"`
		Offset string    `json:"offset"`
	}
)

func newClock() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "clock",
		Short: "Read and move the world's clock",
		Long: `Read and move the world's clock: tokens, signatures, caches, soft deletes and planned
faults go by it. TLS certificates and the check of x-ms-date go by this machine's.`,
	}
	cmd.AddCommand(
		&cobra.Command{
			Use: "now", Short: "Print the world's time", Example: "  linarite clock now\n  linarite clock now --json",
			RunE: func(cmd *cobra.Command, _ []string) error { return askClock(cmd, nil) },
		},
		&cobra.Command{
			Use: "advance SPAN", Short: "Move it by a span of time; a bare number means seconds",
			Example: "  linarite clock advance 25h\n  linarite clock advance -- -5m", Args: cobra.ExactArgs(1), RunE: advanceClock,
		},
		&cobra.Command{
			Use: "set INSTANT", Short: "Move it to an instant (RFC 3339)",
			Example: "  linarite clock set 2030-01-31T12:00:00Z", Args: cobra.ExactArgs(1), RunE: orderAt("set"),
		},
		&cobra.Command{
			Use: "freeze [INSTANT]", Short: "Stop it where it is, or at an instant",
			Example: "  linarite clock freeze\n  linarite clock freeze 2030-01-31T12:00:00Z", Args: cobra.MaximumNArgs(1), RunE: orderAt("freeze"),
		},
		&cobra.Command{
			Use: "resume", Short: "Let it run on from where it was stopped", Example: "  linarite clock resume",
			RunE: func(cmd *cobra.Command, _ []string) error { return askClock(cmd, &clockOrder{Op: "resume"}) },
		},
	)
	for _, sub := range cmd.Commands() {
		addURL(sub)
		addJSON(sub)
	}
	return cmd
}

func addJSON(cmd *cobra.Command) { cmd.Flags().Bool("json", false, "print JSON, for programs") }

func wantsJSON(cmd *cobra.Command) bool {
	yes, _ := cmd.Flags().GetBool("json")
	return yes
}

func advanceClock(cmd *cobra.Command, args []string) error {
	by, err := parseSpan(args[0])
	if err != nil {
		return usage(err)
	}
	return askClock(cmd, &clockOrder{Op: "advance", By: by.String()})
}

func orderAt(op string) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		order := &clockOrder{Op: op}
		if len(args) > 0 {
			at, err := parseInstant(args[0])
			if err != nil {
				return usage(err)
			}
			order.At = at.Format(time.RFC3339Nano)
		}
		return askClock(cmd, order)
	}
}

// askClock gives an order, nil for none, and prints where the clock is then.
func askClock(cmd *cobra.Command, order *clockOrder) error {
	var v clockView
	var err error
	if order == nil {
		err = control(cmd).call(http.MethodGet, "clock", nil, &v)
	} else {
		err = control(cmd).call(http.MethodPost, "clock", order, &v)
	}
	if err != nil {
		return err
	}
	if wantsJSON(cmd) {
		return printJSON(cmd, v)
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), v)
	return err
}

func (v clockView) String() string {
	now := v.Now.UTC().Format(time.RFC3339)
	offset, err := time.ParseDuration(v.Offset)
	offset = offset.Round(time.Second)
	switch {
	case v.Frozen:
		return now + "  frozen"
	case err != nil || offset == 0:
		return now + "  running with this machine's clock"
	case offset < 0:
		return now + "  running, " + strings.TrimPrefix(offset.String(), "-") + " behind this machine's clock"
	}
	return now + "  running, " + offset.String() + " ahead of this machine's clock"
}
