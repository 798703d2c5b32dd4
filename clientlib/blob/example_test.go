package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/blob"
	"github.com/linarite/linarite/emulator"
)

// check ends a program that went wrong.
func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// world is the tutorial's, with a client by the account's key.
func world() (*emulator.Emulator, *blob.Client) {
	emu, err := emulator.Open(emulator.Options{World: "tutorial"})
	check(err)
	account := emu.StorageAccount(store)
	c, err := blob.NewWithKey(account.URL(), store, account.Key(), clientlib.Options{Transport: emu.Client()})
	check(err)
	return emu, c
}

// playing is a client of a service that only says what it was told to: for what Linarite does not serve.
func playing(answers ...*http.Response) *blob.Client {
	o := clientlib.Options{Transport: clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
		next := answers[0]
		answers = answers[1:]
		next.Request = req
		return next, nil
	})}
	c, err := blob.New("https://acct.blob.core.windows.net", nil, o)
	check(err)
	return c
}

func says(status int, header ...string) *http.Response { return answer(nil, status, "", header...) }

// A machine reads a blob by its identity. In production the credential is of package identity, and the transport is
// left out.
func ExampleNew() {
	emu, _ := world()
	defer emu.Close()
	cred := machine{emu.Client()}

	store, err := blob.New("https://tutorialstore.blob.core.windows.net", cred, clientlib.Options{Transport: emu.Client()})
	check(err)
	_, err = store.Container("files").Blob("hello_world.txt").Download(context.Background(), os.Stdout, nil)
	check(err)
	// Output: Hello world! :)
}

func ExampleNewWithKey() {
	emu, _ := world()
	defer emu.Close()
	account := emu.StorageAccount("tutorialstore")

	store, err := blob.NewWithKey(account.URL(), "tutorialstore", account.Key(), clientlib.Options{Transport: emu.Client()})
	check(err)
	fmt.Println(store.Container("files").Exists(context.Background()))
	// Output: true <nil>
}

func ExampleNewWithSAS() {
	emu, owner := world()
	defer emu.Close()
	sas, err := owner.Container("files").SAS(blob.SAS{Permissions: "r", Expiry: emu.Clock().Now().Add(time.Hour)})
	check(err)

	store, err := blob.NewWithSAS("https://tutorialstore.blob.core.windows.net", sas, clientlib.Options{Transport: emu.Client()})
	check(err)
	_, err = store.Container("files").Blob("hello_world.txt").Download(context.Background(), os.Stdout, nil)
	check(err)
	fmt.Println()
	fmt.Println(clientlib.HasCode(store.Container("files").Blob("hello_world.txt").Delete(context.Background(), nil), "AuthorizationPermissionMismatch"))
	// Output:
	// Hello world! :)
	// true
}

func ExampleClient_Container() {
	store, err := blob.New("https://tutorialstore.blob.core.windows.net", nil, clientlib.Options{})
	check(err)
	files := store.Container("files")
	fmt.Println(store.URL(), files.Name(), files.URL())
	// Output: https://tutorialstore.blob.core.windows.net files https://tutorialstore.blob.core.windows.net/files
}

func ExampleContainer_Blob() {
	store, err := blob.New("https://tutorialstore.blob.core.windows.net", nil, clientlib.Options{})
	check(err)
	b := store.Container("files").Blob("what? 100%.txt")
	fmt.Println(b.Name(), b.URL())
	// Output: what? 100%.txt https://tutorialstore.blob.core.windows.net/files/what%3F%20100%25.txt
}

func ExampleClient_Containers() {
	emu, store := world()
	defer emu.Close()
	for c, err := range store.Containers(context.Background(), nil) {
		check(err)
		fmt.Println(c.Name)
	}
	// Output: files
}

func ExampleContainer_Create() {
	emu, store := world()
	defer emu.Close()
	logs := store.Container("logs")
	_, err := logs.Create(context.Background(), &blob.CreateOptions{Metadata: map[string]string{"owner": "me"}})
	check(err)
	_, err = logs.Create(context.Background(), nil)
	fmt.Println(clientlib.HasCode(err, "ContainerAlreadyExists"))
	// Output: true
}

