package arm_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/emulator/fault"
)

func TestRoles(t *testing.T) {
	emu, c := world(t)
	ctx := t.Context()
	reader := must[arm.RoleDefinition](t)(c.RoleByName(ctx, c.SubscriptionID(), "storage blob data reader"))
	if reader.Properties.RoleName != "Storage Blob Data Reader" || reader.Properties.Type != "BuiltInRole" {
		t.Errorf("the role is %+v", reader)
	}
	if _, err := c.RoleByName(ctx, c.SubscriptionID(), "It's none"); err == nil || !strings.Contains(err.Error(), `"It's none"`) {
		t.Errorf("a role that is none: %v", err)
	}
	who := emu.Identity("tutorial-id").PrincipalID()
	first := must[arm.Assignment](t)(c.Assign(ctx, c.GroupID("DevTest")+"/", reader.ID, who, ""))
	second := must[arm.Assignment](t)(c.Assign(ctx, c.GroupID("devtest"), reader.ID, who, ""))
	if first.ID == "" || !arm.SameID(first.ID, second.ID) {
		t.Errorf("assigned twice: %s, %s", first.ID, second.ID)
	}
	// The tutorial's own assignment has another name: it is found, and is as good.
	role := must[arm.RoleDefinition](t)(c.RoleByName(ctx, c.SubscriptionID(), "Reader"))
	there := must[arm.Assignment](t)(c.Assign(ctx, c.GroupID("DevTest"), role.ID, who, ""))
	if there.Properties.PrincipalID != who {
		t.Errorf("the one that was there: %+v", there)
	}
	check(t, c.Unassign(ctx, first.ID))
	for a, err := range c.Assignments(ctx, c.GroupID("DevTest"), who) {
		check(t, err)
		if arm.SameID(a.ID, first.ID) || a.Properties.PrincipalID != who {
			t.Errorf("listed %+v", a)
		}
	}
	custom := arm.RoleDefinition{Properties: arm.RoleProperties{RoleName: "Mine", Permissions: []arm.Permission{{Actions: []string{"*/read"}}}}}
	made := must[arm.RoleDefinition](t)(c.PutRole(ctx, c.SubscriptionID(), custom))
	same := must[arm.RoleDefinition](t)(c.PutRole(ctx, c.SubscriptionID(), custom))
	if made.ID != same.ID || made.Properties.Type != "CustomRole" {
		t.Errorf("made %+v, then %+v", made, same)
	}
	check(t, c.DeleteRole(ctx, made.ID))
}

// TestNotInEffect: a role that does not count yet is refused, and waited for by who says so.
func TestNotInEffect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		emu, c := world(t)
		scenario, ok := fault.ScenarioNamed("role-not-propagated")
		if !ok {
			t.Fatal("no such scenario")
		}
		for _, r := range scenario.Rules {
			emu.Faults().Add(r)
		}
		if _, err := c.Group(t.Context(), "DevTest"); !clientlib.HasCode(err, "AuthorizationFailed") {
			t.Fatalf("a role that does not count: %v", err)
		}
		patient, err := arm.New(subscription, admin{emu.Client()}, clientlib.Options{
			Transport: emu.Client(), Retry: clientlib.Retry{Patience: map[int]time.Duration{http.StatusForbidden: 10 * time.Minute}},
		})
		check(t, err)
		if g := must[arm.Group](t)(patient.Group(t.Context(), "DevTest")); g.Name != "DevTest" {
			t.Errorf("the group is %+v", g)
		}
	})
}

// TestNewPrincipal: a principal that is not known yet is asked for again, for three minutes.
func TestNewPrincipal(t *testing.T) {
	const unknown = `{"error":{"code":"PrincipalNotFound","message":"Principal x does not exist in the directory y."}}`
	assign := func(ctx context.Context, c *arm.Client) error {
		_, err := c.Assign(ctx, "/subscriptions/sub", "/providers/Microsoft.Authorization/roleDefinitions/r", "p", "")
		return err
	}
	synctest.Test(t, func(t *testing.T) {
		c, asked := scripted(t, cloud.Cloud{}, step{400, "", unknown}, step{400, "", unknown}, step{201, "", `{"name":"n"}`})
		check(t, assign(t.Context(), c))
		if len(*asked) != 3 || (*asked)[0] != (*asked)[2] {
			t.Errorf("asked %q", *asked)
		}
		c, asked = scripted(t, cloud.Cloud{}, slices.Repeat([]step{{400, "", unknown}}, 100)...)
		if err := assign(t.Context(), c); !clientlib.HasCode(err, "PrincipalNotFound") || len(*asked) != 37 {
			t.Errorf("after %d requests: %v", len(*asked), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 12*time.Second)
		defer cancel()
		c, asked = scripted(t, cloud.Cloud{}, slices.Repeat([]step{{400, "", unknown}}, 100)...)
		if err := assign(ctx, c); !clientlib.HasCode(err, "PrincipalNotFound") || !errors.Is(err, context.DeadlineExceeded) || len(*asked) != 3 {
			t.Errorf("after %d requests: %v", len(*asked), err)
		}
	})
}
