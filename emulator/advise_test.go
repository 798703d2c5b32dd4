package emulator_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/advise"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/state"
)

// A machine that is Owner of everything reads three things. What is advised instead, and nothing
// else, lets it do so again, and without any one part of it something is refused.
func TestAdvise(t *testing.T) { onCarriers(t, checkAdvise) }

func checkAdvise(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	machine := emulator.Ref("machine/tutorial-vm")
	for _, role := range []string{"Reader", "Storage Blob Data Reader", "Storage Account Contributor"} {
		r.emu.Revoke(machine, role, emulator.Ref("DevTest"))
	}
	r.emu.Grant(machine, "Owner", emulator.Ref("subscription"))
	r.emu.Grant(machine, "Storage Blob Data Owner", emulator.Ref("subscription"))
	requests := [][]string{
		{r.arm(subPath + "/resourceGroups/DevTest?api-version=2021-04-01"), bearer(r.machineToken(armResource, ""))},
		{r.blob("tutorialstore", "/files/hello_world.txt"), bearer(r.machineToken("https://storage.azure.com/", "")), version2021},
		{r.vault("mytestkeyvault", "/secrets/MyTestSecret"), r.vaultToken("")},
	}
	for _, q := range requests {
		r.want(q[0], r.get(q[0], q[1:]...), 200)
	}
	plan, err := r.emu.Advise(advise.Options{Principal: string(machine)})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Principals) != 1 {
		t.Fatalf("%+v", plan)
	}
	p := plan.Principals[0]
	const files = subPath + "/resourceGroups/DevTest/providers/Microsoft.Storage/storageAccounts/tutorialstore/blobServices/default/containers/files"
	if a := p.Assignments; len(a) != 2 || a[0].Role != "Reader" || a[0].Scope != subPath+"/resourceGroups/DevTest" || a[1].Role != "Storage Blob Data Reader" || a[1].Scope != files {
		t.Errorf("%+v", a)
	}
	if v := p.Policies; len(v) != 1 || v[0].Vault != "mytestkeyvault" || !slices.Equal(v[0].Secrets, []string{"get"}) || len(v[0].Surplus) != 6 {
		t.Errorf("%+v", v)
	}
	if s := p.Surplus; len(s) != 2 || s[0].Role != "Owner" || !s[0].Wider || s[1].Role != "Storage Blob Data Owner" || !s[1].Wider {
		t.Errorf("%+v", s)
	}
	if plan.Proof != (advise.Proof{Needs: 3, Allowed: 3, Grants: 3, Necessary: 3}) {
		t.Errorf("%+v", plan.Proof)
	}
	fork := forkOf(t, r.emu)
	apply(t, fork, p)
	if got := statuses(t, fork, requests); !slices.Equal(got, []int{200, 200, 200}) {
		t.Errorf("with what is advised: %v", got)
	}
	for i, a := range p.Assignments {
		less := forkOf(t, fork)
		less.Revoke(machine, a.Role, emulator.Ref(a.Scope))
		want := []int{200, 200, 200}
		want[i] = 403
		if got := statuses(t, less, requests); !slices.Equal(got, want) {
			t.Errorf("without %s: %v, want %v", a.Role, got, want)
		}
	}
	p.Policies[0].Secrets = nil
	apply(t, fork, p)
	if got := statuses(t, fork, requests); !slices.Equal(got, []int{200, 200, 403}) {
		t.Errorf("without the policy: %v", got)
	}
	if got := statuses(t, r.emu, requests); !slices.Equal(got, []int{200, 200, 200}) {
		t.Errorf("the world was changed: %v", got)
	}
}

func forkOf(t *testing.T, emu *emulator.Emulator) *emulator.Emulator {
	t.Helper()
	fork := emu.Fork()
	t.Cleanup(func() {
		if err := fork.Close(); err != nil {
			t.Error(err)
		}
	})
	return fork
}

