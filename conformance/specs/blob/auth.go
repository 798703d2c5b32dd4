package blob

import (
	"context"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// authSpecs are about who asks: by a token, or without a word about himself. What is said of
// keys and signatures stands with those.
func authSpecs() []suite.Spec {
	return slices.Concat(authTokenSpecs(), authRefusedTokenSpecs(), authRightSpecs(), authAnonymousSpecs())
}

// Versions on both sides of the one that brought challenges.
const (
	beforeChallenges = "2019-10-10"
	sinceChallenges  = "2019-12-12"
)

// storageApplication is the application id of Azure Storage, which is an audience too.
const storageApplication = "e406a681-f3d4-42a8-90b6-c2b029497af1"

// authTokenSpecs are about which tokens count, and over what.
func authTokenSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "BLOB-AUTH-001/old-version", Title: "refuses tokens in versions that do not know them", Covers: []string{"BLOB-AUTH-002"},
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				get := t.As(t.Deployer(), t.Blob("GET", s.path()))
				t.Require(t.Send(ctx, get.Clone().Set("x-ms-version", "2017-11-09")), match.Body(s.content), "the first version that does")
				for about, r := range map[string]*suite.Request{
					"2017-07-29": get.Clone().Set("x-ms-version", "2017-07-29"), "no version": get.Clone().Without("x-ms-version"),
				} {
					a := t.Send(ctx, r)
					forbidden(t, "BLOB-AUTH-001", a, about)
					detailed(t, "BLOB-AUTH-002", a, "Authentication scheme Bearer is not supported in this version.", about)
				}
			},
		},
		{
			ID: "BLOB-AUTH-003/without-tls", Title: "refuses tokens without TLS", Needs: []string{"arm.storage"},
			Run: func(ctx context.Context, t *suite.T) {
				account := newAccount(ctx, t, "Standard_LRS", map[string]any{"supportsHttpsTrafficOnly": false})
				list := func(scheme string) *suite.Request {
					return t.As(t.Deployer(), account.request(scheme, "GET", "/?comp=list&prefix=none"))
				}
				t.Grant(ctx, t.Deployer(), suite.RoleBlobDataReader, account.id)
				t.Require(t.Until(ctx, 200, func() *suite.Request { return list("https") }), match.XML("Prefix", "none"), "with TLS")
				forbidden(t, "BLOB-AUTH-003", t.Send(ctx, list("http")))
			},
		},
		{ID: "BLOB-AUTH-004/audiences", Title: "takes tokens for storage and for the account", Run: audiences},
	}
}

func audiences(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	storage := strings.TrimSuffix(t.Cloud.StorageAudience, "/")
	endpoint := strings.TrimSuffix(t.World.Blob, "/")
	for about, audience := range map[string]string{
		"storage": storage, "storage-slash": storage + "/", "application": storageApplication, "endpoint": endpoint, "endpoint-slash": endpoint + "/",
	} {
		path := s.container + "/" + about
		t.PutBlob(ctx, path, about)
		a := t.Send(ctx, t.Blob("GET", path).Bearer(t.Token(ctx, t.Deployer(), audience)))
		t.Rule("BLOB-AUTH-004").Expect(a, audience).To(match.Status(200))
		t.Rule("BLOB-AUTH-004").Expect(a, audience).To(match.Body(about))
	}
}

