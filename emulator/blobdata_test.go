package emulator_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/storageauth"
)

// devBlob is a URL at which devstoreaccount1 is reached: by its host through the proxy,
// or by path at the blob port.
func (r *rig) devBlob(path string, byPath bool) string {
	if byPath {
		return r.blobURL + "/" + devAccount + path
	}
	return r.blob(devAccount, path)
}

func (r *rig) want(what string, a answer, status int) answer {
	r.Helper()
	if a.status != status {
		r.Fatalf("%s: %d %s", what, a.status, a.body)
	}
	return a
}

// The life of a blob by both ways in, signed by the account's key.
func TestBlobLife(t *testing.T) { onCarriers(t, checkBlobLife) }

func checkBlobLife(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	for name, byPath := range map[string]bool{"host": false, "path": true} {
		t.Run(name, func(t *testing.T) {
			r := r.in(t)
			at := func(path string) string { return r.devBlob("/life-"+name+path, byPath) }
			r.want("create", r.signed("PUT", at("?restype=container"), "", "x-ms-meta-CamelCase: a"), 201)
			r.refusedBlob("again", r.signed("PUT", at("?restype=container"), ""), 409, "ContainerAlreadyExists", "")
			put := r.want("put", r.signed("PUT", at("/dir/a%20b%2Fc"), "hello", "x-ms-blob-type: BlockBlob", "Content-Type: text/plain", "x-ms-meta-fooBAR: v", "x-ms-tags: k=v"), 201)
			if put.header.Get("Content-MD5") != "XUFAKrxLKna5cZ2REBfFkg==" || put.header.Get("x-ms-content-crc64") == "" || put.header.Get("x-ms-request-server-encrypted") != "true" {
				t.Errorf("put: %v", put.header)
			}
			// BLOB-PUT-025
			r.refusedBlob("other MD5", r.signed("PUT", at("/dir/a%20b%2Fc"), "hello", "x-ms-blob-type: BlockBlob", "x-ms-blob-content-md5: AAAAAAAAAAAAAAAAAAAAAA==", "Content-MD5: XUFAKrxLKna5cZ2REBfFkg=="), 400, "Md5Mismatch", "")
			get := r.want("get", r.signed("GET", at("/dir/a%20b/c"), "", "x-ms-range: bytes=1-99"), 206)
			if get.body != "ello" || get.header.Get("Content-Range") != "bytes 1-4/5" || get.header.Get("Content-MD5") != "" || get.header.Get("x-ms-blob-content-md5") != "XUFAKrxLKna5cZ2REBfFkg==" {
				t.Errorf("get: %v %s", get.header, get.body)
			}
			head := r.want("head", r.signed("HEAD", at("/dir/a%20b/c"), "", "Range: bytes=1-2"), 200)
			if head.header.Get("Content-Length") != "5" || head.header.Get("x-ms-access-tier-inferred") != "true" || head.header.Get("ETag") != put.header.Get("ETag") || head.header.Get("x-ms-tag-count") != "1" {
				t.Errorf("head: %v", head.header)
			}
			r.want("one segment", r.signed("GET", strings.Replace(at("/dir/a%20b/c"), "/dir/", "%2Fdir%5C", 1), ""), 200)
			r.refusedBlob("no name", r.signed("GET", at("/"), ""), 400, "InvalidUri", "")
			r.refusedBlob("range", r.signed("GET", at("/dir/a%20b/c"), "", "Range: bytes=5-"), 416, "InvalidRange", "")
			r.refusedBlob("exists", r.signed("PUT", at("/dir/a%20b/c"), "x", "x-ms-blob-type: BlockBlob", "If-None-Match: *"), 409, "BlobAlreadyExists", "")
			r.refusedBlob("not modified", r.signed("GET", at("/dir/a%20b/c"), "", "If-None-Match: "+put.header.Get("ETag")), 304, "ConditionNotMet", "")
			list := r.want("list", r.signed("GET", at("?restype=container&comp=list&include=metadata,tags"), ""), 200)
			for _, part := range []string{`ContainerName="life-` + name + `"><Blobs><Blob><Name>dir/a b/c</Name>`, "<Metadata><fooBAR>v</fooBAR></Metadata><Tags><TagSet><Tag><Key>k</Key><Value>v</Value>",
				"<Etag>" + strings.Trim(put.header.Get("ETag"), `"`) + "</Etag>", "<OrMetadata /></Blob></Blobs><NextMarker /></EnumerationResults>",
				`ServiceEndpoint="` + r.devBlob("/", byPath) + `"`} {
				if !strings.Contains(list.body, part) {
					t.Errorf("list lacks %s: %s", part, list.body)
				}
			}
			if list.header.Get("Content-Length") != "" || !strings.HasPrefix(list.body, "\ufeff<?xml") {
				t.Errorf("list: %v", list.header)
			}
			containers := r.want("containers", r.signed("GET", r.devBlob("/?comp=list&include=metadata&prefix=life-"+name, byPath), ""), 200)
			if !strings.Contains(containers.body, "<Metadata><CamelCase>a</CamelCase></Metadata>") {
				t.Errorf("containers: %s", containers.body)
			}
			r.want("delete", r.signed("DELETE", at("/dir/a%20b/c"), ""), 202)
			r.refusedBlob("gone", r.signed("HEAD", at("/dir/a%20b/c"), ""), 404, "BlobNotFound", "")
			r.want("delete container", r.signed("DELETE", at("?restype=container"), ""), 202)
			r.refusedBlob("gone", r.signed("GET", at("?restype=container"), ""), 404, "ContainerNotFound", "")
		})
	}
}

