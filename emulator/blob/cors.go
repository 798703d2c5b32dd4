package blob

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// preflight is the operation by which browsers ask whether a page may send a request.
const preflight = "Preflight"

// preflights answers OPTIONS wherever it is asked: nobody has to say who they are, and
// nothing has to be there (BLOB-CORS-001).
func preflights() []wire.Operation {
	var ops []wire.Operation
	for _, path := range []string{onService, onContainer, onBlob} {
		ops = append(ops, wire.Operation{Name: preflight, Method: http.MethodOptions, Path: path, Anonymous: true, View: answerPreflight})
	}
	return ops
}

// answerPreflight lets the first rule decide that fits origin and method; one that does
// not cover the headers ends the search (BLOB-CORS-002, BLOB-CORS-003).
func answerPreflight(c *wire.Call, _ *state.Tx) (wire.Response, error) {
	h := c.Request.Header
	origin, method, headers := h.Get("Origin"), h.Get("Access-Control-Request-Method"), h.Get("Access-Control-Request-Headers")
	if origin == "" || method == "" { // BLOB-CORS-004
		return wire.Response{}, wire.Refuse(apierr.StorageCORSHeader)
	}
	rule, ok := corsRule(of(c).account.CORS, origin, method)
	if !ok || !coversAll(rule.AllowedHeaders, headers) {
		return wire.Response{}, wire.Refuse(apierr.StorageCORS)
	}
	answer := http.Header{"Access-Control-Allow-Methods": {method}, "Access-Control-Max-Age": {strconv.Itoa(rule.MaxAgeInSeconds)}}
	if headers != "" {
		answer["Access-Control-Allow-Headers"] = []string{headers}
	}
	allowOrigin(answer, rule, origin)
	return wire.Response{Header: answer}, nil
}

// crossOrigin adds to an answer what lets the browser show it to the page that asked
// (BLOB-CORS-005 to BLOB-CORS-007).
func crossOrigin(c *wire.Call, h http.Header) {
	r, ok := c.Local.(*request)
	if !ok || len(r.account.CORS) == 0 || c.Request.Method == http.MethodOptions {
		return
	}
	if c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead {
		h["Vary"] = []string{"Origin"}
	}
	origin := c.Request.Header.Get("Origin")
	rule, ok := corsRule(r.account.CORS, origin, c.Request.Method)
	if origin == "" || !ok {
		return
	}
	if exposed := exposedNames(rule.ExposedHeaders, h); exposed != "" {
		h["Access-Control-Expose-Headers"] = []string{exposed}
	}
	allowOrigin(h, rule, origin)
}

// allowOrigin names the page's origin, or none in particular where the rule has *.
func allowOrigin(h http.Header, rule state.CORSRule, origin string) {
	if hasItem(rule.AllowedOrigins, "*") {
		h["Access-Control-Allow-Origin"] = []string{"*"}
		return
	}
	h["Access-Control-Allow-Origin"] = []string{origin}
	h["Access-Control-Allow-Credentials"] = []string{"true"}
}

// corsRule is the first rule for an origin and a method.
func corsRule(rules []state.CORSRule, origin, method string) (state.CORSRule, bool) {
	for _, rule := range rules {
		if (hasItem(rule.AllowedOrigins, "*") || hasItem(rule.AllowedOrigins, origin)) && hasItem(rule.AllowedMethods, method) {
			return rule, true
		}
	}
	return state.CORSRule{}, false
}

// items are the parts of a list of a rule.
func items(list string) []string {
	var out []string
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}

func hasItem(list, want string) bool { return slices.Contains(items(list), want) }

// coversAll tells whether a rule's names, some of them beginnings, cover all those asked
// for.
func coversAll(allowed, asked string) bool {
	for _, name := range items(asked) {
		if !covers(allowed, name) {
			return false
		}
	}
	return true
}

func covers(allowed, name string) bool {
	for _, item := range items(allowed) {
		if begin, ok := strings.CutSuffix(item, "*"); ok && len(name) >= len(begin) && strings.EqualFold(name[:len(begin)], begin) || strings.EqualFold(item, name) {
			return true
		}
	}
	return false
}

// exposedNames are the rule's whole names, and the answer's headers that begin as the
// rule's others do.
func exposedNames(exposed string, answer http.Header) string {
	var names, found []string
	for _, item := range items(exposed) {
		if !strings.HasSuffix(item, "*") {
			names = append(names, item)
		}
	}
	for name := range answer {
		whole := func(n string) bool { return strings.EqualFold(n, name) }
		if !slices.ContainsFunc(names, whole) && covers(exposed, name) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return strings.Join(append(names, found...), ",")
}
