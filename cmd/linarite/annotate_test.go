package main

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
)

// workflowCommands finds what GitHub's runner takes for commands (actions/runner, ActionCommand.cs): "::name …::" where a
// line begins, white space apart, and "##[name …]" anywhere.
func workflowCommands(text string) (found []string) {
	newer, older := regexp.MustCompile(`^\s*::([a-zA-Z-]+)( [^:]*)?::`), regexp.MustCompile(`##\[([a-zA-Z-]+)`)
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if m := newer.FindStringSubmatch(line); m != nil {
			found = append(found, m[1])
		} else if m := older.FindStringSubmatch(line); m != nil {
			found = append(found, m[1])
		}
	}
	return found
}

func github(name string) string {
	if name == "GITHUB_ACTIONS" {
		return "true"
	}
	return ""
}

func TestAnnotation(t *testing.T) {
	got := annotation("403 AuthorizationFailed: read of group a,b:c 100%\n  why:  nobody\r\n")
	want := "::error title=linarite%3A 403 AuthorizationFailed::403 AuthorizationFailed: read of group a,b:c 100%25%0A  why:  nobody"
	if got != want {
		t.Errorf("\n%s, want\n%s", got, want)
	}
}

func TestNoCommandInAnExplanation(t *testing.T) {
	for _, hostile := range []string{
		"x\n::set-output name=a::b", "::add-mask::a", "\t ::stop-commands::x", "##[add-mask]a", "a ##[set-output name=x]y", "x\r::debug::y", "#\r#[debug]y", "###[group]",
		"%0A::warning::x", "::error title=a%0Ab::x", "a::error::b", "##\u200b[x]", "##[##[x]",
	} {
		var out bytes.Buffer
		plain, annotate := forWorkflow(&out, github)
		short := "403 Forbidden: " + hostile + "\n  why:  " + hostile + "\n"
		if _, err := plain.Write([]byte("  " + short + hostile + "\n")); err != nil {
			t.Fatal(err)
		}
		annotate(short)
		if found := workflowCommands(out.String()); len(found) != 1 || found[0] != "error" {
			t.Errorf("%q: the runner finds %q in\n%s", hostile, found, out.String())
		}
	}
}

func TestElsewhereNothingIsAnnotated(t *testing.T) {
	var out bytes.Buffer
	plain, annotate := forWorkflow(&out, func(string) string { return "" })
	annotate("403 Forbidden: x")
	if plain != &out || out.Len() > 0 {
		t.Errorf("%v: %s", plain, out.String())
	}
}

// A whole world whose client asks for names of its own choice.
func TestRefusalsAreAnnotated(t *testing.T) {
	t.Setenv("GITHUB_ACTIONS", "true")
	emu, err := emulator.Open(emulator.Options{World: "tutorial"})
	if err != nil {
		t.Fatal(err)
	}
	defer emu.Close()
	for _, path := range []string{"/files/a.txt", "/files/%0A::set-output%20name=x::y", "/files/%23%23%5Badd-mask%5Dx", "/files/::warning::x"} {
		resp, err := emu.Client().Get("https://tutorialstore.blob.core.windows.net" + path)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Body.Close(); resp.StatusCode == http.StatusOK {
			t.Fatalf("%s is allowed", path)
		}
	}
	var out bytes.Buffer
	explainRefusals(&out, ownJournal{emu})
	found := workflowCommands(out.String())
	if strings.Join(found, " ") != "error error error error" {
		t.Errorf("the runner finds %q in\n%s", found, out.String())
	}
}
