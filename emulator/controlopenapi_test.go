package emulator_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
)

// The plane's map and the file are the same list.
func TestControlDescriptionHasEveryOperation(t *testing.T) {
	d, have := controlDescribed(t), controlOperations()
	for key, name := range have {
		operation := d.operations[key]
		if operation == nil {
			t.Errorf("openapi.yaml does not describe %s (%s)", key, name)
		} else if operation["operationId"] != name {
			t.Errorf("openapi.yaml calls %s %v, and the plane %s", key, operation["operationId"], name)
		}
	}
	for key := range d.operations {
		if have[key] == "" {
			t.Errorf("openapi.yaml describes %s, and there is no such operation", key)
		}
	}
	if v := d.file["openapi"]; v != "3.1.0" {
		t.Errorf("openapi: %v", v)
	}
}

// What an operation of the file must have, and that what it refers to is there.
func TestControlDescriptionIsSound(t *testing.T) {
	d := controlDescribed(t)
	for name := range d.file["components"].(map[string]any)["schemas"].(map[string]any) {
		if _, err := d.schema("components", "schemas", name); err != nil {
			t.Errorf("the schema %s: %v", name, err)
		}
	}
	walk(d.file, func(node map[string]any) {
		ref, ok := node["$ref"].(string)
		if !ok {
			return
		}
		var at any = d.file
		for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			at, _ = at.(map[string]any)[part]
			if at == nil {
				t.Fatalf("%s leads nowhere", ref)
			}
		}
	})
	for key, operation := range d.operations {
		_, template, _ := strings.Cut(key, " ")
		item := d.file["paths"].(map[string]any)[template].(map[string]any)
		var inPath []string
		for _, m := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(template, -1) {
			inPath = append(inPath, m[1])
		}
		if got := d.parameters(item, "path"); !slices.Equal(got, inPath) {
			t.Errorf("%s: the path has %q, and described are %q", key, inPath, got)
		}
		responses, _ := operation["responses"].(map[string]any)
		if responses["default"] == nil || len(responses) != 2 || operation["summary"] == nil {
			t.Errorf("%s: want a summary, one answer of success and the refusals, got %v", key, responses)
		}
	}
}

func walk(node any, visit func(map[string]any)) {
	switch node := node.(type) {
	case map[string]any:
		visit(node)
		for _, inner := range node {
			walk(inner, visit)
		}
	case []any:
		for _, inner := range node {
			walk(inner, visit)
		}
	}
}

// parameters lists the names of an operation's parameters of one kind.
func (d *described) parameters(of map[string]any, in string) (names []string) {
	list, _ := of["parameters"].([]any)
	for _, p := range list {
		p := p.(map[string]any)
		if ref, ok := p["$ref"].(string); ok {
			p = d.file["components"].(map[string]any)["parameters"].(map[string]any)[ref[strings.LastIndexByte(ref, '/')+1:]].(map[string]any)
		}
		if p["in"] == in {
			names = append(names, p["name"].(string))
		}
	}
	return names
}

// Each operation takes the parameters that are described and no others.
func TestControlParameters(t *testing.T) { onCarriers(t, checkControlParameters) }

func checkControlParameters(t *testing.T, open opener) {
	r, d := open(t, emulator.Options{}), controlDescribed(t)
	for key, operation := range d.operations {
		method, template, _ := strings.Cut(key, " ")
		path := strings.ReplaceAll(template[1:], "{id}", "1")
		r.refuses(400, "InvalidQuery", `There is no parameter "plan" here: there are `+strings.Join(d.parameters(operation, "query"), ", ")+".", method, path+"?plan=blob", "")
		r.refuses(400, "InvalidQuery", `"world" is there more than once`, method, path+"?world=tutorial&world=tutorial", "")
		r.refuses(400, "InvalidQuery", "does not parse", method, path+"?world=%zz", "")
		r.refuses(400, "InvalidQuery", `"a.b" is not the name of a world: take 1 to 63 of a-z, 0-9 and -.`, method, path+"?world=a.b", "")
	}
	for _, path := range []string{"clock?world=", "clock?world=tutorial", "clock?world=Tutorial", "clock?world=other"} {
		r.must(nil, 200, "GET", path, "")
	}
	served := r.must(nil, 200, "GET", "openapi.yaml", "")
	if file, err := os.ReadFile(filepath.Join("control", "openapi.yaml")); err != nil || served.body != string(file) {
		t.Errorf("served is another description (%v)", err)
	}
}