func ExampleContainer_Delete() {
	emu, store := world()
	defer emu.Close()
	check(store.Container("files").Delete(context.Background(), nil))
	fmt.Println(store.Container("files").Exists(context.Background()))
	// Output: false <nil>
}

func ExampleContainer_Properties() {
	emu, store := world()
	defer emu.Close()
	p, err := store.Container("files").Properties(context.Background())
	check(err)
	fmt.Printf("%q %s\n", p.Public, p.LeaseState)
	// Output: "" available
}

func ExampleContainer_Exists() {
	emu, store := world()
	defer emu.Close()
	fmt.Println(store.Container("nothing").Exists(context.Background()))
	// Output: false <nil>
}

func ExampleContainer_List() {
	emu, store := world()
	defer emu.Close()
	files := store.Container("files")
	for _, name := range []string{"logs/1", "logs/2"} {
		_, err := files.Blob(name).Upload(context.Background(), strings.NewReader("x"), nil)
		check(err)
	}
	for item, err := range files.List(context.Background(), &blob.ListOptions{Delimiter: "/"}) {
		check(err)
		fmt.Println(item.Name, item.IsPrefix, item.Size)
	}
	// Output:
	// hello world.txt false 15
	// hello_world.txt false 15
	// logs/ true 0
}

func ExampleBlob_Upload() {
	emu, store := world()
	defer emu.Close()
	report := store.Container("files").Blob("report.csv")
	_, err := report.Upload(context.Background(), strings.NewReader("a,b\n1,2\n"), &blob.UploadOptions{
		Headers: blob.Headers{ContentType: "text/csv"}, Conditions: blob.Conditions{IfNoneMatch: "*"},
	})
	check(err)
	_, err = report.Upload(context.Background(), strings.NewReader("of somebody else"), &blob.UploadOptions{Conditions: blob.Conditions{IfNoneMatch: "*"}})
	fmt.Println(clientlib.HasCode(err, "BlobAlreadyExists"))
	// Output: true
}

func ExampleBlob_Download() {
	emu, store := world()
	defer emu.Close()
	p, err := store.Container("files").Blob("hello_world.txt").Download(context.Background(), os.Stdout, &blob.DownloadOptions{Offset: 6, Count: 5})
	check(err)
	fmt.Printf(" of %d bytes\n", p.Size)
	// Output: world of 15 bytes
}

// A file can be written in any order.
func ExampleBlob_DownloadAt() {
	emu, store := world()
	defer emu.Close()
	file, err := os.CreateTemp("", "")
	check(err)
	defer os.Remove(file.Name())
	defer file.Close()
	_, err = store.Container("files").Blob("hello_world.txt").DownloadAt(context.Background(), file, nil)
	check(err)
	_, err = io.Copy(os.Stdout, file)
	check(err)
	// Output: Hello world! :)
}

func ExampleBlob_Properties() {
	emu, store := world()
	defer emu.Close()
	p, err := store.Container("files").Blob("hello_world.txt").Properties(context.Background(), nil)
	check(err)
	fmt.Println(p.Size, p.Type, p.ContentType)
	// Output: 15 BlockBlob text/plain
}

func ExampleBlob_Exists() {
	emu, store := world()
	defer emu.Close()
	fmt.Println(store.Container("files").Blob("nothing").Exists(context.Background()))
	// Output: false <nil>
}

// What somebody has written meanwhile is not deleted.
func ExampleBlob_Delete() {
	emu, store := world()
	defer emu.Close()
	b := store.Container("files").Blob("hello_world.txt")
	p, err := b.Properties(context.Background(), nil)
	check(err)
	emu.StorageAccount("tutorialstore").Container("files").Upload("hello_world.txt", []byte("news"))
	fmt.Println(clientlib.HasCode(b.Delete(context.Background(), &blob.Conditions{IfMatch: p.ETag}), "ConditionNotMet"))
	// Output: true
}

