// Command flow2 uploads and prints a blob by a shared access signature that Resource Manager makes.
package main

import (
	"context"
	"flag"
	"io"
	"log"
	"os"
	"strings"
	"time"

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
	azure := must(arm.New(subscription, cred, o))
	sas := must(azure.ServiceSAS(ctx, group, account, arm.ServiceSAS{Container: "files", Permissions: "rcw", Expires: time.Now().Add(time.Hour)}))
	test := must(blob.NewWithSAS(account, sas, o)).Container("files").Blob("testblob")
	must(test.Upload(ctx, strings.NewReader("This is a test file.\n"), nil))
	must(test.Download(ctx, out, nil))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
