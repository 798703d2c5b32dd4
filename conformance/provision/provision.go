package provision

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/conformance/targets"
)

// Up makes the world of a run and returns it with what takes it away again, which is to be
// called even after an error. The world of env has the endpoints, and names for the rest.
func Up(ctx context.Context, env *suite.Env) (suite.World, func(ctx context.Context), error) {
	w := env.World
	if w.RunID == "" {
		w = Begin(w, env.Target, env.Now())
	}
	if !env.Target.HasARM() {
		return single(env.Target.Kind, w)
	}
	w.Account, w.Vault, w.RBACVault = w.RunID, w.RunID+"p", w.RunID+"r"
	w.Blob = w.CloudData().Blob(w.Account)
	env.World = w
	cleanup, err := suite.Act(ctx, env, func(ctx context.Context, t *suite.T) {
		who(ctx, t, &w)
		t.World = w
		group(ctx, t)
		account(ctx, t)
		vaults(ctx, t)
	})
	return w, cleanup, err
}

// Begin names a run: its id, and when what it makes may be swept.
func Begin(w suite.World, target targets.File, now time.Time) suite.World {
	w.RunID = suite.NewRunID(target.Names.Prefix, now)
	if target.Kind == targets.Azure {
		w.Expires = Expires(target, now)
	}
	return w
}

// Check says what a target file has to name so that the world of a run can be made.
func Check(f targets.File) error {
	for _, v := range []struct{ key, value, what string }{
		{"credentials.deployer", f.Credentials.Deployer, "who makes the account and the vaults of the run"},
		{"subscription", f.Subscription, "where they are made"}, {"names.group", f.Names.Group, "the group that they are made in"},
	} {
		if f.HasARM() && v.value == "" {
			return fmt.Errorf("target %s: name %s: %s", f.Name, v.key, v.what)
		}
	}
	return nil
}

// single is the world of a target that is one service alone: its account is there already.
func single(kind targets.Kind, w suite.World) (suite.World, func(ctx context.Context), error) {
	if kind == targets.Replay {
		w.Blob = w.CloudData().Blob(w.Account)
	}
	if w.Blob == "" && w.Account != "" {
		return w, func(context.Context) {}, errors.New("the target file names an account and no endpoint for blob")
	}
	return w, func(context.Context) {}, nil
}

// who asks who the deployer is: its object id, its tenant, and the machine that it belongs to.
func who(ctx context.Context, t *suite.T, w *suite.World) {
	claims, err := suite.ClaimsOf(t.Token(ctx, t.Deployer(), t.Cloud.ARMAudience))
	if err != nil {
		t.Broken("%v", err)
	}
	w.MachinePrincipal, _ = claims["oid"].(string)
	w.Tenant, _ = claims["tid"].(string)
	if resource, _ := claims["xms_mirid"].(string); w.Machine == "" && strings.Contains(strings.ToLower(resource), "/virtualmachines/") {
		w.Machine = resource
	}
}

// group finds the group of the target file, or makes one.
func group(ctx context.Context, t *suite.T) {
	if t.Env.Target.Names.Group == "" {
		t.Broken("the target file names no group (names.group)")
	}
	a := t.Send(ctx, t.ARM("GET", t.World.GroupID()+"?api-version="+suite.GroupVersion))
	t.Require(a, match.Status(200), "the group")
}

func account(ctx context.Context, t *suite.T) {
	t.Put(ctx, "storageAccount", t.World.AccountID(), suite.StorageVersion, map[string]any{
		"location": t.World.Location, "kind": "StorageV2", "sku": map[string]any{"name": "Standard_LRS"}, "tags": t.World.Tags(),
		"properties": map[string]any{"supportsHttpsTrafficOnly": true, "allowBlobPublicAccess": true, "allowSharedKeyAccess": true, "minimumTlsVersion": "TLS1_2"},
	})
	t.Grant(ctx, t.Deployer(), suite.RoleBlobDataOwner, t.World.AccountID())
	t.Until(ctx, 200, func() *suite.Request {
		return t.As(t.Deployer(), t.Blob("GET", "?comp=list&maxresults=1"))
	})
}

func vaults(ctx context.Context, t *suite.T) {
	all := []string{"get", "list", "set", "delete", "recover", "backup", "restore", "purge"}
	for _, rbac := range []bool{false, true} {
		name, policies := t.World.Vault, []any{map[string]any{"tenantId": t.World.Tenant, "objectId": t.World.MachinePrincipal,
			"permissions": map[string]any{"secrets": all}}}
		if rbac {
			name, policies = t.World.RBACVault, []any{}
		}
		t.Put(ctx, "vault", t.World.VaultID(name), suite.VaultVersion, map[string]any{
			"location": t.World.Location, "tags": t.World.Tags(),
			"properties": map[string]any{"tenantId": t.World.Tenant, "sku": map[string]any{"family": "A", "name": "standard"},
				"enableRbacAuthorization": rbac, "enableSoftDelete": true, "softDeleteRetentionInDays": 7, "accessPolicies": policies},
		})
		if rbac {
			t.Grant(ctx, t.Deployer(), suite.RoleVaultSecretsOff, t.World.VaultID(name))
		}
		t.Until(ctx, 200, func() *suite.Request { return t.VaultOf(name, "GET", "secrets") })
	}
	t.Cleanup(func(ctx context.Context) { // names of deleted vaults stay taken until they are purged
		for _, name := range []string{t.World.Vault, t.World.RBACVault} {
			path := fmt.Sprintf("%s/providers/Microsoft.KeyVault/locations/%s/deletedVaults/%s/purge?api-version=%s",
				t.World.SubscriptionID(), t.World.Location, name, suite.VaultVersion)
			t.Send(ctx, t.ARM("POST", path).Text(""))
		}
	})
}
