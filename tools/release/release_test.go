package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"io"
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
	files := []file{{"linarite", []byte("program"), 0o755}, {"LICENSE", []byte("text"), 0o644}}
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
	b := built{platform: platform{"linux", "amd64"}, programs: []file{{"linarite", []byte("x"), 0o755}},
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
