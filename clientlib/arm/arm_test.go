package arm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/fault"
)

const (
	tenant       = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
	subscription = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
)

// fixed is a credential that always has the same token.
type fixed string

func (f fixed) Token(context.Context, clientlib.TokenRequest) (clientlib.Token, error) {
	return clientlib.Token{Value: string(f)}, nil
}

// admin is the world's administrator, by client secret.
type admin struct{ transport clientlib.Transport }

func (a admin) Token(ctx context.Context, r clientlib.TokenRequest) (clientlib.Token, error) {
	form := "grant_type=client_credentials&client_id=11111111-2222-3333-4444-555555555555&client_secret=linarite&scope=" + r.Audience + "/.default"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://login.microsoftonline.com/"+tenant+"/oauth2/v2.0/token", strings.NewReader(form))
	if err != nil {
		return clientlib.Token{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := a.transport.Do(req)
	if err != nil {
		return clientlib.Token{}, err
	}
	defer resp.Body.Close()
	var out struct {
		Token string `json:"access_token"`
	}
	err = json.NewDecoder(resp.Body).Decode(&out)
	return clientlib.Token{Value: out.Token}, err
}

// world is a client of the administrator's in a world of its own.
func world(t *testing.T) (*emulator.Emulator, *arm.Client) {
	t.Helper()
	emu := emulator.New(t, emulator.World("tutorial"))
	c, err := arm.New(subscription, admin{emu.Client()}, clientlib.Options{Transport: emu.Client()})
	if err != nil {
		t.Fatal(err)
	}
	return emu, c
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := world(t)
		ctx := t.Context()
		made := must[arm.Group](t)(c.PutGroup(ctx, "made-here", arm.Group{Tags: map[string]string{"a": "b"}}))
		if made.Location != "westus" || made.State != "Succeeded" || !arm.SameID(made.ID, c.GroupID("made-here")) {
			t.Errorf("made %+v", made)
		}
		if got := must[arm.Group](t)(c.Group(ctx, "made-here")); got.Tags["a"] != "b" {
			t.Errorf("tags %v", got.Tags)
		}
		var names []string
		for g, err := range c.Groups(ctx) {
			check(t, err)
			names = append(names, g.Name)
			if g.State != "Succeeded" {
				t.Errorf("%s is listed as %q", g.Name, g.State)
			}
		}
		if !slices.Contains(names, "made-here") || !slices.Contains(names, "DevTest") {
			t.Errorf("groups %v", names)
		}
		op := must[*arm.Operation](t)(c.DeleteGroup(ctx, "made-here"))
		if op.Done() || op.URL() == "" {
			t.Error("the deletion of a group says where it can be followed")
		}
		check(t, op.Wait(ctx, nil))
		if there := must[bool](t)(c.Exists(ctx, c.GroupID("made-here"), arm.VersionResources)); there {
			t.Error("the group is still there")
		}
		_, err := c.Group(ctx, "made-here")
		if !clientlib.HasCode(err, "ResourceGroupNotFound") || !clientlib.HasStatus(err, 404) {
			t.Errorf("a group that is gone: %v", err)
		}
		if there := must[bool](t)(c.Exists(ctx, c.GroupID("DevTest"), arm.VersionResources)); !there {
			t.Error("DevTest is not there")
		}
		if len(must[[]arm.Resource](t)(arm.Collect(c.Resources(ctx, "DevTest")))) == 0 {
			t.Error("nothing is in DevTest")
		}
	})
}

func TestAccounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		emu, c := world(t)
		ctx := t.Context()
		if free := must[arm.Availability](t)(c.AccountName(ctx, "tutorialstore")); free.Free || free.Reason != "AlreadyExists" {
			t.Errorf("a name that is taken: %+v", free)
		}
		yes := true
		a := must[arm.Account](t)(c.PutAccount(ctx, "DevTest", "madehere", arm.Account{Properties: arm.AccountProperties{HTTPSOnly: &yes}}))
		if a.Properties.State != "Succeeded" || a.Properties.PrimaryEndpoints.Blob != "https://madehere.blob.core.windows.net/" || a.Kind != "StorageV2" {
			t.Errorf("made %+v", a)
		}
		keys := must[[]arm.Key](t)(c.Keys(ctx, "DevTest", "madehere"))
		anew := must[[]arm.Key](t)(c.RegenerateKey(ctx, "DevTest", "madehere", "key2"))
		if len(keys) != 2 || keys[0] != anew[0] || keys[1].Value == anew[1].Value {
			t.Error("the second key alone is made anew")
		}
		if text, err := json.Marshal(keys); err != nil || strings.Contains(string(text), keys[0].Value) {
			t.Errorf("JSON shows keys: %s, %v", text, err)
		}
		for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
			if text := fmt.Sprintf(form, keys); strings.Contains(text, keys[0].Value) {
				t.Errorf("%s shows keys: %s", form, text)
			}
		}
		until := emu.Clock().Now().Add(time.Hour)
		sas := must[string](t)(c.ServiceSAS(ctx, "DevTest", "tutorialstore", arm.ServiceSAS{Container: "files", Permissions: "rl", Expires: until}))
		for _, path := range []string{"files/hello_world.txt?", "files?restype=container&comp=list&"} {
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "https://tutorialstore.blob.core.windows.net/"+path+sas, nil)
			resp := must[*http.Response](t)(emu.Client().Do(req))
			clientlib.Drain(resp)
			if resp.StatusCode != 200 {
				t.Errorf("%s by the SAS: %d", path, resp.StatusCode)
			}
		}
		whole := must[string](t)(c.AccountSAS(ctx, "DevTest", "tutorialstore", arm.AccountSAS{ResourceTypes: "s", Permissions: "l", Expires: until, Starts: emu.Clock().Now().Add(-time.Minute), Key: "key2"}))
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "https://tutorialstore.blob.core.windows.net/?comp=list&"+whole, nil)
		resp := must[*http.Response](t)(emu.Client().Do(req))
		clientlib.Drain(resp)
		if resp.StatusCode != 200 {
			t.Errorf("listing by the account SAS: %d", resp.StatusCode)
		}
		check(t, c.DeleteAccount(ctx, "DevTest", "madehere"))
		check(t, c.DeleteAccount(ctx, "DevTest", "madehere")) // that there is none is no error
		_, err := c.Account(ctx, "DevTest", "madehere")
		if !clientlib.HasCode(err, "ResourceNotFound") {
			t.Errorf("an account that is gone: %v", err)
		}
		if n := len(must[[]arm.Account](t)(arm.Collect(c.Accounts(ctx, "")))); n == 0 {
			t.Error("the subscription has no accounts")
		}
	})
}

func TestIdentities(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := world(t)
		ctx := t.Context()
		made := must[arm.Identity](t)(c.PutIdentity(ctx, "DevTest", "made", arm.Identity{}))
		if made.Properties.ClientID == "" || made.Properties.TenantID != tenant {
			t.Errorf("made %+v", made)
		}
		if got := must[arm.Identity](t)(c.Identity(ctx, "DevTest", "made")); got.Properties != made.Properties {
			t.Errorf("read %+v", got)
		}
		vm := c.MachineID("DevTest", arm.VirtualMachine, "tutorial-vm")
		before := must[arm.Machine](t)(c.Machine(ctx, vm))
		after := must[arm.Machine](t)(c.AssignIdentity(ctx, vm, made.ID))
		if after.Identity.PrincipalID != before.Identity.PrincipalID || len(after.Identity.UserAssigned) != len(before.Identity.UserAssigned)+1 {
			t.Errorf("an identity was lost: %+v, then %+v", before.Identity, after.Identity)
		}
		again := must[arm.Machine](t)(c.AssignIdentity(ctx, vm, strings.ToLower(made.ID)))
		if len(again.Identity.UserAssigned) != len(after.Identity.UserAssigned) {
			t.Error("the same identity in other letters is assigned twice")
		}
		gone := must[arm.Machine](t)(c.UnassignIdentity(ctx, vm, made.ID))
		if len(gone.Identity.UserAssigned) != len(before.Identity.UserAssigned) || !gone.Identity.System() {
			t.Errorf("after taking it away: %+v", gone.Identity)
		}
		for id := range gone.Identity.UserAssigned { // and the last one too
			gone = must[arm.Machine](t)(c.UnassignIdentity(ctx, vm, id))
		}
		if len(gone.Identity.UserAssigned) != 0 || gone.Identity.PrincipalID != before.Identity.PrincipalID {
			t.Errorf("only the system's is left: %+v", gone.Identity)
		}
		check(t, c.DeleteIdentity(ctx, "DevTest", "made"))
		for i, err := range c.Identities(ctx, "DevTest") {
			check(t, err)
			if i.Name == "made" {
				t.Error("the identity is still listed")
			}
		}
	})
}

