package arm_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/clientlib/identity"
	"github.com/linarite/linarite/emulator"
)

// ok ends a program that went wrong.
func ok(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// hurried is a clock that lets a world's time pass instead of waiting.
type hurried struct{ emu *emulator.Emulator }

func (h hurried) Now() time.Time { return h.emu.Clock().Now() }

func (h hurried) AfterFunc(d time.Duration, f func()) func() bool {
	if d < time.Minute { // not the watch over an answer
		h.emu.Clock().Advance(d)
		go f()
	}
	return func() bool { return d >= time.Minute }
}

var ctx = context.Background()

// tutorial is the tutorial's subscription, as its administrator sees it.
func tutorial() (*emulator.Emulator, *arm.Client) {
	emu, err := emulator.Open(emulator.Options{World: "tutorial"})
	ok(err)
	c, err := arm.New(subscription, admin{emu.Client()}, clientlib.Options{Transport: emu.Client(), Clock: hurried{emu}})
	ok(err)
	return emu, c
}

// playing is a client of a Resource Manager that only says what it was told to: for what Linarite does not serve.
func playing(answers ...string) *arm.Client {
	c, err := arm.New(subscription, fixed("token"), clientlib.Options{Transport: clientlib.TransportFunc(func(*http.Request) (*http.Response, error) {
		body := answers[0]
		answers = answers[1:]
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(body))}, nil
	})})
	ok(err)
	return c
}

// A machine reads what it may. In production the transport is left out.
func ExampleNew() {
	emu, _ := tutorial()
	defer emu.Close()
	o := clientlib.Options{Transport: emu.Client()}

	cred, err := identity.Find(identity.Options{Options: o})
	ok(err)
	c, err := arm.New(subscription, cred, o)
	ok(err)
	group, err := c.Group(ctx, "DevTest")
	ok(err)
	fmt.Println(group.Name, group.Location)
	// Output: DevTest westus
}

func ExampleClient_Groups() {
	emu, c := tutorial()
	defer emu.Close()
	for g, err := range c.Groups(ctx) {
		ok(err)
		fmt.Println(g.Name)
	}
	// Output: DevTest
}

// What takes a while is an operation: it can be waited for here, and elsewhere.
func ExampleClient_PutGroup() {
	emu, c := tutorial()
	defer emu.Close()
	_, err := c.PutGroup(ctx, "made-here", arm.Group{Tags: map[string]string{"stage": "test"}})
	ok(err)
	op, err := c.DeleteGroup(ctx, "made-here")
	ok(err)
	fmt.Println(op.Done(), op.URL() != "")

	elsewhere, err := c.Resume(ctx, op.URL(), "", "")
	ok(err)
	ok(elsewhere.Wait(ctx, nil))
	fmt.Println(elsewhere)
	// Output:
	// false true
	// POST: done
}

func ExampleOperation_Poll() {
	emu, c := tutorial()
	defer emu.Close()
	_, err := c.PutGroup(ctx, "made-here", arm.Group{})
	ok(err)
	op, err := c.Delete(ctx, c.GroupID("made-here"), arm.VersionResources)
	ok(err)
	for !op.Done() {
		emu.Clock().Advance(time.Minute) // a program would do something else meanwhile
		ok(op.Poll(ctx))
	}
	fmt.Println(op)
	// Output: DELETE: done
}

func ExampleOperationError() {
	c := playing(`{"properties":{"provisioningState":"Failed"}}`)
	_, err := c.PutAccount(ctx, "DevTest", "store", arm.Account{})
	var failed *arm.OperationError
	fmt.Println(errors.As(err, &failed), failed.Status)
	// Output: true Failed
}

// Ids are put together, and compared as Resource Manager does.
func ExampleID() {
	emu, c := tutorial()
	defer emu.Close()
	fmt.Println(c.SubscriptionID())
	fmt.Println(c.ResourceID("DevTest", "Microsoft.Network/virtualNetworks", "net") == c.GroupID("DevTest")+arm.ID("providers", "Microsoft.Network", "virtualNetworks", "net"))
	fmt.Println(arm.SameID(c.AccountID("DevTest", "Store"), c.AccountID("devtest", "store")))
	// Output:
	// /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e
	// true
	// true
}

