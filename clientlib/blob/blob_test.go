package blob_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/blob"
)

func TestRoundTrip(t *testing.T) {
	emu, c := tutorial(t)
	for _, size := range []int{0, 1, 15, 4095, 4096, 4097, 8192, 12288, 12289, 50_000} {
		for _, known := range []bool{true, false} {
			want, name := pattern(size), fmt.Sprintf("b-%d-%v", size, known)
			var from io.Reader = bytes.NewReader(want)
			if !known {
				from = io.MultiReader(from)
			}
			b := c.Container("files").Blob(name)
			w := must(b.Upload(t.Context(), from, &blob.UploadOptions{BlockSize: 4096, Parallel: 3, MD5: true}))(t)
			if got := emu.StorageAccount(store).Container("files").Download(name); !bytes.Equal(got, want) {
				t.Fatalf("%s: %d bytes are there, %d were sent", name, len(got), len(want))
			}
			for _, o := range []blob.DownloadOptions{{}, {RangeSize: 1000}, {RangeSize: 4096, Parallel: 2, Verify: true}, {Parallel: 1}, {Parallel: 1, RangeSize: 100, Verify: true}} {
				var got bytes.Buffer
				p := must(b.Download(t.Context(), &got, &o))(t)
				if !bytes.Equal(got.Bytes(), want) || p.Size != int64(size) || p.ETag != w.ETag || p.MD5 == "" && size > 0 {
					t.Errorf("%s by %+v: %d bytes, %+v", name, o, got.Len(), p)
				}
				var place at
				if p = must(b.DownloadAt(t.Context(), &place, &o))(t); !bytes.Equal(place.data, want) || p.Size != int64(size) {
					t.Errorf("%s at places by %+v: %d bytes, %+v", name, o, len(place.data), p)
				}
			}
		}
	}
}

func TestParts(t *testing.T) {
	_, c := tutorial(t)
	b, want := c.Container("files").Blob("b"), pattern(10_000)
	must(b.Upload(t.Context(), bytes.NewReader(want), nil))(t)
	for _, part := range [][3]int64{{0, 10, 10}, {5, 0, 10_000}, {5, 2500, 2505}, {9999, 0, 10_000}, {9990, 100, 10_000}, {0, 20_000, 10_000}, {1000, 1000, 2000}} {
		for _, parallel := range []int{1, 4} {
			o, got, place := &blob.DownloadOptions{Offset: part[0], Count: part[1], RangeSize: 1000, Parallel: parallel}, &bytes.Buffer{}, &at{}
			p := must(b.Download(t.Context(), got, o))(t)
			must(b.DownloadAt(t.Context(), place, o))(t)
			if !bytes.Equal(got.Bytes(), want[part[0]:part[2]]) || !bytes.Equal(place.data, want[part[0]:part[2]]) || p.Size != 10_000 {
				t.Errorf("%v: %d and %d bytes of %d", part, got.Len(), len(place.data), p.Size)
			}
		}
	}
	_, err := b.Download(t.Context(), io.Discard, &blob.DownloadOptions{Offset: 10_000})
	code(t, err, "InvalidRange")
	_, err = b.Download(t.Context(), io.Discard, &blob.DownloadOptions{Offset: -1})
	if err == nil {
		t.Error("an offset that is negative")
	}
	_, err = c.Container("files").Blob("none").Download(t.Context(), io.Discard, nil)
	code(t, err, "BlobNotFound")
}

