package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// What both manifests have in their world.
const (
	blobText   = "Hello from the pod"
	secretText = "Hello from the vault"
)

// byCurl is the story as it is typed: a token of the metadata service, a blob, a secret.
const byCurl = `set -eu
token() { curl -sS --max-time 20 -H Metadata:true "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=$1" | sed 's/.*"access_token":"\([^"]*\)".*/\1/'; }
curl -sS --max-time 20 -H "Authorization: Bearer $(token https://storage.azure.com/)" -H 'x-ms-version: 2021-08-06' https://clusterstore.blob.core.windows.net/files/hello.txt
curl -sS --max-time 20 -H "Authorization: Bearer $(token https://vault.azure.net)" 'https://clustervault.vault.azure.net/secrets/greeting?api-version=7.4'`

// noCapability is printed by a process that has none and can gain none.
const noCapability = `grep -E '^(Uid|Cap|NoNewPrivs)' /proc/self/status`

func (p *player) sidecar(ctx context.Context) error {
	m, err := load(filepath.Join(p.checkout, "deploy/kubernetes/sidecar.yaml"))
	if err != nil {
		return err
	}
	r, err := p.sidecarPod(ctx, "sidecar", m)
	if err != nil {
		return err
	}
	defer r.stop()
	if err := r.says(ctx, "the app of the manifest", "app", nil, false, blobText, secretText); err != nil {
		return err
	}
	if err := r.says(ctx, "curl: token, blob, secret", "app", []string{"sh", "-c", byCurl}, true, blobText, secretText); err != nil {
		return err
	}
	if err := p.sdks(ctx, r); err != nil {
		return err
	}
	if err := r.says(ctx, "what is not served is refused, nothing else answers", "app", []string{"outside"}, false, "does not resolve"); err != nil {
		return err
	}
	err = r.says(ctx, "the app is nobody, and can do nothing to the network", "app", []string{"sh", "-c", noCapability + "; ! ip address add 192.0.2.1/32 dev lo"}, true,
		"Uid:\t65534", "CapPrm:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "not permitted")
	if err != nil {
		return err
	}
	// 0x1400: NET_BIND_SERVICE and NET_ADMIN.
	if err := r.has("CapEff:\t0000000000001400", "CapBnd:\t0000000000001400"); err != nil {
		return err
	}
	return p.tutorial(ctx, m)
}

// sidecarPod starts a pod whose init containers are sidecars.
func (p *player) sidecarPod(ctx context.Context, name string, m *manifest) (*running, error) {
	var r *running
	err := step("the pod "+name+": its network, and its sidecar until the startup probe is content", func() (string, error) {
		err := alone(ctx, name)
		if err != nil {
			return "", err
		}
		if err = p.leads(ctx, name, "unreachable"); err != nil {
			return "", err
		}
		if r, err = p.pod(name, m, m.pods["app"], m.objects()); err != nil {
			return "", err
		}
		for _, c := range r.pod.Spec.InitContainers {
			if c.RestartPolicy == nil || *c.RestartPolicy != "Always" {
				return "", fmt.Errorf("the init container %s is no sidecar", c.Name)
			}
			if err := r.start(ctx, c.Name); err != nil {
				return "", err
			}
		}
		return "", p.leads(ctx, name, "^local .* dev lo")
	})
	return r, err
}

// has looks at the process that goes on.
func (r *running) has(want ...string) error {
	return step("linarite has the capabilities of the manifest and no other", func() (string, error) {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.started[0].Process.Pid))
		if err != nil {
			return "", err
		}
		var lines []string
		for line := range strings.Lines(string(status)) {
			if strings.HasPrefix(line, "Cap") || strings.HasPrefix(line, "Uid") {
				lines = append(lines, line)
			}
		}
		return strings.Join(lines, ""), contains(string(status), want)
	})
}

// tutorial plays the seven flows in the same pod with another world in its config map.
func (p *player) tutorial(ctx context.Context, m *manifest) error {
	world, err := os.ReadFile(filepath.Join(p.checkout, "fixtures/worlds/tutorial.yaml"))
	if err != nil {
		return err
	}
	m.configs["linarite-world"].Data["world.yaml"] = string(world)
	r, err := p.sidecarPod(ctx, "tutorial", m)
	if err != nil {
		return err
	}
	defer r.stop()
	return r.says(ctx, "the seven flows, with the tutorial's world in the config map", "app", []string{"flows", "/"}, false, "7 of 7 flows")
}

// sdks has unmodified clients find their identity by the environment of the app's container.
func (p *player) sdks(ctx context.Context, r *running) error {
	for _, client := range []struct {
		what, program string
		args          []string
	}{
		{"Python: DefaultAzureCredential", p.python, []string{p.python, "/clients/client.py"}},
		{"JavaScript: DefaultAzureCredential", p.node, []string{"node", filepath.Join(p.node, "client.js")}},
		{"Go: azidentity.DefaultAzureCredential", p.goClient, []string{p.goClient}},
	} {
		if p.missing(client.program, r.name+": "+client.what) {
			continue
		}
		if err := r.says(ctx, client.what, "app", client.args, true, blobText, secretText); err != nil {
			return err
		}
	}
	return nil
}