// A real answer of each kind that is described.
func TestControlAnswersAreAsDescribed(t *testing.T) { onCarriers(t, checkControlAnswersAreAsDescribed) }

func checkControlAnswersAreAsDescribed(t *testing.T, open opener) {
	r, d := open(t, emulator.Options{Version: "v1", Rules: rulebook(t)}), controlDescribed(t)
	r.imds(imdsToken)
	r.get(r.arm("/subscriptions/" + subscription + "/resourceGroups/DevTest?api-version=2021-04-01"))                                                                               // 401
	r.put(r.arm("/subscriptions/"+subscription+"/resourceGroups/new?api-version=2021-04-01"), `{"location":"westus"}`, bearer(r.machineToken("https://management.azure.com/", ""))) // 403
	dir := filepath.ToSlash(filepath.Join(t.TempDir(), "saved"))
	const grant = `{"principal":"machine/tutorial-vm","role":"contributor","scope":"DevTest"}`
	seen := map[string]bool{}
	for _, step := range []struct{ method, path, body, header string }{
		{"GET", "health", "", ""}, {"GET", "ca.pem", "", ""}, {"GET", "openapi.yaml", "", ""}, {"GET", "world", "", ""}, {"GET", "machines", "", ""}, {"GET", "worlds?world=w1", "", ""}, {"DELETE", "worlds/w1", "", ""}, {"GET", "way", "", ""},
		{"GET", "clock", "", ""},
		{"POST", "clock", `{"op":"advance","by":"-1h30m"}`, ""}, {"POST", "clock", `{"op":"set","at":"2030-01-01T00:00:00+01:00"}`, ""},
		{"POST", "clock", `{"op":"freeze"}`, ""}, {"POST", "clock", `{"op":"freeze","at":"2030-01-01T00:00:00.5Z"}`, ""}, {"POST", "clock", `{"op":"resume"}`, ""},
		{"POST", "faults", `{"match":{"plane":"arm","share":0.5},"effect":{"status":503,"retryAfter":"5s"},"times":2,"for":"1h"}`, ""},
		{"POST", "faults", `{"scenario":"imds-warming-up"}`, ""}, {"GET", "faults", "", ""}, {"GET", "faults/1", "", ""}, {"DELETE", "faults/1", "", ""}, {"DELETE", "faults", "", ""},
		{"GET", "scenarios", "", ""}, {"GET", "journal", "", ""}, {"GET", "journal?format=har", "", ""},
		{"GET", "explain/last?whatif=machine/tutorial-vm+Contributor+subscription", "", ""}, {"GET", "explain/2", "", ""}, {"GET", "explain/last", "", "Accept: text/plain"},
		{"GET", "advise?include-refused=true&narrowest=true&merge=2&principal=machine/tutorial-vm", "", ""}, {"GET", "advise?format=az", "", ""},
		{"POST", "grants", grant, ""}, {"DELETE", "grants", grant, ""},
		{"POST", "federated-tokens", `{"issuer":"https://issuer.example.com","subject":"somebody"}`, ""},
		{"POST", "snapshots", "", ""}, {"GET", "snapshots", "", ""}, {"POST", "snapshots/1/restore", "", ""}, {"DELETE", "snapshots/1", "", ""},
		{"POST", "reset", "", ""}, {"POST", "save", `{"dir":"` + dir + `"}`, ""}, {"POST", "load", `{"dir":"` + dir + `"}`, ""},
	} {
		headers := []string{"X-Any: 1"}
		if step.body != "" {
			headers = append(headers, jsonType)
		}
		if step.header != "" {
			headers = append(headers, step.header)
		}
		a := r.do(step.method, r.door+controlPath+step.path, step.body, headers...)
		kind, err := d.check(step.method, step.path, step.body, a)
		if err != nil || a.status >= 300 {
			t.Errorf("%s %s %s: %d %s\n%v", step.method, step.path, step.body, a.status, a.body, err)
		}
		seen[kind] = true
	}
	for _, operation := range d.operations {
		for status, response := range operation["responses"].(map[string]any) {
			if status == "default" {
				continue
			}
			content, _ := response.(map[string]any)["content"].(map[string]any)
			kinds := []string{fmt.Sprint(operation["operationId"], " ", status)}
			if content != nil {
				kinds = nil
				for _, contentType := range slices.Collect(maps.Keys(content)) {
					kinds = append(kinds, fmt.Sprint(operation["operationId"], " ", status, " ", contentType))
				}
			}
			for _, kind := range kinds {
				if !seen[kind] {
					t.Errorf("no answer of this kind was seen: %s", kind)
				}
			}
		}
	}
}
