package control

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// guard refuses what a browser sent for another site. The front has already seen to it
// that the host is a loopback one.
func guard(c *wire.Call) error {
	if CrossSite(c.Request, c.Scheme()) {
		return wire.Refuse(apierr.ControlCrossSite)
	}
	return nil
}

// CrossSite tells whether a browser sent a request, which came by a scheme, for the page of
// another site.
func CrossSite(r *http.Request, scheme string) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return true
	}
	origin := r.Header.Get("Origin")
	return origin != "" && !strings.EqualFold(origin, scheme+"://"+r.Host)
}

// found judges the path, the verb, the parameters and the type of the body.
func (a *api) found(c *wire.Call) error {
	switch {
	case c.Operation == nil && len(c.Methods()) > 0:
		return wire.Refuse(apierr.ControlMethod, c.Path, strings.Join(c.Methods(), ", "))
	case c.Operation == nil:
		return wire.Refuse(apierr.ControlPath, c.Path)
	}
	if err := a.parameters(c); err != nil {
		return err
	}
	return mediaType(c)
}

// parameters refuses what would be overlooked otherwise: a filter that is misspelt would
// let everything through.
func (a *api) parameters(c *wire.Call) error {
	if c.QueryError != nil {
		return wire.Refuse(apierr.ControlQuery, "The query does not parse: "+c.QueryError.Error()+".")
	}
	if name, twice := c.Query.Duplicate(); twice {
		return wire.Refuse(apierr.ControlQuery, fmt.Sprintf("The parameter %q is there more than once.", name))
	}
	known := append([]string{"world"}, a.queries[c.Operation.Name]...)
	for name := range c.Request.URL.Query() {
		if !slices.Contains(known, name) {
			return wire.Refuse(apierr.ControlQuery, fmt.Sprintf("There is no parameter %q here: there are %s.", name, strings.Join(known, ", ")))
		}
	}
	return nil
}

// mediaType wants JSON where something comes that is to change the world: a page of another
// site cannot send that type before it has asked by a preflight, which is refused.
func mediaType(c *wire.Call) error {
	given := c.Request.Header.Get("Content-Type")
	if c.Operation.Method == "GET" || given == "" && c.Request.ContentLength == 0 {
		return nil
	}
	if kind, _, err := mime.ParseMediaType(given); err != nil || kind != "application/json" {
		return wire.Refuse(apierr.ControlMediaType)
	}
	return nil
}

// lockless is an operation that runs without the state's lock, because what it does takes
// that lock itself, or needs none.
func lockless(name, method, path string, do func(*wire.Call) (wire.Response, error)) wire.Operation {
	return wire.Operation{
		Name: name, Method: method, Path: base + path,
		Prepare: func(c *wire.Call) error {
			answer, err := do(c)
			c.Input = answer
			return err
		},
		View: func(c *wire.Call, _ *state.Tx) (wire.Response, error) { return c.Input.(wire.Response), nil },
	}
}
