// Command flow4 prints a secret of a key vault.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/clientlib/identity"
	"github.com/linarite/linarite/clientlib/vault"
)

func main() {
	var o clientlib.Options
	flag.TextVar(&o.Cloud, "cloud", cloud.China(), "public, china or usgov")
	name := flag.String("name", "mytestkeyvault", "key vault")
	secret := flag.String("secret", "MyTestSecret", "secret")
	flag.Parse()
	flow(context.Background(), os.Stdout, o, *name, *secret)
}

func flow(ctx context.Context, out io.Writer, o clientlib.Options, name, secret string) {
	cred := must(identity.Find(identity.Options{Options: o}))
	s := must(must(vault.New(name, cred, o)).Get(ctx, secret, ""))
	must(fmt.Fprintln(out, s.Value))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
