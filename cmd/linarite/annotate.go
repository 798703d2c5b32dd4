package main

import (
	"fmt"
	"io"
	"strings"
)

// forWorkflow returns where to explain refusals, and what to call with each explanation beside. In a step of GitHub Actions
// an explanation is an annotation too: a workflow command on a line of its own (GitHub's documentation, "Workflow commands
// for GitHub Actions"). Elsewhere out is as it was, and nothing is added.
//
// The runner looks for commands in all that a step says on either stream: "::name::" where a line begins, and the older
// "##[name]" anywhere in it. What is explained has names in it that a client chose, so neither gets through in them.
func forWorkflow(out io.Writer, getenv func(string) string) (plain io.Writer, annotate func(short string)) {
	if getenv("GITHUB_ACTIONS") != "true" {
		return out, func(string) {}
	}
	return harmless{out}, func(short string) { fmt.Fprintln(out, annotation(short)) }
}

// annotation writes what Explanation.Short says as one workflow command.
func annotation(short string) string {
	short = strings.TrimSpace(disarm(short))
	title, _, _ := strings.Cut(short, ": ")
	data := strings.NewReplacer("%", "%25", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\n", "%0A", ":", "%3A", ",", "%2C")
	return "::error title=" + property.Replace("linarite: "+title) + "::" + data.Replace(short)
}

// harmless writes text in which the runner finds no command. Each write holds whole lines.
type harmless struct{ out io.Writer }

func (h harmless) Write(text []byte) (int, error) {
	lines := strings.SplitAfter(disarm(string(text)), "\n")
	for i, line := range lines {
		if begin := strings.TrimSpace(line); strings.HasPrefix(begin, "::") {
			lines[i] = "." + strings.TrimLeft(line, " \t")
		}
	}
	if _, err := io.WriteString(h.out, strings.Join(lines, "")); err != nil {
		return 0, err
	}
	return len(text), nil
}

// disarm parts what begins an older command, and takes out the returns, at which the runner breaks lines too.
func disarm(text string) string {
	return strings.NewReplacer("##[", "## [", "\r", " ").Replace(text)
}