// authRefusedTokenSpecs are about how a token is refused.
func authRefusedTokenSpecs() []suite.Spec {
	const info = "InvalidAuthenticationInfo"
	token := func(id, title string, detail any, obtain func(ctx context.Context, t *suite.T) string) suite.Spec {
		rule, _, _ := strings.Cut(id, "/")
		return suite.Spec{ID: id, Title: title, Run: func(ctx context.Context, t *suite.T) {
			s := share(ctx, t)
			t.Require(t.Send(ctx, t.As(t.Deployer(), t.Blob("GET", s.path()))), match.Body(s.content), "by a token that is good")
			for _, version := range []string{sinceChallenges, t.Env.Target.Versions.Blob} {
				a := t.Send(ctx, t.Blob("GET", s.path()).Set("x-ms-version", version).Bearer(obtain(ctx, t)))
				refused(t, rule, a, 401, info, version)
				if detail != nil {
					detailed(t, rule, a, detail, version)
				}
			}
		}}
	}
	return []suite.Spec{
		token("BLOB-AUTH-005/audience", "refuses a token for something else", nil, otherAudience),
		token("BLOB-AUTH-008/no-token", "refuses what is no token", "The access token was missing or malformed.",
			func(context.Context, *suite.T) string { return "YOU SHALL NOT PASS" }),
		token("BLOB-AUTH-009/signature", "refuses a token that Entra did not sign", nil, forged),
		{ID: "BLOB-AUTH-010/before-challenges", Title: "gives old versions no challenge", Run: withoutChallenge},
		{
			ID: "BLOB-AUTH-011/no-token-before", Title: "refuses what is no token as malformed, in old versions",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				get := t.Blob("GET", s.path()).Set("x-ms-version", beforeChallenges)
				t.Require(t.Send(ctx, t.As(t.Deployer(), get.Clone())), match.Body(s.content), "by a token that is good")
				refused(t, "BLOB-AUTH-011", t.Send(ctx, get.Clone().Bearer("YOU SHALL NOT PASS")), 400, info)
			},
		},
		{ID: "BLOB-AUTH-012/challenge", Title: "tells where to get a token, and for what", Run: challenge},
	}
}

// otherAudience is a token that is good for Resource Manager.
func otherAudience(ctx context.Context, t *suite.T) string {
	return t.Token(ctx, t.Deployer(), t.Cloud.ARMAudience)
}

// forged is a token with a signature that nobody made.
func forged(ctx context.Context, t *suite.T) string {
	token := t.Token(ctx, t.Deployer(), t.Cloud.StorageAudience)
	at := strings.LastIndexByte(token, '.') + 8
	by := "A"
	if token[at:at+1] == by {
		by = "B"
	}
	return token[:at] + by + token[at+1:]
}

func withoutChallenge(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	get := t.Blob("GET", s.path()).Set("x-ms-version", beforeChallenges)
	for about, token := range map[string]string{"audience": otherAudience(ctx, t), "signature": forged(ctx, t)} {
		a := t.Send(ctx, get.Clone().Bearer(token))
		forbidden(t, "BLOB-AUTH-010", a, about)
		t.Rule("BLOB-AUTH-010").Expect(a, about).To(match.Header("WWW-Authenticate", match.Absent()))
	}
	a := t.Send(ctx, get.Clone().Anonymous())
	t.Rule("BLOB-AUTH-010").Expect(a, "anonymous").To(match.Status(404))
	t.Rule("BLOB-AUTH-010").Expect(a, "anonymous").To(match.Header("WWW-Authenticate", match.Absent()))
}

func challenge(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	want := "Bearer authorization_uri=" + strings.TrimSuffix(t.Cloud.Login, "/") + "/" + t.World.Tenant + "/oauth2/authorize resource_id=https://storage.azure.com"
	for about, r := range map[string]*suite.Request{
		"anonymous": t.Blob("GET", s.path()).Anonymous(),
		"no token":  t.Blob("GET", s.path()).Bearer("YOU SHALL NOT PASS"),
		"audience":  t.Blob("GET", s.path()).Bearer(otherAudience(ctx, t)),
	} {
		a := t.Send(ctx, r.Set("x-ms-version", sinceChallenges))
		t.Require(a, match.Status(401), about)
		t.Rule("BLOB-AUTH-012").Expect(a, about).To(match.Header("WWW-Authenticate", want))
	}
}

