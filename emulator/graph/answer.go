package graph

import (
	"iter"
	"strconv"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/wire"
)

// Sizes of pages, documented.
const (
	defaultPage = 100
	maxPage     = 999
)

// page is a list.
type page[T any] struct {
	Context string `json:"@odata.context"`
	Next    string `json:"@odata.nextLink,omitempty"`
	Value   []T    `json:"value"`
}

// context is the URL that says what a body is.
func context(c *wire.Call, what string) string {
	return strings.TrimSuffix(c.World.Cloud.Endpoints.MicrosoftGraph, "/") + "/v1.0/$metadata#" + what
}

// answer is a 200 with what every good answer carries.
func answer(body any) wire.Response {
	return wire.Response{Body: body, ContentType: wire.ODataJSON}.With("odata-version", "4.0")
}

// answerPage takes the page asked for out of a list that is in the order of its keys.
func answerPage[T any](c *wire.Call, what string, all iter.Seq[T], key func(T) string) (wire.Response, error) {
	after, limit, err := paging(c)
	if err != nil {
		return wire.Response{}, err
	}
	out := page[T]{Context: context(c, what)}
	var next string
	if out.Value, next = wire.Page(all, key, after, limit); next != "" {
		out.Next = wire.NextLink(c, wire.SkipToken(next))
	}
	return answer(out), nil
}

// paging reads $top and $skiptoken.
func paging(c *wire.Call) (after string, limit int, err error) {
	limit = defaultPage
	if top := c.Query.Get("$top"); top != "" {
		if limit, err = strconv.Atoi(top); err != nil || limit < 1 {
			return "", 0, wire.Refuse(apierr.GraphTop, top)
		}
	}
	if token := c.Query.Get("$skiptoken"); token != "" {
		var ok bool
		if after, ok = wire.ParseSkipToken(token); !ok {
			return "", 0, wire.Refuse(apierr.GraphSkipToken, token)
		}
	}
	return after, min(limit, maxPage), nil
}

// property is what a filter may ask about an object.
type property[T any] struct {
	// values are the object's values: one, or those of a collection.
	values func(T) []string
	// collection properties are asked by any(), others by eq and startswith().
	collection bool
}

// filter reads $filter over the properties of a kind of object, which Graph calls what.
// Values compare without regard to case, as the directory compares names and ids.
func filter[T any](c *wire.Call, what string, properties map[string]property[T]) (func(T) bool, error) {
	given := c.Query.Get("$filter")
	terms, err := wire.ParseFilter(given)
	if err != nil {
		return nil, wire.Refuse(apierr.GraphFilterClause, given)
	}
	var conditions []func(T) bool
	for _, term := range terms {
		name, want, compare := clause(term)
		var p property[T]
		known := false
		for n, candidate := range properties {
			if strings.EqualFold(n, name) {
				p, known = candidate, compare != nil && candidate.collection == strings.HasSuffix(term.Name, "/any")
			}
		}
		if !known {
			return nil, wire.Refuse(apierr.GraphFilter, name, what)
		}
		conditions = append(conditions, func(object T) bool {
			for _, value := range p.values(object) {
				if compare(value, want) {
					return true
				}
			}
			return false
		})
	}
	return func(object T) bool {
		for _, holds := range conditions {
			if !holds(object) {
				return false
			}
		}
		return true
	}, nil
}

// clause takes a term apart; compare is nil for a function that there is not.
func clause(t wire.Term) (name, want string, compare func(value, want string) bool) {
	switch {
	case !t.Call:
		return t.Name, t.Args[0], strings.EqualFold
	case t.Is("startswith", true, 2):
		return t.Args[0], t.Args[1], func(value, want string) bool { return strings.HasPrefix(strings.ToLower(value), strings.ToLower(want)) }
	case strings.HasSuffix(t.Name, "/any") && len(t.Args) == 1:
		return strings.TrimSuffix(t.Name, "/any"), t.Args[0], strings.EqualFold
	}
	return t.Name, "", nil
}
