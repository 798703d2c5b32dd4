package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The story of the README is typed into a sealed world as it stands there.
func TestTheStoryOfTheReadme(t *testing.T) {
	if clients, err := condition("clients"); err != nil || !clients || !sealable() {
		t.Skip("missing: curl, or what a sealed world takes, see linarite doctor")
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## When something is refused\n")
	section, _, _ = strings.Cut(section, "\n## ")
	parts := strings.Split(section, "```")
	if len(parts) != 3 {
		t.Fatalf("want one block of commands, got %d parts", len(parts))
	}
	cmd := linarite(t, t.TempDir(), "run", "--", "sh", "-ec", parts[1])
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	rest := string(out)
	for _, want := range []string{
		"HTTP/1.1 403 ", "AuthorizationPermissionMismatch", "Request 2 was refused: 403 AuthorizationPermissionMismatch\n", `linarite grant machine/tutorial-vm "Storage Blob Data Contributor" `,
		"\ngranted Storage Blob Data Contributor at ", "HTTP/1.1 201 ",
	} {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("%q does not come, or not in its place:\n%s", want, out)
		}
		rest = after
	}
}
