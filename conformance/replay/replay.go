package replay

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/linarite/linarite/conformance/recordings"
	"github.com/linarite/linarite/conformance/suite"
)

// Library is recordings to answer from.
type Library struct {
	recordings []recordings.Recording
	// setup are exchanges that may stand outside a recording: what makes something that was not
	// there, and containers deleted.
	setup []recordings.Interaction
}

// New makes a library of recordings.
func New(all []recordings.Recording) *Library {
	l := &Library{recordings: all}
	seen := map[string]bool{}
	for _, r := range all {
		for _, i := range r.Interactions {
			if key := form(i); i.Method == "PUT" && i.Status == 201 && strings.Contains(i.URI, ".blob.") && !seen[key] {
				seen[key] = true
				l.setup = append(l.setup, i)
			}
		}
	}
	l.setup = append(l.setup,
		recordings.Interaction{Method: "PUT", URI: "https://x.blob.core.windows.net/c?restype=container", Status: 201},
		recordings.Interaction{Method: "DELETE", URI: "https://x.blob.core.windows.net/c?restype=container", Status: 202})
	return l
}

// form is what makes two recorded requests fit the same ones: one of each is enough to lend.
func form(i recordings.Interaction) string {
	u, err := url.Parse(i.URI)
	if err != nil {
		return i.URI
	}
	parts := []string{shape(u.Path)}
	for name, v := range u.Query() {
		if !free(name) && !named(name) {
			parts = append(parts, name+"="+v[0])
		}
	}
	for name, v := range i.ReqHeaders {
		if !free(name) {
			parts = append(parts, name+":"+v)
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "\n") + strconv.FormatBool(len(i.ReqBody.Data) > 0)
}

// Run runs a spec on each recording that its requests fit. The result is that of the first one on
// which it passes, else of the first that fits; where none does, the spec is excluded.
func (l *Library) Run(ctx context.Context, env *suite.Env, s suite.Spec) (suite.SpecResult, string) {
	var first suite.SpecResult
	name := ""
	for _, r := range l.recordings {
		session := newSession(r, l.setup, env.Target.Versions.Blob)
		result := suite.Run(ctx, env.With(session), s)
		if !session.judges(result) {
			continue
		}
		if result.Status == suite.Pass {
			return result, r.Name
		}
		if name == "" {
			first, name = result, r.Name
		}
	}
	if name == "" {
		return suite.Left(suite.Planned{Spec: s, Status: suite.Excluded, Reason: "no recording has its requests in this order"}), ""
	}
	return first, name
}
