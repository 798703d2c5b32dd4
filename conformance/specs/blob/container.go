package blob

import (
	"context"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// containerSpecs are about making, reading and deleting containers.
func containerSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "BLOB-CONT-001/create", Title: "makes a container",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("c")
				t.OwnsContainer(name)
				a := t.Send(ctx, t.Blob("PUT", name+"?restype=container"))
				t.Rule("BLOB-CONT-001").Expect(a).To(match.Status(201))
				t.Rule("BLOB-CONT-001").Expect(a).To(match.HasHeader("ETag"))
				t.Rule("BLOB-CONT-001").Expect(a).To(match.HasHeader("Last-Modified"))
				t.Require(t.Send(ctx, t.Blob("GET", name+"?restype=container")), match.Status(200), "the container")
			},
		},
		{
			ID: "BLOB-CONT-002/exists", Title: "refuses to make a container that is there",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Container(ctx)
				a := t.Send(ctx, t.Blob("PUT", name+"?restype=container"))
				t.Rule("BLOB-CONT-002").Expect(a).To(match.Status(409))
				t.Rule("BLOB-CONT-002").Expect(a).To(match.Code("ContainerAlreadyExists"))
			},
		},
	}
}
