package blob

import (
	"context"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// containerSpecs are about making, reading and deleting containers.
func containerSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-CONT-001/create", Title: "makes a container", Run: createContainer},
		{ID: "BLOB-CONT-002/exists", Title: "refuses to make a container that is there", Run: containerExists},
		{ID: "BLOB-CONT-003/none", Title: "refuses what is in no container", Run: noContainer},
		{ID: "BLOB-CONT-004/delete", Title: "deletes a container", Run: deleteContainer},
		{ID: "BLOB-CONT-006/properties", Title: "answers the properties of a container", Run: containerProperties},
		{ID: "BLOB-CONT-006/public", Title: "answers the public level of a container", Needs: []string{"blob.container.acl"}, Run: containerLevel},
		{ID: "BLOB-CONT-007/replace", Title: "replaces the metadata of a container", Run: setContainerMetadata},
		{ID: "BLOB-CONT-008/metadata", Title: "answers the metadata of a container alone", Run: getContainerMetadata},
		{ID: "BLOB-CONT-012/forbidden", Title: "refuses a public level where the account forbids it",
			Needs: []string{"arm.storage"}, Run: publicForbidden},
	}
}

func createContainer(ctx context.Context, t *suite.T) {
	name := t.Unique("c")
	t.OwnsContainer(name)
	a := t.Send(ctx, t.Blob("PUT", name+"?restype=container"))
	t.Rule("BLOB-CONT-001").Expect(a).To(match.Status(201))
	headers(t, "BLOB-CONT-001", a, "ETag", there(), "Last-Modified", there())
	t.Require(t.Send(ctx, t.Blob("GET", name+"?restype=container")), match.HasHeader("x-ms-lease-state"), "the container")
}

func containerExists(ctx context.Context, t *suite.T) {
	name := t.Container(ctx)
	refused(t, "BLOB-CONT-002", t.Send(ctx, t.Blob("PUT", name+"?restype=container")), 409, "ContainerAlreadyExists")
}

func noContainer(ctx context.Context, t *suite.T) {
	name := t.Unique("c")
	all := map[string]*suite.Request{
		"its properties":  t.Blob("GET", name+"?restype=container"),
		"a list":          t.Blob("GET", name+"?restype=container&comp=list"),
		"putting a blob":  putting(t, name+"/b", "x"),
		"reading a blob":  t.Blob("GET", name+"/b"),
		"staging a block": staging(t, name+"/c", blockID("a"), "x"),
	}
	for what, r := range all {
		refused(t, "BLOB-CONT-003", t.Send(ctx, r.Clone()), 404, "ContainerNotFound", what)
	}
	t.ContainerNamed(ctx, name)
	for _, what := range []string{"its properties", "a list", "putting a blob", "reading a blob", "staging a block"} {
		t.Require(t.Send(ctx, all[what]), done(), what+" with the container")
	}
}

func deleteContainer(ctx context.Context, t *suite.T) {
	name := t.Container(ctx)
	t.Require(t.Send(ctx, t.Blob("GET", name+"?restype=container")), match.HasHeader("x-ms-lease-state"), "the container")
	a := t.Send(ctx, t.Blob("DELETE", name+"?restype=container"))
	t.Rule("BLOB-CONT-004").Expect(a).To(match.Status(202))
	t.Until(ctx, 404, func() *suite.Request { return t.Blob("GET", name+"?restype=container") })
}

func containerProperties(ctx context.Context, t *suite.T) {
	name := t.Container(ctx, "x-ms-meta-color", "red")
	for _, method := range []string{"GET", "HEAD"} {
		a := t.Send(ctx, t.Blob(method, name+"?restype=container"))
		t.Rule("BLOB-CONT-006").Expect(a, method).To(match.Status(200))
		headers(t, "BLOB-CONT-006", a, "ETag", there(), "Last-Modified", there(), "x-ms-meta-color", "red",
			"x-ms-lease-state", "available", "x-ms-lease-status", "unlocked",
			"x-ms-has-immutability-policy", "false", "x-ms-has-legal-hold", "false")
	}
}

func containerLevel(ctx context.Context, t *suite.T) {
	for _, level := range []string{"blob", "container"} {
		name := t.Container(ctx, "x-ms-blob-public-access", level)
		headers(t, "BLOB-CONT-006", t.Send(ctx, t.Blob("GET", name+"?restype=container")), "x-ms-blob-public-access", level)
	}
}

func setContainerMetadata(ctx context.Context, t *suite.T) {
	name := t.Unique("c")
	before := t.ContainerNamed(ctx, name, "x-ms-meta-first", "1", "x-ms-meta-both", "1")
	a := t.Send(ctx, t.Blob("PUT", name+"?restype=container&comp=metadata").Set("x-ms-meta-second", "2").Set("x-ms-meta-both", "2"))
	t.Rule("BLOB-CONT-007").Expect(a).To(match.Status(200))
	headers(t, "BLOB-CONT-007", a, "ETag", gomega.Not(gomega.BeElementOf("", before.Header.Get("ETag"))))
	headers(t, "BLOB-CONT-007", t.Send(ctx, t.Blob("GET", name+"?restype=container")),
		"x-ms-meta-first", match.Absent(), "x-ms-meta-both", "2", "x-ms-meta-second", "2")
	t.Require(t.Send(ctx, t.Blob("PUT", name+"?restype=container&comp=metadata")), match.Status(200), "setting none")
	headers(t, "BLOB-CONT-007", t.Send(ctx, t.Blob("GET", name+"?restype=container")), "ETag", there(), "x-ms-meta-both", match.Absent())
}

func getContainerMetadata(ctx context.Context, t *suite.T) {
	name := t.Container(ctx, "x-ms-meta-color", "red")
	t.Require(t.Send(ctx, t.Blob("GET", name+"?restype=container")), match.HasHeader("x-ms-lease-state"), "all properties")
	for _, method := range []string{"GET", "HEAD"} {
		a := t.Send(ctx, t.Blob(method, name+"?restype=container&comp=metadata"))
		headers(t, "BLOB-CONT-008", a, "ETag", there(), "Last-Modified", there(), "x-ms-meta-color", "red",
			"x-ms-lease-state", match.Absent(), "x-ms-has-legal-hold", match.Absent())
	}
}

func publicForbidden(ctx context.Context, t *suite.T) {
	o := newAccount(ctx, t, "Standard_LRS", map[string]any{"allowBlobPublicAccess": false})
	r := o.keyed("PUT", "/public?restype=container")
	refused(t, "BLOB-CONT-012", t.Send(ctx, r.Clone().Set("x-ms-blob-public-access", "blob")), 409, "PublicAccessNotPermitted")
	t.Require(t.Send(ctx, r), match.Status(201), "the same without a public level")
}