// What is asked of a blob, and how it is served, comes back.
func TestProperties(t *testing.T) {
	_, c := tutorial(t)
	b := c.Container("files").Blob("dir/b")
	h := blob.Headers{ContentType: "text/plain", ContentEncoding: "gzip", ContentLanguage: "de", ContentDisposition: `attachment; filename="x"`, CacheControl: "no-cache"}
	w := must(b.Upload(t.Context(), strings.NewReader("hello"), &blob.UploadOptions{Headers: h, Metadata: map[string]string{"fooBar": "1", "b": "x y"}, Tier: "Cool"}))(t)
	p := must(b.Properties(t.Context(), nil))(t)
	if p.Headers != h || p.ETag != w.ETag || p.Size != 5 || p.Tier != "Cool" || p.Metadata["foobar"] != "1" || p.Metadata["b"] != "x y" || p.Type != "BlockBlob" ||
		p.LeaseState != "available" || p.Modified.IsZero() || !p.Modified.Equal(w.Modified) || p.Created.IsZero() {
		t.Errorf("%+v", p)
	}
	var got bytes.Buffer
	if d := must(b.Download(t.Context(), &got, nil))(t); got.String() != "hello" || d.ContentEncoding != "gzip" {
		t.Errorf("%q, %+v: what is stored as gzip is nobody's to unpack", got.String(), d)
	}
	_, err := b.Properties(t.Context(), &blob.Conditions{IfMatch: `"0x8D0"`})
	if !clientlib.HasStatus(err, 412) {
		t.Error(err)
	}
	_, err = b.Properties(t.Context(), &blob.Conditions{IfNoneMatch: w.ETag})
	if !clientlib.HasStatus(err, 304) {
		t.Error(err)
	}
	must(b.SetMetadata(t.Context(), map[string]string{"c": "2"}, &blob.Conditions{IfMatch: w.ETag}))(t)
	must(b.SetHeaders(t.Context(), blob.Headers{CacheControl: "max-age=1"}, nil))(t)
	p = must(b.Properties(t.Context(), nil))(t)
	if len(p.Metadata) != 1 || p.Metadata["c"] != "2" || p.Headers != (blob.Headers{CacheControl: "max-age=1"}) {
		t.Errorf("%+v", p)
	}
	if ok := must(b.Exists(t.Context()))(t); !ok {
		t.Error("it is there")
	}
	if err := b.Delete(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if ok := must(b.Exists(t.Context()))(t); ok {
		t.Error("it is gone")
	}
	code(t, b.Delete(t.Context(), nil), "BlobNotFound")
	_, err = b.SetMetadata(t.Context(), map[string]string{"a": "\n"}, nil)
	if err == nil || !strings.Contains(err.Error(), "metadata") {
		t.Error(err)
	}
}

func TestContainers(t *testing.T) {
	_, c := tutorial(t)
	for _, name := range []string{"c-2", "c-1", "ddd"} {
		must(c.Container(name).Create(t.Context(), &blob.CreateOptions{Metadata: map[string]string{"fooBar": name}}))(t)
	}
	_, err := c.Container("ddd").Create(t.Context(), nil)
	code(t, err, "ContainerAlreadyExists")
	for _, o := range []*blob.ListOptions{nil, {Prefix: "c-", PageSize: 1, Metadata: true}} {
		var names []string
		for item, err := range c.Containers(t.Context(), o) {
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, item.Name)
			if item.ETag == "" || item.Modified.IsZero() || o != nil && item.Metadata["fooBar"] != item.Name {
				t.Errorf("%+v", item)
			}
		}
		want := []string{"c-1", "c-2", "ddd", "files"}
		if o != nil {
			want = want[:2]
		}
		if !slices.Equal(names, want) {
			t.Errorf("%+v: %q", o, names)
		}
	}
	if p := must(c.Container("ddd").Properties(t.Context()))(t); p.Metadata["foobar"] != "ddd" || p.ETag == "" || p.LeaseState != "available" || p.Public != "" {
		t.Errorf("%+v", p)
	}
	if err := c.Container("ddd").Delete(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if ok := must(c.Container("ddd").Exists(t.Context()))(t); ok {
		t.Error("it is gone")
	}
	_, err = c.Container("ddd").Blob("x").Upload(t.Context(), strings.NewReader("x"), nil)
	code(t, err, "ContainerNotFound")
	if ok := must(c.Container("ddd").Blob("x").Exists(t.Context()))(t); ok {
		t.Error("what has no container is not there")
	}
}

func TestList(t *testing.T) {
	_, c := tutorial(t)
	must(c.Container("ccc").Create(t.Context(), nil))(t)
	names := []string{"a & b", "dir/1", "dir/2", "dir/sub/3", "z<>'\"&amp;"}
	for _, name := range names {
		must(c.Container("ccc").Blob(name).Upload(t.Context(), strings.NewReader(name), &blob.UploadOptions{Metadata: map[string]string{"fooBar": "a&b"}}))(t)
	}
	list := func(o *blob.ListOptions) (out []string) {
		for item, err := range c.Container("ccc").List(t.Context(), o) {
			if err != nil {
				t.Fatal(err)
			}
			name := item.Name
			if item.IsPrefix {
				name += "*"
			} else if item.Size != int64(len(name)) || item.ETag[0] != '"' || item.MD5 == "" || item.ContentType != "application/octet-stream" ||
				(o != nil && o.Metadata) != (item.Metadata["fooBar"] == "a&b") {
				t.Errorf("%+v", item)
			}
			out = append(out, name)
		}
		return out
	}
	for _, o := range []*blob.ListOptions{nil, {PageSize: 1}, {PageSize: 2, Metadata: true}} {
		if got := list(o); !slices.Equal(got, names) {
			t.Errorf("%+v: %q", o, got)
		}
	}
	if got := list(&blob.ListOptions{Delimiter: "/", PageSize: 1}); !slices.Equal(got, []string{names[0], "dir/*", names[4]}) {
		t.Errorf("%q", got)
	}
	if got := list(&blob.ListOptions{Prefix: "dir/", Delimiter: "/"}); !slices.Equal(got, []string{"dir/1", "dir/2", "dir/sub/*"}) {
		t.Errorf("%q", got)
	}
	for range c.Container("ccc").List(t.Context(), &blob.ListOptions{PageSize: 1}) {
		break
	}
	for _, err := range c.Container("none").List(t.Context(), nil) {
		code(t, err, "ContainerNotFound")
	}
}

// Each kind of client is known to the service as what it is.
func TestCredentials(t *testing.T) {
	emu, c := tutorial(t)
	o, address := clientlib.Options{Transport: emu.Client()}, emu.StorageAccount(store).URL()
	read := func(c *blob.Client) error {
		var got bytes.Buffer
		_, err := c.Container("files").Blob("hello world.txt").Download(t.Context(), &got, nil)
		if err == nil && got.String() != "Hello world! :)" {
			t.Errorf("%q", got.String())
		}
		return err
	}
	if err := read(must(blob.New(address, machine{emu.Client()}, o))(t)); err != nil {
		t.Error(err)
	}
	anonymous := must(blob.New(address, nil, o))(t)
	code(t, read(anonymous), "NoAuthenticationInformation")
	must(c.Container("open").Create(t.Context(), &blob.CreateOptions{Public: "container"}))(t)
	must(c.Container("open").Blob("b").Upload(t.Context(), strings.NewReader("x"), nil))(t)
	must(anonymous.Container("open").Blob("b").Download(t.Context(), io.Discard, nil))(t)

	wrong := must(blob.NewWithKey(address, store, "a2V5", o))(t)
	code(t, read(wrong), "AuthenticationFailed")

	plain := must(blob.New(strings.Replace(address, "https", "http", 1), machine{emu.Client()}, o))(t)
	if err := read(plain); !errors.Is(err, clientlib.ErrPlainHTTP) {
		t.Error(err)
	}
}

func TestSASOpens(t *testing.T) {
	emu, c := tutorial(t)
	o, address, files := clientlib.Options{Transport: emu.Client()}, emu.StorageAccount(store).URL(), c.Container("files")
	soon := emu.Clock().Now().Add(time.Hour)
	with := func(sas string, err error) *blob.Container {
		t.Helper()
		return must(blob.NewWithSAS(address, "?"+must(sas, err)(t), o))(t).Container("files")
	}
	const name = "a b/ü?%#.txt"
	must(files.Blob(name).Upload(t.Context(), strings.NewReader("x"), nil))(t)
	one := with(files.Blob(name).SAS(blob.SAS{Permissions: "wr", Expiry: soon, Headers: blob.Headers{ContentType: "text/x&y"}}))
	if p := must(one.Blob(name).Download(t.Context(), io.Discard, nil))(t); p.ContentType != "text/x&y" {
		t.Errorf("%+v", p)
	}
	must(one.Blob(name).Upload(t.Context(), bytes.NewReader(pattern(9000)), &blob.UploadOptions{BlockSize: 4000}))(t)
	_, err := one.Blob("hello_world.txt").Download(t.Context(), io.Discard, nil)
	code(t, err, "AuthenticationFailed")
	code(t, one.Blob(name).Delete(t.Context(), nil), "AuthorizationPermissionMismatch")

	all := with(files.SAS(blob.SAS{Permissions: "lrdwcax", Start: soon.Add(-2 * time.Hour), Expiry: soon}))
	for _, err := range all.List(t.Context(), nil) {
		if err != nil {
			t.Error(err)
		}
	}
	if err := all.Blob(name).Delete(t.Context(), nil); err != nil {
		t.Error(err)
	}
	account := must(blob.NewWithSAS(address, must(c.SAS(blob.AccountSAS{Permissions: "lcdr", Service: true, Containers: true, Expiry: soon}))(t), o))(t)
	must(account.Container("new").Create(t.Context(), nil))(t)
	for _, err := range account.Containers(t.Context(), nil) {
		if err != nil {
			t.Error(err)
		}
	}
	_, err = account.Container("files").Blob("hello_world.txt").Download(t.Context(), io.Discard, nil)
	code(t, err, "AuthorizationResourceTypeMismatch")

	http1 := must(blob.NewWithSAS(strings.Replace(address, "https:", "http:", 1), must(files.SAS(blob.SAS{Permissions: "r", Expiry: soon}))(t), o))(t)
	if _, err := http1.Container("files").Blob("hello_world.txt").Download(t.Context(), io.Discard, nil); err == nil {
		t.Error("http was not to be allowed")
	}
}

func TestSASIsChecked(t *testing.T) {
	emu, c := tutorial(t)
	soon, b := emu.Clock().Now().Add(time.Hour), c.Container("files").Blob("b")
	for text, s := range map[string]blob.SAS{
		"Expiry":        {Permissions: "r"},
		"Permissions":   {Expiry: soon},
		`"q"`:           {Permissions: "rq", Expiry: soon},
		`"l"`:           {Permissions: "rl", Expiry: soon},
		"before it":     {Permissions: "r", Start: soon, Expiry: soon},
		"no stored":     {Policy: "p", Key: &blob.DelegationKey{}},
		"after its key": {Permissions: "r", Expiry: soon, Key: &blob.DelegationKey{Expiry: soon.Add(-time.Minute)}},
	} {
		if sas, err := b.SAS(s); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%+v: %q, %v", s, sas, err)
		}
	}
	keyless := must(blob.New(c.URL(), nil, clientlib.Options{}))(t)
	if _, err := keyless.Container("c").SAS(blob.SAS{Permissions: "r", Expiry: soon}); err == nil || !strings.Contains(err.Error(), "NewWithKey") {
		t.Error(err)
	}
	sas := must(b.SAS(blob.SAS{Permissions: "wdcrra", Expiry: soon}))(t)
	if !strings.Contains(sas, "sp=racwd&") || !strings.Contains(sas, "spr=https&") {
		t.Error(sas)
	}
	for text, s := range map[string]blob.AccountSAS{
		"Expiry": {Permissions: "r", Blobs: true}, "level": {Permissions: "r", Expiry: soon}, "Permissions": {Blobs: true, Expiry: soon}, `"e"`: {Permissions: "e", Blobs: true, Expiry: soon},
	} {
		if _, err := c.SAS(s); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func TestEndpoints(t *testing.T) {
	for endpoint, want := range map[string]string{
		"https://a.blob.core.windows.net":         "https://a.blob.core.windows.net/c/b",
		"https://a.blob.core.windows.net/":        "https://a.blob.core.windows.net/c/b",
		"http://127.0.0.1:10000/devstoreaccount1": "http://127.0.0.1:10000/devstoreaccount1/c/b",
	} {
		if got := must(blob.New(endpoint, nil, clientlib.Options{}))(t).Container("c").Blob("b").URL(); got != want {
			t.Errorf("%s: %s", endpoint, got)
		}
	}
	for _, endpoint := range []string{"", "a.blob.core.windows.net", "ftp://a", "https://", "https://a?sv=1&sig=SECRET", "https://user:SECRET@a", "https://a\x7f?SECRET"} {
		_, err := blob.New(endpoint, nil, clientlib.Options{})
		if err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
	for _, sas := range []string{"", "?", "SECRET", "sv=1", "sig=%ZZ"} {
		if _, err := blob.NewWithSAS("https://a", sas, clientlib.Options{}); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%q: %v", sas, err)
		}
	}
	for _, key := range []string{"", "SECRET%"} {
		if _, err := blob.NewWithKey("https://a", "a", key, clientlib.Options{}); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%q: %v", key, err)
		}
	}
}

// No secret is in an error, nor in a value that is printed.
func TestSecretsAreNotShown(t *testing.T) {
	emu, c := tutorial(t)
	sas := must(c.Container("files").SAS(blob.SAS{Permissions: "r", Expiry: emu.Clock().Now().Add(time.Hour)}))(t)
	signature := sas[strings.Index(sas, "sig=")+4:]
	down := clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("dial %s: refused", req.URL)
	})
	o := clientlib.Options{Transport: down, Retry: clientlib.Retry{Tries: 1}}
	withSAS := must(blob.NewWithSAS(c.URL(), sas, o))(t)
	_, err := withSAS.Container("files").Blob("b").Download(t.Context(), io.Discard, nil)
	text := fmt.Sprintf("%v %+v %#v %v", withSAS, withSAS, withSAS, err)
	if strings.Contains(text, signature) || err == nil || strings.Contains(text, "sig=") && !strings.Contains(text, "REDACTED") {
		t.Error(text)
	}
	key := emu.StorageAccount(store).Key()
	if text := fmt.Sprintf("%v %+v %#v %+v", c, c, c, c.Container("files")); strings.Contains(text, key) {
		t.Error(text)
	}
}
