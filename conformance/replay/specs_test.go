package replay

import (
	"context"
	"fmt"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// rule is the id of a rule that exists, put together so that no one takes it for a citation.
var rule = fmt.Sprintf("BLOB-PUT-%03d", 1)

// roundTrip puts a blob and reads it again.
func roundTrip(content string, status int) suite.Spec {
	return suite.Spec{ID: rule + "/x", Title: "x", Run: func(ctx context.Context, t *suite.T) {
		name := t.Container(ctx) + "/b"
		a := t.Send(ctx, t.Blob("PUT", name).Set("x-ms-blob-type", "BlockBlob").Text(content))
		t.Rule(rule).Expect(a).To(match.Status(status))
		t.Rule(rule).Expect(a).To(match.Header("Content-MD5", sum([]byte(content))))
		t.Rule(rule).Expect(t.Send(ctx, t.Blob("GET", name))).To(match.Body(content))
	}}
}

// backwards reads a blob before it puts it.
func backwards() suite.Spec {
	return suite.Spec{ID: rule + "/x", Title: "x", Run: func(ctx context.Context, t *suite.T) {
		name := t.Container(ctx) + "/b"
		t.Rule(rule).Expect(t.Send(ctx, t.Blob("GET", name))).To(match.Status(200))
		t.Send(ctx, t.Blob("DELETE", name))
	}}
}
