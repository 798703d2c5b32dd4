package armreplay

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/linarite/linarite/conformance/recordings"
	"github.com/linarite/linarite/conformance/truth"
)

// Run sends every recording to the target, each to a world of its own.
func Run(ctx context.Context, t *Target, all []recordings.Recording) (truth.Found, error) {
	result := truth.Found{Scores: map[string]truth.Score{}, Left: map[string]int{}}
	for _, r := range all {
		one := replay{target: t, recording: r, mapping: newMapping(), result: &result, groups: map[string]bool{}}
		if err := one.run(ctx); err != nil {
			return result, fmt.Errorf("%s: %w", r.Name, err)
		}
		family := path.Dir(r.Name)
		score := result.Scores[family]
		score.Add(one.score)
		result.Scores[family] = score
	}
	return result, nil
}

// replay is the replay of one recording.
type replay struct {
	target    *Target
	recording recordings.Recording
	mapping   *mapping
	result    *truth.Found
	score     truth.Score
	groups    map[string]bool // that exist, in lower case
}

func (r *replay) run(ctx context.Context) error {
	if err := r.target.Reset(ctx); err != nil {
		return err
	}
	for at := range r.recording.Interactions {
		if err := r.one(ctx, at); err != nil {
			return fmt.Errorf("interaction %d: %w", at, err)
		}
	}
	return nil
}

func (r *replay) one(ctx context.Context, at int) error {
	it := r.recording.Interactions[at]
	if strings.Contains(it.URI, "api-version=1.6") {
		r.notBuilt("Azure AD Graph, which Microsoft has retired")
		return nil
	}
	if err := r.setUp(ctx, at); err != nil {
		return err
	}
	if r.lastPoll(at) {
		if err := r.target.advance(ctx, "2m"); err != nil {
			return err
		}
	}
	asked := body(r.recording.Interactions, at)
	r.mapping.learnPrincipal(asked)
	uri := r.mapping.apply(strings.Replace(it.URI, "http://localhost:3005", "https://"+armHost, 1))
	got, err := r.target.send(ctx, it.Method, strings.ReplaceAll(uri, " ", "%20"), it.ReqHeaders, []byte(r.mapping.apply(string(asked))))
	if err != nil {
		return err
	}
	if what, ok := unserved(it, got); ok {
		r.notBuilt(what)
		return nil
	}
	r.mapping.learn(it.RespBody.Data, got.body)
	r.mapping.learnLocation(it.RespHeaders["location"], got.header)
	r.score.Sent++
	if it.Status == got.status {
		r.score.Status++
	}
	found := r.mapping.differences(it, got)
	if len(found) == 0 {
		r.score.All++
	}
	for _, d := range found {
		d.Of, d.At = r.recording.Name, at
		r.result.Differences = append(r.result.Differences, d)
	}
	return nil
}

func (r *replay) notBuilt(what string) {
	r.result.Left["not built: "+what]++
	r.score.Skipped++
}

var groupPath = regexp.MustCompile(`(?i)^/subscriptions/[^/]+/resourceGroups/([^/]+)`)

// setUp makes the group that a request is about, where the recording begins after that was done.
func (r *replay) setUp(ctx context.Context, at int) error {
	it := r.recording.Interactions[at]
	where := pathOf(it.URI)
	match := groupPath.FindStringSubmatch(where)
	if match == nil || r.groups[strings.ToLower(match[1])] {
		return nil
	}
	r.groups[strings.ToLower(match[1])] = true
	if it.Method == http.MethodPut && match[0] == where {
		return nil
	}
	group := map[string]any{"location": "westus"}
	if g := shown(r.recording.Interactions[at:], match[0]); g != nil {
		group["location"], group["tags"] = g["location"], g["tags"]
	}
	text, err := json.Marshal(group)
	if err != nil {
		return err
	}
	uri := r.mapping.apply("https://" + armHost + match[0] + "?api-version=2022-09-01")
	got, err := r.target.send(ctx, http.MethodPut, uri, map[string]string{"content-type": "application/json"}, []byte(r.mapping.apply(string(text))))
	if err == nil && got.status >= 300 {
		err = fmt.Errorf("the group could not be made: %d %s", got.status, got.body)
	}
	return err
}

// lastPoll tells whether a request is the poll at which an operation had ended, after others that it went on.
func (r *replay) lastPoll(at int) bool {
	all := r.recording.Interactions
	return at > 0 && all[at].Status != http.StatusAccepted && all[at-1].Status == http.StatusAccepted && strings.Contains(all[at].URI, "/operationresults/")
}

// unserved tells whether an answer says that the target has nothing of the kind, and of what kind.
func unserved(it recordings.Interaction, got answer) (what string, ok bool) {
	if it.Status == got.status {
		return "", false
	}
	code, _ := refusal(got.body)
	switch {
	case strings.Contains(it.URI, graphHost):
		if got.status != http.StatusBadRequest && got.status != http.StatusMethodNotAllowed {
			return "", false
		}
		name := strings.Split(strings.TrimPrefix(pathOf(it.URI), "/v1.0/"), "/")[0]
		return "Microsoft Graph, " + it.Method + " " + name, true
	case code == "InvalidResourceType", code == "InvalidResourceNamespace", code == "HttpMethodNotAllowed":
		return kindOf(pathOf(it.URI)), true
	}
	return "", false
}

// kindOf is the resource type of a path, with the name of an action.
func kindOf(where string) string {
	i := strings.LastIndex(strings.ToLower(where), "/providers/")
	segments := strings.Split(where[i+len("/providers/"):], "/")
	kind := segments[:1]
	for j := 1; j < len(segments); j += 2 {
		kind = append(kind, segments[j])
	}
	return strings.Join(kind, "/")
}

func pathOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return ""
	}
	return u.Path
}
