package vault

import (
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/vaultstore"
	"github.com/linarite/linarite/emulator/wire"
)

// New makes the data plane of the vaults of a world; Call.Account names the vault.
func New() *wire.Plane {
	rights := map[string]string{}
	var operations []wire.Operation
	for _, o := range secretOperations() {
		if o.Action != "" {
			o.Action = actionPrefix + o.Action
		}
		rights[o.Name] = o.permission
		operations = append(operations, o.Operation)
	}
	return wire.NewPlane(wire.Plane{
		Name:     "vault",
		Steps:    wire.VaultPipeline(exists, authenticate, network, version, found, authorise(rights)),
		Envelope: wire.Vault{},
		FoldCase: true,
		Path:     path,
		Describe: describe,
		Usual:    usual,
	}, operations)
}

const actionPrefix = "Microsoft.KeyVault/vaults/"

// operation is an operation with the permission that an access policy must give. Action
// stands without its prefix.
type operation struct {
	wire.Operation
	permission string
}

// secretOperations is the map of the plane. Who may what: "Azure role-based access control
// permissions for security" and the descriptions of the operations (KV-AUTH-025).
func secretOperations() []operation {
	const (
		secret    = "/secrets/{name}"
		versioned = "/secrets/{name}/{version}"
		deleted   = "/deletedsecrets/{name}"
		metadata  = "secrets/readMetadata/action"
		get       = "secrets/getSecret/action"
		update    = "secrets/update/action"
	)
	return []operation{
		{wire.Operation{Name: "GetSecret", Method: "GET", Path: secret, Action: get, View: in(getSecret)}, "get"},
		{wire.Operation{Name: "GetSecret", Method: "GET", Path: versioned, When: aVersion, Action: get, View: in(getSecret)}, "get"},
		{wire.Operation{Name: "SetSecret", Method: "PUT", Path: secret, Action: "secrets/setSecret/action", Prepare: readSet, Update: in(setSecret)}, "set"},
		{wire.Operation{Name: "UpdateSecret", Method: "PATCH", Path: secret, Action: update, Prepare: readUpdate, Update: in(updateSecret)}, "set"},
		{wire.Operation{Name: "UpdateSecret", Method: "PATCH", Path: versioned, Action: update, Prepare: readUpdate, Update: in(updateSecret)}, "set"},
		{wire.Operation{Name: "DeleteSecret", Method: "DELETE", Path: secret, Action: "secrets/delete", Update: in(deleteSecret)}, "delete"},
		{wire.Operation{Name: "GetSecrets", Method: "GET", Path: "/secrets", Action: metadata, View: in(listSecrets)}, "list"},
		{wire.Operation{Name: "GetSecretVersions", Method: "GET", Path: "/secrets/{name}/versions", Action: metadata, View: in(listVersions)}, "list"},
		{wire.Operation{Name: "BackupSecret", Method: "POST", Path: "/secrets/{name}/backup", Action: "secrets/backup/action", View: in(backupSecret)}, "backup"},
		{wire.Operation{Name: "RestoreSecret", Method: "POST", Path: "/secrets/restore", Action: "secrets/restore/action", Prepare: readRestore, Update: in(restoreSecret)}, "restore"},

		{wire.Operation{Name: "GetDeletedSecret", Method: "GET", Path: deleted, Action: metadata, View: in(getDeleted)}, "get"},
		{wire.Operation{Name: "GetDeletedSecrets", Method: "GET", Path: "/deletedsecrets", Action: metadata, View: in(listDeleted)}, "list"},
		{wire.Operation{Name: "RecoverDeletedSecret", Method: "POST", Path: deleted + "/recover", Action: "secrets/recover/action", Update: in(recoverSecret)}, "recover"},
		{wire.Operation{Name: "PurgeDeletedSecret", Method: "DELETE", Path: deleted, Action: "secrets/purge/action", Update: in(purgeSecret)}, "purge"},

		{wire.Operation{Name: "HealthStatus", Method: "GET", Path: "/healthstatus", Anonymous: true, View: health}, ""},
	}
}

// in gives an operation the vault that it is about.
func in(op func(*wire.Call, *state.Tx, state.Vault) (wire.Response, error)) func(*wire.Call, *state.Tx) (wire.Response, error) {
	return func(c *wire.Call, tx *state.Tx) (wire.Response, error) {
		v, err := vaultstore.Find(tx, c.Account)
		if err != nil {
			return wire.Response{}, err
		}
		return op(c, tx, v)
	}
}

// aVersion tells the id of a version from the word at its place (KV-SECRET-003).
func aVersion(c *wire.Call) bool { return !strings.EqualFold(c.Var("version"), "versions") }

// path takes several leading slashes for one, and an empty last segment for none: an empty
// version is the current one, and clients whose vault URL ends in a slash send two
// (KV-SECRET-002, KV-AUTH-037, KV-AUTH-050).
func path(p string) string { return "/" + strings.Trim(p, "/") }

// versions are the known api-versions, ascending.
func versions() []string {
	return []string{
		"2015-06-01", "2016-10-01", "7.0", "7.1", "7.2", "7.3-preview", "7.3", "7.4-preview.1", "7.4", "7.5-preview.1", "7.5",
		"7.6-preview.2", "7.6", "2025-06-01-preview", "2025-07-01", "2026-01-01-preview", "2026-03-01-preview", "2026-04-01",
		"2026-05-01-preview", "2026-07-01-preview",
	}
}

// latestVersion is the one that refusals recommend: the last that is no preview.
func latestVersion() string {
	all := versions()
	slices.Reverse(all)
	return all[slices.IndexFunc(all, func(v string) bool { return !strings.Contains(v, "preview") })]
}

// knowsRecoverableDays tells whether a version has the member recoverableDays, and words
// for retentions of one's own choice (KV-SECRET-026, KV-SECRET-028).
func knowsRecoverableDays(version string) bool {
	all := versions()
	return slices.Index(all, version) >= slices.Index(all, "7.1")
}
