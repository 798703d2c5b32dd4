package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The manifests are good, and what is changed in them is told.
func TestCheck(t *testing.T) {
	const dir = "../../deploy/kubernetes"
	if err := check(dir); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ file, old, new, want string }{
		{"sidecar.yaml", "dnsPolicy:", "dnsPolice:", `unknown field "dnsPolice"`},
		{"sidecar.yaml", "runAsUser: 0", "runAsUser: root", "cannot unmarshal"},
		{"sidecar.yaml", "kind: Pod", "kind: Job", "nothing that is played"},
		{"sidecar.yaml", "configMap: {name: linarite-world}", "configMap: {name: world}", "no configmap world"},
		{"sidecar.yaml", "- {name: trust, mountPath", "- {name: trusts, mountPath", "no volume trusts"},
		{"workload-identity.yaml", "selector: {app: linarite}", "selector: {app: other}", "the Service linarite selects no pod"},
		{"workload-identity.yaml", "matchLabels: {app: linarite}", "matchLabels: {app: other}", "does not select its own pods"},
		{"workload-identity.yaml", "serviceAccountName: app", "serviceAccountName: other", "no serviceaccount other"},
		{"workload-identity.yaml", "image: linarite-app:dev", "image: other:latest", "none that this repository makes"},
	} {
		text, err := os.ReadFile(filepath.Join(dir, test.file))
		if err != nil {
			t.Fatal(err)
		}
		changed := strings.Replace(string(text), test.old, test.new, 1)
		if changed == string(text) {
			t.Errorf("%s has no %q", test.file, test.old)
		}
		here := t.TempDir()
		if err := os.WriteFile(filepath.Join(here, test.file), []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := check(here); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s instead of %s: %v, want %q", test.new, test.old, err, test.want)
		}
	}
}
