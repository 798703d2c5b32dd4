package blob

import (
	"context"
	"net/url"
	"strings"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// skeyResourceSpecs are about the canonicalized resource.
func skeyResourceSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "BLOB-SKEY-014/encoded", Title: "signs the path as it was sent",
			Run: func(ctx context.Context, t *suite.T) {
				s := shareNamed(ctx, t, "a b+c")
				m := mac{t, "BLOB-SKEY-014", t.Blob("GET", s.path())}
				m.accepted(ctx, "encoded")
				m.refused(ctx, "decoded", replaced(t, url.PathEscape(s.name), s.name))
				m.refused(ctx, "without the account", replaced(t, "/"+s.account+"/", "/"))
			},
		},
		{
			ID: "BLOB-SKEY-015/no-path", Title: "signs a slash for no path",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				m := mac{t, "BLOB-SKEY-015", t.Blob("GET", "?comp=list&prefix="+s.container)}
				a := m.accepted(ctx, "a slash")
				t.Rule("BLOB-SKEY-015").Expect(a).To(match.XML("Containers/Container/Name", s.container))
				if !pathStyle(t) { // there, a request has a path always
					m.refused(ctx, "nothing", replaced(t, "/"+s.account+"/\n", "/"+s.account+"\n"))
				}
			},
		},
		{ID: "BLOB-SKEY-016/parameters", Title: "signs the parameters of the query, each in a line", Run: parameterLines},
		{
			ID: "BLOB-SKEY-017/decoded", Title: "signs the values of parameters decoded",
			Run: func(ctx context.Context, t *suite.T) {
				s := shareNamed(ctx, t, "a&b=c")
				m := mac{t, "BLOB-SKEY-017", t.Blob("GET", s.level("&comp=list&prefix=a%26b"))}
				a := m.accepted(ctx, "decoded")
				t.Rule("BLOB-SKEY-017").Expect(a).To(match.XML("Blobs/Blob/Name", s.name))
				m.refused(ctx, "encoded", replaced(t, "prefix:a&b", "prefix:a%26b"))
			},
		},
		{
			ID: "BLOB-SKEY-018/lower-case", Title: "signs the names of parameters in lower case",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				m := mac{t, "BLOB-SKEY-018", t.Blob("GET", s.path()+"?TimeOut=30")}
				m.accepted(ctx, "in lower case")
				m.refused(ctx, "as it was written", replaced(t, "timeout:", "TimeOut:"))
			},
		},
		{
			ID: "BLOB-SKEY-019/several", Title: "signs several values of a parameter sorted, with commas",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				m := mac{t, "BLOB-SKEY-019", t.Blob("GET", s.path()+"?lzmany=b&lzmany=a")}
				m.accepted(ctx, "sorted")
				m.refused(ctx, "as they came", replaced(t, "lzmany:a,b", "lzmany:b,a"))
				m.refused(ctx, "in two lines", replaced(t, "lzmany:a,b", "lzmany:a\nlzmany:b"))
			},
		},
		{ID: "BLOB-SKEY-020/account-twice", Title: "signs the account twice where the path begins with it", Run: accountTwice},
	}
}

// pathStyle tells whether the account is the first segment of the target's paths.
func pathStyle(t *suite.T) bool {
	u, err := url.Parse(t.World.Blob)
	return err == nil && strings.Trim(u.Path, "/") != ""
}

func parameterLines(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	m := mac{t, "BLOB-SKEY-016", t.Blob("GET", s.level("&comp=list&maxresults=1&delimiter=%2F"))}
	a := m.accepted(ctx, "all of them")
	t.Rule("BLOB-SKEY-016").Expect(a).To(match.XML("Blobs/Blob/Name", s.name))
	m.refused(ctx, "one left out", replaced(t, "\nmaxresults:1", ""))
	m.refused(ctx, "two in another order", replaced(t, "\ncomp:list\ndelimiter:/", "\ndelimiter:/\ncomp:list"))
	m.refused(ctx, "as they were written", replaced(t, "maxresults:1", "maxresults=1"))
}

// accountTwice asks for a container that is called as the account, where the account is not in
// the path anyway: what is signed is the same.
func accountTwice(ctx context.Context, t *suite.T) {
	container := t.World.Account
	if pathStyle(t) {
		container = t.Container(ctx)
	} else {
		t.ContainerNamed(ctx, container)
	}
	path := container + "/" + t.Unique("twice")
	t.PutBlob(ctx, path, "twice")
	m := mac{t, "BLOB-SKEY-020", t.Blob("GET", path)}
	a := m.accepted(ctx, "twice")
	t.Rule("BLOB-SKEY-020").Expect(a).To(match.Body("twice"))
	m.refused(ctx, "once", replaced(t, "\n/"+t.World.Account+"/"+t.World.Account+"/", "\n/"+t.World.Account+"/"))
}
