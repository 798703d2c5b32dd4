// Command flow3 uploads and prints a blob by the account's key.
package main

import (
	"context"
	"flag"
	"io"
	"log"
	"os"
	"strings"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/clientlib/blob"
	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/clientlib/identity"
)

func main() {
	var o clientlib.Options
	flag.TextVar(&o.Cloud, "cloud", cloud.China(), "public, china or usgov")
	subscription := flag.String("subscription", "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e", "subscription id")
	group := flag.String("group", "DevTest", "resource group")
	account := flag.String("account", "tutorialstore", "storage account")
	flag.Parse()
	flow(context.Background(), os.Stdout, o, *subscription, *group, *account)
}

func flow(ctx context.Context, out io.Writer, o clientlib.Options, subscription, group, account string) {
	cred := must(identity.Find(identity.Options{Options: o}))
	keys := must(must(arm.New(subscription, cred, o)).Keys(ctx, group, account))
	test := must(blob.NewWithKey(account, account, keys[0].Value, o)).Container("files").Blob("test.txt")
	must(test.Upload(ctx, strings.NewReader("This is a test file.\n"), nil))
	must(test.Download(ctx, out, nil))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
