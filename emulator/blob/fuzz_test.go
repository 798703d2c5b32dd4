package blob

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// What reads the XML of strangers refuses or reads, and does not fall over.
func FuzzXML(f *testing.F) {
	for _, s := range []string{
		"<BlockList><Latest>YQ==</Latest></BlockList>", "<Tags><TagSet><Tag><Key>a</Key><Value> b </Value></Tag></TagSet></Tags>",
		"<SignedIdentifiers><SignedIdentifier><Id>x</Id><AccessPolicy><Start>2020-01-01</Start></AccessPolicy></SignedIdentifier></SignedIdentifiers>",
		"<StorageServiceProperties><Cors><CorsRule><AllowedOrigins>*</AllowedOrigins></CorsRule></Cors><HourMetrics><Enabled>true</Enabled><RetentionPolicy><Enabled>true</Enabled><Days>7</Days></RetentionPolicy></HourMetrics></StorageServiceProperties>",
		"\ufeff<?xml version='1.0' encoding='utf-16'?><a/>", strings.Repeat("<BlockList>", 30), "<!DOCTYPE x [<!ENTITY a 'b'>]><BlockList>&a;</BlockList>",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if refs, err := parseBlockList(data); err == nil && refs == nil {
			t.Error("neither list nor error")
		}
		_, _ = parseTags(data)
		if policies, err := parseACL(data); err == nil && len(policies) > 5 {
			t.Errorf("%d policies", len(policies))
		}
		if root, err := parseXML(data, "StorageServiceProperties"); err == nil {
			var a state.StorageAccount
			if applyService(&a, root) == nil && (a.DeleteRetentionDays > 365 || len(a.CORS) > 5) {
				t.Errorf("%+v", a)
			}
		}
	})
}

func FuzzMarker(f *testing.F) {
	f.Add("name", "2!4!YQ--")
	f.Fuzz(func(t *testing.T, name, raw string) {
		if got, ok := parseMarker(marker(name)); !ok || got != name {
			t.Errorf("%q: %q %v", name, got, ok)
		}
		if got, ok := parseMarker(raw); ok && raw != "" && got == "" {
			t.Errorf("%q is taken for a marker", raw)
		}
	})
}

// BLOB-LIST-007: the form of a recorded marker.
func TestMarker(t *testing.T) {
	if got := marker("dir/blob"); got != "2!72!MDAwMDA4IWRpci9ibG9iITAwMDAyOCE5OTk5LTEyLTMxVDIzOjU5OjU5Ljk5OTk5OTlaIQ--" {
		t.Error(got)
	}
	for _, bad := range []string{"x", "2!4!YQ==", "1!4!YQ--", "2!4!%%%%", "2!8!OTk5IWE-"} {
		if name, ok := parseMarker(bad); ok {
			t.Errorf("%q: %q", bad, name)
		}
	}
}

// A map of operations is sound when each request has at most one.
func TestOperationsExcludeEachOther(t *testing.T) {
	p := New()
	paths := []string{onService, onContainer, onBlob}
	queries := []string{"", "restype=container", "restype=service", "restype=account", "comp=list", "restype=container&comp=list"}
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "POST"} {
		for _, comp := range []string{"properties", "metadata", "acl", "lease", "block", "blocklist", "tags", "tier", "copy", "snapshot", "undelete", "blobs", "batch"} {
			for _, path := range paths {
				for _, q := range append(queries, "comp="+comp, "restype=container&comp="+comp, "restype=service&comp="+comp) {
					for _, h := range [][2]string{{"X", "y"}, {"x-ms-copy-source", "u"}, {"x-ms-blob-type", "PageBlob"}, {"x-ms-blob-type", "AppendBlob"}} {
						r := httptest.NewRequest(method, path+"?"+q, nil)
						r.Header.Set(h[0], h[1])
						if names := p.Candidates(r); len(names) > 1 {
							t.Fatalf("%s %s?%s %v: %v", method, path, q, h, names)
						}
					}
				}
			}
		}
	}
}

func TestXMLOfNames(t *testing.T) {
	for name, want := range map[string]string{
		"a&b<c>": "<Name>a&amp;b&lt;c&gt;</Name>", "dir/100%-\ufffe-name.txt": `<Name Encoded="true">dir%2F100%25-%EF%BF%BE-name.txt</Name>`, "a\x01 b": "<Name>a&#x1; b</Name>",
	} {
		d := &document{}
		d.name(&wire.Call{Version: "2021-02-12"}, "Name", name)
		if got := d.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	d := newDocument()
	d.inside("A", func() { d.inside("B", func() {}); d.optional("C", ""); d.element("D", "x") })
	if !bytes.HasSuffix(d.Bytes(), []byte("<A><B /><D>x</D></A>")) {
		t.Error(d.String())
	}
}