// apply does what a plan says, and takes away what it does without.
func apply(t *testing.T, emu *emulator.Emulator, p advise.Principal) {
	t.Helper()
	for _, a := range p.Assignments {
		emu.Grant(emulator.Ref(p.ObjectID), a.Role, emulator.Ref(a.Scope))
	}
	err := emu.State().Update(func(tx *state.Tx) error {
		for _, h := range p.Surplus {
			tx.Assignments.Delete(h.ID)
		}
		for _, policy := range p.Policies {
			v, _ := tx.Vaults.Get(policy.Vault)
			v.Policies = slices.DeleteFunc(v.Policies, func(has state.AccessPolicy) bool { return has.ObjectID == p.ObjectID })
			v.Policies = append(v.Policies, state.AccessPolicy{TenantID: p.TenantID, ObjectID: p.ObjectID, Secrets: policy.Secrets})
			tx.Vaults.Put(v)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// statuses replays requests in a world.
func statuses(t *testing.T, emu *emulator.Emulator, requests [][]string) (all []int) {
	t.Helper()
	r := &rig{TB: t, emu: emu, http: emu.Client()}
	for _, q := range requests {
		all = append(all, r.get(q[0], q[1:]...).status)
	}
	return all
}

// What a request needs beside its target is advised too: a user-assigned identity that is
// attached, tags that are written with a blob.
func TestAdviseOnWhatIsDecidedBeside(t *testing.T) {
	r := openCodec(t, emulator.Options{})
	owner := bearer(r.adminToken())
	vm := subPath + "/resourceGroups/DevTest/providers/Microsoft.Compute/virtualMachines/tutorial-vm"
	for i := range 2 {
		r.emu.Identity(fmt.Sprintf("extra-%d", i))
	}
	body := fmt.Sprintf(`{"identity":{"type":"SystemAssigned, UserAssigned","userAssignedIdentities":{%q:{},%q:{}}}}`, r.emu.Identity("extra-0").ID(), r.emu.Identity("extra-1").ID())
	r.want("attach", r.do("PATCH", r.arm(vm+"?api-version=2023-03-01"), body, owner, jsonType), 200)
	storage := bearer(r.appToken(admin, "linarite", "https://storage.azure.com"))
	r.want("blob", r.do("PUT", r.blob("tutorialstore", "/files/tagged"), "x", storage, version2021, "x-ms-blob-type: BlockBlob", "x-ms-tags: a=b"), 201)
	plan, err := r.emu.Advise(advise.Options{Principal: admin})
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, n := range plan.Principals[0].Needs {
		actions = append(actions, n.Action[strings.Index(n.Action, "/")+1:]+" "+n.Scope[strings.LastIndexByte(n.Scope, '/')+1:])
	}
	slices.Sort(actions)
	want := []string{
		"storageAccounts/blobServices/containers/blobs/tags/write files", "storageAccounts/blobServices/containers/blobs/write files",
		"userAssignedIdentities/assign/action extra-0", "userAssignedIdentities/assign/action extra-1", "virtualMachines/write tutorial-vm",
	}
	if !slices.Equal(actions, want) {
		t.Errorf("%q\nwant %q", actions, want)
	}
}

func TestAdviseRefuses(t *testing.T) {
	seed := ids.NamedSeed("advise")
	r := openCodec(t, emulator.Options{World: "testdata/vaults.yaml", Seed: &seed})
	for ref, want := range map[string]string{"nobody": "is no principal", "machine/x": "there is no machine", "group/writers": "advice is for those that act", seedless: "advice is for those that act"} {
		if _, err := r.emu.Advise(advise.Options{Principal: ref}); !errors.Is(err, advise.ErrOptions) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", ref, err)
		}
	}
	if _, err := r.emu.Advise(advise.Options{Merge: 1}); !errors.Is(err, advise.ErrOptions) {
		t.Errorf("%v", err)
	}
	plan, err := r.emu.Advise(advise.Options{})
	if err != nil || len(plan.Principals) != 0 || plan.Proof != (advise.Proof{}) {
		t.Errorf("nothing was done: %+v, %v", plan, err)
	}
}

// seedless is a GUID of nobody.
const seedless = "99999999-9999-9999-9999-999999999999"

// What the journal has lost is said.
func TestAdviseOnAShortJournal(t *testing.T) {
	r := openCodec(t, emulator.Options{})
	handler := r.emu.Handler()
	for range 10_001 {
		q, err := http.NewRequestWithContext(t.Context(), "GET", "http://127.0.0.1:4280/nothing", nil)
		if err != nil {
			t.Fatal(err)
		}
		handler.ServeHTTP(httptest.NewRecorder(), q)
	}
	plan, err := r.emu.Advise(advise.Options{})
	if err != nil || len(plan.Notes) != 1 || !strings.Contains(plan.Notes[0], "the first 1 requests") {
		t.Errorf("%q, %v", plan.Notes, err)
	}
}