func ExampleClient_Resources() {
	emu, c := tutorial()
	defer emu.Close()
	all, err := arm.Collect(c.Resources(ctx, "DevTest"))
	ok(err)
	for _, r := range all {
		fmt.Println(r.Type, r.Name)
	}
	// Output:
	// Microsoft.Compute/virtualMachines tutorial-vm
	// Microsoft.Compute/virtualMachineScaleSets tutorial-vmss
	// Microsoft.KeyVault/vaults mytestkeyvault
	// Microsoft.ManagedIdentity/userAssignedIdentities tutorial-id
	// Microsoft.Storage/storageAccounts tutorialstore
}

// Get, Put, Patch and Post are for what has no method of its own here.
func ExampleClient_Get() {
	emu, c := tutorial()
	defer emu.Close()
	id := c.AccountID("DevTest", "tutorialstore")
	op, err := c.Patch(ctx, id, arm.VersionStorage, map[string]any{"tags": map[string]string{"a": "b"}})
	ok(err)
	ok(op.Wait(ctx, nil))
	var said struct{ Tags map[string]string }
	ok(c.Get(ctx, id, arm.VersionStorage, &said))
	fmt.Println(said.Tags["a"])
	// Output: b
}

func ExampleClient_Exists() {
	emu, c := tutorial()
	defer emu.Close()
	fmt.Println(c.Exists(ctx, c.GroupID("DevTest"), arm.VersionResources))
	fmt.Println(c.Exists(ctx, c.GroupID("none"), arm.VersionResources))
	// Output:
	// true <nil>
	// false <nil>
}

func ExampleClient_Put() {
	emu, c := tutorial()
	defer emu.Close()
	op, err := c.Put(ctx, c.IdentityID("DevTest", "raw"), arm.VersionIdentity, map[string]string{"location": "westus"})
	ok(err)
	var made struct{ Name string }
	ok(op.Wait(ctx, &made))
	fmt.Println(made.Name)
	// Output: raw
}

func ExampleClient_Post() {
	emu, c := tutorial()
	defer emu.Close()
	var out struct{ Keys []arm.Key }
	ok(c.Post(ctx, c.AccountID("DevTest", "tutorialstore")+"/listKeys", arm.VersionStorage, nil, &out))
	fmt.Println(len(out.Keys))
	// Output: 2
}

func ExampleClient_Begin() {
	c := playing(`{"started":true}`)
	op, err := c.Begin(ctx, c.MachineID("DevTest", arm.VirtualMachine, "tutorial-vm")+"/restart", arm.VersionCompute, nil)
	ok(err)
	var out struct{ Started bool }
	ok(op.Wait(ctx, &out))
	fmt.Println(out.Started)
	// Output: true
}

func ExampleList() {
	emu, c := tutorial()
	defer emu.Close()
	type named struct{ Name string }
	for v, err := range arm.List[named](ctx, c, c.GroupID("DevTest")+"/providers/Microsoft.KeyVault/vaults", arm.VersionKeyVault, "") {
		ok(err)
		fmt.Println(v.Name)
	}
	// Output: mytestkeyvault
}

func ExampleClient_PutAccount() {
	emu, c := tutorial()
	defer emu.Close()
	free, err := c.AccountName(ctx, "madehere")
	ok(err)
	made, err := c.PutAccount(ctx, "DevTest", "madehere", arm.Account{})
	ok(err)
	fmt.Println(free.Free, made.Properties.PrimaryEndpoints.Blob)
	ok(c.DeleteAccount(ctx, "DevTest", "madehere"))
	// Output: true https://madehere.blob.core.windows.net/
}

func ExampleClient_Accounts() {
	emu, c := tutorial()
	defer emu.Close()
	for a, err := range c.Accounts(ctx, "DevTest") {
		ok(err)
		same, err := c.Account(ctx, "DevTest", a.Name)
		ok(err)
		fmt.Println(same.Name, same.Kind)
	}
	// Output: tutorialstore StorageV2
}

