package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// image is what a target of the Dockerfile describes.
type image struct {
	root       string
	env        []string
	entrypoint []string
	uid, gid   int
}

// targets are the stages by which the images are built here, from programs that are built already.
func targets() map[string]string {
	return map[string]string{"linarite:dev": "prebuilt", "linarite-app:dev": "app-prebuilt"}
}

// build makes the root folder of an image, from the few instructions that these stages use.
func build(checkout, name, root string) (*image, error) {
	target, known := targets()[name]
	if !known {
		return nil, fmt.Errorf("there is no image %s", name)
	}
	text, err := os.ReadFile(filepath.Join(checkout, "Dockerfile"))
	if err != nil {
		return nil, err
	}
	stages, stage := map[string][]string{}, ""
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) == 4 && f[0] == "FROM" && f[2] == "AS" {
			stage = f[3]
			stages[stage] = append([]string{}, stages[f[1]]...)
		} else if len(f) > 1 && stage != "" && f[0] != "#" {
			stages[stage] = append(stages[stage], strings.TrimSpace(line))
		}
	}
	if stages[target] == nil {
		return nil, fmt.Errorf("there is no stage %s in the Dockerfile", target)
	}
	i := &image{root: root}
	for _, line := range stages[target] {
		if err := i.apply(checkout, line); err != nil {
			return nil, fmt.Errorf("the instruction %s of the Dockerfile: %w", line, err)
		}
	}
	return i, nil
}

func (i *image) apply(checkout, line string) error {
	instruction, rest, _ := strings.Cut(line, " ")
	switch instruction {
	case "ENV":
		i.env = append(i.env, rest)
	case "USER":
		_, err := fmt.Sscanf(rest, "%d:%d", &i.uid, &i.gid)
		return err
	case "ENTRYPOINT":
		return json.Unmarshal([]byte(rest), &i.entrypoint)
	case "COPY":
		return i.copy(checkout, strings.Fields(rest))
	case "EXPOSE", "HEALTHCHECK", "CMD": // Kubernetes heeds none of them here: the manifests have args and probes
	default:
		return errors.New("this instruction is not known here")
	}
	return nil
}

func (i *image) copy(checkout string, words []string) error {
	uid, gid := 0, 0
	if owner, ok := strings.CutPrefix(words[0], "--chown="); ok {
		u, g, _ := strings.Cut(owner, ":")
		var errs [2]error
		uid, errs[0] = strconv.Atoi(u)
		gid, errs[1] = strconv.Atoi(g)
		if err := errors.Join(errs[:]...); err != nil {
			return err
		}
		words = words[1:]
	}
	from, to := filepath.Join(checkout, words[0]), filepath.Join(i.root, words[1])
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		at := filepath.Join(to, below)
		if d.IsDir() {
			err = os.MkdirAll(at, 0o755)
		} else {
			err = copyFile(path, at)
		}
		if err != nil {
			return err
		}
		return os.Lchown(at, uid, gid)
	})
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, data, info.Mode().Perm())
}
