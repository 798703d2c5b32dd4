package wire

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/gorilla/mux"
)

// router finds the operation for a request. Routes are grouped by the number of
// segments, because trying every route of a plane in turn is what costs in a mux.
type router struct {
	bySegments map[int][]*mux.Route
	deep       []*mux.Route // those with {name...}
}

func newRouter(operations []Operation, fold bool) *router {
	routes := mux.NewRouter()
	r := &router{bySegments: map[int][]*mux.Route{}}
	for i := range operations {
		op := &operations[i]
		route := routes.NewRoute().MatcherFunc(newTemplate(op.Path, fold).Match).Handler(found{op})
		if strings.Contains(op.Path, "...}") {
			r.deep = append(r.deep, route)
		} else {
			n := segments(op.Path)
			r.bySegments[n] = append(r.bySegments[n], route)
		}
	}
	return r
}

func segments(path string) int { return strings.Count(path, "/") }

// found carries the operation through the mux, which knows only handlers.
type found struct{ op *Operation }

func (found) ServeHTTP(http.ResponseWriter, *http.Request) {}

// variable is a segment of a template that stands for a name, or with dots for several.
var variable = regexp.MustCompile(`^\{([a-zA-Z]+)(\.\.\.)?\}$`)

// template is a path to match, segment by segment. It stands in for the language of mux,
// whose regular expressions would be run twice for each request and route.
type template struct {
	segments []segment
	same     func(literal, given string) bool
}

// segment is a literal, or the name of a variable that takes one segment or several.
type segment struct {
	literal, name string
	several       bool
}

// newTemplate reads a template; literals of a folding plane match in any case.
func newTemplate(path string, fold bool) template {
	t := template{same: func(a, b string) bool { return a == b }}
	if fold {
		t.same = strings.EqualFold
	}
	for part := range strings.SplitSeq(path[1:], "/") {
		if m := variable.FindStringSubmatch(part); m != nil {
			t.segments = append(t.segments, segment{name: m[1], several: m[2] != ""})
		} else {
			t.segments = append(t.segments, segment{literal: part})
		}
	}
	return t
}

// Match implements mux.MatcherFunc. Paths are matched as they came, percent-encoded.
func (t template) Match(r *http.Request, m *mux.RouteMatch) bool {
	m.Vars = map[string]string{}
	return t.match(t.segments, r.URL.RawPath, m.Vars)
}

func (t template) match(want []segment, path string, vars map[string]string) bool {
	if len(want) == 0 || !strings.HasPrefix(path, "/") {
		return len(want) == 0 && path == ""
	}
	s := want[0]
	end := len(path)
	if !s.several {
		if i := strings.IndexByte(path[1:], '/'); i >= 0 {
			end = i + 1
		}
	}
	for ; end > 0; end = strings.LastIndexByte(path[:end], '/') { // as much as can be
		given := path[1:end]
		if s.name == "" {
			return t.same(s.literal, given) && t.match(want[1:], path[end:], vars)
		}
		if given != "" && t.match(want[1:], path[end:], vars) {
			vars[s.name] = unescaped(given)
			return true
		}
		if !s.several {
			return false
		}
	}
	return false
}

// match sets the call's operation and variables, or the verbs that the path takes.
func (r *router) match(c *Call) {
	probe := &http.Request{URL: &url.URL{RawPath: c.Path}} // the path as it came: percent-encoding kept
	for _, routes := range [][]*mux.Route{r.bySegments[segments(c.Path)], r.deep} {
		for _, route := range routes {
			if try(c, route, probe); c.Operation != nil {
				return
			}
		}
	}
}

// Candidates names every operation that would take the request: a map of operations is
// sound when each request has at most one.
func (p *Plane) Candidates(r *http.Request) []string {
	c := &Call{Plane: p, Request: r, Path: r.URL.EscapedPath()}
	if p.Path != nil {
		c.Path = p.Path(c.Path)
	}
	c.Query, c.QueryError = ParseQuery(r.URL.RawQuery, p.FoldCase)
	probe := &http.Request{URL: &url.URL{RawPath: c.Path}}
	var names []string
	for _, routes := range [][]*mux.Route{p.router.bySegments[segments(c.Path)], p.router.deep} {
		for _, route := range routes {
			if try(c, route, probe); c.Operation != nil {
				names = append(names, c.Operation.Name)
				c.Operation = nil
			}
		}
	}
	return names
}

func try(c *Call, route *mux.Route, probe *http.Request) {
	var m mux.RouteMatch
	if !route.Match(probe, &m) {
		return
	}
	op := m.Handler.(found).op
	c.vars = m.Vars
	switch {
	case op.When != nil && !op.When(c):
	case op.Method != c.Request.Method:
		c.methods = append(c.methods, op.Method)
	default:
		c.Operation = op
	}
}

// unescaped decodes a path or a name, once. net/http has refused what does not decode.
func unescaped(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}
