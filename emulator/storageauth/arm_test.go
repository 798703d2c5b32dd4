package storageauth

import (
	"strings"
	"testing"
)

// The tokens of the examples in Azure/azure-rest-api-specs (StorageAccountListAccountSAS,
// StorageAccountListServiceSAS) and of recorded answers, up to the signature, which they
// do not show.
func TestEncode2015(t *testing.T) {
	k := key(t, accountKey)
	tests := []struct{ name, token, want string }{
		{"account", AccountSAS{Account: account, Services: "b", ResourceTypes: "sco", Permissions: "rwdlacu", Protocol: "https,http",
			Start: "2017-05-24T10:42:03.1567373Z", Expiry: "2030-05-24T11:42:03.1567373Z"}.Encode2015(k),
			"sv=2015-04-05&ss=b&srt=sco&sp=rwdlacu&st=2017-05-24T10%3A42%3A03.1567373Z&se=2030-05-24T11%3A42%3A03.1567373Z&spr=https,http&sig="},
		{"account, least", AccountSAS{Account: account, Services: "b", ResourceTypes: "s", Permissions: "r", Expiry: "2030-05-24T11:42:03Z"}.Encode2015(k),
			"sv=2015-04-05&ss=b&srt=s&sp=r&se=2030-05-24T11%3A42%3A03Z&sig="},
		{"container", ServiceSAS{CanonicalizedResource: "/blob/" + account + "/music", Resource: "c", Permissions: "rcw", Protocol: "https",
			Start: "2017-09-22T00:10:00Z", Expiry: "2017-09-22T02:00:00Z"}.Encode2015(k),
			"sv=2015-04-05&sr=c&spr=https&st=2017-09-22T00%3A10%3A00Z&se=2017-09-22T02%3A00%3A00Z&sp=rcw&sig="},
		{"container, least", ServiceSAS{CanonicalizedResource: "/blob/" + account + "/music", Resource: "c", Permissions: "l",
			Expiry: "2017-05-24T11:32:48Z"}.Encode2015(k),
			"sv=2015-04-05&sr=c&se=2017-05-24T11%3A32%3A48Z&sp=l&sig="},
		{"everything", ServiceSAS{CanonicalizedResource: "/blob/" + account + "/music", Resource: "c", Permissions: "l", Start: "2017-05-24", Expiry: "2017-05-25",
			Identifier: "p 1", IP: "10.0.0.1", Protocol: "https,http", CacheControl: "no-cache", ContentDisposition: "a; b=\"ü\"", ContentEncoding: "gzip",
			ContentLanguage: "en", ContentType: "text/plain&x"}.Encode2015(k),
			"sv=2015-04-05&sr=c&si=p%201&sip=10.0.0.1&spr=https,http&st=2017-05-24&se=2017-05-25&sp=l" +
				"&rscc=no-cache&rscd=a%3B%20b%3D%22%C3%BC%22&rsce=gzip&rscl=en&rsct=text%2Fplain%26x&sig="},
		{"account, everything", AccountSAS{Account: account, Services: "bqtf", ResourceTypes: "o", Permissions: "r", Start: "2017-05-24", Expiry: "2017-05-25",
			IP: "10.0.0.1-10.0.0.2", Protocol: "https"}.Encode2015(k),
			"sv=2015-04-05&ss=bqtf&srt=o&sp=r&st=2017-05-24&se=2017-05-25&sip=10.0.0.1-10.0.0.2&spr=https&sig="},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, sig, _ := strings.Cut(test.token, "&sig=")
			if got+"&sig=" != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if strings.ContainsAny(sig, "+/=") || !strings.HasSuffix(sig, "%3D") {
				t.Errorf("sig=%s is not encoded", sig)
			}
			// The data plane reads what this signs.
			s := parse(t, test.token)
			if f := second(s.Verify(Target{Account: account, Container: "music"}, k)); f != nil {
				t.Errorf("%+v", f)
			}
		})
	}
	wrong := ServiceSAS{CanonicalizedResource: "/blob/other/music", Resource: "c", Permissions: "l", Expiry: "2017-05-25"}.Encode2015(k)
	if f := second(parse(t, wrong).Verify(Target{Account: account, Container: "music"}, k)); kind(f) != SASMismatch {
		t.Error("a token for another account verified")
	}
}
