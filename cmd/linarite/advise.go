package main

import (
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/emulator/advise"
)

func newAdvise() *cobra.Command {
	var format string
	var o advise.Options
	cmd := &cobra.Command{
		Use:   "advise",
		Short: "Print the fewest built-in roles at the narrowest scopes that allow what was done",
		Long: `Reads the journal of the running world, and prints for each managed identity and application
the fewest built-in roles at the narrowest scopes that allow what it did. The advice is proved on a
fork of the world: with it everything is allowed again, and without any one part something is refused.
Nothing is assigned or removed.`,
		Example: `  linarite advise
  linarite advise --principal machine/tutorial-vm --format bicep > DevTest.bicep
  linarite advise --include-refused --format terraform`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q := url.Values{"format": {format}}
			for name, value := range map[string]string{
				"principal": o.Principal, "include-refused": strconv.FormatBool(o.IncludeRefused), "narrowest": strconv.FormatBool(o.Narrowest), "merge": strconv.Itoa(o.Merge),
			} {
				q.Set(name, value)
			}
			return printAdvice(cmd, q)
		},
	}
	f := cmd.Flags()
	f.StringVar(&format, "format", string(advise.Az), "az, bicep, terraform or json")
	f.BoolVar(&o.IncludeRefused, "include-refused", false, "count what was refused for lack of a right as well")
	f.StringVar(&o.Principal, "principal", "", "one alone: machine/NAME, identity/NAME, application/NAME, an object id or a client id")
	f.BoolVar(&o.Narrowest, "narrowest", false, "assign roles on single secrets too, which Microsoft advises against")
	f.IntVar(&o.Merge, "merge", 0, "lift a role to the scope above from so many scopes on (0: never)")
	addURL(cmd)
	return cmd
}

// printAdvice asks for advice. What was asked for wrongly is wrong usage, in the world's words.
func printAdvice(cmd *cobra.Command, q url.Values) error {
	resp, err := control(cmd).open(http.MethodGet, "advise?"+q.Encode(), nil, answerTime)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(cmd.OutOrStdout(), resp.Body)
	return err
}
