package main

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// image writes the container image for every Linux platform as one OCI archive: a tar file of an image layout
// (github.com/opencontainers/image-spec, image-layout.md), which skopeo, podman, crane and containerd read.
func (r release) image(scratch, dir string, platforms []built, common []file) error {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, b := range platforms {
		img, err := r.imageOf(b, common)
		if err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        img,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: b.platform.os, Architecture: b.platform.arch}},
		})
	}
	path, err := layout.Write(scratch, empty.Index)
	if err != nil {
		return err
	}
	name := map[string]string{"org.opencontainers.image.ref.name": strings.TrimPrefix(r.version, "v")}
	if err := path.AppendIndex(index, layout.WithAnnotations(name)); err != nil {
		return err
	}
	files, err := tree(scratch)
	if err != nil {
		return err
	}
	var archive bytes.Buffer
	if err := writeTar(&archive, "", files, r.at); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "linarite_"+strings.TrimPrefix(r.version, "v")+"_image.oci.tar"), archive.Bytes(), 0o644)
}

// imageOf is the image of one platform: the programs and their licences, and nothing else.
func (r release) imageOf(b built, common []file) (v1.Image, error) {
	notice, err := b.licenses()
	if err != nil {
		return nil, err
	}
	files := append(slices.Clone(b.programs), file{name: "licenses/" + notice.name, data: notice.data, mode: 0o644})
	for _, f := range common {
		if f.name == "LICENSE" {
			files = append(files, file{name: "licenses/" + f.name, data: f.data, mode: 0o644})
		}
	}
	var content bytes.Buffer
	files = append(files, file{name: "state", mode: fs.ModeDir | 0o700, owner: imageUser}, file{name: "ca", mode: fs.ModeDir | 0o755, owner: imageUser})
	if err := writeTar(&content, "", files, r.at); err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content.Bytes())), nil },
		tarball.WithMediaType(types.OCILayer), tarball.WithCompressionLevel(9))
	if err != nil {
		return nil, err
	}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	img, err = mutate.Append(img, mutate.Addendum{Layer: layer, History: v1.History{CreatedBy: "make release", Created: v1.Time{Time: r.at}}})
	if err != nil {
		return nil, err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = b.platform.os, b.platform.arch, v1.Time{Time: r.at}
	config.Config = r.runtime()
	return mutate.ConfigFile(img, config)
}

// imageUser runs the image's program, and owns the folders for its keys and its certificate.
const imageUser = 65532

// runtime is how a container of the image runs. A test holds it to the Dockerfile.
func (r release) runtime() v1.Config {
	return v1.Config{
		Entrypoint: []string{"/linarite"},
		Cmd:        []string{"serve", "--host", "0.0.0.0", "--control-from", "gateway"},
		Env:        []string{"LINARITE_HOME=/state"},
		User:       "65532:65532",
		Healthcheck: &v1.HealthConfig{
			Test: []string{"CMD", "/linarite", "status"}, Interval: 5 * time.Second, Timeout: 5 * time.Second, Retries: 12,
		},
		ExposedPorts: map[string]struct{}{"4280/tcp": {}, "4443/tcp": {}, "10000/tcp": {}, "10001/tcp": {}, "10002/tcp": {}},
		Labels: map[string]string{
			"org.opencontainers.image.title":    "Linarite",
			"org.opencontainers.image.version":  strings.TrimPrefix(r.version, "v"),
			"org.opencontainers.image.source":   "https://" + modulePath,
			"org.opencontainers.image.licenses": "Apache-2.0",
			"org.opencontainers.image.created":  r.at.Format(time.RFC3339),
		},
	}
}

// tree reads a folder's files and folders, in order of their names.
func tree(root string) ([]file, error) {
	var files []file
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		f := file{name: filepath.ToSlash(name), mode: 0o644}
		if entry.IsDir() {
			f.mode = fs.ModeDir | 0o755
		} else if f.data, err = os.ReadFile(path); err != nil {
			return err
		}
		files = append(files, f)
		return nil
	})
	return files, err
}