func TestBlobBlocks(t *testing.T) { onCarriers(t, checkBlobBlocks) }

func checkBlobBlocks(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	at := func(path string) string { return r.devBlob("/blocks"+path, false) }
	r.want("create", r.signed("PUT", at("?restype=container"), ""), 201)
	for _, block := range []string{"Yg%3D%3D", "YQ%3D%3D", "Yw%3D%3D"} {
		r.want("stage", r.signed("PUT", at("/b?comp=block&blockid="+block), "data-"+block[:2]), 201)
	}
	r.refusedBlob("other length", r.signed("PUT", at("/b?comp=block&blockid=YWFhYQ%3D%3D"), "x"), 400, "InvalidBlobOrBlock", "")
	r.refusedBlob("no id", r.signed("PUT", at("/b?comp=block"), "x"), 400, "MissingRequiredQueryParameter", "<QueryParameterName>blockid<")
	r.refusedBlob("bad id", r.signed("PUT", at("/b?comp=block&blockid=a"), "x"), 400, "InvalidBlockId", "")
	r.refusedBlob("uncommitted", r.signed("GET", at("/b"), ""), 404, "BlobNotFound", "")
	staged := r.want("list", r.signed("GET", at("/b?comp=blocklist&blocklisttype=all"), ""), 200)
	if !strings.HasSuffix(staged.body, "<BlockList><CommittedBlocks /><UncommittedBlocks><Block><Name>YQ==</Name><Size>7</Size></Block><Block><Name>Yg==</Name><Size>7</Size></Block>"+
		"<Block><Name>Yw==</Name><Size>7</Size></Block></UncommittedBlocks></BlockList>") || staged.header.Get("ETag") != "" {
		t.Errorf("staged: %v %s", staged.header, staged.body)
	}
	const list = `<?xml version="1.0"?><BlockList><Latest>Yg==</Latest><Uncommitted>YQ==</Uncommitted></BlockList>`
	r.refusedBlob("missing block", r.signed("PUT", at("/b?comp=blocklist"), strings.ReplaceAll(list, "Yg", "ZZ")), 400, "InvalidBlockList", "")
	r.refusedBlob("no XML", r.signed("PUT", at("/b?comp=blocklist"), "<BlockList><Latest>"), 400, "InvalidXmlDocument", "<LineNumber>1</LineNumber>")
	r.want("commit", r.signed("PUT", at("/b?comp=blocklist"), list, "Content-Type: text/xml", "x-ms-blob-content-type: a/b"), 201)
	got := r.want("get", r.signed("GET", at("/b"), ""), 200)
	if got.body != "data-Ygdata-YQ" || got.header.Get("Content-Type") != "a/b" || got.header.Get("Content-MD5") != "" {
		t.Errorf("%v %s", got.header, got.body)
	}
	after := r.want("list", r.signed("GET", at("/b?comp=blocklist&blocklisttype=all"), ""), 200)
	if !strings.HasSuffix(after.body, "<Block><Name>YQ==</Name><Size>7</Size></Block></CommittedBlocks><UncommittedBlocks /></BlockList>") || after.header.Get("x-ms-blob-content-length") != "14" {
		t.Errorf("committed: %v %s", after.header, after.body)
	}
	r.want("stage", r.signed("PUT", at("/late?comp=block&blockid=YQ%3D%3D"), "x"), 201)
	r.emu.Clock().Advance(7 * 24 * time.Hour)
	r.refusedBlob("a week later", r.signed("GET", at("/late?comp=blocklist&blocklisttype=all"), ""), 404, "BlobNotFound", "")
}

