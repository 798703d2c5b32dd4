package selftest

// aGroup is the path of a group.
const aGroup = ofGroup + `$`

// groupFaults are about groups.
func groupFaults() []Fault {
	on := func(method string, status int) On {
		return On{Plane: "arm", Method: method, Path: aGroup, Status: status}
	}
	made := answered(201, `{"name":"g"}`)
	coded := func(method, code string) On { return On{Plane: "arm", Method: method, Path: aGroup, Code: code} }
	listed := On{Plane: "arm", Method: "GET", Path: `^/subscriptions/[^/]+/resource[gG]roups$`, Status: 200}
	return []Fault{
		{Name: "arm-group-get-status", Rule: "ARM-GROUP-001", Also: []string{"ARM-GROUP-029", "RBAC-EVAL-002"}, On: on("GET", 200), Do: Status(203)},
		{Name: "arm-group-missing-code", Rule: "ARM-GROUP-002", On: coded("GET", "ResourceGroupNotFound"), Do: Code("NotFound")},
		{Name: "arm-group-missing-is-empty", Rule: "ARM-GROUP-002", Also: []string{"ARM-GROUP-003", "ARM-COMMON-034"},
			On: coded("GET", "ResourceGroupNotFound"), Do: answered(200, "{}")},
		{Name: "arm-group-head-with-200", Rule: "ARM-GROUP-004", Also: []string{"ARM-COMMON-070", "RBAC-SCOPE-001"}, On: on("HEAD", 204), Do: Status(200)},
		{Name: "arm-group-head-of-nothing", Rule: "ARM-GROUP-005", On: on("HEAD", 404), Do: Status(204)},
		{Name: "arm-group-id-as-sent", Rule: "ARM-GROUP-006", On: on("GET", 200), Do: Replace("/resourceGroups/", "/resourcegroups/")},
		{Name: "arm-group-name-lowered", Rule: "ARM-GROUP-007", On: on("PUT", 200), Do: JSON("name", "lower")},
		{Name: "arm-group-without-type", Rule: "ARM-GROUP-008", Also: []string{"ARM-GROUP-014"}, On: on("GET", 200), Do: NoJSON("type")},
		{Name: "arm-group-location-as-sent", Rule: "ARM-GROUP-010", On: on("PUT", 201), Do: JSON("location", "West US")},
		{Name: "arm-group-never-done", Rule: "ARM-GROUP-011", Also: []string{"ARM-GROUP-001", "RBAC-EVAL-002"}, On: on("GET", 200), Do: Replace(`"Succeeded"`, `"Creating"`)},
		{Name: "arm-group-made-with-200", Rule: "ARM-GROUP-015", On: on("PUT", 201), Do: Status(200)},
		{Name: "arm-group-put-twice", Rule: "ARM-GROUP-016", Also: []string{"ARM-GROUP-030"}, On: on("PUT", 200), Do: Status(201)},
		{Name: "arm-group-nowhere", Rule: "ARM-GROUP-017", Also: []string{"ARM-GROUP-018"}, On: coded("PUT", "LocationRequired"), Do: made},
		{Name: "arm-group-nowhere-code", Rule: "ARM-GROUP-017", On: coded("PUT", "LocationRequired"), Do: Code("BadRequest")},
		{Name: "arm-group-moves", Rule: "ARM-GROUP-019", Also: []string{"ARM-GROUP-020"}, On: coded("PUT", "InvalidResourceGroupLocation"), Do: answered(200, `{"name":"g"}`)},
		{Name: "arm-group-keeps-tags", Rule: "ARM-GROUP-021", Also: []string{"ARM-GROUP-013"},
			On: On{Plane: "arm", Method: "GET", Path: aGroup, Status: 200, Answer: `"tags":\{\}`}, Do: JSON("tags", map[string]any{"c": "d"})},
		{Name: "arm-group-any-character", Rule: "ARM-GROUP-022", On: coded("PUT", "InvalidResourceGroup"), Do: Code("InvalidName")},
		{Name: "arm-group-any-length", Rule: "ARM-GROUP-023", On: On{Plane: "arm", Method: "PUT", Path: ofGroup + `x{60}$`, Status: 400}, Do: made},
		{Name: "arm-group-any-end", Rule: "ARM-GROUP-024", On: On{Plane: "arm", Method: "PUT", Path: ofGroup + `\.$`, Status: 400}, Do: made},
		{Name: "arm-group-list-bare", Rule: "ARM-GROUP-025", Also: []string{"ARM-GROUP-026", "ARM-GROUP-027", "ARM-GROUP-028", "ARM-GROUP-033", "ARM-COMMON-066", "ARM-COMMON-067", "ARM-COMMON-068", "ARM-COMMON-083", "ARM-COMMON-084"},
			On: listed, Do: Replace(`"value":`, `"groups":`)},
		{Name: "arm-group-list-unfiltered", Rule: "ARM-GROUP-026", Also: []string{"ARM-GROUP-027", "ARM-GROUP-028", "ARM-COMMON-068"},
			On: listed, Do: withEntry(`{"id":"/subscriptions/s/resourceGroups/secret","name":"secret"}`)},
		{Name: "arm-group-top-ignored", Rule: "ARM-GROUP-028", On: On{Plane: "arm", Method: "GET", Path: listed.Path, Query: `top=1(&|$)`, NoQuery: "skiptoken", Status: 200},
			Do: withEntry(`{"id":"/subscriptions/s/resourceGroups/more","name":"more"}`)},
		{Name: "arm-group-read-by-anybody", Rule: "ARM-GROUP-029", Also: []string{"ARM-COMMON-033"}, On: on("GET", 403), Do: answered(200, "{}")},
		{Name: "arm-group-written-by-anybody", Rule: "ARM-GROUP-030", On: on("PUT", 403), Do: answered(200, "{}")},
		{Name: "arm-group-patch-merges", Rule: "ARM-GROUP-034", On: on("PATCH", 200), Do: JSON("tags", map[string]any{"a": "b", "c": "d"})},
		{Name: "arm-group-deleted-at-once", Rule: "ARM-GROUP-035", Also: []string{"ARM-GROUP-036", "ARM-GROUP-037"}, On: on("DELETE", 202), Do: Status(200)},
		{Name: "arm-group-deleted-no-location", Rule: "ARM-GROUP-035", Also: []string{"ARM-GROUP-036", "ARM-GROUP-037"}, On: on("DELETE", 202), Do: NoHeader("Location")},
		{Name: "arm-group-deletion-ends-with-body", Rule: "ARM-GROUP-036", On: On{Plane: "arm", Method: "GET", Path: `/operationresults/`, Status: 200}, Do: Body("{}")},
		{Name: "arm-group-leaves-resources", Rule: "ARM-GROUP-037", Also: []string{"ARM-COMMON-043", "ARM-COMMON-044", "IMDS-TOKEN-065"},
			On: On{Plane: "arm", Method: "GET", Path: anIdentity, Code: "ResourceNotFound"}, Do: answered(200, "{}")},
		{Name: "arm-group-deletes-nothing", Rule: "ARM-GROUP-039", On: on("DELETE", 404), Do: answered(204, "")},
	}
}
