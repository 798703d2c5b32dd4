package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"
)

// notices is the file that carries the licences of what the programs are made of: all of them ask for it.
const notices = "THIRD-PARTY-LICENSES.txt"

var licenseName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$`)

// licenses gathers the licence texts of the modules in the programs, and of Go.
func (b built) licenses() (file, error) {
	var text bytes.Buffer
	text.WriteString("Linarite itself: see LICENSE. Its programs contain the following as well.\n")
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return file{}, err
	}
	if err := addLicenses(&text, "Go, its runtime and standard library, "+runtime.Version(), strings.TrimSpace(string(goroot))); err != nil {
		return file{}, err
	}
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		return file{}, err
	}
	for _, m := range b.modules() {
		dir := filepath.Join(strings.TrimSpace(string(cache)), filepath.FromSlash(escape(m.Path)+"@"+escape(m.Version)))
		if err := addLicenses(&text, m.Path+" "+m.Version, dir); err != nil {
			return file{}, err
		}
	}
	return file{name: notices, data: text.Bytes(), mode: 0o644}, nil
}

func addLicenses(text *bytes.Buffer, title, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("the licence of %s: %w", title, err)
	}
	found := false
	for _, e := range entries {
		if e.IsDir() || !licenseName.MatchString(e.Name()) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		found = true
		fmt.Fprintf(text, "\n%s\n%s, %s\n%s\n\n%s\n", strings.Repeat("=", 80), title, e.Name(), strings.Repeat("=", 80), bytes.TrimSpace(data))
	}
	if !found {
		return fmt.Errorf("%s has no licence file in %s: find out whether it may be given on", title, dir)
	}
	return nil
}

// escape writes a module's path or version as the module cache does: capitals as ! and the small letter.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsUpper(r) && r < utf8.RuneSelf {
			b.WriteByte('!')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}
