package blob

import (
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/storageauth"
	"github.com/linarite/linarite/emulator/wire"
)

// operation is an operation of the map with what it takes to be allowed it.
type operation struct {
	wire.Operation
	// need is what a shared access signature must be good for.
	need storageauth.Operation
	// public is the access level of a container at which everybody may; empty for none.
	public string
	// write operations are refused at the secondary endpoint.
	write bool
}

// What operations work on: address has brought the path into one of these forms.
const (
	onService   = "/"
	onContainer = "/container"
	onBlob      = "/container/blob"
)

// Data actions, "Azure permissions for Storage".
const (
	actions      = "Microsoft.Storage/storageAccounts/blobServices/"
	onContainers = actions + "containers/"
	onBlobs      = onContainers + "blobs/"
)

// New makes the data plane of Blob storage.
func New() *wire.Plane {
	p := &plane{operations: map[string]operation{}}
	var list []wire.Operation
	for _, o := range operations() {
		p.operations[o.Name] = o
		list = append(list, o.Operation)
	}
	list = append(list, preflights()...)
	list = append(list, unemulated()...)
	return wire.NewPlane(wire.Plane{
		Name:         "blob",
		Steps:        wire.BlobPipeline(address, secure, authenticate, p.found, p.authorise),
		Envelope:     wire.Storage{},
		FoldCase:     true,
		NotKept:      apierr.StorageNotKept,
		NewRequestID: wire.StorageRequestID,
		Describe:     describe,
		Usual:        usual,
		Finish:       crossOrigin,
	}, list)
}

// plane is what the plane's steps share: it never changes.
type plane struct{ operations map[string]operation }

type (
	view    = func(*wire.Call, *state.Tx) (wire.Response, error)
	prepare = func(*wire.Call) error
)

// read and write make a row of the map.
func read(name, method, path string, when func(*wire.Call) bool, action string, need storageauth.Operation, do view) operation {
	return operation{Operation: wire.Operation{Name: name, Method: method, Path: path, When: when, Action: action, View: do}, need: need}
}

func write(name, method, path string, when func(*wire.Call) bool, action string, need storageauth.Operation, before prepare, do view) operation {
	return operation{Operation: wire.Operation{Name: name, Method: method, Path: path, When: when, Action: action, Prepare: before, Update: do}, need: need, write: true}
}

// everybody opens a read to everybody at an access level of the container.
func (o operation) everybody(level string) operation {
	o.public = level
	return o
}