func TestSharedKeyRefusals(t *testing.T) { onCarriers(t, checkSharedKeyRefusals) }

func checkSharedKeyRefusals(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	target := r.devBlob("/?comp=list", false)
	date := "x-ms-date: " + time.Now().UTC().Format(http.TimeFormat)
	const wrong = "Authorization: SharedKey " + devAccount + ":AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	r.refusedBlob("signature", r.get(target, version2021, date, wrong), 403, "AuthenticationFailed",
		"is not the same as any computed signature. Server used following string to sign: 'GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:")
	r.refusedBlob("skew", r.get(target, version2021, "x-ms-date: Mon, 02 Jan 2006 15:04:05 GMT", wrong), 403, "AuthenticationFailed", "Request date header too old: 'Mon, 02 Jan 2006 15:04:05 GMT'")
	r.refusedBlob("no version", r.get(target, date, wrong), 400, "MissingRequiredHeader", "<HeaderName>x-ms-version<")
	r.refusedBlob("garbage", r.get(target, version2021, date, "Authorization: SharedKey x"), 400, "InvalidAuthenticationInfo", "")
	r.want("good", r.signed("GET", target, ""), 200)
	no := false
	r.changeAccount(devAccount, func(a *state.StorageAccount) { a.AllowSharedKeyAccess = &no })
	r.refusedBlob("keys forbidden", r.signed("GET", target, ""), 403, "KeyBasedAuthenticationNotPermitted", "Key based authentication is not permitted on this storage account.")
}

// changeAccount changes an account behind the services' backs.
func (r *rig) changeAccount(name string, change func(*state.StorageAccount)) {
	r.Helper()
	err := r.emu.State().Update(func(tx *state.Tx) error {
		a, _ := tx.Accounts.Get(name)
		change(&a)
		tx.Accounts.Put(a)
		return nil
	})
	if err != nil {
		r.Fatal(err)
	}
}

// BLOB-AUTH-024 to BLOB-AUTH-032.
func TestBlobSAS(t *testing.T) { onCarriers(t, checkBlobSAS) }

