package tutorial

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// flow1 reads a blob with a token. The audience of storage is the same in all clouds.
func flow1(ctx context.Context, t *suite.T) {
	const hello = "Hello world! :)"
	container := t.Container(ctx)
	for _, name := range []string{"hello_world.txt", "hello%20world.txt"} {
		t.PutBlob(ctx, container+"/"+name, hello)
	}
	get := func(name, token string) *suite.Request {
		return t.Blob("GET", container+"/"+name).Set("x-ms-version", "2017-11-09").Bearer(token)
	}
	const audience = "https%3A%2F%2Fstorage.azure.com%2F"
	answer, token := curl(ctx, t, audience)
	t.Rule("IMDS-TOKEN-001").Expect(answer, "the token").To(match.Status(200))
	t.Rule("IMDS-TOKEN-040").Expect(answer, "the token").To(match.JSON("resource", "https://storage.azure.com/"))
	for _, name := range []string{"hello_world.txt", "hello%20world.txt"} {
		a := t.Send(ctx, get(name, token))
		t.Rule("BLOB-GET-001").Expect(a, name).To(match.Status(200))
		t.Rule("BLOB-GET-001").Expect(a, name).To(match.Body(hello))
	}
	who := t.Stranger(ctx)
	_, token = curl(ctx, t, audience+"&client_id="+who.ClientID)
	a := t.Send(ctx, get("hello_world.txt", token))
	t.Rule("BLOB-AUTH-013").Expect(a, "without the role").To(match.Status(403))
	t.Rule("BLOB-AUTH-013").Expect(a, "without the role").To(match.Code("AuthorizationPermissionMismatch"))
	t.Grant(ctx, who, suite.RoleBlobDataReader, t.World.GroupID())
	t.Rule("RBAC-SCOPE-003").Eventually(ctx, func(ctx context.Context) any { return t.Send(ctx, get("hello_world.txt", token)) }, match.Body(hello))
}

