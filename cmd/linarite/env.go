package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/reach/env"
)

// way is what the control API says of the way in.
type way struct {
	Proxy            string `json:"proxy"`
	IdentityEndpoint string `json:"identityEndpoint"`
	IdentityHeader   string `json:"identityHeader"`
	CLICloud         string `json:"cliCloud"`
	ARMEndpoint      string `json:"armEndpoint"`
	Machine          string `json:"machine"`
}

func newEnv() *cobra.Command {
	var f envFlags
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print the variables that send clients to a running world",
		Long: `Print the environment variables that send clients to a running world through its
proxy, and make them trust its certificates beside those they trust already.`,
		Example: `  eval "$(linarite env)"
  linarite env --shell fish | source
  linarite env --shell github >> "$GITHUB_ENV"
  eval "$(linarite env --world worker-1 --vm web-1)"`,
		RunE: func(cmd *cobra.Command, _ []string) error { return printEnv(cmd, f) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.shell, "shell", "sh", "syntax: "+strings.Join(env.Shells(), ", "))
	fl.StringVar(&f.world, "world", "", "world to be in; a new name makes one that begins as the served one was opened (default: the served one)")
	fl.StringVar(&f.machine, "vm", "", "machine to be on (default: the world's)")
	notFromEnvironment(fl, "world", "vm") // there, they say what to serve
	addURL(cmd)
	return cmd
}

type envFlags struct{ shell, world, machine string }

// user is the flags as the user of a proxy. Of a machine alone it begins with a dot: it is no
// world that somebody has left the dot out of.
func (f envFlags) user() string {
	if f.world == "" && f.machine == "" {
		return ""
	}
	return f.world + "." + f.machine
}

// undotted is the short form of a machine of the served world.
func undotted(user string) string {
	if machine, ok := strings.CutPrefix(user, "."); ok && !strings.Contains(machine, ".") {
		return machine
	}
	return user
}

func printEnv(cmd *cobra.Command, f envFlags) error {
	if _, err := env.Render(f.shell, nil); err != nil {
		return fmt.Errorf("%w: --shell: %w", emulator.ErrUsage, err)
	}
	c := control(cmd)
	if user := f.user(); user != "" {
		if c.user != "" {
			return fmt.Errorf("%w: --url says %q already: leave --world and --vm out, or the user of the URL", emulator.ErrUsage, c.user)
		}
		c.user = user
	}
	var w way
	if _, err := c.getJSON("way", &w); err != nil {
		return err
	}
	authority, err := c.control("ca.pem")
	if err != nil {
		return err
	}
	o := env.ProxyOptions{URL: c.base, User: undotted(c.user), IdentityHeader: w.IdentityHeader, JavaToolOptions: env.JavaToolOptions(os.Environ())}
	if o.Bundle, o.TrustStore, err = writeBundle(cmd, env.Bundle(os.Environ(), os.ReadFile, authority)); err != nil {
		return inHome(err)
	}
	for _, line := range env.Displaced(os.Environ(), o) {
		fmt.Fprintln(cmd.ErrOrStderr(), "linarite: "+line)
	}
	text, err := env.Render(f.shell, env.Proxy(o))
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(cmd.OutOrStdout(), text)
	return err
}

// writeBundle keeps the bundle in the home folder, as PEM and as Java wants it, under names
// of its content, so that a shell that names older ones goes on.
func writeBundle(cmd *cobra.Command, bundle []byte) (path, store string, err error) {
	dir, err := homeDir(cmd)
	if err != nil {
		return "", "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", "", err
	}
	sum := sha256.Sum256(bundle)
	name := filepath.Join(dir, "bundle-"+hex.EncodeToString(sum[:6]))
	path, store = name+".pem", name+".p12"
	if err := writeOnce(path, func() ([]byte, error) { return bundle, nil }); err != nil {
		return "", "", err
	}
	return path, store, writeOnce(store, func() ([]byte, error) { return env.TrustStore(bundle) })
}

// writeOnce writes a file whose name says all about its content, unless it is there.
func writeOnce(path string, content func() ([]byte, error)) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	data, err := content()
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".bundle-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if closing := tmp.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	return err
}
