package blob_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/blob"
	"github.com/linarite/linarite/emulator"
)

// Under whatever name a blob is written, it is there under just that one: by its URL, by a signed request, by a SAS, and
// in a list.
func FuzzName(f *testing.F) {
	for _, name := range []string{
		"a b", "a?b#c", "100%", "%20", "%2F", "a+b", "ü/ß", "日本", "a//b", "/a", "a/", "a/./b", "a/../b", "..", ".", "a.", "a./b", `a\b`, "a&b=c", "a;b", "a:b@c", "$root", "'\"<>",
		"a\u00a0b", "\u202e", strings.Repeat("x", 1024), "a\x01b", "\ufffe", "a\tb", "\U0001F600",
	} {
		f.Add(name)
	}
	emu := emulator.New(f, emulator.World("tutorial"))
	account, o := emu.StorageAccount(store), clientlib.Options{Transport: emu.Client(), Retry: clientlib.Retry{Tries: 1}}
	c := must2(blob.NewWithKey(account.URL(), store, account.Key(), o))(f)
	files := account.Container("names")
	f.Fuzz(func(t *testing.T, name string) {
		if !utf8.ValidString(name) || utf8.RuneCountInString(name) > 1024 || name == "" {
			t.Skip("no name")
		}
		b := c.Container("names").Blob(name)
		_, err := b.Upload(t.Context(), strings.NewReader(name), nil)
		if clientlib.HasStatus(err, 400) || err != nil && strings.Contains(name, `\`) {
			t.Skip("no such name is taken")
		}
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		if !slices.Contains(files.Blobs(), name) {
			t.Fatalf("%q is there as %q", name, files.Blobs())
		}
		sas := must(b.SAS(blob.SAS{Permissions: "rd", Expiry: emu.Clock().Now().Add(time.Hour)}))(t)
		shown := must(blob.NewWithSAS(account.URL(), sas, o))(t).Container("names").Blob(name)
		var got bytes.Buffer
		if _, err := shown.Download(t.Context(), &got, nil); err != nil || got.String() != name {
			t.Errorf("%q by SAS: %q, %v", name, got.String(), err)
		}
		for item, err := range c.Container("names").List(t.Context(), &blob.ListOptions{Prefix: name}) {
			if err != nil || item.Name != name {
				t.Errorf("%q is listed as %q, %v", name, item.Name, err)
			}
		}
		if err := shown.Delete(t.Context(), nil); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	})
}
