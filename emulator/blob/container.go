package blob

import (
	"net/http"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/blobstore"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// container finds the container that a request is about.
func container(c *wire.Call, tx *state.Tx) (state.Container, error) {
	r := of(c)
	if err := blobstore.CheckContainerName(r.container); err != nil {
		return state.Container{}, err
	}
	found, err := blobstore.Container(tx, r.account.Name, r.container)
	if err == nil && c.Request.Header.Get("x-ms-lease-id") != "" { // nothing here is leased
		err = wire.Refuse(apierr.StorageContainerLeaseNotPresent)
	}
	return found, err
}

// unlessModified judges the dates of a request: the only conditions that containers know
// (BLOB-COND-012).
func unlessModified(c *wire.Call, at state.Container) error {
	conditions, err := wire.ParseConditions(c.Request.Header)
	if err != nil {
		return err
	}
	conditions.Match, conditions.NoneMatch = nil, nil
	return conditions.Write(entity(at.Modified), false)
}

// publicLevel reads x-ms-blob-public-access.
func publicLevel(h http.Header) (string, error) {
	level := strings.ToLower(h.Get("x-ms-blob-public-access"))
	switch level {
	case "", "blob", "container":
		return level, nil
	}
	return "", wire.HeaderValue("x-ms-blob-public-access", h.Get("x-ms-blob-public-access"))
}

func createContainer(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	r := of(c)
	if err := notHere(c.Request.Header); err != nil {
		return wire.Response{}, err
	}
	level, err := publicLevel(c.Request.Header)
	if err != nil {
		return wire.Response{}, err
	}
	made, err := blobstore.CreateContainer(tx, state.Container{
		Account: r.account.Name, Name: r.container, Public: level, Metadata: metadataOf(c),
	}, c.Now)
	if err != nil {
		return wire.Response{}, err
	}
	return wire.Response{Status: http.StatusCreated, Header: modified(made.Modified)}, nil
}

func deleteContainer(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	found, err := container(c, tx)
	if err == nil {
		err = unlessModified(c, found)
	}
	if err != nil {
		return wire.Response{}, err
	}
	blobstore.DeleteContainer(tx, found.Account, found.Name)
	return wire.Response{Status: http.StatusAccepted}, nil
}

// getContainer answers the properties; newer versions know more of them (BLOB-CONT-006).
func getContainer(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	found, err := container(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	h := modified(found.Modified)
	addMetadata(h, found.Metadata)
	h["x-ms-lease-status"] = []string{"unlocked"}
	h["x-ms-lease-state"] = []string{"available"}
	addPublic(h, found)
	for _, one := range containerProperties() {
		if c.Version >= one.since {
			h[one.header] = []string{one.value}
		}
	}
	return wire.Response{Header: h}, nil
}

func addPublic(h http.Header, of state.Container) {
	if of.Public != "" {
		h["x-ms-blob-public-access"] = []string{of.Public}
	}
}

// containerProperty is a property that is the same for every container here.
type containerProperty struct{ since, header, element, value string }

// containerProperties are in the order in which lists show them.
func containerProperties() []containerProperty {
	return []containerProperty{
		{"2020-02-10", "x-ms-default-encryption-scope", "DefaultEncryptionScope", "$account-encryption-key"},
		{"2020-02-10", "x-ms-deny-encryption-scope-override", "DenyEncryptionScopeOverride", "false"},
		{bearerVersion, "x-ms-has-immutability-policy", "HasImmutabilityPolicy", "false"},
		{bearerVersion, "x-ms-has-legal-hold", "HasLegalHold", "false"},
		{"2021-06-08", "x-ms-immutable-storage-with-versioning-enabled", "ImmutableStorageWithVersioningEnabled", "false"},
	}
}

func getContainerMetadata(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	found, err := container(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	h := modified(found.Modified)
	addMetadata(h, found.Metadata)
	return wire.Response{Header: h}, nil
}

func setContainerMetadata(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	found, err := container(c, tx)
	if err == nil {
		err = unlessModified(c, found)
	}
	if err != nil {
		return wire.Response{}, err
	}
	found.Metadata = metadataOf(c)
	if found, err = blobstore.UpdateContainer(tx, found, c.Now); err != nil {
		return wire.Response{}, err
	}
	return wire.Response{Header: modified(found.Modified)}, nil
}
