package arm

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// accountType is the path of storage accounts below a group.
const accountType = "/providers/Microsoft.Storage/storageAccounts/"

// ofAccount is the body that makes a storage account.
func ofAccount(t *suite.T) map[string]any {
	return ofGroup(t, "kind", "StorageV2", "sku", map[string]any{"name": "Standard_LRS"})
}

// storageSpecs are about storage accounts.
func storageSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-STORAGE-001/life", Title: "makes a storage account, and deletes it",
			Covers: []string{"ARM-STORAGE-002", "ARM-STORAGE-003", "ARM-STORAGE-015", "ARM-STORAGE-016", "ARM-STORAGE-019"},
			Run:    accountLife,
		},
		{
			ID: "ARM-STORAGE-010/keys", Title: "gives an account two keys, and changes one",
			Covers: []string{"ARM-STORAGE-007", "ARM-STORAGE-008", "ARM-STORAGE-009", "ARM-STORAGE-014", "ARM-STORAGE-017", "ARM-STORAGE-022"},
			Run:    accountKeys,
		},
		{
			ID: "ARM-STORAGE-011/key-action", Title: "shows the keys to nobody who may only read",
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Stranger(ctx)
				t.Grant(ctx, who, suite.RoleReader, t.World.AccountID())
				t.Until(ctx, 200, func() *suite.Request { return as(t, who, "GET", t.World.AccountID(), suite.StorageVersion) })
				ask := func() *suite.Request {
					return as(t, who, "POST", t.World.AccountID()+"/listKeys", suite.StorageVersion).Text("")
				}
				a := t.Send(ctx, ask())
				t.Rule("ARM-STORAGE-011").Expect(a).To(match.Status(403))
				t.Rule("ARM-STORAGE-011").Expect(a).To(match.Message(gomega.MatchRegexp("action '(?i:Microsoft.Storage/storageAccounts/listkeys/action)'")))
				t.Grant(ctx, who, suite.RoleStorageContrib, t.World.AccountID())
				t.Until(ctx, 200, ask)
			},
		},
		{
			ID: "ARM-STORAGE-012/service-sas", Title: "makes a shared access signature of a service",
			Covers: []string{"ARM-STORAGE-006", "ARM-STORAGE-013", "ARM-STORAGE-018"},
			Run:    serviceSAS,
		},
		{
			ID: "ARM-STORAGE-021/paired", Title: "names the paired region of an account that is geo-redundant",
			Run: func(ctx context.Context, t *suite.T) {
				list := get(ctx, t, t.World.SubscriptionID()+"/locations", "2021-01-01")
				t.Require(list, match.Status(200), "the regions")
				i := slices.Index(members(list, "name"), t.World.Location)
				paired := match.Text(list, fmt.Sprintf("value.%d.metadata.pairedRegion.0.name", i))
				if paired == "" { // the list does not say it; of these it is known
					paired = map[string]string{
						"westus": "eastus", "eastus": "westus", "chinanorth": "chinaeast", "chinaeast": "chinanorth",
						"usgovvirginia": "usgovtexas", "usgovtexas": "usgovvirginia",
					}[t.World.Location]
				}
				t.Require(paired, gomega.Not(gomega.BeEmpty()), "the paired region")
				id := t.World.GroupID() + accountType + t.Unique("a")
				body := ofAccount(t)
				body["sku"] = map[string]any{"name": "Standard_GRS"}
				t.Put(ctx, "storageAccount", id, suite.StorageVersion, body)
				t.Rule("ARM-STORAGE-021").Expect(get(ctx, t, id, suite.StorageVersion)).To(match.JSON("properties.secondaryLocation", paired))
			},
		},
		{
			ID: "ARM-STORAGE-004/name", Title: "refuses a name that no account can have, and one that another has",
			Covers: []string{"ARM-STORAGE-005"}, Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				good := t.Unique("a")
				for what, name := range map[string]string{
					"a hyphen": good[:12] + "-" + good[13:20], "a capital": "A" + good[1:20], "a letter that is not ASCII": good[:12] + "%C3%A9",
					"2 characters": good[len(good)-2:], "25 characters": (good + good)[:25],
				} {
					bad := t.World.GroupID() + accountType + name
					t.Owns("storageAccount", bad, suite.StorageVersion)
					a := put(ctx, t, bad, suite.StorageVersion, ofAccount(t))
					t.NotMade(bad, a)
					t.Rule("ARM-STORAGE-004").Expect(a, what).To(match.Code("AccountNameInvalid"))
				}
				taken := put(ctx, t, newGroup(ctx, t)+accountType+t.World.Account, suite.StorageVersion, ofAccount(t))
				t.Rule("ARM-STORAGE-005").Expect(taken).To(match.Status(409))
				t.Rule("ARM-STORAGE-005").Expect(taken).To(match.Code("StorageAccountAlreadyTaken"))
				t.Require(get(ctx, t, t.World.AccountID(), suite.StorageVersion), match.JSON("name", t.World.Account), "who has the name")
			},
		},
	}
}

