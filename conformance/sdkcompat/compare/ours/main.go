// Command ours reads a blob, writes another and reads a secret, with Linarite's client library.
package main

import (
	"bytes"
	"context"
	"fmt"
	"log"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/blob"
	"github.com/linarite/linarite/clientlib/identity"
	"github.com/linarite/linarite/clientlib/vault"
)

func main() {
	ctx, o := context.Background(), clientlib.Options{}
	cred := must(identity.Find(identity.Options{}))
	files := must(blob.New("tutorialstore", cred, o)).Container("files")
	var text bytes.Buffer
	must(files.Blob("hello_world.txt").Download(ctx, &text, nil))
	must(files.Blob("copy.txt").Upload(ctx, &text, nil))
	secret := must(must(vault.New("mytestkeyvault", cred, o)).Get(ctx, "MyTestSecret", ""))
	fmt.Println(len(secret.Value))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