func ExampleBlob_SetMetadata() {
	emu, store := world()
	defer emu.Close()
	b := store.Container("files").Blob("hello_world.txt")
	_, err := b.SetMetadata(context.Background(), map[string]string{"language": "en"}, nil)
	check(err)
	p, err := b.Properties(context.Background(), nil)
	check(err)
	fmt.Println(p.Metadata)
	// Output: map[language:en]
}

func ExampleBlob_SetHeaders() {
	emu, store := world()
	defer emu.Close()
	b := store.Container("files").Blob("hello_world.txt")
	_, err := b.SetHeaders(context.Background(), blob.Headers{ContentType: "text/plain", CacheControl: "no-cache"}, nil)
	check(err)
	p, err := b.Properties(context.Background(), nil)
	check(err)
	fmt.Println(p.CacheControl)
	// Output: no-cache
}

// An address that opens one blob for an hour.
func ExampleBlob_SAS() {
	emu, store := world()
	defer emu.Close()
	b := store.Container("files").Blob("hello world.txt")
	sas, err := b.SAS(blob.SAS{Permissions: "r", Expiry: emu.Clock().Now().Add(time.Hour)})
	check(err)
	resp, err := emu.Client().Get(b.URL() + "?" + sas)
	check(err)
	defer resp.Body.Close()
	_, err = io.Copy(os.Stdout, resp.Body)
	check(err)
	// Output: Hello world! :)
}

func ExampleContainer_SAS() {
	store, err := blob.NewWithKey("https://acct.blob.core.windows.net", "acct", "a2V5", clientlib.Options{})
	check(err)
	sas, err := store.Container("files").SAS(blob.SAS{Permissions: "lr", Expiry: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)})
	check(err)
	shown, _, _ := strings.Cut(sas, "&sig=")
	fmt.Println(shown)
	// Output: sv=2026-04-06&sr=c&sp=rl&se=2030-01-02T03%3A04%3A05Z&spr=https
}

func ExampleClient_SAS() {
	store, err := blob.NewWithKey("https://acct.blob.core.windows.net", "acct", "a2V5", clientlib.Options{})
	check(err)
	sas, err := store.SAS(blob.AccountSAS{Permissions: "lr", Containers: true, Blobs: true, Expiry: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)})
	check(err)
	shown, _, _ := strings.Cut(sas, "&sig=")
	fmt.Println(shown)
	// Output: sv=2026-04-06&ss=b&srt=co&sp=rl&se=2030-01-02T03%3A04%3A05Z&spr=https
}

// Without an account key, an identity signs for others what it may do itself.
func ExampleClient_DelegationKey() {
	begin, end := time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(2030, 1, 3, 0, 0, 0, 0, time.UTC)
	store := playing(answer(nil, 200, `<UserDelegationKey><SignedOid>aaaabbbb-0000-cccc-1111-dddd2222eeee</SignedOid><SignedTid>bbbbcccc-0000-cccc-1111-dddd2222eeee</SignedTid>`+
		`<SignedStart>2030-01-02T00:00:00Z</SignedStart><SignedExpiry>2030-01-03T00:00:00Z</SignedExpiry><SignedService>b</SignedService>`+
		`<SignedVersion>2026-04-06</SignedVersion><Value>a2V5</Value></UserDelegationKey>`))
	key, err := store.DelegationKey(context.Background(), begin, end)
	check(err)
	sas, err := store.Container("files").Blob("b").SAS(blob.SAS{Permissions: "r", Expiry: begin.Add(time.Hour), Key: key})
	check(err)
	fmt.Println(key)
	fmt.Println(strings.Contains(sas, "skoid=aaaabbbb"))
	// Output:
	// delegation key of aaaabbbb-0000-cccc-1111-dddd2222eeee until 2030-01-03T00:00:00Z
	// true
}