// authRightSpecs are about what a good token may do.
func authRightSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "BLOB-AUTH-013/no-right", Title: "refuses a good token without the right, whatever is there",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				stranger := t.Stranger(ctx)
				t.Require(t.Send(ctx, t.As(t.Deployer(), t.Blob("GET", s.path()))), match.Body(s.content), "by who has the right")
				for _, path := range []string{s.path(), s.container + "/none", t.Unique("none") + "/none"} {
					a := t.Send(ctx, t.As(stranger, t.Blob("GET", path)))
					refused(t, "BLOB-AUTH-013", a, 403, "AuthorizationPermissionMismatch", path)
				}
			},
		},
		openNoBlob("BLOB-AUTH-014/owner", "does not let an Owner read blobs", suite.RoleOwner),
		openNoBlob("BLOB-AUTH-014/contributor", "does not let a Contributor read blobs", suite.RoleContributor),
		{
			ID: "BLOB-AUTH-015/container", Title: "decides about a blob at its container",
			Run: func(ctx context.Context, t *suite.T) {
				here := share(ctx, t)
				there := here
				there.container += "1" // whoever compares the beginnings of scopes takes it for the other
				t.ContainerNamed(ctx, there.container)
				t.PutBlob(ctx, there.path(), there.content)
				reader := t.Stranger(ctx)
				t.Grant(ctx, reader, suite.RoleBlobDataReader, t.World.AccountID()+"/blobServices/default/containers/"+here.container)
				metadata := func(s sharing) *suite.Request { return t.As(reader, t.Blob("GET", s.path()+"?comp=metadata")) }
				t.Until(ctx, 200, func() *suite.Request { return metadata(here) })
				t.Rule("BLOB-AUTH-015").Expect(t.Send(ctx, t.As(reader, t.Blob("GET", here.path())))).To(match.Body(here.content))
				t.Rule("BLOB-AUTH-015").Expect(t.Send(ctx, metadata(there)), "another container").To(match.Status(403))
			},
		},
	}
}

// openNoBlob is the spec of a role that may do everything with the account, and nothing with
// blobs. Listing containers is of the first kind, and shows that the role counts.
func openNoBlob(id, title, role string) suite.Spec {
	return suite.Spec{ID: id, Title: title, Run: func(ctx context.Context, t *suite.T) {
		s := share(ctx, t)
		manager := t.Stranger(ctx)
		t.Grant(ctx, manager, role, t.World.AccountID())
		t.Require(t.Until(ctx, 200, func() *suite.Request { return t.As(manager, t.Blob("GET", "?comp=list&prefix="+s.container)) }),
			match.XML("Containers/Container/Name", s.container), "listing containers")
		for about, r := range map[string]*suite.Request{
			"reading":        t.Blob("GET", s.path()+"?comp=blocklist&blocklisttype=committed"),
			"listing":        t.Blob("GET", s.level("&comp=list")),
			"writing":        t.Blob("PUT", s.path()).Set("x-ms-blob-type", "BlockBlob").Text("new"),
			"reading whole":  t.Blob("GET", s.path()),
			"deleting it":    t.Blob("DELETE", s.path()),
			"reading a name": t.Blob("GET", s.container+"/none"),
		} {
			t.Rule("BLOB-AUTH-014").Expect(t.Send(ctx, t.As(manager, r)), about).To(match.Status(403))
		}
		t.Require(t.Send(ctx, t.Blob("GET", s.path())), match.Body(s.content), "the blob as it was")
	}}
}

// authAnonymousSpecs are about requests that say nothing of who sends them.
func authAnonymousSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "BLOB-AUTH-019/private", Title: "asks for a token for what is not public",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				for _, path := range []string{s.path(), s.container + "/none", s.level("&comp=list"), "?comp=list"} {
					a := t.Send(ctx, t.Blob("GET", path).Set("x-ms-version", sinceChallenges).Anonymous())
					refused(t, "BLOB-AUTH-019", a, 401, "NoAuthenticationInformation", path)
				}
			},
		},
		{
			ID: "BLOB-AUTH-020/private-before", Title: "hides what is not public, in old versions",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				get := t.Blob("GET", s.path()).Anonymous()
				for about, r := range map[string]*suite.Request{
					beforeChallenges: get.Clone().Set("x-ms-version", beforeChallenges), "no version": get.Clone().Without("x-ms-version"),
				} {
					a := t.Send(ctx, r)
					refused(t, "BLOB-AUTH-020", a, 404, "ResourceNotFound", about)
					t.Rule("BLOB-AUTH-020").Expect(a, about).To(match.Header("Server", gomega.HavePrefix("Windows-Azure-Blob/1.0")))
				}
			},
		},
		{
			ID: "BLOB-AUTH-021/not-permitted", Title: "says that an account forbids public access, in old versions", Needs: []string{"arm.storage"},
			Run: func(ctx context.Context, t *suite.T) {
				account := newAccount(ctx, t, "Standard_LRS", map[string]any{"allowBlobPublicAccess": false})
				t.Require(t.Until(ctx, 200, func() *suite.Request { return account.keyed("GET", "/?comp=list&prefix=none") }), match.XML("Prefix", "none"), "by the key")
				get := account.request("https", "GET", "/container/blob")
				for about, r := range map[string]*suite.Request{
					beforeChallenges: get.Clone().Set("x-ms-version", beforeChallenges), "no version": get.Clone().Without("x-ms-version"),
				} {
					refused(t, "BLOB-AUTH-021", t.Send(ctx, r), 409, "PublicAccessNotPermitted", about)
				}
			},
		},
		{ID: "BLOB-AUTH-022/level-blob", Title: "lets everybody read the blobs of a public container", Needs: []string{"blob.container.acl"}, Run: levelBlob},
		{ID: "BLOB-AUTH-023/level-container", Title: "lets everybody list a container that is public as a whole", Needs: []string{"blob.container.acl"}, Run: levelContainer},
	}
}