func checkBlobSAS(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	r.want("create", r.signed("PUT", r.devBlob("/sas?restype=container", false), ""), 201)
	r.want("put", r.signed("PUT", r.devBlob("/sas/b", false), "hello", "x-ms-blob-type: BlockBlob"), 201)
	sign := func(s storageauth.SAS, blob string) string {
		s.Version = orValue(s.Version, "2021-12-02")
		s.Expiry = orValue(s.Expiry, r.emu.Clock().Now().Add(time.Hour).Format(time.RFC3339))
		return s.Signed(storageauth.Target{Account: devAccount, Container: "sas", Blob: blob}, decodedKey(t)).Encode()
	}
	read := sign(storageauth.SAS{Resource: "c", Permissions: "r"}, "")
	at := func(path, token string) string {
		return r.devBlob(path, false) + map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + token
	}
	if a := r.want("read", r.get(at("/sas/b", read)), 200); a.body != "hello" || a.header.Get("x-ms-version") != "2021-12-02" {
		t.Errorf("%v %s", a.header, a.body)
	}
	if a := r.want("kind of the account", r.get(at("/sas?restype=account&comp=properties", read)), 200); a.header.Get("x-ms-account-kind") != "StorageV2" {
		t.Errorf("%v", a.header)
	}
	typed := sign(storageauth.SAS{Resource: "b", Permissions: "r", ContentType: "a/b"}, "b")
	if a := r.want("override", r.get(at("/sas/b", typed)), 200); a.header.Get("Content-Type") != "a/b" {
		t.Errorf("%v", a.header)
	}
	for name, row := range map[string]struct {
		method, target string
		status         int
		code, part     string
	}{
		"other blob":   {"GET", at("/sas/c", typed), 403, "AuthenticationFailed", "<AuthenticationErrorDetail>Signature did not match. String to sign used was r\n"},
		"altered":      {"GET", at("/sas/b", strings.Replace(read, "sp=r", "sp=rw", 1)), 403, "AuthenticationFailed", "Signature did not match."},
		"expired":      {"GET", at("/sas/b", sign(storageauth.SAS{Resource: "c", Permissions: "r", Expiry: "2020-01-01"}, "")), 403, "AuthenticationFailed", "Signed expiry time [Wed, 01 Jan 2020 00:00:00 GMT] must be after signed start time ["},
		"early":        {"GET", at("/sas/b", sign(storageauth.SAS{Resource: "c", Permissions: "r", Start: "2099-01-01", Expiry: "2099-01-02"}, "")), 403, "AuthenticationFailed", "Signature not valid in the specified time frame: Start [Thu, 01 Jan 2099"},
		"letter":       {"PUT", at("/sas/b", read), 403, "AuthorizationPermissionMismatch", ""},
		"list":         {"GET", at("/sas?restype=container&comp=list", read), 403, "AuthorizationPermissionMismatch", ""},
		"level":        {"GET", at("/?comp=list", read), 403, "AuthenticationFailed", "not allowed for the this resource level"},
		"ACL":          {"GET", at("/sas?restype=container&comp=acl", read), 403, "AuthorizationFailure", ""},
		"overwrite":    {"PUT", at("/sas/b", sign(storageauth.SAS{Resource: "c", Permissions: "c"}, "")), 403, "UnauthorizedBlobOverwrite", ""},
		"protocol":     {"GET", strings.Replace(at("/sas/b", sign(storageauth.SAS{Resource: "c", Permissions: "r", Protocol: "https"}, "")), "https:", "http:", 1), 403, "AuthorizationProtocolMismatch", ""},
		"address":      {"GET", at("/sas/b", sign(storageauth.SAS{Resource: "c", Permissions: "r", IP: "10.0.0.1"}, "")), 403, "AuthorizationSourceIPMismatch", "using this source IP 127.0.0.1."},
		"no policy":    {"GET", at("/sas/b", sign(storageauth.SAS{Resource: "c", Identifier: "none"}, "")), 403, "AuthenticationFailed", ""},
		"bad field":    {"GET", at("/sas/b", strings.Replace(read, "sp=r", "sp=zz", 1)), 403, "AuthenticationFailed", "<AuthenticationErrorDetail>Signature fields not well formed.<"},
		"account, srt": {"GET", at("/sas/b", sign(storageauth.SAS{Kind: storageauth.KindAccount, Services: "b", ResourceTypes: "c", Permissions: "r"}, "")), 403, "AuthorizationResourceTypeMismatch", ""},
		"account, ss":  {"GET", at("/sas/b", sign(storageauth.SAS{Kind: storageauth.KindAccount, Services: "q", ResourceTypes: "o", Permissions: "r"}, "")), 403, "AuthorizationServiceMismatch", ""},
	} {
		r.refusedBlob(name, r.do(row.method, row.target, "x", "x-ms-blob-type: BlockBlob"), row.status, row.code, row.part)
	}
	const policy = `<SignedIdentifiers><SignedIdentifier><Id>p</Id><AccessPolicy><Expiry>2099-01-01</Expiry><Permission>r</Permission></AccessPolicy></SignedIdentifier></SignedIdentifiers>`
	r.want("set policy", r.signed("PUT", r.devBlob("/sas?restype=container&comp=acl", false), policy), 200)
	acl := r.want("get policy", r.signed("GET", r.devBlob("/sas?restype=container&comp=acl", false), ""), 200)
	if !strings.Contains(acl.body, "<AccessPolicy><Expiry>2099-01-01T00:00:00.0000000Z</Expiry><Permission>r</Permission></AccessPolicy>") {
		t.Error(acl.body)
	}
	stored := (storageauth.SAS{Version: "2021-12-02", Resource: "c", Identifier: "p"}).Signed(storageauth.Target{Account: devAccount, Container: "sas"}, decodedKey(t)).Encode()
	r.want("by policy", r.get(at("/sas/b", stored)), 200)
	account := sign(storageauth.SAS{Kind: storageauth.KindAccount, Services: "b", ResourceTypes: "sco", Permissions: "rl"}, "")
	r.want("account", r.get(at("/?comp=list", account)), 200)
	r.emu.Clock().Advance(2 * time.Hour)
	r.refusedBlob("world's clock", r.get(at("/sas/b", read)), 403, "AuthenticationFailed", "Signed expiry time")
}

