package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/emulator/pki"
)

func newCA() *cobra.Command {
	cmd := &cobra.Command{Use: "ca", Short: "The certificate authority of this installation"}
	cmd.AddCommand(
		&cobra.Command{Use: "path", Short: "Print the path of its certificate, which clients trust", RunE: caPath,
			Example: "  curl --cacert \"$(linarite ca path)\" https://localhost:4443/_linarite/v1/health"},
		&cobra.Command{Use: "show", Short: "Say what it is good for, and until when", RunE: caShow,
			Example: "  linarite ca show"},
		&cobra.Command{Use: "rotate", Short: "Make a new one; what trusts the old one stops working", RunE: caRotate,
			Example: "  linarite ca rotate"},
	)
	return cmd
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
	fmt.Fprintf(cmd.OutOrStdout(), "new authority %s: start serve again, and run linarite env again where you had\n", home.CA.Certificate().Subject.CommonName)
	return nil
}
