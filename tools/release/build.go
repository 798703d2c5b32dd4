package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// A file is one file of an archive.
type file struct {
	name  string // with slashes
	data  []byte
	mode  fs.FileMode
	owner int // user and group; 0 is nobody in particular
}

// built is what one platform's compiler made.
type built struct {
	platform platform
	programs []file
	info     []*debug.BuildInfo // of each program
}

// build compiles the programs for one platform.
func (r release) build(ctx context.Context, p platform, dir string) (built, error) {
	fmt.Printf("release: build %s\n", p)
	if err := r.compile(ctx, p, dir); err != nil {
		return built{}, fmt.Errorf("build for %s: %w", p, err)
	}
	b := built{platform: p}
	for _, name := range programs() {
		if p.os == "windows" {
			name += ".exe"
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return built{}, err
		}
		info, err := buildinfo.Read(bytes.NewReader(data))
		if err != nil {
			return built{}, fmt.Errorf("%s for %s: %w", name, p, err)
		}
		b.programs, b.info = append(b.programs, file{name: name, data: data, mode: 0o755}), append(b.info, info)
	}
	return b, nil
}

// compile calls the go command with nothing of this machine's settings that would show in the result.
func (r release) compile(ctx context.Context, p platform, dir string) error {
	args := []string{"build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", "-s -w -X main.release=" + r.version, "-o", dir + string(filepath.Separator)}
	for _, name := range programs() {
		args = append(args, "./cmd/"+name)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = r.source
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.os, "GOARCH="+p.arch,
		"GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOWORK=off", "GOEXPERIMENT=", "GOFIPS140=off")
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// common makes the files that every archive has beside the programs.
func (r release) common(ctx context.Context, work string) ([]file, error) {
	var files []file
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		data, err := os.ReadFile(filepath.Join(r.source, name))
		if err != nil {
			return nil, err
		}
		files = append(files, file{name: name, data: data, mode: 0o644})
	}
	native, err := r.build(ctx, platform{runtime.GOOS, runtime.GOARCH}, filepath.Join(work, "native"))
	if err != nil {
		return nil, err
	}
	completions, err := completions(ctx, filepath.Join(work, "native", native.programs[0].name))
	return append(files, completions...), err
}

// completions asks the program for its scripts.
func completions(ctx context.Context, program string) ([]file, error) {
	var files []file
	for _, c := range []struct{ shell, name string }{
		{"bash", "linarite.bash"}, {"zsh", "_linarite"}, {"fish", "linarite.fish"}, {"powershell", "linarite.ps1"},
	} {
		out, err := exec.CommandContext(ctx, program, "completion", c.shell).Output()
		if err != nil {
			return nil, fmt.Errorf("completion for %s: %w", c.shell, err)
		}
		files = append(files, file{name: "completions/" + c.name, data: out, mode: 0o644})
	}
	return files, nil
}

// modules are the modules in the programs of a platform but their own, each once, by path.
func (b built) modules() []*debug.Module {
	var all []*debug.Module
	for _, info := range b.info {
		for _, m := range info.Deps {
			if m.Replace != nil {
				m = m.Replace
			}
			if !slices.ContainsFunc(all, func(have *debug.Module) bool { return have.Path == m.Path }) {
				all = append(all, m)
			}
		}
	}
	slices.SortFunc(all, func(a, b *debug.Module) int { return strings.Compare(a.Path, b.Path) })
	return all
}