func accountLife(ctx context.Context, t *suite.T) {
	name := t.Unique("a")
	id := t.World.GroupID() + accountType + name
	check := func(name string) *wire.Answer {
		return t.Send(ctx, t.ARM("POST", t.World.SubscriptionID()+"/providers/Microsoft.Storage/checkNameAvailability?api-version="+suite.StorageVersion).
			JSON(map[string]any{"name": name, "type": "Microsoft.Storage/storageAccounts"}))
	}
	free := check(name)
	t.Rule("ARM-STORAGE-019").Expect(free, "a name that is free").To(match.Status(200))
	t.Rule("ARM-STORAGE-019").Expect(free, "a name that is free").To(match.JSON("nameAvailable", true))

	t.Owns("storageAccount", id, suite.StorageVersion)
	a := put(ctx, t, id, suite.StorageVersion, ofAccount(t))
	t.Rule("ARM-STORAGE-001").Expect(a).To(match.Status(202))
	t.Rule("ARM-STORAGE-001").Expect(a).To(empty())
	t.Rule("ARM-STORAGE-015").Expect(a, "202").To(match.Header("Content-Type", "text/plain; charset=utf-8"))
	last := poll(ctx, t, a)
	t.Rule("ARM-STORAGE-002").Expect(last).To(match.Status(200))
	t.Rule("ARM-STORAGE-002").Expect(last).To(match.JSON("name", name))
	again := put(ctx, t, id, suite.StorageVersion, ofAccount(t))
	t.Rule("ARM-STORAGE-003").Expect(again).To(match.Status(200))
	t.Rule("ARM-STORAGE-003").Expect(again).To(match.JSON("name", name))
	taken := check(name)
	t.Rule("ARM-STORAGE-019").Expect(taken, "a name that is taken").To(match.Status(200))
	t.Rule("ARM-STORAGE-019").Expect(taken, "a name that is taken").To(match.JSON("nameAvailable", false))

	a = remove(ctx, t, id, suite.StorageVersion)
	t.Rule("ARM-STORAGE-016").Expect(a, "an account").To(match.Status(200))
	t.Rule("ARM-STORAGE-015").Expect(a, "200").To(match.Header("Content-Type", "text/plain; charset=utf-8"))
	t.Rule("ARM-STORAGE-016").Expect(remove(ctx, t, id, suite.StorageVersion), "what is not there").To(match.Status(204))
}

// keysVersion is the version that the spec about keys asks for; not that by which the suite has the
// key to sign with.
const keysVersion = "2022-09-01"

