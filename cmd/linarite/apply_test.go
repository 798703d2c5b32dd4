package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestTheSuiteStaysOut: apply shares a room with the conformance suite, whose runner and matchers are no part of linarite.
func TestTheSuiteStaysOut(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := string(out)
	if !strings.Contains(deps, "/conformance/apply\n") {
		t.Error("the list has no conformance/apply: is it a list?")
	}
	for _, not := range []string{"onsi/ginkgo", "onsi/gomega", "/conformance/suite\n", "/conformance/specs"} {
		if strings.Contains(deps, not) {
			t.Errorf("linarite is built of %s too", strings.TrimSpace(not))
		}
	}
}
