package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/reach/doctor"
	"github.com/linarite/linarite/emulator/reach/sandbox"
	"github.com/linarite/linarite/emulator/reach/truststore"
)

func newDoctor() *cobra.Command {
	var probe bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what works on this machine, and why something does not",
		Long: `Say which ways lead clients to a world on this machine, and what leads them past it:
sealed worlds, ports, proxies, certificates, and installed clients that need a word.
It changes nothing, and ends with 0 whatever it finds.`,
		Example: `  linarite doctor
  linarite doctor --json
  linarite doctor --probe-imds`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			found := examine(cmd, probe)
			if wantsJSON(cmd) {
				return printJSON(cmd, struct {
					Findings []doctor.Finding `json:"findings"`
				}{found})
			}
			for _, f := range found {
				report(cmd.OutOrStdout(), f)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&probe, "probe-imds", false, "also ask whether a metadata service answers at "+front.IMDSHost+" (sends one request there)")
	addJSON(cmd)
	return cmd
}

// examine gathers what there is to say, in the order in which it is said.
func examine(cmd *cobra.Command, probe bool) []doctor.Finding {
	keys := doctor.Finding{Name: "keys", OK: true}
	var trust []truststore.Finding
	if home, err := openHome(cmd); err != nil {
		keys.OK, keys.Why = false, err.Error()
	} else {
		keys.Why = "kept in " + home.Dir
		trust = truststore.Findings(cmd.Context(), truststore.ThisMachine(), home.Dir, home.CA.Certificate())
	}
	out := []doctor.Finding{keys}
	for _, f := range trust {
		out = append(out, doctor.Finding{Name: f.Name, OK: f.OK, Why: f.Why, Do: f.Do})
	}
	for _, f := range sandbox.Check() {
		out = append(out, doctor.Finding{Name: f.Name, OK: f.OK, Why: f.Why, Do: f.Do})
	}
	out = append(out, doctor.Here(cmd.Context()).Check(doctor.Ports{
		"--port": emulator.DefaultPort, "--https-port": emulator.DefaultHTTPSPort, "--blob-port": emulator.DefaultBlobPort,
		"--queue-port": emulator.DefaultQueuePort, "--table-port": emulator.DefaultTablePort,
	})...)
	if probe {
		out = append(out, doctor.Probe(cmd.Context(), front.IMDSHost))
	}
	return out
}

func report(out io.Writer, f doctor.Finding) {
	mark := "ok "
	if !f.OK {
		mark = "no "
	}
	fmt.Fprintf(out, "%s %-34s %s\n", mark, f.Name, f.Why)
	if !f.OK && f.Do != "" {
		fmt.Fprintf(out, "   %-34s %s\n", "", f.Do)
	}
}
