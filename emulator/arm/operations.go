package arm

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// New makes the resource manager.
func New() *wire.Plane {
	return wire.NewPlane(wire.Plane{
		Name:     "arm",
		Steps:    wire.ARMPipeline(versionGiven, authenticate, subscription, authorise, found),
		Envelope: wire.ARM{},
		FoldCase: true,
		Path:     path,
		Describe: describe, Usual: usual, Throttle: throttle,
	}, withHeads(slices.Concat(
		[]wire.Operation{{Name: "Metadata_Endpoints", Method: "GET", Path: "/metadata/endpoints", Anonymous: true, View: metadataEndpoints}},
		subscriptionOperations(), groupOperations(), resourceOperations(),
		identityOperations(), federatedOperations(), machineOperations(), storageOperations(), vaultOperations(), authorizationOperations(),
	)))
}

// withHeads lets whoever may read a resource ask whether it is there: 204 without a body, or
// the refusal that GET has (ARM-COMMON-070).
func withHeads(ops []wire.Operation) []wire.Operation {
	for _, get := range slices.Clone(ops) {
		if get.Method != "GET" || get.Type == "" || !strings.HasPrefix(get.Path, group+"/providers/") || !strings.HasSuffix(get.Path, "}") {
			continue
		}
		head, view := get, get.View
		head.Name, head.Method = strings.TrimSuffix(get.Name, "Properties")+"Existence", "HEAD"
		head.View = func(c *wire.Call, tx *state.Tx) (wire.Response, error) {
			if _, err := view(c, tx); err != nil {
				return wire.Response{}, err
			}
			return wire.Response{Status: http.StatusNoContent}, nil
		}
		ops = append(ops, head)
	}
	return ops
}

func groupOperations() []wire.Operation {
	v := frontDoorVersions()
	return []wire.Operation{
		{Name: "ResourceGroups_List", Method: "GET", Path: oneSubscription + "/resourceGroups", Versions: v, Filtered: true, View: listGroups},
		{Name: "ResourceGroups_Get", Method: "GET", Path: group, Versions: v, View: getGroup},
		{Name: "ResourceGroups_CheckExistence", Method: "HEAD", Path: group, Versions: v, View: headGroup},
		{Name: "ResourceGroups_CreateOrUpdate", Method: "PUT", Path: group, Versions: v, Prepare: readGroup, Update: putGroup},
		{Name: "ResourceGroups_Update", Method: "PATCH", Path: group, Versions: v, Prepare: readGroup, Update: patchGroup},
		{Name: "ResourceGroups_Delete", Method: "DELETE", Path: group, Versions: v, Update: deleteGroup},
		{Name: "ResourceGroups_DeletePoll", Method: "GET", Path: oneSubscription + "/operationresults/{token}", Versions: v, Filtered: true, View: pollGroupDeletion},
	}
}

const group = oneSubscription + "/resourceGroups/{group}"

// path takes several leading slashes for one, and none at the end: clients that join
// URLs by hand send both. Nor does a segment end in blanks: no name does, but a scope
// copied from a page may (ARM-AUTHZ-006).
func path(p string) string { return "/" + strings.Trim(blanks.ReplaceAllString(p, "$1"), "/") }

var blanks = regexp.MustCompile(`(?:%20)+(/|$)`)

// frontDoorVersions are the api-versions of the types that the front door serves
// itself, as its error lists them: newest first, more or less. Later ones are taken too.
func frontDoorVersions() []string {
	return []string{
		"2024-11-01", "2024-08-01", "2024-07-01", "2024-06-01-preview", "2024-03-01", "2023-07-01", "2023-07-01-preview", "2023-03-01-preview",
		"2022-12-01", "2022-11-01-preview", "2022-09-01", "2022-06-01", "2022-05-01", "2022-03-01-preview", "2022-01-01",
		"2021-04-01", "2021-01-01", "2020-10-01", "2020-09-01", "2020-08-01", "2020-07-01", "2020-06-01", "2020-05-01", "2020-01-01",
		"2019-11-01", "2019-10-01", "2019-09-01", "2019-08-01", "2019-07-01", "2019-06-01", "2019-05-10", "2019-05-01", "2019-03-01",
		"2018-11-01", "2018-09-01", "2018-08-01", "2018-07-01", "2018-06-01", "2018-05-01", "2018-02-01", "2018-01-01",
		"2017-12-01", "2017-08-01", "2017-06-01", "2017-05-10", "2017-05-01", "2017-03-01",
		"2016-09-01", "2016-07-01", "2016-06-01", "2016-02-01", "2015-11-01", "2015-01-01",
		"2014-04-01-preview", "2014-04-01", "2014-01-01", "2013-03-01", "2014-02-26", "2014-04",
	}
}