func ExampleBlob_CopyFromURL() {
	b := playing(says(202, "x-ms-copy-id", "1", "x-ms-copy-status", "success")).Container("files").Blob("copy")
	c, err := b.CopyFromURL(context.Background(), "https://acct.blob.core.windows.net/files/original", nil)
	check(err)
	fmt.Println(c.Status)
	// Output: success
}

func ExampleBlob_WaitCopy() {
	b := playing(says(200, "x-ms-copy-id", "1", "x-ms-copy-status", "failed", "x-ms-copy-status-description", "404 BlobNotFound")).Container("files").Blob("copy")
	_, err := b.WaitCopy(context.Background(), "1")
	fmt.Println(errors.Is(err, blob.ErrCopyEnded))
	// Output: true
}

func ExampleBlob_AbortCopy() {
	b := playing(says(409, "x-ms-error-code", "NoPendingCopyOperation")).Container("files").Blob("copy")
	fmt.Println(clientlib.HasCode(b.AbortCopy(context.Background(), "1", ""), "NoPendingCopyOperation"))
	// Output: true
}

// Who holds the lease writes; it is renewed until it is released.
func ExampleBlob_Lease() {
	b := playing(says(201, "x-ms-lease-id", "one"), says(200), says(201, "ETag", `"0x1"`), says(200)).Container("files").Blob("turn")
	lease, err := b.Lease(context.Background(), time.Minute)
	check(err)
	check(lease.Renew(context.Background()))
	_, err = b.Upload(context.Background(), bytes.NewReader([]byte("mine")), &blob.UploadOptions{Conditions: blob.Conditions{Lease: lease.ID}})
	check(err)
	check(lease.Release(context.Background()))
	fmt.Println(lease.ID)
	// Output: one
}

func ExampleContainer_Lease() {
	c := playing(says(409, "x-ms-error-code", "LeaseAlreadyPresent")).Container("files")
	_, err := c.Lease(context.Background(), blob.Forever)
	fmt.Println(clientlib.HasCode(err, "LeaseAlreadyPresent"))
	// Output: true
}

// A lease whose id was kept is taken up again.
func ExampleBlob_HeldLease() {
	b := playing(says(200)).Container("files").Blob("turn")
	fmt.Println(b.HeldLease("11111111-1111-1111-1111-111111111111").Release(context.Background()))
	// Output: <nil>
}

func ExampleContainer_HeldLease() {
	c := playing(says(200)).Container("files")
	fmt.Println(c.HeldLease("11111111-1111-1111-1111-111111111111").Renew(context.Background()))
	// Output: <nil>
}

func ExampleBlob_BreakLease() {
	b := playing(says(202, "x-ms-lease-time", "29")).Container("files").Blob("turn")
	fmt.Println(b.BreakLease(context.Background(), 30*time.Second))
	// Output: 29s <nil>
}

func ExampleContainer_BreakLease() {
	c := playing(says(202, "x-ms-lease-time", "0")).Container("files")
	fmt.Println(c.BreakLease(context.Background(), 0))
	// Output: 0s <nil>
}

func ExampleLease_Change() {
	lease := playing(says(200, "x-ms-lease-id", "22222222-2222-2222-2222-222222222222")).Container("files").HeldLease("11111111-1111-1111-1111-111111111111")
	check(lease.Change(context.Background(), "22222222-2222-2222-2222-222222222222"))
	fmt.Println(lease.ID)
	// Output: 22222222-2222-2222-2222-222222222222
}

func ExampleLease_Renew() {
	lease := playing(says(409, "x-ms-error-code", "LeaseIsBrokenAndCannotBeRenewed")).Container("files").HeldLease("11111111-1111-1111-1111-111111111111")
	fmt.Println(clientlib.HasCode(lease.Renew(context.Background()), "LeaseIsBrokenAndCannotBeRenewed"))
	// Output: true
}

func ExampleLease_Release() {
	lease := playing(says(200)).Container("files").HeldLease("11111111-1111-1111-1111-111111111111")
	fmt.Println(lease.Release(context.Background()))
	// Output: <nil>
}
