package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var dist = flag.String("dist", "", "a release that `make release` made: check what is in it")

// schema is CycloneDX's own, as it comes with its library.
func schema(t *testing.T) func(bill []byte) error {
	t.Helper()
	dir := goList(t, ".", nil, "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go")[0]
	c := jsonschema.NewCompiler()
	for url, name := range map[string]string{
		"bom-1.6.schema.json": "bom-1.6.schema.json", "spdx.schema.json": "spdx.schema.json", "jsf-0.82.schema.json": "jsf-0.82.schemax.json",
	} {
		f, err := os.Open(filepath.Join(dir, "schema", name))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("http://cyclonedx.org/schema/"+url, doc); err != nil {
			t.Fatal(err)
		}
	}
	compiled, err := c.Compile("http://cyclonedx.org/schema/bom-1.6.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(bill []byte) error {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(bill))
		if err != nil {
			return err
		}
		return compiled.Validate(doc)
	}
}

func goList(t *testing.T, dir string, env []string, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	cmd.Dir, cmd.Env, cmd.Stderr = dir, append(os.Environ(), env...), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %q: %v", args, err)
	}
	return strings.Fields(string(out))
}

// distVersion is the version that the names of the release carry.
func distVersion(t *testing.T) string {
	t.Helper()
	if *dist == "" {
		t.Skip("no release to check; .ci/release makes one and names it by -dist")
	}
	found, err := filepath.Glob(filepath.Join(*dist, "linarite_*_image.oci.tar"))
	if err != nil || len(found) != 1 {
		t.Fatalf("images in %s: %q, %v", *dist, found, err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(filepath.Base(found[0]), "linarite_"), "_image.oci.tar")
}

// unpack reads a tar file, a zip or a tar.gz into memory.
func unpack(t *testing.T, path string) map[string]file {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]file{}
	if strings.HasSuffix(path, ".zip") {
		archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.File {
			in, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(in)
			if err != nil {
				t.Fatal(err)
			}
			files[f.Name] = file{name: f.Name, data: content, mode: f.Mode()}
		}
		return files
	}
	var in io.Reader = bytes.NewReader(data)
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(in); err != nil {
			t.Fatal(err)
		}
	}
	return untar(t, in)
}

func untar(t *testing.T, in io.Reader) map[string]file {
	t.Helper()
	files := map[string]file{}
	archive := tar.NewReader(in)
	for {
		head, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		files[head.Name] = file{name: head.Name, data: content, mode: head.FileInfo().Mode(), owner: head.Uid}
	}
}

// programsOf are the archive's files, without the folder.
func programsOf(t *testing.T, version string, p platform) map[string]file {
	t.Helper()
	r := release{version: "v" + version}
	ext := ".tar.gz"
	if p.os == "windows" {
		ext = ".zip"
	}
	files := map[string]file{}
	for name, f := range unpack(t, filepath.Join(*dist, r.name(p)+ext)) {
		short, inside := strings.CutPrefix(name, r.name(p)+"/")
		if !inside {
			t.Errorf("%s of %s is not in its folder", name, p)
		}
		files[short] = f
	}
	return files
}

func TestDistArchives(t *testing.T) {
	version := distVersion(t)
	for _, p := range platforms() {
		suffix := ""
		if p.os == "windows" {
			suffix = ".exe"
		}
		want := []string{
			"CHANGELOG.md", "LICENSE", "README.md", notices, "completions/_linarite", "completions/linarite.bash", "completions/linarite.fish",
			"completions/linarite.ps1", "linarite" + suffix, "linarite-conformance" + suffix,
		}
		var got []string
		for name, f := range programsOf(t, version, p) {
			got = append(got, name)
			if len(f.data) == 0 {
				t.Errorf("%s for %s is empty", name, p)
			}
			if strings.HasPrefix(name, "linarite") && f.mode.Perm() != 0o755 {
				t.Errorf("%s for %s has mode %v", name, p, f.mode)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s holds %q, want %q", p, got, want)
		}
	}
}

// TestDistBills holds each bill against the schema and against what the go command, asked by itself, says the programs are
// made of.
func TestDistBills(t *testing.T) {
	version := distVersion(t)
	validate := schema(t)
	for _, p := range platforms() {
		r := release{version: "v" + version}
		data, err := os.ReadFile(filepath.Join(*dist, r.name(p)+".cdx.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(data); err != nil {
			t.Errorf("%s: %v", p, err)
		}
		var bom cdx.BOM
		if err := json.Unmarshal(data, &bom); err != nil {
			t.Fatal(err)
		}
		named := map[string]bool{}
		for _, c := range *bom.Components {
			named[c.Name+"@"+c.Version] = true
		}
		modules := goList(t, filepath.Join("..", ".."), []string{"GOOS=" + p.os, "GOARCH=" + p.arch, "CGO_ENABLED=0", "GOWORK=off"},
			"-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}@{{.Version}}{{end}}{{end}}", "./cmd/linarite", "./cmd/linarite-conformance")
		if len(modules) == 0 {
			t.Fatal("the go command knows no modules: its answer was not understood")
		}
		for _, m := range modules {
			if !named[m] {
				t.Errorf("the bill for %s leaves out %s", p, m)
			}
		}
	}
}

func TestDistImage(t *testing.T) {
	version := distVersion(t)
	dir := t.TempDir()
	for name, f := range unpack(t, filepath.Join(*dist, "linarite_"+version+"_image.oci.tar")) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if f.mode.IsDir() {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	top, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(top); err != nil {
		t.Error(err)
	}
	manifest, err := top.IndexManifest()
	if err != nil || len(manifest.Manifests) != 1 {
		t.Fatalf("%+v, %v", manifest, err)
	}
	index, err := top.ImageIndex(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	for _, arch := range []string{"amd64", "arm64"} {
		img := imageFor(t, index, arch)
		files := untar(t, mutate.Extract(img))
		inArchive := programsOf(t, version, platform{"linux", arch})
		for _, name := range programs() {
			if !bytes.Equal(files[name].data, inArchive[name].data) || files[name].mode.Perm() != 0o755 {
				t.Errorf("%s of the image for %s is not the archive's", name, arch)
			}
		}
		config, err := img.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if config.Config.Labels["org.opencontainers.image.version"] != version || config.Architecture != arch {
			t.Errorf("the image for %s says %+v", arch, config)
		}
		if runtime.GOOS == "linux" && runtime.GOARCH == arch {
			runs(t, files["linarite"].data, version)
		}
	}
}

func imageFor(t *testing.T, index v1.ImageIndex, arch string) v1.Image {
	t.Helper()
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range manifest.Manifests {
		if m.Platform != nil && m.Platform.OS == "linux" && m.Platform.Architecture == arch {
			img, err := index.Image(m.Digest)
			if err != nil {
				t.Fatal(err)
			}
			return img
		}
	}
	t.Fatalf("no image for linux/%s among %+v", arch, manifest.Manifests)
	return nil
}

func runs(t *testing.T, program []byte, version string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "linarite")
	if err := os.WriteFile(path, program, 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), path, "version").Output()
	if err != nil || !strings.HasPrefix(string(out), "linarite v"+version+" ") {
		t.Errorf("the image's program says %q, %v", out, err)
	}
}