// A signature for a snapshot or a version opens nothing of the base blob, whatever the
// request says it is for: there are neither here.
func TestSASOfASnapshotKeepsOffTheBase(t *testing.T) {
	onCarriers(t, checkSASOfASnapshotKeepsOffTheBase)
}

func checkSASOfASnapshotKeepsOffTheBase(t *testing.T, open opener) {
	const moment = "2024-01-01T00:00:00.0000000Z"
	r := open(t, emulator.Options{})
	r.want("create", r.signed("PUT", r.devBlob("/sas?restype=container", false), ""), 201)
	r.want("put", r.signed("PUT", r.devBlob("/sas/b", false), "hello", "x-ms-blob-type: BlockBlob"), 201)
	for _, sas := range []storageauth.SAS{
		{Resource: "bs"}, {Resource: "bs", Snapshot: moment}, {Resource: "bv"}, {Resource: "bv", VersionID: moment},
	} {
		sas.Permissions, sas.Version, sas.Expiry = "racwdt", "2021-12-02", r.emu.Clock().Now().Add(time.Hour).Format(time.RFC3339)
		token := sas.Signed(storageauth.Target{Account: devAccount, Container: "sas", Blob: "b"}, decodedKey(t)).Encode()
		for _, named := range []string{"", "&snapshot=" + moment, "&versionid=" + moment} {
			for _, row := range []struct{ method, comp, body string }{
				{"GET", "", ""}, {"HEAD", "", ""}, {"PUT", "", "x"}, {"DELETE", "", ""}, {"PUT", "comp=metadata&", ""}, {"PUT", "comp=properties&", ""},
				{"PUT", "comp=block&blockid=AAAA&", "x"}, {"PUT", "comp=blocklist&", "<BlockList/>"}, {"GET", "comp=blocklist&", ""}, {"GET", "comp=tags&", ""},
				{"PUT", "comp=tags&", "<Tags><TagSet/></Tags>"},
			} {
				a := r.do(row.method, r.devBlob("/sas/b?"+row.comp+token+named, false), row.body, "x-ms-blob-type: BlockBlob")
				if a.status != 403 && a.status != 404 {
					t.Errorf("sr=%s%s %s %s: %d %s", sas.Resource, named, row.method, row.comp, a.status, a.body)
				}
			}
		}
	}
	if a := r.signed("GET", r.devBlob("/sas/b", false), ""); a.body != "hello" {
		t.Errorf("the base blob: %d %s", a.status, a.body)
	}
}

func orValue(v, or string) string {
	if v == "" {
		return or
	}
	return v
}

// BLOB-AUTH-019 to BLOB-AUTH-023.
func TestBlobAnonymous(t *testing.T) { onCarriers(t, checkBlobAnonymous) }

