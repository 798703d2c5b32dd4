package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/linarite/linarite/fixtures/world"
)

// kubernetesObject is what the manifests say that concerns this program.
type kubernetesObject struct {
	Data map[string]string `yaml:"data"`
	Spec struct {
		InitContainers []kubernetesContainer `yaml:"initContainers"`
		Containers     []kubernetesContainer `yaml:"containers"`
		Template       struct {
			Spec kubernetesPod `yaml:"spec"`
		} `yaml:"template"`
	} `yaml:"spec"`
}

type kubernetesPod struct {
	InitContainers []kubernetesContainer `yaml:"initContainers"`
	Containers     []kubernetesContainer `yaml:"containers"`
}

type kubernetesContainer struct {
	Image          string          `yaml:"image"`
	Args           []string        `yaml:"args"`
	StartupProbe   kubernetesProbe `yaml:"startupProbe"`
	ReadinessProbe kubernetesProbe `yaml:"readinessProbe"`
}

type kubernetesProbe struct {
	Exec struct {
		Command []string `yaml:"command"`
	} `yaml:"exec"`
}

// What the manifests of deploy/kubernetes run of this program exists: commands, flags and their values. Their worlds are
// worlds. That their pods work is played by .ci/kubernetes.
func TestManifests(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "deploy", "kubernetes", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal("there are no manifests", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		commands, worlds := 0, 0
		for _, part := range bytes.Split(text, []byte("\n---\n")) {
			var object kubernetesObject
			if err := yaml.Unmarshal(part, &object); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			for _, args := range object.commands() {
				commands++
				if err := understood(args); err != nil {
					t.Errorf("%s: linarite %s: %v", file, strings.Join(args, " "), err)
				}
			}
			if text, ok := object.Data["world.yaml"]; ok {
				worlds++
				if _, err := world.Decode("world.yaml", []byte(text)); err != nil {
					t.Errorf("%s: %v", file, err)
				}
			}
		}
		if commands < 2 || worlds != 1 {
			t.Errorf("%s: %d commands of linarite and %d worlds were found", file, commands, worlds)
		}
	}
}

// commands are the arguments with which an object runs this program.
func (o *kubernetesObject) commands() [][]string {
	var found [][]string
	for _, pod := range []kubernetesPod{{o.Spec.InitContainers, o.Spec.Containers}, o.Spec.Template.Spec} {
		for _, c := range append(pod.InitContainers, pod.Containers...) {
			if c.Image != "linarite:dev" {
				continue
			}
			found = append(found, c.Args)
			for _, p := range []kubernetesProbe{c.StartupProbe, c.ReadinessProbe} {
				if command := p.Exec.Command; len(command) > 0 {
					found = append(found, command[1:])
				}
			}
		}
	}
	return found
}

// understood takes a command line apart as it would be when it is run.
func understood(args []string) error {
	cmd, rest, err := newRoot().Find(args)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}
