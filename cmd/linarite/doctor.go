package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/reach/sandbox"
	"github.com/linarite/linarite/emulator/reach/truststore"
)

func newDoctor() *cobra.Command {
	var probe bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what works on this machine, and why something does not",
		Example: `  linarite doctor
  linarite doctor --probe-imds`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			if home, err := openHome(cmd); err != nil {
				report(out, false, "keys", err.Error(), "")
			} else {
				report(out, true, "keys", "kept in "+home.Dir, "")
				for _, f := range truststore.Findings(cmd.Context(), truststore.ThisMachine(), home.Dir, home.CA.Certificate()) {
					report(out, f.OK, f.Name, f.Why, f.Do)
				}
			}
			for _, f := range sandbox.Check() {
				report(out, f.OK, f.Name, f.Why, f.Do)
			}
			if probe {
				probeIMDS(cmd.Context(), out)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&probe, "probe-imds", false, "also ask whether a metadata service answers at "+front.IMDSHost+" (sends one request there)")
	return cmd
}

func report(out io.Writer, ok bool, name, why, do string) {
	mark := "ok "
	if !ok {
		mark = "no "
	}
	fmt.Fprintf(out, "%s %-34s %s\n", mark, name, why)
	if !ok && do != "" {
		fmt.Fprintf(out, "   %-34s %s\n", "", do)
	}
}

// probeIMDS sends a request without the Metadata header: every metadata service refuses
// it, and so shows that it is there.
func probeIMDS(ctx context.Context, out io.Writer) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+front.IMDSHost+"/metadata/versions", nil)
	if err != nil {
		return
	}
	resp, err := (&http.Client{Transport: &http.Transport{Proxy: nil}}).Do(req)
	if err != nil {
		report(out, true, front.IMDSHost, "nothing answers there", "")
		return
	}
	_ = resp.Body.Close()
	report(out, true, front.IMDSHost, fmt.Sprintf("something answers there (%s, Server: %s)", resp.Status, resp.Header.Get("Server")), "")
}
