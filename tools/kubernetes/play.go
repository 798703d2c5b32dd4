package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// player is what the stories have in common.
type player struct {
	options
	self   string
	absent []string
}

func play(ctx context.Context, o options) error {
	p := &player{options: o}
	var errs [3]error
	p.self, errs[0] = os.Executable()
	p.checkout, errs[1] = filepath.Abs(o.checkout)
	p.tmp, errs[2] = filepath.Abs(o.tmp)
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	if err := p.sidecar(ctx); err != nil {
		return fmt.Errorf("sidecar.yaml: %w", err)
	}
	if !p.sidecarOnly {
		if err := p.workload(ctx); err != nil {
			return fmt.Errorf("workload-identity.yaml: %w", err)
		}
	}
	for _, what := range p.absent {
		fmt.Println("NOT PLAYED:", what)
	}
	if p.needClients && len(p.absent) > 0 {
		return errors.New("clients are missing")
	}
	return nil
}

// missing notes that a client is not there, and is true then.
func (p *player) missing(program, what string) bool {
	if program == "" {
		p.absent = append(p.absent, what)
	}
	return program == ""
}

// own are the folders of this machine that its own programs need in a container: where clients are installed.
func (p *player) own() []mount {
	var mounts []mount
	seen := map[string]bool{}
	programs := []string{p.python, p.goClient, p.kubelogin}
	if p.az != "" {
		programs = append(programs, p.az, filepath.Join(filepath.Dir(p.az), "python")) // az is a script for that one
	}
	for _, program := range programs {
		if program == "" {
			continue
		}
		dirs := []string{filepath.Dir(filepath.Dir(program))}
		if target, err := filepath.EvalSymlinks(program); err == nil {
			dirs = append(dirs, filepath.Dir(filepath.Dir(target)))
		}
		for _, dir := range dirs {
			if !seen[dir] && dir != "/usr" && dir != "/" {
				seen[dir] = true
				mounts = append(mounts, mount{From: dir, To: dir, ReadOnly: true})
			}
		}
	}
	if p.node != "" {
		mounts = append(mounts, mount{From: p.node, To: p.node, ReadOnly: true})
	}
	return append(mounts, mount{From: p.clients(), To: "/clients", ReadOnly: true})
}

// clients is the folder of the programs that are played here.
func (p *player) clients() string { return filepath.Join(p.checkout, "fixtures/containers/kubernetes") }

// step says what is done, does it, and says how long it took.
func step(what string, do func() (string, error)) error {
	fmt.Println("---", what)
	began := time.Now()
	out, err := do()
	for line := range strings.Lines(out) {
		fmt.Print("   ", strings.TrimRight(line, "\n"), "\n")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	fmt.Printf("   %.1f s\n", time.Since(began).Seconds())
	return nil
}

// says runs a command in a container, which has to succeed and print each of the texts.
func (r *running) says(ctx context.Context, what, container string, args []string, own bool, want ...string) error {
	return step(what, func() (string, error) {
		out, err := r.exec(ctx, container, args, own)
		if err != nil {
			return out, err
		}
		return out, contains(out, want)
	})
}

// refused runs a command in a container, which has to fail and print the texts.
func (r *running) refused(ctx context.Context, what, container string, args []string, want ...string) error {
	return step(what, func() (string, error) {
		out, err := r.exec(ctx, container, args, false)
		if err == nil {
			return out, errors.New("it succeeds")
		}
		return out, contains(out, want)
	})
}

func contains(out string, want []string) error {
	for _, text := range want {
		if !strings.Contains(out, text) {
			return fmt.Errorf("it does not say %q", text)
		}
	}
	return nil
}

// objects are those of a manifest that volumes take their files from: its config maps.
func (m *manifest) objects() *objects {
	o := &objects{configs: map[string]map[string]string{}, secrets: map[string]map[string]string{}}
	for name, c := range m.configs {
		o.configs[name] = c.Data
	}
	return o
}
