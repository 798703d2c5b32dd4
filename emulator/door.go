package emulator

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/control"
	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/wire"
)

// placePrefix begins the path of a URL that says where its caller is, as the user of a proxy
// does: http://127.0.0.1:4280/~team-a.web-1/msi/token. It is for clients that take an
// endpoint, most of which drop the user of a URL.
const placePrefix = "/~"

// enter leads a request to the world that it is for.
func (e *Emulator) enter(w http.ResponseWriter, r *http.Request) {
	r, err := e.placed(r)
	if err != nil {
		e.front.TurnAway(w, r, err)
		return
	}
	at := e
	// Looked up for each request, and not for each tunnel: a world may have ended meanwhile.
	if name := wire.OriginOf(r.Context()).World; name != "" {
		if at, err = e.worldFor(r, name); err != nil {
			e.front.TurnAway(w, r, err)
			return
		}
	}
	at.front.ServeHTTP(w, r)
}

// placed reads from a request for the front door itself where its caller is, and takes that
// out of it. Requests for other hosts come as they are: there, the way in has told.
func (e *Emulator) placed(r *http.Request) (*http.Request, error) {
	path := r.URL.EscapedPath()
	inPath := strings.HasPrefix(path, placePrefix)
	if wire.OriginOf(r.Context()).PathStyle || !inPath && !ours(path) || !front.IsLoopback(front.Hostname(r.Host)) {
		return r, nil
	}
	var user, name string
	if inPath {
		escaped, rest, _ := strings.Cut(path[len(placePrefix):], "/")
		var err error
		if user, err = url.PathUnescape(escaped); err != nil {
			return r, apierr.New(apierr.ControlQuery, "The path does not parse: "+err.Error()+".")
		}
		path = "/" + rest
		r = withPath(r, placePrefix+escaped, path)
	} else if login, _, ok := r.BasicAuth(); ok {
		user = login
		r = r.Clone(r.Context())
		r.Header.Del("Authorization")
	}
	if given := r.URL.Query()["world"]; len(given) == 1 && strings.HasPrefix(path, controlPath) && !e.options.NoControl {
		name = given[0]
	}
	if user == "" && name == "" {
		return r, nil
	}
	// A page of another site can send such a URL, and is not to begin worlds by it.
	if control.CrossSite(r, schemeOf(r)) {
		return r, apierr.New(apierr.ControlCrossSite)
	}
	return e.inPlace(r, user, name)
}

func schemeOf(r *http.Request) string {
	if r.TLS != nil || wire.OriginOf(r.Context()).Scheme == "https" {
		return "https"
	}
	return "http"
}

const controlPath = "/_linarite/"

// ours tells the paths of the front door on which Authorization is nobody else's: clients
// log in to Entra ID by it.
func ours(path string) bool {
	first, _, _ := strings.Cut(strings.TrimLeft(path, "/"), "/")
	return strings.EqualFold(first, "metadata") || strings.EqualFold(first, "msi") || first == "_linarite"
}

// inPlace marks a request with where its caller is: a user, as of a proxy, and the name of a
// world, which counts before the user's.
func (e *Emulator) inPlace(r *http.Request, user, name string) (*http.Request, error) {
	origin := wire.OriginOf(r.Context())
	if user != "" {
		at, err := e.origin(r, user)
		if err != nil {
			return r, err
		}
		origin.World, origin.Machine = at.World, at.Machine
	}
	if name != "" {
		at, err := e.worldFor(r, name)
		if err != nil {
			return r, err
		}
		origin.World = ""
		if at != at.root {
			origin.World = at.world.Name
		}
	}
	return r.WithContext(wire.WithOrigin(r.Context(), origin)), nil
}

// withPath cuts a prefix off a request's path, wherever it stands.
func withPath(r *http.Request, prefix, rest string) *http.Request {
	cut := r.WithContext(r.Context())
	u := *r.URL
	u.Path, u.RawPath = rest, ""
	if unescaped, err := url.PathUnescape(rest); err == nil {
		u.Path, u.RawPath = unescaped, rest
	}
	cut.URL = &u
	if tail, ok := strings.CutPrefix(r.RequestURI, prefix); ok {
		if !strings.HasPrefix(tail, "/") {
			tail = "/" + tail
		}
		cut.RequestURI = tail
	}
	return cut
}
