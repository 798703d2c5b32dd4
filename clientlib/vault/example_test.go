package vault_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/identity"
	"github.com/linarite/linarite/clientlib/vault"
	"github.com/linarite/linarite/emulator"
)

// ok ends a program that went wrong.
func ok(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

var ctx = context.Background()

// tutorial is the tutorial's vault, as its administrator sees it.
func tutorial() (*emulator.Emulator, *vault.Client) {
	emu, err := emulator.Open(emulator.Options{World: "tutorial"})
	ok(err)
	o := clientlib.Options{Transport: emu.Client()}
	cred, err := identity.ClientSecret("aaaabbbb-0000-cccc-1111-dddd2222eeee", "11111111-2222-3333-4444-555555555555", "linarite", identity.Options{Options: o})
	ok(err)
	c, err := vault.New("mytestkeyvault", cred, o)
	ok(err)
	return emu, c
}

// recoverable is a vault with soft delete, which Linarite does not have: it says what it was told to.
func recoverable(answers ...string) *vault.Client {
	c, err := vault.New("my-vault", &asking{}, clientlib.Options{Transport: clientlib.TransportFunc(func(*http.Request) (*http.Response, error) {
		body := answers[0]
		answers = answers[1:]
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(body))}, nil
	})})
	ok(err)
	return c
}

const deleted = `{"id":"https://my-vault.vault.azure.net/secrets/one","deletedDate":1680047573,"scheduledPurgeDate":1680652373}`

// A machine reads a secret by its identity. In production the transport is left out.
func ExampleNew() {
	emu, _ := tutorial()
	defer emu.Close()
	o := clientlib.Options{Transport: emu.Client()}

	cred, err := identity.Find(identity.Options{Options: o})
	ok(err)
	c, err := vault.New("mytestkeyvault", cred, o)
	ok(err)
	secret, err := c.Get(ctx, "MyTestSecret", "")
	ok(err)
	fmt.Println(secret.Value)
	// Output: p@ssw0rd!
}

// A secret does not print what it is.
func ExampleSecret() {
	fmt.Println(vault.Secret{Name: "one", Value: "p@ssw0rd!"})
	// Output: secret one
}

func ExampleClient_Set() {
	emu, c := tutorial()
	defer emu.Close()
	first, err := c.Set(ctx, "one", "1", nil)
	ok(err)
	_, err = c.Set(ctx, "one", "2", &vault.Changes{ContentType: "text/plain", Tags: map[string]string{"stage": "test"}})
	ok(err)
	latest, err := c.Get(ctx, "one", "")
	ok(err)
	before, err := c.Get(ctx, "one", first.Version)
	ok(err)
	fmt.Println(latest.Value, before.Value)
	// Output: 2 1
}

func ExampleClient_Update() {
	emu, c := tutorial()
	defer emu.Close()
	off := false
	changed, err := c.Update(ctx, "MyTestSecret", "", vault.Changes{Enabled: &off, Expires: time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)})
	ok(err)
	_, err = c.Get(ctx, "MyTestSecret", "")
	fmt.Println(changed.Expires.Year(), clientlib.HasCode(err, "SecretDisabled"))
	// Output: 2030 true
}

func ExampleClient_List() {
	emu, c := tutorial()
	defer emu.Close()
	for s, err := range c.List(ctx) {
		ok(err)
		fmt.Println(s.Name)
	}
	// Output: MyTestSecret
}

func ExampleClient_ListVersions() {
	emu, c := tutorial()
	defer emu.Close()
	for s, err := range c.ListVersions(ctx, "MyTestSecret") {
		ok(err)
		fmt.Println(s.Version)
	}
	// Output: 7c2204c6093c4d859bc5b9eff8f29050
}

func ExampleClient_Backup() {
	emu, c := tutorial()
	defer emu.Close()
	kept, err := c.Backup(ctx, "MyTestSecret")
	ok(err)
	_, err = c.Delete(ctx, "MyTestSecret")
	ok(err)
	_, err = c.Restore(ctx, kept)
	ok(err)
	back, err := c.WaitSecret(ctx, "MyTestSecret")
	ok(err)
	fmt.Println(back.Value)
	// Output: p@ssw0rd!
}

// In a vault with soft delete, which every new one has, a secret is gone a while after it was deleted, and for good
// once it is purged.
func ExampleClient_Delete() {
	c := recoverable(deleted, deleted, deleted, "")
	_, err := c.Delete(ctx, "one")
	ok(err)
	_, err = c.WaitDeleted(ctx, "one")
	ok(err)
	s, err := c.GetDeleted(ctx, "one")
	ok(err)
	fmt.Println(s.Purges.Sub(s.Deleted))
	ok(c.Purge(ctx, "one"))
	// Output: 168h0m0s
}

func ExampleClient_Recover() {
	c := recoverable(`{"value":[`+deleted+`]}`, deleted)
	for s, err := range c.ListDeleted(ctx) {
		ok(err)
		back, err := c.Recover(ctx, s.Name)
		fmt.Println(back, err)
	}
	// Output: secret one <nil>
}