// A key does not print what it is.
func ExampleClient_Keys() {
	emu, c := tutorial()
	defer emu.Close()
	before, err := c.Keys(ctx, "DevTest", "tutorialstore")
	ok(err)
	after, err := c.RegenerateKey(ctx, "DevTest", "tutorialstore", "key2")
	ok(err)
	fmt.Println(before[0])
	fmt.Println(before[0].Value == after[0].Value, before[1].Value == after[1].Value)
	// Output:
	// key1: REDACTED
	// true false
}

func ExampleClient_ServiceSAS() {
	emu, c := tutorial()
	defer emu.Close()
	until := emu.Clock().Now().Add(time.Hour)
	sas, err := c.ServiceSAS(ctx, "DevTest", "tutorialstore", arm.ServiceSAS{Container: "files", Permissions: "r", Expires: until})
	ok(err)
	all, err := c.AccountSAS(ctx, "DevTest", "tutorialstore", arm.AccountSAS{ResourceTypes: "sco", Permissions: "rl", Expires: until})
	ok(err)
	fmt.Println(strings.Contains(sas, "sr=c"), strings.Contains(all, "ss=b"))
	// Output: true true
}

// A machine is given an identity beside its own, and loses it again.
func ExampleClient_AssignIdentity() {
	emu, c := tutorial()
	defer emu.Close()
	made, err := c.PutIdentity(ctx, "DevTest", "made-here", arm.Identity{})
	ok(err)
	vm := c.MachineID("DevTest", arm.VirtualMachine, "tutorial-vm")
	m, err := c.AssignIdentity(ctx, vm, made.ID)
	ok(err)
	fmt.Println(m.Identity.System(), len(m.Identity.UserAssigned))
	_, err = c.UnassignIdentity(ctx, vm, made.ID)
	ok(err)
	ok(c.DeleteIdentity(ctx, "DevTest", "made-here"))
	m, err = c.Machine(ctx, vm)
	fmt.Println(len(m.Identity.UserAssigned), err)
	// Output:
	// true 2
	// 1 <nil>
}

func ExampleClient_Identities() {
	emu, c := tutorial()
	defer emu.Close()
	for i, err := range c.Identities(ctx, "DevTest") {
		ok(err)
		same, err := c.Identity(ctx, "DevTest", i.Name)
		fmt.Println(same.Name, same.Properties.ClientID, err)
	}
	// Output: tutorial-id 00001111-aaaa-2222-bbbb-3333cccc4444 <nil>
}

func ExampleClient_PutFederation() {
	c := playing(`{"name":"ci"}`)
	fmt.Println(c.PutFederation(ctx, "DevTest", "tutorial-id", "ci", arm.Federation{
		Issuer: "https://token.actions.githubusercontent.com", Subject: "repo:o/r:ref:refs/heads/main", Audiences: []string{"api://AzureADTokenExchange"},
	}))
	// Output: <nil>
}

func ExampleClient_Federations() {
	c := playing(`{"value":[{"name":"ci","properties":{"issuer":"https://token.actions.githubusercontent.com","subject":"s"}}]}`, ``)
	for f, err := range c.Federations(ctx, "DevTest", "tutorial-id") {
		ok(err)
		fmt.Println(f.Issuer)
	}
	ok(c.DeleteFederation(ctx, "DevTest", "tutorial-id", "ci"))
	// Output: https://token.actions.githubusercontent.com
}

func ExampleParseID() {
	p, err := arm.ParseID("/subscriptions/s/resourceGroups/DevTest/providers/Microsoft.KeyVault/vaults/mytestkeyvault")
	fmt.Println(p.Group, p.Type, p.Name, err)
	// Output: DevTest Microsoft.KeyVault/vaults mytestkeyvault <nil>
}

// Done twice, an assignment is made once.
func ExampleClient_Assign() {
	emu, c := tutorial()
	defer emu.Close()
	role, err := c.RoleByName(ctx, c.SubscriptionID(), "Storage Blob Data Reader")
	ok(err)
	who := emu.Identity("tutorial-id").PrincipalID()
	made, err := c.Assign(ctx, c.GroupID("DevTest"), role.ID, who, "")
	ok(err)
	again, err := c.Assign(ctx, c.GroupID("DevTest"), role.ID, who, "")
	ok(err)
	fmt.Println(arm.SameID(made.ID, again.ID))
	ok(c.Unassign(ctx, made.ID))
	// Output: true
}

