package truststore

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Manager puts an installation's authority into stores and takes it out again.
type Manager struct {
	// Machine is where.
	Machine Machine
	// Home is the installation's folder: what was put where is kept below it.
	Home string
	// Options choose the stores.
	Options Options
	// Out is told every step before it is done.
	Out io.Writer
	// DryRun only tells.
	DryRun bool
}

// ErrUnfinished is the error of Install and Uninstall when something is left for the user to do; Out has said what.
var ErrUnfinished = errors.New("not everything is done: see above")

// Install makes the machine trust cert, and no longer an earlier authority of this installation. What is done already is
// left alone.
func (g *Manager) Install(ctx context.Context, cert *x509.Certificate) error {
	records, err := g.load()
	if err != nil {
		return err
	}
	unfinished := false
	for _, r := range records {
		if !r.cert.Equal(cert) {
			unfinished = g.takeOut(ctx, r) || unfinished
		}
	}
	stores, gaps := detect(g.Machine, g.Options)
	for _, p := range gaps {
		fmt.Fprintf(g.Out, "left out: %s: %s: %s\n", p.title, p.why, p.do)
	}
	r, err := g.recordOf(cert)
	if err != nil {
		return err
	}
	for _, s := range stores {
		if s.has(ctx, g.Machine, r.authority) {
			fmt.Fprintf(g.Out, "trusted already: %s\n", s.describe())
			continue
		}
		fmt.Fprintf(g.Out, "%s:\n", s.describe())
		// Noted first: what a kill leaves half done can be taken out.
		if err := g.note(r, s); err != nil {
			return err
		}
		unfinished = !g.do(ctx, s.add(r.authority)) || unfinished
	}
	if len(stores) == 0 {
		fmt.Fprintln(g.Out, "nothing was changed")
		return ErrUnfinished
	}
	return g.end(unfinished)
}

// Uninstall takes out what Install put in, for every authority the installation has had.
func (g *Manager) Uninstall(ctx context.Context) error {
	records, err := g.load()
	if err != nil {
		return err
	}
	if len(records) == 0 {
		fmt.Fprintln(g.Out, "nothing to do: this installation has put its certificate nowhere")
		return nil
	}
	unfinished := false
	for _, r := range records {
		unfinished = g.takeOut(ctx, r) || unfinished
	}
	return g.end(unfinished)
}

func (g *Manager) end(unfinished bool) error {
	if unfinished {
		return ErrUnfinished
	}
	return nil
}

// takeOut removes one authority from all stores it was put in, and tells whether something is left.
func (g *Manager) takeOut(ctx context.Context, r *record) (left bool) {
	for _, s := range append([]Store{}, r.stores...) {
		if s.has(ctx, g.Machine, r.authority) {
			fmt.Fprintf(g.Out, "%s, %s:\n", s.describe(), r.cert.Subject.CommonName)
			if !g.do(ctx, s.remove(r.authority)) {
				left = true
				continue
			}
		} else {
			fmt.Fprintf(g.Out, "gone already: %s, %s\n", s.describe(), r.cert.Subject.CommonName)
		}
		if err := g.strike(r, s); err != nil {
			fmt.Fprintf(g.Out, "  %v\n", err)
			left = true
		}
	}
	return left
}

// do runs steps in order and tells whether all are done. What needs the administrator goes through sudo where it asks for no
// password; else the user is told the commands.
func (g *Manager) do(ctx context.Context, steps []step) bool {
	for i, s := range steps {
		args := s.args
		if s.root && !g.Machine.IsRoot() && g.Machine.OS() != "windows" {
			args = append([]string{"sudo", "-n"}, args...)
		}
		fmt.Fprintf(g.Out, "  %s\n", quote(args))
		if g.DryRun {
			continue
		}
		if _, err := g.Machine.Run(ctx, args); err != nil {
			fmt.Fprintf(g.Out, "  failed: %v\n", err)
			g.advise(steps[i:])
			return false
		}
	}
	return true
}

// advise tells what is left for the user to run.
func (g *Manager) advise(steps []step) {
	fmt.Fprintln(g.Out, "  to be run by you, and then the same command again:")
	for _, s := range steps {
		args := s.args
		if s.root && g.Machine.OS() != "windows" {
			args = append([]string{"sudo"}, args...)
		}
		fmt.Fprintf(g.Out, "    %s\n", quote(args))
	}
	if steps[0].root && g.Machine.OS() == "windows" {
		fmt.Fprintln(g.Out, "    (in a console of an administrator)")
	}
}

// A Finding tells of one store, for doctor and ca show.
type Finding struct {
	Name string
	// OK is false where something should be done.
	OK      bool
	Why, Do string
	// Earlier tells that this is about an authority of before a rotate.
	Earlier bool
}

// Findings tells of every store whether it trusts cert, and of earlier authorities that are trusted still.
func Findings(ctx context.Context, m Machine, home string, cert *x509.Certificate) []Finding {
	g := &Manager{Machine: m, Home: home}
	var list []Finding
	current := authority{cert: cert}
	stores, gaps := detect(m, Options{})
	if m.OS() == "darwin" || m.OS() == "windows" {
		all, _ := detect(m, Options{AllUsers: true})
		stores = append(stores, all[0])
	}
	for _, s := range stores {
		f := Finding{Name: "trust of " + s.Title, OK: true, Why: "not by " + s.Path + "; linarite ca install puts the certificate there"}
		if s.has(ctx, m, current) {
			f.Why = "yes, by " + s.Path
		}
		list = append(list, f)
	}
	for _, p := range gaps {
		list = append(list, Finding{Name: "trust of " + p.title, Why: p.why, Do: p.do})
	}
	records, err := g.load()
	if err != nil {
		return append(list, Finding{Name: "trust", Why: err.Error(), Do: "see that " + g.folder() + " can be read"})
	}
	for _, r := range records {
		if !r.cert.Equal(cert) {
			list = append(list, Finding{
				Earlier: true, Name: "trust of an earlier authority", Why: r.cert.Subject.CommonName + " is still in " + r.places(),
				Do: "linarite ca install puts the present one in its place, linarite ca uninstall takes all out",
			})
		}
	}
	return list
}

func (s Store) describe() string { return s.Title + ", " + s.Path }

// quote writes a command as a shell takes it.
func quote(args []string) string {
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = arg
		if arg == "" || strings.Trim(arg, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@\\") != "" {
			quoted[i] = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

func encode(cert *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
}
