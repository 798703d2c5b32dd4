package blob

import (
	"context"

	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// sasLevelSpecs are about blobs, containers and the account: a signature is for one of them.
func sasLevelSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "BLOB-SAS-031/above", Title: "refuses a service SAS above what it is for", Covers: []string{"BLOB-SAS-060"},
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				ofBlob := s.service(unchanged)
				ofContainer := s.service(func(v *sign.SAS) { v.Resource, v.Permissions = "c", "rl" })
				s.works(ctx, ofBlob, "the blob")
				t.Require(t.Send(ctx, s.by("GET", s.level("&comp=list"), ofContainer)), match.XML("Blobs/Blob/Name", s.name), "the container")
				for about, r := range map[string]*suite.Request{
					"a blob's on the container":    s.by("GET", s.level("&comp=list"), ofBlob),
					"a container's on the account": s.by("GET", "?comp=list", ofContainer),
				} {
					a := t.Send(ctx, r)
					forbidden(t, "BLOB-SAS-031", a, about)
					detailed(t, "BLOB-SAS-060", a, "The specified signed resource is not allowed for the this resource level", about)
				}
			},
		},
		{ID: "BLOB-SAS-038/container", Title: "lets a service SAS do little with a container and nothing with the account", Run: ofContainer},
		{
			ID: "BLOB-SAS-041/types", Title: "wants for each level its letter in srt",
			Covers: []string{"BLOB-SAS-036", "BLOB-SAS-057", "BLOB-AUTH-029"}, Run: types,
		},
	}
}

func ofContainer(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	query := s.service(func(v *sign.SAS) { v.Resource, v.Permissions = "c", "racwdl" })
	s.works(ctx, query, "the blob")
	t.Rule("BLOB-SAS-038").Expect(t.Send(ctx, s.by("GET", s.level("&comp=list"), query)), "listing").To(match.XML("Blobs/Blob/Name", s.name))
	a := t.Send(ctx, s.by("GET", s.container+"?restype=account&comp=properties", query))
	t.Rule("BLOB-SAS-038").Expect(a, "the kind of the account").To(match.Status(200))
	for about, r := range map[string]*suite.Request{
		"the container's properties": s.by("GET", s.level(""), query),
		"the container's metadata":   s.by("GET", s.level("&comp=metadata"), query),
		"changing its metadata":      s.by("PUT", s.level("&comp=metadata"), query).Set("x-ms-meta-a", "b").Text(""),
		"making it":                  s.by("PUT", s.level(""), query).Text(""),
		"deleting it":                s.by("DELETE", s.level(""), query),
		"listing the containers":     s.by("GET", "?comp=list", query),
		"the service's properties":   s.by("GET", "?restype=service&comp=properties", query),
	} {
		t.Rule("BLOB-SAS-038").Expect(t.Send(ctx, r), about).To(match.Status(403))
	}
	s.works(ctx, query, "the blob is still there")
}

func types(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	for _, level := range []struct{ letter, others, path, about string }{
		{"s", "co", "?comp=list&prefix=" + s.container, "listing containers"},
		{"c", "so", s.level("&comp=list"), "listing blobs"},
		{"c", "so", s.level(""), "the container's properties"},
		{"o", "sc", s.path(), "reading a blob"},
	} {
		by := func(letters string) string {
			return s.all(func(v *sign.AccountSAS) { v.ResourceTypes = letters })
		}
		a := t.Send(ctx, s.by("GET", level.path, by(level.letter)))
		t.Rule("BLOB-SAS-041").Expect(a, level.about+" by srt="+level.letter).To(match.Status(200))
		about := level.about + " by srt=" + level.others
		a = t.Send(ctx, s.by("GET", level.path, by(level.others)))
		for _, rule := range []string{"BLOB-SAS-036", "BLOB-AUTH-029"} {
			refused(t, rule, a, 403, "AuthorizationResourceTypeMismatch", about)
		}
		worded(t, "BLOB-SAS-057", a, notAuthorized+" using this resource type.", about)
	}
}
