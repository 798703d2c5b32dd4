package emulator_test

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
)

// The commands of the documentation work as they stand there, one after the other.
func TestTheDocumentedControls(t *testing.T) { onCarriers(t, checkTheDocumentedControls) }

func checkTheDocumentedControls(t *testing.T, open opener) {
	doc, err := os.ReadFile(filepath.Join("..", "docs", "control.md"))
	if err != nil {
		t.Fatal(err)
	}
	r, d := open(t, emulator.Options{}), controlDescribed(t)
	r.put(r.arm("/subscriptions/"+subscription+"/resourceGroups/new?api-version=2021-04-01"), `{}`, bearer(r.machineToken("https://management.azure.com/", "")))
	folder := filepath.ToSlash(filepath.Join(t.TempDir(), "world"))
	value := func(command, flag string) string {
		if m := regexp.MustCompile(flag + ` '([^']*)'`).FindStringSubmatch(command); m != nil {
			return m[1]
		}
		return ""
	}
	played := map[string]bool{}
	for _, command := range regexp.MustCompile(`(?m)^curl .*$`).FindAllString(string(doc), -1) {
		path := strings.TrimSuffix(regexp.MustCompile(`\$api/(\S+)$`).FindStringSubmatch(command)[1], `"`)
		method, body := "GET", strings.ReplaceAll(value(command, "--json"), "/tmp/world", folder)
		if body != "" {
			method = "POST"
		}
		if m := regexp.MustCompile(`-X (\w+)`).FindStringSubmatch(command); m != nil {
			method = m[1]
		}
		if name, text, ok := strings.Cut(value(command, "--data-urlencode"), "="); ok {
			path += "?" + name + "=" + url.QueryEscape(text)
		}
		if strings.Contains(command, "follow=true") {
			r.follow(strings.TrimPrefix(path, "journal?follow=true"))
			continue
		}
		headers := []string{jsonType}
		if h := value(command, "-H"); h != "" {
			headers = append(headers, h)
		}
		a := r.do(method, r.door+controlPath+path, body, headers...)
		if _, err := d.check(method, path, body, a); err != nil || a.status >= 300 {
			t.Errorf("%s\n%d %s\n%v", command, a.status, a.body, err)
		}
		if _, operation := d.find(method, path); operation != nil {
			played[operation["operationId"].(string)] = true
		}
	}
	for _, name := range controlOperations() {
		switch name {
		case "CA", "World", "Machines", "Way", "OpenAPI", "Fault": // named, or plain
		default:
			if !played[name] {
				t.Errorf("docs/control.md has no command for %s", name)
			}
		}
	}
}