// accountKeys changes keys of an account that nobody else signs with.
func accountKeys(ctx context.Context, t *suite.T) {
	id := t.World.GroupID() + accountType + t.Unique("k")
	t.Put(ctx, "storageAccount", id, suite.StorageVersion, ofAccount(t))
	keys := func(apiVersion string) *wire.Answer {
		return t.Send(ctx, t.ARM("POST", id+"/listKeys?api-version="+apiVersion).Text(""))
	}
	before := keys(keysVersion)
	for i, name := range []string{"key1", "key2"} {
		key := "keys." + string(rune('0'+i)) + "."
		t.Hide(match.Text(before, key+"value"))
		t.Rule("ARM-STORAGE-007").Expect(before).To(match.JSON(key+"keyName", name))
		raw, err := base64.StdEncoding.DecodeString(match.Text(before, key+"value"))
		t.Rule("ARM-STORAGE-007").Expect(err == nil && len(raw) == 64, name+" is 64 bytes").To(gomega.BeTrue())
		t.Rule("ARM-STORAGE-009").Expect(before, name).To(match.JSON(key+"creationTime", some()))
		old := keys("2016-01-01")
		t.Rule("ARM-STORAGE-009").Expect(old, "an old version").To(match.JSON(key+"creationTime", match.Absent()))
		for _, a := range []*wire.Answer{before, old} {
			t.Rule("ARM-STORAGE-008").Expect(a, name).To(match.JSON(key+"permissions", "FULL"))
		}
	}
	t.Rule("ARM-STORAGE-014").Expect(before).To(match.Header("Content-Type", "application/json"))

	change := t.Send(ctx, t.ARM("POST", id+"/regenerateKey?api-version="+suite.StorageVersion).JSON(map[string]any{"keyName": "key2"}))
	t.Require(change, match.Status(200), "regenerateKey")
	after := keys(keysVersion)
	t.Hide(match.Text(after, "keys.1.value"))
	same := func(i string) bool {
		return match.Text(before, "keys."+i+".value") == match.Text(after, "keys."+i+".value")
	}
	t.Rule("ARM-STORAGE-010").Expect(same("0"), "key1 is the same").To(gomega.BeTrue())
	t.Rule("ARM-STORAGE-010").Expect(same("1"), "key2 is the same").To(gomega.BeFalse())

	t.Rule("ARM-STORAGE-017").Expect(get(ctx, t, id, suite.StorageVersion)).To(match.JSON("properties.keyCreationTime", gomega.HaveKey("key1")))
	shown := func(apiVersion string) *wire.Answer {
		a := get(ctx, t, id, apiVersion)
		t.Require(a, match.JSON("properties.primaryEndpoints.blob", some()), "the account in", apiVersion)
		return a
	}
	t.Rule("ARM-STORAGE-017").Expect(shown("2016-01-01")).To(match.JSON("properties.keyCreationTime", match.Absent()))
	const keyType = "properties.encryption.services.blob.keyType"
	t.Rule("ARM-STORAGE-022").Expect(get(ctx, t, id, "2019-06-01")).To(match.JSON(keyType, "Account"))
	t.Rule("ARM-STORAGE-022").Expect(shown("2018-11-01")).To(match.JSON(keyType, match.Absent()))
}

func serviceSAS(ctx context.Context, t *suite.T) {
	body := map[string]any{
		"canonicalizedResource": "/blob/" + t.World.Account + "/files", "signedResource": "c", "signedPermission": "lwr",
		"signedExpiry": t.Now().Add(time.Hour).UTC().Format(time.RFC3339),
	}
	ask := func() *suite.Request {
		return t.ARM("POST", t.World.AccountID()+"/ListServiceSas?api-version="+suite.StorageVersion).JSON(body)
	}
	a := t.Send(ctx, ask())
	t.Rule("ARM-STORAGE-012").Expect(a).To(match.JSON("serviceSasToken", gomega.MatchRegexp(`^sv=2015-04-05&sr=c&.*sig=.+`)))
	t.Rule("ARM-STORAGE-013").Expect(a).To(match.JSON("serviceSasToken", gomega.ContainSubstring("&sp=lwr&")))
	form := ask().Set("Content-Type", "application/x-www-form-urlencoded")
	t.Rule("ARM-STORAGE-018").Expect(t.Send(ctx, form)).To(match.JSON("serviceSasToken", gomega.HavePrefix("sv=")))
	body["signedExpiry"] = strings.Replace(body["signedExpiry"].(string), "20", "19", 1) // long past
	a = t.Send(ctx, ask())
	t.Rule("ARM-STORAGE-006").Expect(a).To(match.Status(400))
	t.Rule("ARM-STORAGE-006").Expect(a).To(match.Code("InvalidValuesForRequestParameters"))
	t.Rule("ARM-STORAGE-006").Expect(a).To(match.Message(gomega.ContainSubstring("signedExpiry")))
}
