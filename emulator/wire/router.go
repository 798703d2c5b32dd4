package wire

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
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
	// Paths are matched as they came: no cleaning, no redirect, percent-encoding kept.
	routes := mux.NewRouter().SkipClean(true).UseEncodedPath()
	r := &router{bySegments: map[int][]*mux.Route{}}
	for i := range operations {
		op := &operations[i]
		route := routes.NewRoute().Path(muxPath(op.Path, fold)).Handler(found{op})
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

var (
	variable = regexp.MustCompile(`^\{([a-zA-Z]+)(\.\.\.)?\}$`)
	word     = regexp.MustCompile(`[a-zA-Z]`)
)

// muxPath writes a template in mux's language; literals of a folding plane match
// in any case.
func muxPath(path string, fold bool) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		switch m := variable.FindStringSubmatch(part); {
		case m != nil && m[2] != "":
			parts[i] = "{" + m[1] + ":.+}"
		case m != nil:
			parts[i] = "{" + m[1] + ":[^/]+}"
		case fold && word.MatchString(part):
			parts[i] = "{_" + strconv.Itoa(i) + ":(?i)" + regexp.QuoteMeta(part) + "}"
		}
	}
	return strings.Join(parts, "/")
}

// match sets the call's operation and variables, or the verbs that the path takes.
func (r *router) match(c *Call) {
	probe := &http.Request{Method: c.Request.Method, Host: c.Host, URL: &url.URL{Path: unescaped(c.Path), RawPath: c.Path}}
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
	probe := &http.Request{Method: r.Method, URL: &url.URL{Path: unescaped(c.Path), RawPath: c.Path}}
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
	c.vars = make(map[string]string, len(m.Vars))
	for name, raw := range m.Vars {
		if !strings.HasPrefix(name, "_") {
			c.vars[name] = unescaped(raw)
		}
	}
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
