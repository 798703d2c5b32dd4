package blob

import (
	"context"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// versionSpecs are about versions of the service, and how it is reached.
func versionSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-COMMON-004/form", Title: "refuses a version that is no date", Run: badVersion},
		{ID: "BLOB-COMMON-005/default", Title: "takes the account's version for a signed request without one", Needs: []string{"arm.storage", "blob.service"}, Run: signedWithoutVersion},
		{ID: "BLOB-COMMON-006/default", Title: "takes an old version for an anonymous request without one",
			Needs: []string{"arm.storage", "blob.service", "blob.auth.anonymous"}, Run: anonymousWithoutVersion},
		{ID: "BLOB-COMMON-016/http", Title: "refuses plain HTTP where the account wants secure transfer", Run: plainHTTP},
		{ID: "BLOB-COMMON-040/secondary", Title: "refuses a write to the secondary endpoint", Needs: []string{"arm.storage"}, Run: writeToSecondary},
	}
}

func badVersion(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	for _, version := range []string{"tomorrow", "2021-13-02"} {
		a := t.Send(ctx, t.Blob("GET", path).Set("x-ms-version", version))
		refused(t, "BLOB-COMMON-004", a, 400, "InvalidHeaderValue", version)
		names(t, "BLOB-COMMON-004", a, "HeaderName", "x-ms-version")
		names(t, "BLOB-COMMON-004", a, "HeaderValue", version)
	}
}

// setDefault sets the version of requests that have none.
func (o own) setDefault(ctx context.Context, version string) {
	r := o.keyed("PUT", "/?restype=service&comp=properties").
		Text("<StorageServiceProperties><DefaultServiceVersion>" + version + "</DefaultServiceVersion></StorageServiceProperties>")
	o.t.Require(o.t.Send(ctx, r), match.Status(202), "setting the default version")
}

func signedWithoutVersion(ctx context.Context, t *suite.T) {
	o := newAccount(ctx, t, "Standard_LRS", nil)
	ask := func() *suite.Request { return o.keyed("GET", "/?comp=list").Without("x-ms-version") }
	a := t.Send(ctx, ask())
	t.Rule("BLOB-COMMON-005").Expect(a).To(match.Status(400))
	t.Rule("BLOB-COMMON-005").Expect(a).To(match.XML("Code", "MissingRequiredHeader"))
	const version = "2019-12-12"
	o.setDefault(ctx, version)
	t.Rule("BLOB-COMMON-005").Eventually(ctx, func(ctx context.Context) any { return t.Send(ctx, ask()) },
		gomega.And(match.Status(200), match.Header("x-ms-version", version)))
}

func anonymousWithoutVersion(ctx context.Context, t *suite.T) {
	o := newAccount(ctx, t, "Standard_LRS", map[string]any{"allowBlobPublicAccess": true})
	t.Require(t.Send(ctx, o.keyed("PUT", "/public?restype=container").Set("x-ms-blob-public-access", "blob")), match.Status(201), "a public container")
	t.Require(t.Send(ctx, o.keyed("PUT", "/public/b").Set("x-ms-blob-type", "BlockBlob").Text(hello)), match.Status(201), "a blob in it")
	ask := func() *suite.Request { return o.keyed("GET", "/public/b").Without("x-ms-version").Anonymous() }
	a := t.Until(ctx, 200, ask)
	t.Require(a, match.Body(hello), "the blob")
	t.Rule("BLOB-COMMON-006").Expect(a).To(match.Header("x-ms-version", "2009-09-19"))
	const version = "2019-12-12"
	o.setDefault(ctx, version)
	t.Rule("BLOB-COMMON-006").Eventually(ctx, func(ctx context.Context) any { return t.Send(ctx, ask()) }, match.Header("x-ms-version", version))
}

func plainHTTP(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	r := t.Blob("GET", path)
	if len(r.URL) < 8 || r.URL[:8] != "https://" {
		t.Broken("the target has no https: say that blob.https is absent")
	}
	r.URL = "http://" + r.URL[8:]
	refused(t, "BLOB-COMMON-016", t.Send(ctx, r), 400, "AccountRequiresHttps")
}

func writeToSecondary(ctx context.Context, t *suite.T) {
	o := newAccount(ctx, t, "Standard_RAGRS", nil)
	const path = "/things?restype=container"
	a := t.Send(ctx, o.signed(o.at(t.Cloud.Blob(o.name+"-secondary"), "PUT", path)))
	refused(t, "BLOB-COMMON-040", a, 403, "InsufficientAccountPermissions")
	t.Require(t.Send(ctx, o.keyed("PUT", path)), match.Status(201), "the same at the primary")
}
