package env

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// name is what every shell takes for the name of a variable.
var name = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// plain is a value that no reader of dotenv files takes for anything but itself.
var plain = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,~-]*$`)

// writer writes one variable in the language of a shell.
type writer struct {
	shell string
	write func(Var) (string, error)
}

var writers = []writer{
	{"sh", sh},
	{"fish", fish},
	{"powershell", powershell},
	{"dotenv", dotenv},
	{"github", github},
}

// Shells returns the values Render takes for shell.
func Shells() []string {
	var all []string
	for _, w := range writers {
		all = append(all, w.shell)
	}
	return all
}

// Render writes vars so that evaluating the text sets exactly these values, whatever
// they contain:
//
//	sh          eval "$(…)" in POSIX sh, bash, dash, zsh
//	fish        … | source
//	powershell  … | Out-String | Invoke-Expression
//	dotenv      a file for docker compose, node --env-file, python-dotenv
//	github      … >> "$GITHUB_ENV"
//
// A value that cannot be said in the language is an error: NUL in all of them, and in
// dotenv what its readers disagree about.
func Render(shell string, vars []Var) (string, error) {
	i := slices.IndexFunc(writers, func(w writer) bool { return w.shell == shell })
	if i < 0 {
		return "", fmt.Errorf("unknown shell %q: use one of %s", shell, strings.Join(Shells(), ", "))
	}
	var out strings.Builder
	for _, v := range vars {
		if !name.MatchString(v.Name) {
			return "", fmt.Errorf("%q is not the name of an environment variable: use letters, digits and _", v.Name)
		}
		if strings.ContainsRune(v.Value, 0) {
			return "", fmt.Errorf("the value of %s contains a NUL byte, which no environment can hold", v.Name)
		}
		line, err := writers[i].write(v)
		if err != nil {
			return "", err
		}
		out.WriteString(line + "\n")
	}
	return out.String(), nil
}

// sh quotes with '…', in which only ' itself is special (POSIX.1-2017, Shell Command
// Language, 2.2.2).
func sh(v Var) (string, error) {
	return "export " + v.Name + "='" + strings.ReplaceAll(v.Value, "'", `'\''`) + "'", nil
}

// fish quotes with '…', in which \' and \\ are the only escapes (fish documentation,
// "Quotes").
func fish(v Var) (string, error) {
	return "set -gx " + v.Name + " '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v.Value) + "'", nil
}

// powershell quotes with '…', in which a quote is doubled; PowerShell takes the
// typographic quotes for ' as well (PowerShell documentation, about_Quoting_Rules).
// Before PowerShell 7.5 setting a variable to the empty text unsets it, which clients
// read alike.
func powershell(v Var) (string, error) {
	double := strings.NewReplacer(`'`, `''`, "\u2018", "\u2018\u2018", "\u2019", "\u2019\u2019", "\u201a", "\u201a\u201a", "\u201b", "\u201b\u201b")
	return "$env:" + v.Name + " = '" + double.Replace(v.Value) + "'", nil
}

// dotenv has no specification. This writes only what Node.js, python-dotenv and docker
// compose read alike: plain values bare; others in '…', which all take literally but
// for \' and \\ (an escape in python-dotenv only) and ${ (expanded by python-dotenv
// everywhere); and a ' in "…", with nothing in it that any of them expands.
func dotenv(v Var) (string, error) {
	switch {
	case plain.MatchString(v.Value):
		return v.Name + "=" + v.Value, nil
	case !strings.ContainsAny(v.Value, "'\r") && !strings.Contains(v.Value, `\\`) && !strings.HasSuffix(v.Value, `\`) && !strings.Contains(v.Value, "${"):
		return v.Name + "='" + v.Value + "'", nil
	case !strings.ContainsAny(v.Value, "\"\\$`\r"):
		return v.Name + `="` + v.Value + `"`, nil
	}
	return "", fmt.Errorf("the value of %s cannot be written so that all readers of dotenv files agree on it: take `--shell sh` instead", v.Name)
}

// github writes the format of the file GITHUB_ENV (GitHub documentation, "Workflow
// commands", "Multiline strings"), with a delimiter that is no line of the value.
func github(v Var) (string, error) {
	if !strings.ContainsAny(v.Value, "\r\n") {
		return v.Name + "=" + v.Value, nil
	}
	delimiter := "LINARITE"
	for strings.Contains(v.Value, delimiter) {
		delimiter += "_"
	}
	return v.Name + "<<" + delimiter + "\n" + v.Value + "\n" + delimiter, nil
}
