package armreplay

import (
	"encoding/json"
	"strings"

	"github.com/linarite/linarite/conformance/recordings"
)

// unknownPrincipal is nobody's id.
const unknownPrincipal = "0badc0de-0000-4000-8000-000000000000"

// body is the body to send, as recorded or made from what the answers then show.
func body(all []recordings.Interaction, at int) []byte {
	it := all[at]
	switch {
	case it.ReqBodyRecorded || it.Method == "GET" || it.Method == "DELETE" || it.Method == "HEAD":
		return it.ReqBody.Data
	case strings.Contains(it.URI, "/regenerateKey?"):
		return []byte(`{"keyName":"key1"}`)
	case it.Method == "POST":
		return nil
	}
	resource := shown(all[at:], pathOf(it.URI))
	if resource == nil {
		return nil
	}
	for _, name := range []string{"id", "name", "type"} {
		delete(resource, name)
	}
	if it.Method == "PATCH" {
		delete(resource, "location")
		delete(resource, "kind")
	}
	if properties, ok := resource["properties"].(map[string]any); ok && strings.Contains(it.URI, "/roleAssignments/") {
		// Of an assignment's answer, these are what a request has.
		asked := map[string]any{"roleDefinitionId": properties["roleDefinitionId"], "principalId": properties["principalId"]}
		if it.Status == 400 && strings.Contains(string(it.RespBody.Data), "PrincipalNotFound") {
			asked["principalId"] = unknownPrincipal // what the directory had not heard of yet
		}
		resource = map[string]any{"properties": asked}
	}
	text, err := json.Marshal(resource)
	if err != nil {
		return nil // cannot happen: it was JSON
	}
	return text
}

// shown is the first good answer that is the resource of a path.
func shown(from []recordings.Interaction, path string) map[string]any {
	for _, it := range from {
		var resource map[string]any
		if it.Status >= 300 || json.Unmarshal(it.RespBody.Data, &resource) != nil {
			continue
		}
		if id, ok := resource["id"].(string); ok && strings.EqualFold(id, path) {
			return resource
		}
	}
	return nil
}
