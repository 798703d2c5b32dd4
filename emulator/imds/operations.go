package imds

import (
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/wire"
)

// New makes the metadata service.
func New() *wire.Plane {
	return wire.NewPlane(wire.Plane{
		Name:     "imds",
		Steps:    wire.IMDSPipeline(guard, found, version),
		Envelope: wire.IMDSIdentity{},
		Path:     path,
		Describe: describe,
		Usual:    usual,
	}, []wire.Operation{
		{Name: "Identity_GetToken", Method: "GET", Path: "/metadata/identity/oauth2/token", Versions: identityVersions(), View: getToken},
		{Name: "Identity_GetInfo", Method: "GET", Path: "/metadata/identity/info", Versions: identityVersions(), View: getInfo},
		{Name: "GetVersions", Method: "GET", Path: "/metadata/versions", View: getVersions},
	})
}

// path accepts what clients send: one says //metadata, one ends the path with a slash,
// and the first segment counts in any case.
func path(p string) string {
	p = "/" + strings.Trim(p, "/")
	const first = "/metadata"
	if len(p) >= len(first) && strings.EqualFold(p[:len(first)], first) {
		p = first + p[len(first):]
	}
	return p
}

// guard refuses what can only come from a confused deputy, before anything else is
// looked at: SDKs probe without the header, or even without a query, and expect this.
//
// The second generation's paths are not there, and say so even without the header:
// clients take a 400 there for a host that has them (IMDS-TOKEN-067).
func guard(c *wire.Call) error {
	switch c.Path {
	case "/metadata/identity/getplatformmetadata", "/metadata/identity/issuecredential":
		return wire.Refuse(apierr.IMDSNotFound)
	}
	if !strings.EqualFold(c.Request.Header.Get("Metadata"), "true") {
		return wire.Refuse(apierr.IMDSMetadataHeader)
	}
	if _, forwarded := c.Request.Header["X-Forwarded-For"]; forwarded {
		return wire.Refuse(apierr.IMDSForwarded)
	}
	return nil
}

func found(c *wire.Call) error {
	switch {
	case c.Operation != nil:
		return nil
	case len(c.Methods()) > 0:
		return wire.Refuse(apierr.IMDSMethod)
	}
	return wire.Refuse(apierr.IMDSNotFound)
}

func version(c *wire.Call) error {
	if c.QueryError != nil {
		return wire.Refuse(apierr.IMDSMalformedQuery)
	}
	if name, twice := c.Query.Duplicate(); twice {
		return wire.Refuse(apierr.IMDSDuplicate, name)
	}
	c.Version = c.Query.Get("api-version")
	if c.Operation.Versions != nil && !slices.Contains(c.Operation.Versions, c.Version) {
		return wire.Refuse(apierr.IMDSVersion)
	}
	return nil
}

// versions are the documented ones, ascending.
func versions() []string {
	return []string{
		"2017-03-01", "2017-04-02", "2017-08-01", "2017-10-01", "2017-12-01", "2018-02-01", "2018-04-02", "2018-10-01",
		"2019-02-01", "2019-03-11", "2019-04-30", "2019-06-01", "2019-06-04", "2019-08-01", "2019-08-15", "2019-11-01",
		"2020-06-01", "2020-07-15", "2020-09-01", "2020-10-01", "2020-12-01", "2021-01-01", "2021-02-01", "2021-03-01",
		"2021-05-01", "2021-08-01", "2021-10-01", "2021-11-01", "2021-11-15", "2021-12-13", "2023-07-01", "2023-11-15",
		"2024-03-15", "2024-07-17", "2025-04-07",
	}
}

// identityVersions are those from the first that had the identity category on.
func identityVersions() []string {
	all := versions()
	return all[slices.Index(all, "2018-02-01"):]
}
