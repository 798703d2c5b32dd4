package examples

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

const subscription = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"

// programs are the flows' programs, the cloud that each is for, and what it prints.
func programs() []struct{ name, cloud, prints string } {
	const file, group = "This is a test file.\n", "/subscriptions/" + subscription + "/resourceGroups/DevTest chinanorth\n"
	return []struct{ name, cloud, prints string }{
		{"flow1", "china", "Hello world! :)"}, {"flow2", "china", file}, {"flow3", "china", file}, {"flow4", "china", "p@ssw0rd!\n"},
		{"flow5", "china", group}, {"flow6", "china", group}, {"flow7", "public", file},
	}
}

// TestSmall: each program has fewer than forty lines, blank ones and comments not counted.
func TestSmall(t *testing.T) {
	for _, p := range programs() {
		text, err := os.ReadFile(filepath.Join(p.name, "main.go"))
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
				lines++
			}
		}
		if lines >= 40 {
			t.Errorf("%s has %d lines", p.name, lines)
		}
	}
}

// build makes linarite and the programs, for every way in that is not this process; the programs' own tests have that.
func build(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	paths := []string{"build", "-buildvcs=false", "-o", dir, "github.com/linarite/linarite/cmd/linarite"}
	for _, p := range programs() {
		paths = append(paths, "./"+p.name)
	}
	cmd := exec.CommandContext(t.Context(), "go", paths...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return dir
}

// administrator is who flow 6 needs beside the machine.
func administrator(name string) []string {
	if name != "flow6" {
		return nil
	}
	return []string{"AZURE_TENANT_ID=aaaabbbb-0000-cccc-1111-dddd2222eeee", "AZURE_CLIENT_ID=11111111-2222-3333-4444-555555555555", "AZURE_CLIENT_SECRET=linarite"}
}

// plain is this process's environment without what leads to Azure, or to another Linarite.
func plain() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(strings.ToUpper(v), "=")
		for _, prefix := range []string{"AZURE_", "IDENTITY_", "MSI_", "LINARITE_"} {
			if strings.HasPrefix(name, prefix) {
				return true
			}
		}
		return strings.HasSuffix(name, "_PROXY")
	})
}

// TestSealed runs the programs as on a machine of Azure's: in a world of their own.
func TestSealed(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("sealed worlds are of Linux")
	}
	dir := build(t)
	linarite := filepath.Join(dir, "linarite")
	if said, err := exec.CommandContext(t.Context(), linarite, "run", "--", "true").CombinedOutput(); err != nil {
		t.Skipf("this kernel or container gives no sealed world: %s", said)
	}
	for _, p := range programs() {
		t.Run(p.name, func(t *testing.T) {
			args := []string{"run", "--cloud", p.cloud}
			for _, v := range administrator(p.name) {
				name, _, _ := strings.Cut(v, "=")
				args = append(args, "--keep-env", name)
			}
			check(t, p.prints, append(plain(), administrator(p.name)...), linarite, append(args, "--", filepath.Join(dir, p.name))...)
		})
	}
}

// TestBeside runs the programs beside a served world, with the variables that it names.
func TestBeside(t *testing.T) {
	dir := build(t)
	linarite := filepath.Join(dir, "linarite")
	for _, cloud := range []string{"china", "public"} {
		url := serve(t, linarite, cloud)
		said, err := exec.CommandContext(t.Context(), linarite, "env", "--shell", "dotenv", "--url", url).Output()
		if err != nil {
			t.Fatal(err)
		}
		environment := plain()
		for line := range strings.Lines(string(said)) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(name, "#") {
				environment = append(environment, name+"="+strings.Trim(value, `"'`))
			}
		}
		if !strings.Contains(string(said), "IDENTITY_ENDPOINT") { // else they would ask this machine's metadata service
			t.Fatal("linarite env names no place for a machine's identity")
		}
		for _, p := range programs() {
			if p.cloud == cloud {
				t.Run(p.name, func(t *testing.T) {
					check(t, p.prints, append(slices.Clone(environment), administrator(p.name)...), filepath.Join(dir, p.name))
				})
			}
		}
	}
}

// serve serves a world on free ports of loopback until the test ends, and returns its URL.
func serve(t *testing.T, linarite, cloud string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), linarite, "serve", "--cloud", cloud, "--home", t.TempDir(), "--port", "0", "--https-port", "0", "--blob-port", "-1",
		"--log", "none", "--offline")
	cmd.Env = plain()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var said strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if _, after, ok := strings.Cut(lines.Text(), "--url "); ok {
			return strings.TrimSuffix(after, `)"`)
		}
	}
	t.Fatalf("linarite serve did not begin: %s", said.String())
	return ""
}

// check runs a program and holds what it prints to what it should.
func check(t *testing.T, prints string, environment []string, program string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = environment
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	printed, err := cmd.Output()
	if err != nil || string(printed) != prints {
		t.Errorf("printed %q, %v\n%s", printed, err, stderr.String())
	}
}
