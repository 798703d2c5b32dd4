package sign_test

import (
	"fmt"
	"time"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
)

// A right signature, and one that is wrong in the length alone.
func Example() {
	key, err := sign.DecodeKey("a2V5")
	if err != nil {
		fmt.Println(err)
		return
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	request := &wire.Request{Method: "PUT", URL: "http://127.0.0.1:10000/acct/files?restype=container", Header: wire.Header{{Name: "x-ms-version", Value: "2014-02-14"}}}
	sign.SharedKey(request, "acct", key, now)
	fmt.Println(request.Header.Get("Authorization"))

	wrong := request.Clone()
	wrong.Header.Set("Content-Length", "") // signed empty, as newer versions do
	toSign := sign.StringToSign(wrong, "acct", false)
	wrong.Header.Del("Content-Length")
	sign.Authorize(wrong, "acct", sign.Sign(key, toSign), false)
	fmt.Println(wrong.Header.Get("Authorization"))
	fmt.Printf("%q\n", toSign)
	// Output:
	// SharedKey acct:k920gJR3fCxsyH6qJKIF9vKAvO2gPHmEnhxyrPFKeJA=
	// SharedKey acct:fPuQiKQzqZd8bIjwIyAPw9hU0FcxduouGvEXXZHDy6s=
	// "PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 02 Jan 2026 03:04:05 GMT\nx-ms-version:2014-02-14\n/acct/acct/files\nrestype:container"
}

// A token for a container, then the same without its start, which was signed.
func ExampleSAS() {
	sas := sign.SAS{
		Version: "2020-12-06", Resource: "c", Permissions: "rl", Start: "2026-01-01", Expiry: "2026-01-02T03:04:05Z", Account: "acct", Container: "files",
	}
	fmt.Println(sas.Query([]byte("key")))

	signature := sign.Sign([]byte("key"), sas.StringToSign(sas.Version))
	fmt.Println(sas.Params().Without("st").With("sig", signature).Encode())
	// Output:
	// sv=2020-12-06&sr=c&sp=rl&st=2026-01-01&se=2026-01-02T03%3A04%3A05Z&sig=8KrK4Fh033zp1HLyMWLiJkUOUD%2BLytU4SD8iFhncacA%3D
	// sv=2020-12-06&sr=c&sp=rl&se=2026-01-02T03%3A04%3A05Z&sig=8KrK4Fh033zp1HLyMWLiJkUOUD%2BLytU4SD8iFhncacA%3D
}

// The shorter scheme, and a token.
func ExampleSharedKeyLite() {
	request := &wire.Request{URL: "https://acct.blob.core.windows.net/files?comp=list", Header: wire.Header{{Name: "x-ms-version", Value: "2021-12-02"}}}
	sign.SharedKeyLite(request, "acct", []byte("key"), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	fmt.Println(request.Header.Get("Authorization"))
	sign.Bearer(request, "token")
	fmt.Println(request.Header.Get("Authorization"))
	// Output:
	// SharedKeyLite acct:zwkHMDg3DXi9Ot+ZxJRx/2Z6f6IyRiZJdcuTC5GXtcg=
	// Bearer token
}

// What is signed, for requests that are not of package wire.
func ExampleMessage_Append() {
	m := sign.Message{Method: "GET", Path: "/files", Query: "comp=list", Header: wire.Header{{Name: "x-ms-date", Value: "d"}}}
	fmt.Printf("%q\n", m.Append(nil, "acct", true))
	// Output: "GET\n\n\n\nx-ms-date:d\n/acct/files?comp=list"
}
