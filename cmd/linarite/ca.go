package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/emulator/pki"
	"github.com/linarite/linarite/emulator/reach/truststore"
)

func newCA() *cobra.Command {
	cmd := &cobra.Command{Use: "ca", Short: "The certificate authority of this installation"}
	cmd.AddCommand(
		&cobra.Command{Use: "path", Short: "Print the path of its certificate, which clients trust", RunE: caPath,
			Example: "  curl --cacert \"$(linarite ca path)\" https://localhost:4443/_linarite/v1/health"},
		&cobra.Command{Use: "show", Short: "Say what it is good for, until when, and what trusts it", RunE: caShow,
			Example: "  linarite ca show"},
		newCAInstall(), newCAUninstall(),
		&cobra.Command{Use: "rotate", Short: "Make a new one; what trusts the old one stops working", RunE: caRotate,
			Example: "  linarite ca rotate"},
	)
	return cmd
}

func newCAInstall() *cobra.Command {
	var g truststore.Manager
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Put its certificate into the stores that programs trust by themselves",
		Long: `Put the certificate into the stores that programs of this machine trust by themselves:
the system's (Linux, macOS, Windows), NSS's where Firefox or Chromium have a database
and certutil is there, and that of the Java that JAVA_HOME names. An earlier one of this
installation is taken out. Each command is printed before it is run; what needs root is
run by sudo where that asks for no password, and is else left to you.

The certificate can speak for Azure's names and loopback alone, and for a year at most.
Neither linarite run nor linarite env needs this: it is for programs that heed no
environment variable, such as browsers.`,
		Example: `  linarite ca install --dry-run
  linarite ca install`,
		RunE: func(cmd *cobra.Command, _ []string) error { return caInstall(cmd, g) },
	}
	cmd.Flags().BoolVar(&g.DryRun, "dry-run", false, "print the commands, run none")
	cmd.Flags().BoolVar(&g.Options.AllUsers, "all-users", false, "macOS and Windows: the machine's store instead of the user's, as an administrator")
	return cmd
}

func newCAUninstall() *cobra.Command {
	var g truststore.Manager
	cmd := &cobra.Command{
		Use:   "uninstall",
		Short: "Take out what install put in, also from before a rotate",
		Example: `  linarite ca uninstall --dry-run
  linarite ca uninstall`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := homeDir(cmd)
			if err != nil {
				return err
			}
			g.Machine, g.Home, g.Out = truststore.ThisMachine(), dir, cmd.OutOrStdout()
			return inHome(g.Uninstall(cmd.Context()))
		},
	}
	cmd.Flags().BoolVar(&g.DryRun, "dry-run", false, "print the commands, run none")
	return cmd
}

func caInstall(cmd *cobra.Command, g truststore.Manager) error {
	home, err := openHome(cmd)
	if err != nil {
		return err
	}
	g.Machine, g.Home, g.Out = truststore.ThisMachine(), home.Dir, cmd.OutOrStdout()
	return inHome(g.Install(cmd.Context(), home.CA.Certificate()))
}

func caPath(cmd *cobra.Command, _ []string) error {
	home, err := openHome(cmd)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), filepath.Join(home.Dir, pki.CertFile))
	return err
}

func caShow(cmd *cobra.Command, _ []string) error {
	home, err := openHome(cmd)
	if err != nil {
		return err
	}
	cert, out := home.CA.Certificate(), cmd.OutOrStdout()
	fmt.Fprintf(out, "subject   %s\nserial    %x\nvalid     %s to %s\nfile      %s\nnames it may speak for, and nothing else:\n",
		cert.Subject, cert.SerialNumber, cert.NotBefore.Format("2006-01-02"), cert.NotAfter.Format("2006-01-02"), filepath.Join(home.Dir, pki.CertFile))
	for _, name := range cert.PermittedDNSDomains {
		fmt.Fprintln(out, "  "+name)
	}
	for _, r := range cert.PermittedIPRanges {
		fmt.Fprintln(out, "  "+r.String())
	}
	fmt.Fprintf(out, "what it signs is valid for %d days at most\n", int(pki.LeafLifetime.Hours()/24))
	for _, f := range truststore.Findings(cmd.Context(), truststore.ThisMachine(), home.Dir, cert) {
		fmt.Fprintf(out, "%s: %s\n", f.Name, f.Why)
		if f.Do != "" {
			fmt.Fprintln(out, "  "+f.Do)
		}
	}
	return nil
}

func caRotate(cmd *cobra.Command, _ []string) error {
	dir, err := homeDir(cmd)
	if err != nil {
		return err
	}
	for _, name := range []string{pki.CertFile, pki.KeyFile} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !os.IsNotExist(err) {
			return inHome(err)
		}
	}
	home, err := openHome(cmd)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "new authority %s: start serve again, and run linarite env again where you had\n", home.CA.Certificate().Subject.CommonName)
	for _, f := range truststore.Findings(cmd.Context(), truststore.ThisMachine(), dir, home.CA.Certificate()) {
		if f.Earlier {
			fmt.Fprintf(out, "%s: %s\n", f.Why, f.Do)
		}
	}
	return nil
}