func ExampleClient_AssignRole() {
	emu, c := tutorial()
	defer emu.Close()
	made, err := c.AssignRole(ctx, c.GroupID("DevTest"), "Storage Blob Data Reader", emu.Identity("tutorial-id").PrincipalID())
	ok(err)
	fmt.Println(arm.SameID(made.Properties.Scope, c.GroupID("DevTest")))
	// Output: true
}

func ExampleClient_Assignments() {
	emu, c := tutorial()
	defer emu.Close()
	for a, err := range c.Assignments(ctx, c.GroupID("DevTest"), emu.Identity("tutorial-id").PrincipalID()) {
		ok(err)
		fmt.Println(a.Properties.PrincipalType)
	}
	// Output: ServicePrincipal
}

func ExampleClient_PutRole() {
	emu, c := tutorial()
	defer emu.Close()
	made, err := c.PutRole(ctx, c.SubscriptionID(), arm.RoleDefinition{Properties: arm.RoleProperties{
		RoleName: "Looks on", Permissions: []arm.Permission{{Actions: []string{"*/read"}}},
	}})
	ok(err)
	fmt.Println(made.Properties.RoleName, made.Properties.Type)
	ok(c.DeleteRole(ctx, made.ID))
	// Output: Looks on CustomRole
}

func ExampleClient_PutVault() {
	emu, c := tutorial()
	defer emu.Close()
	free, err := c.VaultName(ctx, "made-here")
	ok(err)
	made, err := c.PutVault(ctx, "DevTest", "made-here", arm.Vault{Properties: arm.VaultProperties{TenantID: tenant}})
	ok(err)
	fmt.Println(free.Free, made.Properties.URI)
	ok(c.DeleteVault(ctx, "DevTest", "made-here"))
	// Output: true https://made-here.vault.azure.net/
}

func ExampleClient_Vaults() {
	emu, c := tutorial()
	defer emu.Close()
	for v, err := range c.Vaults(ctx, "") {
		ok(err)
		same, err := c.Vault(ctx, "DevTest", v.Name)
		ok(err)
		fmt.Println(arm.SameID(same.ID, c.VaultID("DevTest", "mytestkeyvault")))
	}
	// Output: true
}

func ExampleClient_AddPolicies() {
	emu, c := tutorial()
	defer emu.Close()
	list := arm.AccessPolicy{TenantID: tenant, ObjectID: emu.Identity("tutorial-id").PrincipalID(), Permissions: arm.VaultPermissions{Secrets: []string{"list"}}}
	fmt.Println(c.AddPolicies(ctx, "DevTest", "mytestkeyvault", list))
	fmt.Println(c.RemovePolicies(ctx, "DevTest", "mytestkeyvault", list))
	// Output:
	// <nil>
	// <nil>
}

func ExampleClient_RecoverVault() {
	c := playing(`{"name":"v","properties":{"vaultUri":"https://v.vault.azure.net/"}}`, `{}`)
	back, err := c.RecoverVault(ctx, "DevTest", "v", arm.Vault{Properties: arm.VaultProperties{TenantID: tenant}})
	fmt.Println(back.Name, err)
	_, err = c.PurgeVault(ctx, "westus", "another")
	fmt.Println(err)
	// Output:
	// v <nil>
	// <nil>
}

// A program that is told the address of a Resource Manager alone finds the rest of the cloud.
func ExampleDiscover() {
	emu, err := emulator.Open(emulator.Options{Cloud: "china"})
	ok(err)
	defer emu.Close()
	here, err := arm.Discover(ctx, "https://management.chinacloudapi.cn", clientlib.Options{Transport: emu.Client()})
	ok(err)
	fmt.Println(here.Login, here.Vault("my-vault"))
	// Output: https://login.chinacloudapi.cn https://my-vault.vault.azure.cn
}
