package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/reach/sandbox"
)

// sealFlags say what a sealed command is given, whichever world it is in.
type sealFlags struct {
	keep, publish, reach []string
	sealedOnly, here     bool
}

func (f *sealFlags) add(fl *pflag.FlagSet) {
	fl.StringSliceVar(&f.keep, "keep-env", nil, "environment variable to keep that would be taken out (can be repeated)")
	fl.BoolVar(&f.sealedOnly, "sealed-only", false, "fail where no sealed world can be made, and try neither sudo -n nor the proxy")
	fl.BoolVar(&f.here, "here", false, "in a container: use its own network, where no other can be made; needs CAP_NET_ADMIN, and is no sealed world")
	fl.StringSliceVar(&f.publish, "publish", nil, "HOST:INNER: this machine's port HOST, or IP:port, leads to the port INNER inside; 0 is any free one (can be repeated)")
	fl.StringSliceVar(&f.reach, "reach", nil, "HOST:PORT that the command reaches outside by the same name, never Azure's (can be repeated)")
}

func (f *sealFlags) sealOptions(cmd *cobra.Command, command []string) (emulator.SealOptions, error) {
	if f.here && f.sealedOnly {
		return emulator.SealOptions{}, fmt.Errorf("%w: --here is no sealed world: leave it or --sealed-only out", emulator.ErrUsage)
	}
	o := emulator.SealOptions{
		Command: command, Environ: os.Environ(), Keep: f.keep, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Sudo: !f.sealedOnly && !f.here, Here: f.here,
		Say: func(line string) { fmt.Fprintln(cmd.ErrOrStderr(), "linarite: "+line) },
	}
	for _, s := range f.publish {
		p, err := emulator.ParsePublished(s)
		if err != nil {
			return o, err
		}
		o.Publish = append(o.Publish, p)
	}
	for _, s := range f.reach {
		r, err := emulator.ParseReached(s)
		if err != nil {
			return o, err
		}
		o.Reach = append(o.Reach, r)
	}
	return o, nil
}

// sealOr seals the command in, and runs it beside its world where there can be no sealed one.
func (f *sealFlags) sealOr(o emulator.SealOptions, seal, beside func() (sandbox.ExitStatus, error)) (sandbox.ExitStatus, error) {
	status, err := seal()
	if f.here || !sandbox.Refused(err) { // who asks for the container's network wants no other
		return status, err
	}
	if f.sealedOnly {
		return status, fmt.Errorf("%w (--sealed-only: not run)", err)
	}
	o.Say(err.Error())
	o.Say("running the command beside its world instead, by the proxy: NOT SEALED. What heeds no proxy variables reaches the real Azure and the real 169.254.169.254; --sealed-only makes this an error")
	return beside()
}