// listServiceSas asks for a signature of the world's account, as typed: the path ends in a slash,
// and the body, of JSON, is called a form.
func listServiceSas(t *suite.T, token, container, permission string) *suite.Request {
	body := fmt.Sprintf(`{"canonicalizedResource":"/blob/%s/%s","signedResource":"c","signedPermission":"%s","signedProtocol":"https","signedExpiry":"%s"}`,
		t.World.Account, container, permission, t.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05Z"))
	return form(t.ARM("POST", t.World.AccountID()+"/listServiceSas/?api-version=2017-06-01").Bearer(token), body)
}

func flow2(ctx context.Context, t *suite.T) {
	container := t.Container(ctx)
	who := t.Stranger(ctx)
	_, token := curl(ctx, t, escaped(t.Cloud.ARMAudience)+"&client_id="+who.ClientID)
	a := t.Send(ctx, listServiceSas(t, token, container, "rcw"))
	t.Rule("ARM-COMMON-032").Expect(a, "without the role").To(match.Status(403))
	t.Rule("ARM-COMMON-032").Expect(a, "without the role").To(match.Code("AuthorizationFailed"))
	t.Grant(ctx, who, suite.RoleStorageContrib, t.World.GroupID())
	t.Settle(ctx, "the role", func(ctx context.Context) bool {
		a = t.Send(ctx, listServiceSas(t, token, container, "rcw"))
		return a.Status != 403
	})
	t.Rule("ARM-STORAGE-018").Expect(a).To(match.Status(200))
	t.Rule("ARM-STORAGE-012").Expect(a).To(match.JSON("serviceSasToken", gomega.MatchRegexp(`(^|&)sv=2015-04-05(&|$)`)))
	t.Rule("ARM-STORAGE-013").Expect(a).To(match.JSON("serviceSasToken", gomega.MatchRegexp(`&sp=rcw(&|$)`)))
	sas := match.Text(a, "serviceSasToken")
	if sas == "" {
		t.Broken("no signature: %d %s", a.Status, a.Body)
	}
	t.Hide(sas)
	a = t.Send(ctx, upload(t.Blob("PUT", container+"/testblob").Raw(sas), content))
	t.Rule("BLOB-SAS-005").Expect(a, "upload").To(match.Status(201))
	came(t, "BLOB-SAS-005", t.Send(ctx, download(t.Blob("GET", container+"/testblob").Raw(sas))), "download")

	reads := match.Text(t.Send(ctx, listServiceSas(t, token, container, "r")), "serviceSasToken")
	t.Hide(reads)
	a = t.Send(ctx, download(t.Blob("GET", container+"/testblob").Raw(reads)))
	t.Require(a, match.Body(content), "download by a signature without w")
	a = t.Send(ctx, upload(t.Blob("PUT", container+"/other").Raw(reads), content))
	t.Rule("BLOB-AUTH-025").Expect(a, "upload by a signature without w").To(match.Status(403))
	t.Rule("BLOB-AUTH-025").Expect(a, "upload by a signature without w").To(match.Code("AuthorizationPermissionMismatch"))
}

// listKeys asks for the keys of an account, as typed.
func listKeys(t *suite.T, token, account string) *suite.Request {
	return form(t.ARM("POST", idOf(t, account)+"/listKeys?api-version=2016-12-01").Bearer(token), "")
}

func idOf(t *suite.T, account string) string {
	w := t.World
	w.Account = account
	return w.AccountID()
}

// keysIn are the keys in an answer, which is held to the rule about it.
func keysIn(t *suite.T, a *wire.Answer) (first, second string) {
	for i, name := range []string{"key1", "key2"} {
		at := fmt.Sprintf("keys.%d.", i)
		t.Rule("ARM-STORAGE-007").Expect(a).To(match.JSON(at+"keyName", name))
		raw, err := base64.StdEncoding.DecodeString(match.Text(a, at+"value"))
		t.Rule("ARM-STORAGE-007").Expect(err, name).To(gomega.Succeed())
		t.Rule("ARM-STORAGE-007").Expect(len(raw), name).To(gomega.Equal(64))
	}
	first, second = match.Text(a, "keys.0.value"), match.Text(a, "keys.1.value")
	t.Hide(first)
	t.Hide(second)
	if first == "" || second == "" {
		t.Broken("no keys: %d", a.Status)
	}
	return first, second
}

// blobOf asks an account, without a credential.
func blobOf(t *suite.T, account, method, path string) *suite.Request {
	r := t.Blob(method, path).Anonymous()
	if account != t.World.Account {
		r.URL = t.Cloud.Blob(account) + "/" + path
	}
	return r
}

// flow3 has an account of its own, whose keys it may change.
func flow3(ctx context.Context, t *suite.T) {
	account, who := t.NewAccount(ctx), t.Stranger(ctx)
	_, token := curl(ctx, t, escaped(t.Cloud.ARMAudience)+"&client_id="+who.ClientID)
	a := t.Send(ctx, listKeys(t, token, account))
	t.Rule("ARM-STORAGE-011").Expect(a, "without the role").To(match.Status(403))
	t.Grant(ctx, who, suite.RoleStorageContrib, t.World.GroupID())
	t.Settle(ctx, "the role", func(ctx context.Context) bool {
		a = t.Send(ctx, listKeys(t, token, account))
		return a.Status != 403
	})
	old, other := keysIn(t, a)
	send := func(r *suite.Request, key string) *wire.Answer { return t.Send(ctx, signed(t, r, account, key)) }
	file := func() *suite.Request { return download(blobOf(t, account, "GET", "files/test.txt")) }
	a = send(blobOf(t, account, "PUT", "files?restype=container").Set("x-ms-version", "2022-11-02"), old)
	t.Rule("BLOB-SKEY-029").Expect(a, "making a container").To(match.Status(201))
	a = send(upload(blobOf(t, account, "PUT", "files/test.txt"), content), old)
	t.Rule("BLOB-SKEY-029").Expect(a, "upload").To(match.Status(201))
	came(t, "BLOB-SKEY-029", send(file(), old), "download with key1")
	came(t, "BLOB-SKEY-029", send(file(), other), "download with key2")

	a = t.Send(ctx, t.ARM("POST", idOf(t, account)+"/regenerateKey?api-version=2016-12-01").Bearer(token).JSON(object{"keyName": "key1"}))
	t.Rule("ARM-STORAGE-010").Expect(a).To(match.JSON("keys.0.value", gomega.Not(gomega.Equal(old))))
	t.Rule("ARM-STORAGE-010").Expect(a).To(match.JSON("keys.1.value", other))
	t.Rule("BLOB-SKEY-026").Eventually(ctx, func(context.Context) any { return send(file(), old) }, match.Status(403))
	t.Rule("BLOB-SKEY-026").Expect(send(file(), old), "the old key").To(match.Code("AuthenticationFailed"))
	came(t, "BLOB-SKEY-029", send(file(), match.Text(a, "keys.0.value")), "download with the new key")
	came(t, "BLOB-SKEY-029", send(file(), other), "download with the key that was left alone")
}

// flow7 is flow 3 as the page of the public cloud has it: with the machine's own token. The
// account is the world's.
func flow7(ctx context.Context, t *suite.T) {
	container := t.Container(ctx)
	_, token := curl(ctx, t, escaped(t.Cloud.ARMAudience))
	first, second := keysIn(t, t.Send(ctx, listKeys(t, token, t.World.Account)))
	path := container + "/test.txt"
	a := t.Send(ctx, signed(t, upload(t.Blob("PUT", path), content), t.World.Account, first))
	t.Rule("BLOB-PUT-001").Expect(a, "upload").To(match.Status(201))
	for _, name := range []string{"ETag", "Last-Modified", "Content-MD5"} {
		t.Rule("BLOB-PUT-001").Expect(a, "upload").To(match.HasHeader(name))
	}
	for _, key := range []string{first, second} {
		came(t, "BLOB-GET-003", t.Send(ctx, signed(t, download(t.Blob("GET", path)), t.World.Account, key)), "download")
	}
}
