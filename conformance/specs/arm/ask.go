package arm

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// as sends a request to Resource Manager as somebody.
func as(t *suite.T, who suite.Who, method, path, apiVersion string) *suite.Request {
	return t.As(who, t.ARM(method, path+"?api-version="+apiVersion))
}

// get, put, patch and remove ask as the deployer.
func get(ctx context.Context, t *suite.T, path, apiVersion string) *wire.Answer {
	return t.Send(ctx, t.ARM("GET", path+"?api-version="+apiVersion))
}

func put(ctx context.Context, t *suite.T, path, apiVersion string, body any) *wire.Answer {
	return t.Send(ctx, t.ARM("PUT", path+"?api-version="+apiVersion).JSON(body))
}

func patch(ctx context.Context, t *suite.T, path, apiVersion string, body any) *wire.Answer {
	return t.Send(ctx, t.ARM("PATCH", path+"?api-version="+apiVersion).JSON(body))
}

func remove(ctx context.Context, t *suite.T, path, apiVersion string) *wire.Answer {
	return t.Send(ctx, t.ARM("DELETE", path+"?api-version="+apiVersion))
}

// absolute asks for a URL that an answer gave, as the deployer.
func absolute(t *suite.T, url string) *suite.Request {
	return t.ARM("GET", strings.TrimPrefix(url, t.World.ARM))
}

// poll follows the Location of an answer to its last answer.
func poll(ctx context.Context, t *suite.T, a *wire.Answer) *wire.Answer {
	location := a.Header.Get("Location")
	t.Require(location, gomega.HavePrefix(t.World.ARM+"/"), "the Location to poll")
	t.Settle(ctx, "the end of an operation", func(ctx context.Context) bool {
		a = t.Send(ctx, absolute(t, location))
		return a.Status != 202
	})
	return a
}

// made sends a request again and again until it has made something: for what a directory or
// a cache does not know yet.
func made(ctx context.Context, t *suite.T, ask func() *suite.Request) *wire.Answer {
	var a *wire.Answer
	t.Settle(ctx, "making something", func(ctx context.Context) bool {
		a = t.Send(ctx, ask())
		return a.Status == 200 || a.Status == 201
	})
	return a
}

// empty matches an answer without a body.
func empty() types.GomegaMatcher { return match.Body("") }

// some matches a string that is not empty.
func some() types.GomegaMatcher {
	return gomega.And(gomega.BeAssignableToTypeOf(""), gomega.Not(gomega.BeEmpty()))
}

// aGUID matches one in its usual form.
func aGUID() types.GomegaMatcher {
	return gomega.MatchRegexp(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
}

// inOrder matches names of members of which these are there, in this order; others may stand
// between them.
func inOrder(known ...string) types.GomegaMatcher {
	return gomega.WithTransform(func(names []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(known, name) })
	}, gomega.Equal(known))
}

// members are one member of each entry of a list, which is a string.
func members(a *wire.Answer, name string) []string {
	out := []string{}
	all, _ := match.Value(a, "value").([]any)
	for _, entry := range all {
		if entry, ok := entry.(map[string]any); ok {
			text, _ := entry[name].(string)
			out = append(out, text)
		}
	}
	return out
}

// pages is a list with all that follows it.
func pages(ctx context.Context, t *suite.T, r *suite.Request, name string) (all []string) {
	for {
		a := t.Send(ctx, r)
		t.Require(a, match.Status(200), "a page of a list")
		t.Require(a, match.JSON("value", gomega.BeAssignableToTypeOf([]any{})), "a page of a list")
		all = append(all, members(a, name)...)
		next := match.Text(a, "nextLink")
		if next == "" {
			return all
		}
		r = absolute(t, next)
	}
}

// region is a place that there is: the display name of the world's own, and the name of another.
func regions(ctx context.Context, t *suite.T) (display, other string) {
	a := get(ctx, t, t.World.SubscriptionID()+"/locations", "2021-01-01")
	t.Require(a, match.Status(200), "the regions")
	names, displays := members(a, "name"), members(a, "displayName")
	for i, name := range names {
		switch {
		case name == t.World.Location:
			display = displays[i]
		case other == "" && match.Text(a, "value."+strconv.Itoa(i)+".metadata.regionType") != "Logical":
			other = name
		}
	}
	if display == "" || other == "" {
		t.Broken("the regions: %s has no name to show, or it is alone", t.World.Location)
	}
	return display, other
}