func checkBlobAnonymous(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	for _, level := range []string{"private", "blob", "container"} {
		headers := []string{"x-ms-blob-public-access: " + level}
		if level == "private" {
			headers = nil
		}
		r.want("create", r.signed("PUT", r.devBlob("/"+level+"?restype=container", false), "", headers...), 201)
		r.want("put", r.signed("PUT", r.devBlob("/"+level+"/b", false), "x", "x-ms-blob-type: BlockBlob"), 201)
	}
	const unknown, none = "ResourceNotFound", "NoAuthenticationInformation"
	for _, row := range []struct {
		path, version string
		status        int
		code          string
	}{
		{"/private/b", version2021, 401, none}, {"/private/b", version2017, 404, unknown}, {"/private/b", "", 404, unknown}, {"/nowhere/b", "", 404, unknown},
		{"/blob/b", version2021, 200, ""}, {"/blob/b", "", 200, ""}, {"/blob/none", version2021, 404, "BlobNotFound"},
		{"/blob?restype=container&comp=list", version2021, 401, none}, {"/blob?restype=container", "", 404, unknown},
		{"/container/b", version2021, 200, ""}, {"/container?restype=container&comp=list", version2021, 200, ""}, {"/container?restype=container", version2021, 200, ""},
		{"/container?restype=container&comp=acl", version2021, 401, none}, {"/?comp=list", version2021, 401, none}, {"/container/b?comp=tags", version2021, 401, none},
	} {
		header, part := row.code, ""
		if row.version == "" && row.code != "" { // an old version, whose errors have their code in the body alone (BLOB-COMMON-009)
			header, part = "", "<Code>"+row.code+"</Code>"
		}
		r.refusedBlob(row.path+" "+row.version, r.get(r.devBlob(row.path, false), orValue(row.version, "X: y")), row.status, header, part)
	}
	r.refusedBlob("write", r.do("PUT", r.devBlob("/container/new", false), "x", version2021, "x-ms-blob-type: BlockBlob"), 401, none, "")
	r.changeAccount(devAccount, func(a *state.StorageAccount) { a.AllowBlobPublicAccess = false })
	r.refusedBlob("forbidden", r.get(r.devBlob("/container/b", false)), 409, "", "<Code>PublicAccessNotPermitted</Code>")
	r.refusedBlob("forbidden", r.get(r.devBlob("/container/b", false), version2021), 401, none, "")
	r.refusedBlob("making public", r.signed("PUT", r.devBlob("/another?restype=container", false), "", "x-ms-blob-public-access: blob"), 409, "PublicAccessNotPermitted", "")
}

// What is not emulated is refused loudly, never answered as if it had been done.
func TestBlobUnemulated(t *testing.T) { onCarriers(t, checkBlobUnemulated) }

func checkBlobUnemulated(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	r.want("create", r.signed("PUT", r.devBlob("/c00?restype=container", false), ""), 201)
	for _, row := range []struct{ method, path, header string }{
		{"PUT", "/c00/b?comp=lease", ""}, {"PUT", "/c00/b?comp=snapshot", ""}, {"PUT", "/c00/b", "x-ms-copy-source: https://x/y"}, {"PUT", "/c00/b", "x-ms-blob-type: AppendBlob"},
		{"PUT", "/c00/b", "x-ms-blob-type: PageBlob"}, {"PUT", "/c00/b?comp=appendblock", ""}, {"PUT", "/c00/b?comp=page", ""}, {"POST", "/c00/b?comp=query", ""},
		{"POST", "/?comp=batch", ""}, {"POST", "/?restype=service&comp=userdelegationkey", ""}, {"PUT", "/c00?restype=container&comp=lease", ""}, {"GET", "/?comp=blobs&where=x", ""},
		{"PUT", "/c00/b?comp=block&blockid=YQ%3D%3D", "x-ms-copy-source: https://x/y"}, {"PUT", "/c00/b", "x-ms-encryption-key: x|x-ms-blob-type: BlockBlob"},
	} {
		headers := strings.Split(orValue(row.header, "x-ms-client-request-id: 1"), "|")
		r.refusedBlob(row.method+" "+row.path+" "+row.header, r.signed(row.method, r.devBlob(row.path, false), "x", headers...), 501, "NotImplemented", "Linarite does not emulate ")
	}
	r.refusedBlob("nothing was made", r.signed("GET", r.devBlob("/c00/b", false), ""), 404, "BlobNotFound", "")
	r.refusedBlob("verb", r.signed("POST", r.devBlob("/c00/b", false), "x"), 405, "UnsupportedHttpVerb", "")
}

// The well-known account is there while the blob port is open, unless the world is to have
// nothing whose secret is public.
func TestWellKnownAccount(t *testing.T) { onCarriers(t, checkWellKnownAccount) }

func checkWellKnownAccount(t *testing.T, open opener) {
	r := open(t, emulator.Options{NoWellKnown: true})
	a := r.raw("GET", r.blobURL+"/"+devAccount+"/?comp=list", "", http.Header{})
	if a.status != 421 || !strings.Contains(a.body, "no storage account called 'devstoreaccount1'") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if u, err := url.Parse(r.blobURL); err != nil || u.Hostname() != "127.0.0.1" {
		t.Errorf("%s %v", r.blobURL, err)
	}
}
