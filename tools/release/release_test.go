package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCheckVersion(t *testing.T) {
	for version, good := range map[string]bool{
		"v1.2.3": true, "v0.0.0-20260102030405-abcdef123456": true, "v1.2.3-rc.1": true, "v1.2.3+dirty": true,
		"1.2.3": false, "v1.2": false, "v01.2.3": false, "v1.2.3-": false, "v1.2.3 ": false, "": false, "v1.2.3\nx": false, "v1.2.3/../..": false,
	} {
		if err := checkVersion(version); (err == nil) != good {
			t.Errorf("%q: %v", version, err)
		}
	}
}

func TestTreeVersion(t *testing.T) {
	dir := t.TempDir()
	at := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	do := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	want := func(prefix, suffix string) {
		t.Helper()
		got := treeVersion(t.Context(), dir, at)
		if !strings.HasPrefix(got, prefix) || !strings.HasSuffix(got, suffix) {
			t.Errorf("version %s, want %s…%s", got, prefix, suffix)
		}
		if err := checkVersion(got); err != nil {
			t.Error(err)
		}
	}
	want("v0.0.0-unknown", "")
	do("init", "-q")
	do("commit", "-q", "--allow-empty", "-m", "a")
	want("v0.0.0-20260506070809-", "")
	do("tag", "v1.2.3")
	want("v1.2.3", ".3")
	if err := os.WriteFile(filepath.Join(dir, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want("v1.2.3", "+dirty")
	do("add", "x")
	do("commit", "-q", "-m", "b")
	want("v1.2.4-0.20260506070809-", "")
	do("tag", "v1.3.0-rc.1")
	do("commit", "-q", "--allow-empty", "-m", "c")
	want("v1.3.0-rc.1.0.20260506070809-", "")
}

func TestChoose(t *testing.T) {
	if all, err := choose(""); err != nil || len(all) != 6 {
		t.Errorf("%v, %v", all, err)
	}
	if some, err := choose("linux/arm64,windows/amd64"); err != nil || !slices.Equal(some, []platform{{"linux", "arm64"}, {"windows", "amd64"}}) {
		t.Errorf("%v, %v", some, err)
	}
	if _, err := choose("plan9/386"); err == nil || !strings.Contains(err.Error(), "linux/amd64") {
		t.Errorf("another platform: %v", err)
	}
}

func TestOutIsNotAnybodysFolder(t *testing.T) {
	dir := t.TempDir()
	r := release{out: dir}
	if err := r.checkOut(); err != nil {
		t.Errorf("an empty folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "thesis.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.checkOut(); err == nil {
		t.Error("a folder with other things would be removed")
	}
}

func TestArchivesAreTheSameTwice(t *testing.T) {
	files := []file{{name: "linarite", data: []byte("program"), mode: 0o755}, {name: "LICENSE", data: []byte("text"), mode: 0o644}}
	at := time.Unix(1700000000, 0)
	for name, write := range map[string]func(io.Writer, string, []file, time.Time) error{"tar.gz": writeTarGz, "zip": writeZip} {
		var first, second bytes.Buffer
		if err := write(&first, "folder", files, at); err != nil {
			t.Fatal(err)
		}
		if err := write(&second, "folder", files, at.In(time.FixedZone("elsewhere", 3600))); err != nil {
			t.Fatal(err)
		}
		if name == "tar.gz" && !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Error(name + " differs")
		}
	}
	var out bytes.Buffer
	if err := writeTarGz(&out, "folder", files, at); err != nil {
		t.Fatal(err)
	}
	unzipped, err := gzip.NewReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	head, err := tar.NewReader(unzipped).Next()
	if err != nil {
		t.Fatal(err)
	}
	if head.Name != "folder/linarite" || head.Mode != 0o755 || head.Uid != 0 || head.Uname != "" || !head.ModTime.Equal(at) {
		t.Errorf("%+v", head)
	}
}

func TestSumsAreReadBySha256sum(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("abc"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := sums(dir); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, sumsFile))
	if want := "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n"; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}

func TestNoLicenceNoRelease(t *testing.T) {
	dir := t.TempDir()
	var text bytes.Buffer
	if err := addLicenses(&text, "x v1", dir); err == nil {
		t.Error("a module without a licence was taken")
	}
	if err := os.WriteFile(filepath.Join(dir, "COPYING.md"), []byte("may be copied"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := addLicenses(&text, "x v1", dir); err != nil || !strings.Contains(text.String(), "may be copied") {
		t.Errorf("%v: %s", err, text.String())
	}
	if got := escape("github.com/BurntSushi/toml"); got != "github.com/!burnt!sushi/toml" {
		t.Error(got)
	}
}

func TestBillIsValid(t *testing.T) {
	r := release{version: "v1.2.3", at: time.Unix(1700000000, 0).UTC()}
	b := built{platform: platform{"linux", "amd64"}, programs: []file{{name: "linarite", data: []byte("x"), mode: 0o755}},
		info: []*debug.BuildInfo{{GoVersion: runtime.Version(), Deps: []*debug.Module{{Path: "example.org/a", Version: "v1.0.0", Sum: "h1:x"}}}}}
	bill, err := r.bill(b, "a.tar.gz", []byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	validate := schema(t)
	if err := validate(bill); err != nil {
		t.Error(err)
	}
	if err := validate(bytes.Replace(bill, []byte(`"type": "library"`), []byte(`"type": "book"`), 1)); err == nil {
		t.Error("the schema takes anything")
	}
}

func TestHostileArguments(t *testing.T) {
	for _, args := range [][]string{{"x"}, {"-version", "1"}, {"-platforms", "a/b"}, {"-nope"}} {
		if err := run(context.Background(), args); err == nil {
			t.Errorf("%q was taken", args)
		}
	}
}

// The image of a release and the Dockerfile's run alike.
func TestImageRunsAsTheDockerfileSays(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "Dockerfile"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("no Dockerfile in this tree")
	}
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	layout := false
	for line := range strings.Lines(string(text)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word == "FROM" {
			layout = strings.HasSuffix(rest, " AS layout")
		}
		if layout {
			said[word] = rest
		}
	}
	list := func(words []string) string { return `["` + strings.Join(words, `", "`) + `"]` }
	c := release{version: "v1.2.3"}.runtime()
	for instruction, want := range map[string]string{
		"ENTRYPOINT": list(c.Entrypoint), "CMD": list(c.Cmd), "USER": c.User, "ENV": strings.Join(c.Env, " "),
		"EXPOSE": strings.ReplaceAll(strings.Join(slices.SortedFunc(maps.Keys(c.ExposedPorts), byNumber), " "), "/tcp", ""),
		"HEALTHCHECK": fmt.Sprintf("--interval=%s --timeout=%s --retries=%d CMD %s",
			c.Healthcheck.Interval, c.Healthcheck.Timeout, c.Healthcheck.Retries, list(c.Healthcheck.Test[1:])),
	} {
		if said[instruction] != want {
			t.Errorf("the Dockerfile has %s %s, a release's image %s: change both", instruction, said[instruction], want)
		}
	}
}

func byNumber(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }
