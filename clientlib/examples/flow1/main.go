// Command flow1 prints a blob, read with the machine's own token.
package main

import (
	"context"
	"flag"
	"io"
	"log"
	"os"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/blob"
	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/clientlib/identity"
)

func main() {
	var o clientlib.Options
	flag.TextVar(&o.Cloud, "cloud", cloud.China(), "public, china or usgov")
	account := flag.String("account", "tutorialstore", "storage account")
	flag.Parse()
	flow(context.Background(), os.Stdout, o, *account)
}

func flow(ctx context.Context, out io.Writer, o clientlib.Options, account string) {
	cred := must(identity.Find(identity.Options{Options: o}))
	store := must(blob.New(account, cred, o))
	must(store.Container("files").Blob("hello world.txt").Download(ctx, out, nil))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
