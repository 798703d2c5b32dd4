package emulator_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/linarite/linarite/emulator/control"
)

// described is the description of the control API, ready to be held against answers.
type described struct {
	file map[string]any
	// operations are by method and path, as in "GET /faults/{id}".
	operations map[string]map[string]any
	compiler   *jsonschema.Compiler

	mu      sync.Mutex
	schemas map[string]*jsonschema.Schema
}

// descriptionURL is a name for the file that nobody looks up.
const descriptionURL = "file:///openapi.json"

var controlDescription = sync.OnceValues(func() (*described, error) {
	text, err := os.ReadFile(filepath.Join("control", "openapi.yaml"))
	if err != nil {
		return nil, err
	}
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, err
	}
	d := &described{operations: map[string]map[string]any{}, compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	if err := json.Unmarshal(asJSON, &d.file); err != nil {
		return nil, err
	}
	for path, item := range d.file["paths"].(map[string]any) {
		for method, operation := range item.(map[string]any) {
			if method != "parameters" {
				d.operations[strings.ToUpper(method)+" "+path] = operation.(map[string]any)
			}
		}
	}
	closeObjects(d.file["components"])
	d.compiler.AssertFormat()
	return d, d.compiler.AddResource(descriptionURL, d.file)
})

// closeObjects lets the objects of schemas have the members that they name and no others.
// The file leaves them open for those who read it; what answers have and it does not name
// is a mistake.
func closeObjects(node any) {
	switch node := node.(type) {
	case map[string]any:
		if node["type"] == "object" && node["properties"] != nil {
			node["additionalProperties"] = false
		}
		for _, inner := range node {
			closeObjects(inner)
		}
	case []any:
		for _, inner := range node {
			closeObjects(inner)
		}
	}
}