func TestFederations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, c := world(t)
		ctx := t.Context()
		ci := arm.Federation{Issuer: "https://token.actions.githubusercontent.com", Subject: "repo:o/r:ref:refs/heads/main", Audiences: []string{"api://AzureADTokenExchange"}}
		check(t, c.PutFederation(ctx, "DevTest", "tutorial-id", "main", ci))
		err := c.PutFederation(ctx, "DevTest", "tutorial-id", "twice", ci)
		if !clientlib.HasCode(err, "BadRequest") || !strings.Contains(err.Error(), "Issuer and subject combination already exists") {
			t.Errorf("the same again: %v", err)
		}
		ci.Subject = "repo:o/r:environment:prod"
		check(t, c.PutFederation(ctx, "DevTest", "tutorial-id", "main", ci))
		ci.Name = "main"
		if all := must[[]arm.Federation](t)(arm.Collect(c.Federations(ctx, "DevTest", "tutorial-id"))); len(all) != 1 || !reflect.DeepEqual(all[0], ci) {
			t.Errorf("federated credentials %+v", all)
		}
		check(t, c.DeleteFederation(ctx, "DevTest", "tutorial-id", "main"))
		check(t, c.DeleteFederation(ctx, "DevTest", "tutorial-id", "main")) // that there is none is no error
		if all := must[[]arm.Federation](t)(arm.Collect(c.Federations(ctx, "DevTest", "tutorial-id"))); len(all) != 0 {
			t.Errorf("what is left: %+v", all)
		}
		for _, err := range c.Federations(ctx, "DevTest", "nobody") {
			if !clientlib.HasCode(err, "ParentResourceNotFound") {
				t.Errorf("of an identity that is not there: %v", err)
			}
		}
	})
}

func TestVaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		emu, c := world(t)
		ctx := t.Context()
		who := arm.AccessPolicy{TenantID: tenant, ObjectID: emu.Machine().PrincipalID(), Permissions: arm.VaultPermissions{Secrets: []string{"get"}}}
		made := must[arm.Vault](t)(c.PutVault(ctx, "DevTest", "made-here", arm.Vault{Properties: arm.VaultProperties{TenantID: tenant, Policies: []arm.AccessPolicy{who}}}))
		if made.Properties.URI != "https://made-here.vault.azure.net/" || made.Properties.State != "Succeeded" {
			t.Errorf("made %+v", made)
		}
		who.Permissions.Secrets = []string{"list"}
		check(t, c.AddPolicies(ctx, "DevTest", "made-here", who))
		got := must[arm.Vault](t)(c.Vault(ctx, "DevTest", "made-here"))
		if len(got.Properties.Policies) != 1 || len(got.Properties.Policies[0].Permissions.Secrets) != 2 {
			t.Errorf("policies %+v", got.Properties.Policies)
		}
		check(t, c.RemovePolicies(ctx, "DevTest", "made-here", who))
		if free := must[arm.Availability](t)(c.VaultName(ctx, "made-here")); free.Free {
			t.Error("the name is taken")
		}
		check(t, c.DeleteVault(ctx, "DevTest", "made-here"))
		for v, err := range c.Vaults(ctx, "") {
			check(t, err)
			if v.Name == "made-here" {
				t.Error("the vault is still listed")
			}
		}
	})
}

// TestNotEmulated sends what the emulator has no operation for yet.
func TestNotEmulated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, asked := scripted(t, cloud.Cloud{},
			step{200, "", `{"properties":{"provisioningState":"RegisteringDns","vaultUri":"https://v.vault.azure.net"}}`},
			step{200, "", `{"properties":{"provisioningState":"Succeeded","vaultUri":"https://v.vault.azure.net/"}}`},
			step{202, "Location: https://management.azure.com/subscriptions/sub/providers/Microsoft.KeyVault/locations/westus/operationResults/x?api-version=1", ""},
			step{202, "", `{"createdDateTime":"2023-11-06 12:47:03Z","status":"NotStarted"}`},
			step{200, "", `{"createdDateTime":"2023-11-06 12:47:03Z","status":"Succeeded"}`})
		ctx := t.Context()
		back := must[arm.Vault](t)(c.RecoverVault(ctx, "g", "v", arm.Vault{Properties: arm.VaultProperties{TenantID: tenant}}))
		if back.Properties.URI != "https://v.vault.azure.net/" {
			t.Errorf("recovered %+v", back)
		}
		check(t, must[*arm.Operation](t)(c.PurgeVault(ctx, "westus", "v")).Wait(ctx, nil))
		if want := "POST https://management.azure.com/subscriptions/sub/providers/Microsoft.KeyVault/locations/westus/deletedVaults/v/purge?api-version=2023-07-01"; (*asked)[2] != want {
			t.Errorf("asked %s", (*asked)[2])
		}
	})
}

