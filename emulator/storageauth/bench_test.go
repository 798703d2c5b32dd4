package storageauth

import "testing"

func BenchmarkVerifySharedKey(b *testing.B) {
	r := Request{
		Method: "PUT", Account: account, Path: "/c/b", Query: ParseQuery("comp=block&blockid=AAAA&timeout=30"), Version: "2020-10-02",
		Header: map[string][]string{
			"Content-Length": {"5"}, "Content-Type": {"application/octet-stream"}, "User-Agent": {"bench"}, "Accept": {"application/xml"},
			"X-Ms-Date": {"Fri, 26 Jun 2015 23:39:12 GMT"}, "X-Ms-Version": {"2020-10-02"},
			"X-Ms-Client-Request-Id": {"11111111-2222-3333-4444-555555555555"}, "X-Ms-Blob-Type": {"BlockBlob"},
		},
	}
	secret := key(b, accountKey)
	a := Authorization{SharedKey, account, Sign(secret, r.StringToSign(SharedKey))}
	b.ReportAllocs()
	for b.Loop() {
		if _, f := r.Verify(a, secret, secret); f != nil {
			b.Fatal(f)
		}
	}
}

func BenchmarkVerifySAS(b *testing.B) {
	secret := key(b, accountKey)
	target := Target{Account: account, Container: "c", Blob: "d/b.txt"}
	s := parse(b, set(serviceBase, "spr", "https")).Signed(target, secret)
	raw := s.Encode()
	b.ReportAllocs()
	for b.Loop() {
		s, f := ParseSAS(ParseQuery(raw))
		if f == nil {
			_, f = s.Verify(target, secret, secret)
		}
		if f != nil {
			b.Fatal(f)
		}
	}
}
