// Command flow6 makes an identity, gives it to a machine and a role to it, and uses it there. Whoever may do
// that is named by AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.
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
	machine := flag.String("machine", "tutorial-vm", "virtual machine")
	flag.Parse()
	flow(context.Background(), os.Stdout, o, *subscription, *group, *machine)
}

func flow(ctx context.Context, out io.Writer, o clientlib.Options, subscription, group, machine string) {
	azure := must(arm.New(subscription, must(identity.Find(identity.Options{Options: o})), o))
	made := must(azure.PutIdentity(ctx, group, "flow6-id", arm.Identity{}))
	must(azure.AssignIdentity(ctx, azure.MachineID(group, arm.VirtualMachine, machine), made.ID))
	must(azure.AssignRole(ctx, azure.GroupID(group), "Reader", made.Properties.PrincipalID))
	cred := must(identity.ManagedIdentity(identity.Options{Options: o, Identity: identity.ClientID(made.Properties.ClientID)}))
	g := must(must(arm.New(subscription, cred, o)).Group(ctx, group))
	must(fmt.Fprintln(out, g.ID, g.Location))
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