func controlDescribed(t testing.TB) *described {
	t.Helper()
	d, err := controlDescription()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// schema compiles the schema at a pointer into the file.
func (d *described) schema(pointer ...string) (*jsonschema.Schema, error) {
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D", "+", "%2B")
	at := descriptionURL + "#"
	for _, p := range pointer {
		at += "/" + escape.Replace(p)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.schemas[at]; s != nil {
		return s, nil
	}
	s, err := d.compiler.Compile(at)
	d.schemas[at] = s
	return s, err
}

func (d *described) valid(text string, pointer ...string) error {
	s, err := d.schema(pointer...)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return fmt.Errorf("%w in %s", err, text)
	}
	return s.Validate(value)
}

// find is the template and the name in the file of what was asked.
func (d *described) find(method, path string) (template string, operation map[string]any) {
	path, _, _ = strings.Cut(path, "?")
	given := strings.Split("/"+path, "/")
	for key, operation := range d.operations {
		m, template, _ := strings.Cut(key, " ")
		want := strings.Split(template, "/")
		if m == method && len(want) == len(given) && sameSegments(want, given) {
			return template, operation
		}
	}
	return "", nil
}

func sameSegments(want, given []string) bool {
	for i := range want {
		if want[i] != given[i] && !strings.HasPrefix(want[i], "{") {
			return false
		}
	}
	return true
}

// check holds an exchange against the description, and returns the name of the operation
// with the status and the type that it found.
func (d *described) check(method, path, body string, a answer) (string, error) {
	template, operation := d.find(method, path)
	if operation == nil {
		return "", fmt.Errorf("no operation is described")
	}
	name, status, verb := operation["operationId"].(string), fmt.Sprint(a.status), strings.ToLower(method)
	if body != "" && a.status < 300 && operation["requestBody"] != nil {
		if err := d.valid(body, "paths", template, verb, "requestBody", "content", "application/json", "schema"); err != nil {
			return name, fmt.Errorf("the request: %w", err)
		}
	}
	contentType, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	response, exact := operation["responses"].(map[string]any)[status].(map[string]any)
	switch {
	case !exact && a.status < 400:
		return name, fmt.Errorf("the status %s is not described", status)
	case !exact:
		return name, d.valid(a.body, "components", "schemas", "Refusal")
	case response["content"] == nil:
		if a.body != "" || contentType != "" {
			return name, fmt.Errorf("there is a body, of type %q", contentType)
		}
		return name + " " + status, nil
	case response["content"].(map[string]any)[contentType] == nil:
		return name, fmt.Errorf("the type %q is not described", contentType)
	}
	at := []string{"paths", template, verb, "responses", status, "content", contentType, "schema"}
	found := name + " " + status + " " + contentType
	switch contentType {
	case "application/json":
		return found, d.valid(a.body, at...)
	case "application/x-ndjson":
		for line := range strings.Lines(a.body) {
			if err := d.valid(line, at...); err != nil {
				return found, err
			}
		}
	}
	return found, nil
}

const controlPath = "/_linarite/v1/"

// control asks the control API, and holds what it answers against its description.
func (r *rig) control(method, path, body string, headers ...string) answer {
	r.Helper()
	if body != "" {
		headers = append(headers, jsonType)
	}
	a := r.do(method, r.door+controlPath+path, body, headers...)
	if _, err := controlDescribed(r).check(method, path, body, a); err != nil {
		r.Errorf("%s %s is not as it is described: %v", method, path, err)
	}
	return a
}

// must asks for something that must be done, and decodes the answer where one is wanted.
func (r *rig) must(into any, status int, method, path, body string) answer {
	r.Helper()
	a := r.control(method, path, body)
	if a.status != status {
		r.Fatalf("%s %s %s: %d %s, want %d", method, path, body, a.status, a.body, status)
	}
	if into != nil {
		if err := json.Unmarshal([]byte(a.body), into); err != nil {
			r.Fatalf("%s: %v", a.body, err)
		}
	}
	return a
}

// refuses asks for something that must be refused with a code and words.
func (r *rig) refuses(status int, code, part, method, path, body string, headers ...string) {
	r.Helper()
	a := r.control(method, path, body, headers...)
	var said struct {
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal([]byte(a.body), &said); err != nil || a.status != status || said.Error.Code != code || !strings.Contains(said.Error.Message, part) {
		r.Errorf("%s %s %s: %d %s\nwant %d %s with %q", method, path, body, a.status, a.body, status, code, part)
	}
}

// moved is the answer about a clock.
type moved struct {
	Now    string
	Frozen bool
	Offset string
}

// clock asks for a move of the clock.
func (r *rig) clock(body string) (m moved) {
	r.Helper()
	r.must(&m, 200, "POST", "clock", body)
	return m
}

// controlOperations is the plane's map.
func controlOperations() map[string]string {
	out := map[string]string{}
	for _, op := range control.New(control.Info{}).Operations() {
		out[op.Method+" /"+strings.TrimPrefix(op.Path, controlPath)] = op.Name
	}
	return out
}

// changing are the operations that change something, each with a path and a body that
// would do it.
func changing(dir string) map[string]string {
	const grant = `{"principal":"machine/tutorial-vm","role":"Owner","scope":"subscription"}`
	folder := `{"dir":"` + filepath.ToSlash(dir) + `"}`
	return map[string]string{
		"POST clock":               `{"op":"advance","by":"1h"}`,
		"POST faults":              `{"effect":{"status":503}}`,
		"DELETE faults":            "",
		"DELETE faults/1":          "",
		"POST grants":              grant,
		"DELETE grants":            `{"principal":"machine/tutorial-vm","role":"Reader","scope":"DevTest"}`,
		"POST federated-tokens":    `{"issuer":"https://issuer.example.com","subject":"somebody"}`,
		"POST snapshots":           "",
		"POST snapshots/1/restore": "",
		"DELETE snapshots/1":       "",
		"POST reset":               "",
		"DELETE worlds/w1":         "",
		"POST save":                folder,
		"POST load":                folder,
	}
}
