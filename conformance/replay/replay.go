package replay

import (
	"context"
	"strings"

	"github.com/linarite/linarite/conformance/recordings"
	"github.com/linarite/linarite/conformance/suite"
)

// Library is recordings to answer from.
type Library struct {
	recordings []recordings.Recording
	// setup are exchanges that may stand outside a recording: containers made and deleted.
	setup []recordings.Interaction
}

// New makes a library of recordings.
func New(all []recordings.Recording) *Library {
	l := &Library{recordings: all}
	for _, r := range all {
		for _, i := range r.Interactions {
			plain := strings.HasSuffix(i.URI, "?restype=container")
			switch {
			case plain && i.Method == "PUT" && i.Status == 201, plain && i.Method == "DELETE" && i.Status == 202:
				l.setup = append(l.setup, i)
			}
		}
	}
	l.setup = append(l.setup,
		recordings.Interaction{Method: "PUT", URI: "https://x.blob.core.windows.net/c?restype=container", Status: 201},
		recordings.Interaction{Method: "DELETE", URI: "https://x.blob.core.windows.net/c?restype=container", Status: 202})
	return l
}

// Run runs a spec on each recording that its requests fit. The result is that of the first one on
// which it passes, else of the first that fits; where none does, the spec is excluded.
func (l *Library) Run(ctx context.Context, env *suite.Env, s suite.Spec) (suite.SpecResult, string) {
	var first suite.SpecResult
	name := ""
	for _, r := range l.recordings {
		session := newSession(r, l.setup)
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