// public makes a container of a level, with a blob in it, and waits until the level counts.
func public(ctx context.Context, t *suite.T, level string) (container, content string) {
	container, content = t.Container(ctx, "x-ms-blob-public-access", level), t.Unique("public ")
	t.PutBlob(ctx, container+"/b", content)
	t.Require(t.Send(ctx, t.Blob("GET", container+"/b")), match.Body(content), "by the key")
	return container, content
}

// closedToAll is how whoever is nobody is refused: told to come with a token, or that nothing is there.
func closedToAll() gomega.OmegaMatcher { return match.Status(gomega.BeElementOf(401, 403, 404, 409)) }

func levelBlob(ctx context.Context, t *suite.T) {
	container, content := public(ctx, t, "blob")
	get := func(method, query string) *suite.Request { return t.Blob(method, container+"/b"+query).Anonymous() }
	t.Rule("BLOB-AUTH-022").Eventually(ctx, func(ctx context.Context) any { return t.Send(ctx, get("GET", "")) }, match.Status(200))
	t.Rule("BLOB-AUTH-022").Expect(t.Send(ctx, get("GET", ""))).To(match.Body(content))
	t.Rule("BLOB-AUTH-022").Expect(t.Send(ctx, get("HEAD", "")), "properties").To(match.Header("x-ms-blob-type", "BlockBlob"))
	t.Rule("BLOB-AUTH-022").Expect(t.Send(ctx, get("GET", "?comp=metadata")), "metadata").To(match.Status(200))
	t.Rule("BLOB-AUTH-022").Expect(t.Send(ctx, get("GET", "?comp=blocklist&blocklisttype=committed")), "blocks").To(match.Status(200))
	s := share(ctx, t)
	t.Rule("BLOB-AUTH-022").Expect(t.Send(ctx, t.Blob("GET", s.path()).Anonymous()), "a blob that is not public").To(closedToAll())
}

func levelContainer(ctx context.Context, t *suite.T) {
	container, _ := public(ctx, t, "container")
	ask := func(container, query string) *suite.Request {
		return t.Blob("GET", container+"?restype=container"+query).Anonymous()
	}
	t.Rule("BLOB-AUTH-023").Eventually(ctx, func(ctx context.Context) any { return t.Send(ctx, ask(container, "&comp=list")) }, match.Status(200))
	t.Rule("BLOB-AUTH-023").Expect(t.Send(ctx, ask(container, "&comp=list"))).To(match.XML("Blobs/Blob/Name", "b"))
	t.Rule("BLOB-AUTH-023").Expect(t.Send(ctx, ask(container, "")), "properties").To(match.Status(200))
	t.Rule("BLOB-AUTH-023").Expect(t.Send(ctx, ask(container, "&comp=metadata")), "metadata").To(match.Status(200))
	other, _ := public(ctx, t, "blob")
	for _, query := range []string{"&comp=list", "", "&comp=metadata"} {
		t.Rule("BLOB-AUTH-023").Expect(t.Send(ctx, ask(other, query)), "level blob").To(closedToAll())
	}
}