// TestThrottled: Resource Manager says 429 and when to come back, and the client does.
func TestThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		emu, c := world(t)
		scenario, ok := fault.ScenarioNamed("arm-throttled")
		if !ok {
			t.Fatal("no such scenario")
		}
		for _, r := range scenario.Rules {
			emu.Faults().Add(r)
		}
		began := time.Now()
		must[arm.Group](t)(c.Group(t.Context(), "DevTest"))
		if waited := time.Since(began); waited < 15*time.Second { // three times the five that it was told; a bubble's time
			t.Errorf("it waited %s", waited)
		}
	})
}

func TestLists(t *testing.T) {
	collect := func(steps ...step) ([]arm.Group, error) {
		c, _ := scripted(t, cloud.Cloud{}, steps...)
		return arm.Collect(c.Groups(t.Context()))
	}
	next := `{"value":[{"name":"a"}],"nextLink":"https://management.azure.com/subscriptions/sub/resourcegroups?api-version=1&%24skiptoken=x"}`
	for end, last := range map[string]string{"absent": `{"value":[{"name":"b"}]}`, "null": `{"value":[{"name":"b"}],"nextLink":null}`, "empty": `{"value":[{"name":"b"}],"nextLink":""}`} {
		if got, err := collect(step{200, "", next}, step{200, "", `{"value":[],"nextLink":"/subscriptions/sub/more"}`}, step{200, "", last}); err != nil || len(got) != 2 || got[1].Name != "b" {
			t.Errorf("%s: %v, %v", end, got, err)
		}
	}
	for _, link := range []string{"https://evil.example/?api-version=1", "https://somebody@management.azure.com/subscriptions/sub/more", "http://management.azure.com/subscriptions/sub/more"} {
		if got, err := collect(step{200, "", `{"value":[{"name":"a"}],"nextLink":"` + link + `"}`}); !errors.Is(err, arm.ErrForeignLink) || len(got) != 1 {
			t.Errorf("a link to %s: %v, %v", link, got, err)
		}
	}
	if _, err := collect(step{200, "", next}, step{403, "", `{"error":{"code":"AuthorizationFailed","message":"no"}}`}); !clientlib.HasCode(err, "AuthorizationFailed") {
		t.Errorf("a refused page: %v", err)
	}
	if got, err := collect(step{200, "", `{"value":[{"name":"a"}],"nextLink":"https://management.azure.com:443/subscriptions/sub/more"}`}, step{200, "", `{"value":[{"name":"b"}]}`}); err != nil || len(got) != 2 {
		t.Errorf("a link with the port said: %v, %v", got, err)
	}
	c, asked := scripted(t, cloud.Cloud{}, step{200, "", next})
	for range c.Groups(t.Context()) {
		break
	}
	if len(*asked) != 1 {
		t.Errorf("pages that nobody wants: %q", *asked)
	}
}

// TestListTwice: what walks through a list can be walked twice, and asks the same both times.
func TestListTwice(t *testing.T) {
	c, asked := scripted(t, cloud.Cloud{}, step{200, "", `{"value":[]}`}, step{200, "", `{"value":[]}`})
	list := c.Assignments(t.Context(), "/subscriptions/sub", "who")
	for range 2 {
		must[[]arm.Assignment](t)(arm.Collect(list))
	}
	if (*asked)[0] != (*asked)[1] {
		t.Errorf("asked %s", strings.Join(*asked, "\nthen  "))
	}
}

// TestIDs: what is no id is refused before a request; what is one is escaped.
func TestIDs(t *testing.T) {
	c, asked := scripted(t, cloud.China(), step{200, "", "{}"})
	if err := c.Get(t.Context(), c.GroupID("a b(c)?d#é%"), "1&x", nil); err != nil {
		t.Fatal(err)
	}
	if want := "GET https://management.chinacloudapi.cn/subscriptions/sub/resourceGroups/a%20b%28c%29%3Fd%23%C3%A9%25?api-version=1%26x"; (*asked)[0] != want {
		t.Errorf("asked %s", (*asked)[0])
	}
	for _, name := range []string{"", "..", ".", "a/../b", "a//b", "a/providers/Microsoft.Storage/storageAccounts/b", "a%2fb"} {
		if _, err := c.DeleteGroup(t.Context(), name); err == nil {
			t.Errorf("the group %q would be deleted", name)
		}
	}
	for _, bad := range []string{"", "a/b", "a?b"} {
		if _, err := arm.New(bad, fixed("x"), clientlib.Options{}); err == nil {
			t.Errorf("%q is a subscription", bad)
		}
	}
	if _, err := arm.New("sub", nil, clientlib.Options{}); err == nil {
		t.Error("without a credential")
	}
}
