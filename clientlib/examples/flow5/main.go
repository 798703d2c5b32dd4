// Command flow5 prints where a resource group is, asked with the system-assigned identity.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/clientlib/identity"
)

func main() {
	var o clientlib.Options
	flag.TextVar(&o.Cloud, "cloud", cloud.China(), "public, china or usgov")
	subscription := flag.String("subscription", "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e", "subscription id")
	group := flag.String("group", "DevTest", "resource group")
	flag.Parse()
	flow(context.Background(), os.Stdout, o, *subscription, *group)
}

func flow(ctx context.Context, out io.Writer, o clientlib.Options, subscription, group string) {
	cred := must(identity.Find(identity.Options{Options: o}))
	g := must(must(arm.New(subscription, cred, o)).Group(ctx, group))
	must(fmt.Fprintln(out, g.ID, g.Location))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