// operations is the plane's map.
func operations() []operation {
	ops := []operation{
		read("Service_ListContainersSegment", "GET", onService, comp("list"), onContainers+"read", storageauth.ListContainers, listContainers),
		read("Service_GetProperties", "GET", onService, on("service", "properties"), actions+"read", storageauth.GetServiceProperties, getService),
		write("Service_SetProperties", "PUT", onService, on("service", "properties"), actions+"write", storageauth.SetServiceProperties, readService, setService),
		read("Service_GetAccountInfo", "GET", onService, on("account", "properties"), actions+"getInfo/action", storageauth.GetAccountInformation, getAccount),

		write("Container_Create", "PUT", onContainer, comp(""), onContainers+"write", storageauth.CreateContainer, nil, createContainer),
		read("Container_GetProperties", "GET", onContainer, comp(""), onContainers+"read", storageauth.GetContainer, getContainer).everybody("container"),
		write("Container_Delete", "DELETE", onContainer, comp(""), onContainers+"delete", storageauth.DeleteContainer, nil, deleteContainer),
		read("Container_GetMetadata", "GET", onContainer, comp("metadata"), onContainers+"read", storageauth.GetContainer, getContainerMetadata).everybody("container"),
		write("Container_SetMetadata", "PUT", onContainer, comp("metadata"), onContainers+"write", storageauth.SetContainerMetadata, nil, setContainerMetadata),
		read("Container_GetAccessPolicy", "GET", onContainer, comp("acl"), onContainers+"getAcl/action", storageauth.GetContainerACL, getACL),
		write("Container_SetAccessPolicy", "PUT", onContainer, comp("acl"), onContainers+"setAcl/action", storageauth.SetContainerACL, readACL, setACL),
		read("Container_ListBlobs", "GET", onContainer, comp("list"), onBlobs+"read", storageauth.ListBlobs, listBlobs).everybody("container"),

		write("BlockBlob_Upload", "PUT", onBlob, putsBlob, onBlobs+"write", storageauth.PutBlob, readBlob, putBlob),
		write("BlockBlob_StageBlock", "PUT", onBlob, stagesBlock, onBlobs+"write", storageauth.PutBlock, readBlock, putBlock),
		write("BlockBlob_CommitBlockList", "PUT", onBlob, comp("blocklist"), onBlobs+"write", storageauth.PutBlock, readBlockList, putBlockList),
		read("BlockBlob_GetBlockList", "GET", onBlob, comp("blocklist"), onBlobs+"read", storageauth.ReadBlob, getBlockList).everybody("blob"),
		read("Blob_Download", "GET", onBlob, comp(""), onBlobs+"read", storageauth.ReadBlob, getBlob).everybody("blob"),
		read("Blob_GetProperties", "HEAD", onBlob, comp(""), onBlobs+"read", storageauth.ReadBlob, headBlob).everybody("blob"),
		read("Blob_GetMetadata", "GET", onBlob, comp("metadata"), onBlobs+"read", storageauth.ReadBlob, getMetadata).everybody("blob"),
		write("Blob_SetMetadata", "PUT", onBlob, comp("metadata"), onBlobs+"write", storageauth.WriteBlob, nil, setMetadata),
		write("Blob_SetHTTPHeaders", "PUT", onBlob, comp("properties"), onBlobs+"write", storageauth.WriteBlob, nil, setProperties),
		read("Blob_GetTags", "GET", onBlob, comp("tags"), onBlobs+"tags/read", storageauth.GetBlobTags, getTags),
		write("Blob_SetTags", "PUT", onBlob, comp("tags"), onBlobs+"tags/write", storageauth.SetBlobTags, readTags, setTags),
		write("Blob_SetTier", "PUT", onBlob, comp("tier"), onBlobs+"write", storageauth.WriteBlob, nil, setTier),
		write("Blob_Delete", "DELETE", onBlob, comp(""), onBlobs+"delete", storageauth.DeleteBlob, nil, deleteBlob),
	}
	for _, o := range ops {
		if headToo(o) {
			o.Method = "HEAD"
			ops = append(ops, o)
		}
	}
	return ops
}

// headToo tells which operations answer HEAD as they answer GET, without the body.
func headToo(o operation) bool {
	switch o.Name {
	case "Service_GetAccountInfo", "Container_GetProperties", "Container_GetMetadata", "Container_GetAccessPolicy", "Blob_GetMetadata":
		return true
	}
	return false
}

// comp tells whether a request has a comp, or none where want is empty.
func comp(want string) func(*wire.Call) bool {
	return func(c *wire.Call) bool { return strings.EqualFold(c.Query.Get("comp"), want) }
}

// on tells whether a request has a restype and a comp.
func on(restype, want string) func(*wire.Call) bool {
	return func(c *wire.Call) bool {
		return strings.EqualFold(c.Query.Get("restype"), restype) && strings.EqualFold(c.Query.Get("comp"), want)
	}
}

// putsBlob and stagesBlock leave requests with a source elsewhere to the operations that
// copy, and blobs of other types to theirs.
func putsBlob(c *wire.Call) bool {
	kind := c.Request.Header.Get("x-ms-blob-type")
	return comp("")(c) && c.Request.Header.Get("x-ms-copy-source") == "" && kind != "AppendBlob" && kind != "PageBlob"
}

func stagesBlock(c *wire.Call) bool {
	return comp("block")(c) && c.Request.Header.Get("x-ms-copy-source") == ""
}
