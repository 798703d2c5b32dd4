package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
)

// Versions of Resource Manager's types that the suite makes things with.
const (
	GroupVersion      = "2021-04-01"
	StorageVersion    = "2023-01-01"
	VaultVersion      = "2022-07-01"
	IdentityVersion   = "2023-01-31"
	MachineVersion    = "2023-03-01"
	AssignmentVersion = "2022-04-01"
)

// Roles by their GUIDs: "Azure built-in roles".
const (
	RoleOwner             = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
	RoleContributor       = "b24988ac-6180-42a0-ab88-20f7382dd24c"
	RoleReader            = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	RoleUserAccessAdmin   = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
	RoleBlobDataOwner     = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
	RoleBlobDataContrib   = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
	RoleBlobDataReader    = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
	RoleBlobDelegator     = "db58b8e5-c6ad-4a2a-8342-4190687cbf4a"
	RoleStorageContrib    = "17d1049b-9a84-46fb-8f53-869881c3d3ab"
	RoleVaultSecretsUser  = "4633458b-17de-408a-b874-0445c86b69e6"
	RoleVaultSecretsOff   = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
	RoleVaultAdmin        = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
	RoleVaultReader       = "21090545-7ca7-4776-b22c-e363652d74d2"
	RoleVaultContributor  = "f25e0fa2-a7c8-4377-a976-54943a77a395"
	RoleIdentityOperator  = "f1a07417-d97a-45cb-824c-7a7467783830"
	RoleMachineContrib    = "9980e02c-c2be-4d73-94e8-173b1dc7cf3c"
	identityProvider      = "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"
	assignmentProvider    = "/providers/Microsoft.Authorization/roleAssignments/"
	roleDefinitionsPrefix = "/providers/Microsoft.Authorization/roleDefinitions/"
)

// Owns notes a resource that the spec is about to make by a request of its own, and deletes it
// when the spec has ended.
func (t *T) Owns(kind, id, apiVersion string) {
	t.note(kind, id)
	t.Cleanup(func(ctx context.Context) {
		t.gone(id, t.Send(ctx, t.ARM("DELETE", id+"?api-version="+apiVersion)))
	})
}

// NotMade takes an id that the spec owns out of the ledger where the answer to its making is a refusal: what
// cannot be made cannot be deleted either.
func (t *T) NotMade(id string, a *wire.Answer) {
	if a.Status/100 == 4 && t.Env.Ledger != nil {
		_ = t.Env.Ledger.Gone(id)
	}
}

// gone takes an id out of the ledger when its deletion was answered.
func (t *T) gone(id string, a *wire.Answer) {
	if (a.Status/100 == 2 || a.Status == 404) && t.Env.Ledger != nil {
		_ = t.Env.Ledger.Gone(id)
	}
}

// note writes an id into the ledger, before the request that makes it.
func (t *T) note(kind, id string) {
	if t.Env.Ledger == nil {
		return
	}
	if err := t.Env.Ledger.Making(kind, id); err != nil {
		t.Broken("the ledger could not be written: %v", err)
	}
}

// Put makes a resource by Resource Manager, waits until it is there, and deletes it when the
// spec has ended.
func (t *T) Put(ctx context.Context, kind, id, apiVersion string, body map[string]any) *wire.Answer {
	t.Owns(kind, id, apiVersion)
	a := t.Send(ctx, t.ARM("PUT", id+"?api-version="+apiVersion).JSON(body))
	t.Require(a, match.Status(gomega.BeElementOf(200, 201, 202)), "making "+kind)
	if a.Status == 202 {
		t.Settle(ctx, kind+" "+id, func(ctx context.Context) bool {
			a = t.Send(ctx, t.ARM("GET", id+"?api-version="+apiVersion))
			return a.Status == 200 && match.Text(a, "properties.provisioningState") != "Creating"
		})
	}
	return a
}

// Container makes a container in the world's account, and deletes it when the spec has ended.
// The options are header fields: name and value in turn.
func (t *T) Container(ctx context.Context, header ...string) string {
	name := t.Unique("c")
	t.ContainerNamed(ctx, name, header...)
	return name
}

// ContainerNamed makes a container of a name.
func (t *T) ContainerNamed(ctx context.Context, name string, header ...string) *wire.Answer {
	r := t.Blob("PUT", name+"?restype=container")
	for i := 0; i+1 < len(header); i += 2 {
		r.Set(header[i], header[i+1])
	}
	t.OwnsContainer(name)
	a := t.Send(ctx, r)
	t.Require(a, match.Status(201), "making a container")
	return a
}

// OwnsContainer deletes a container when the spec has ended.
func (t *T) OwnsContainer(name string) {
	id := t.World.AccountID() + "/blobServices/default/containers/" + name
	t.note("container", id)
	t.Cleanup(func(ctx context.Context) {
		a := t.Send(ctx, t.Blob("DELETE", name+"?restype=container"))
		t.gone(id, a)
	})
}

// PutBlob puts a block blob of type text/plain. The path is container/blob, escaped by the spec.
func (t *T) PutBlob(ctx context.Context, path, content string, header ...string) *wire.Answer {
	r := t.Blob("PUT", path).Set("x-ms-blob-type", "BlockBlob").Set("Content-Type", "text/plain").Text(content)
	for i := 0; i+1 < len(header); i += 2 {
		r.Set(header[i], header[i+1])
	}
	a := t.Send(ctx, r)
	t.Require(a, match.Status(201), "putting a blob")
	return a
}

// Secret sets a secret of a new name in the world's vault of policies, and deletes and purges it
// when the spec has ended.
func (t *T) Secret(ctx context.Context, value string) (name, version string) {
	return t.SecretIn(ctx, t.World.Vault, value)
}

// SecretIn sets a secret in a vault of the world.
func (t *T) SecretIn(ctx context.Context, vault, value string) (name, version string) {
	name = t.Unique("s")
	t.OwnsSecret(vault, name)
	t.Hide(value)
	a := t.Send(ctx, t.VaultOf(vault, "PUT", "secrets/"+name).JSON(map[string]any{"value": value}))
	t.Require(a, match.JSON("id", gomega.HavePrefix("https://")), "setting a secret")
	id := match.Text(a, "id")
	return name, id[strings.LastIndexByte(id, '/')+1:]
}

// OwnsSecret deletes and purges a secret when the spec has ended.
func (t *T) OwnsSecret(vault, name string) {
	t.Cleanup(func(ctx context.Context) {
		t.Send(ctx, t.VaultOf(vault, "DELETE", "secrets/"+name))
		t.poll(ctx, 1e9, func(ctx context.Context) bool { // on real Azure deleting takes a moment
			a := t.Send(ctx, t.VaultOf(vault, "DELETE", "deletedsecrets/"+name))
			return a.Status == 204 || a.Status == 404
		})
	})
}

// Stranger is a user-assigned identity of its own, given to the machine, that may do nothing
// yet. It is deleted when the spec has ended.
func (t *T) Stranger(ctx context.Context) Who {
	if t.World.Machine == "" {
		t.Broken("the target names no machine to give identities to")
	}
	who := t.Identity(ctx)
	t.Attach(ctx, map[string]any{who.ID: map[string]any{}})
	t.Cleanup(func(ctx context.Context) { t.Attach(ctx, map[string]any{who.ID: nil}) })
	t.Settle(ctx, "the machine's new identity", func(ctx context.Context) bool {
		_, err := t.Env.TokenFrom(ctx, who.Source, t.Cloud.ARMAudience)
		return err == nil
	})
	return who
}

// Identity makes a user-assigned identity that no machine has, and deletes it when the spec has
// ended.
func (t *T) Identity(ctx context.Context) Who {
	id := t.World.GroupID() + identityProvider + t.Unique("id")
	a := t.Put(ctx, "identity", id, IdentityVersion, map[string]any{"location": t.World.Location, "tags": t.World.Tags()})
	who := Who{ID: id, PrincipalID: match.Text(a, "properties.principalId"), ClientID: match.Text(a, "properties.clientId")}
	who.Source = "imds:" + who.ClientID
	if who.PrincipalID == "" || who.ClientID == "" {
		t.Broken("making an identity: %s", a.Body)
	}
	return who
}

// Attach changes the identities of the machine: one change at a time, as Azure wants it.
func (t *T) Attach(ctx context.Context, identities map[string]any) {
	select {
	case t.Env.gates <- struct{}{}:
		defer func() { <-t.Env.gates }()
	case <-ctx.Done():
		t.Broken("giving the machine an identity: %v", ctx.Err())
	}
	body, _ := json.Marshal(map[string]any{"identity": map[string]any{"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": identities}})
	t.Settle(ctx, "giving the machine an identity", func(ctx context.Context) bool {
		a := t.Send(ctx, t.ARM("PATCH", t.World.Machine+"?api-version="+MachineVersion).Text(string(body)).Set("Content-Type", "application/json"))
		if a.Status == 409 || a.Status == 429 { // another change is under way, in another process say
			return false
		}
		t.Require(a, match.Status(gomega.BeElementOf(200, 202)), "giving the machine an identity")
		return true
	})
}

// SpareMachine is the resource id of the machine whose identities may all go, which the spec has
// for itself until it has ended.
func (t *T) SpareMachine(ctx context.Context) string {
	select {
	case t.Env.spare <- struct{}{}:
		t.Cleanup(func(context.Context) { <-t.Env.spare })
	case <-ctx.Done():
		t.Broken("waiting for the spare machine: %v", ctx.Err())
	}
	return t.World.Spare
}

// Grant gives a principal a role at a scope, and takes it away when the spec has ended. It does
// not wait until the grant counts.
func (t *T) Grant(ctx context.Context, who Who, role, scope string) (assignment string) {
	assignment = scope + assignmentProvider + GUID()
	a := t.Put(ctx, "roleAssignment", assignment, AssignmentVersion, map[string]any{"properties": map[string]any{
		"roleDefinitionId": t.World.SubscriptionID() + roleDefinitionsPrefix + role,
		"principalId":      who.PrincipalID, "principalType": "ServicePrincipal",
	}})
	t.Require(a, match.JSON("name", gomega.Not(gomega.BeEmpty())), "granting")
	return assignment
}

// Until sends a request again and again until it is answered by a status: for a grant, or the
// end of one, to count.
func (t *T) Until(ctx context.Context, status int, ask func() *Request) *wire.Answer {
	var a *wire.Answer
	t.Settle(ctx, fmt.Sprintf("an answer of %d", status), func(ctx context.Context) bool {
		a = t.Send(ctx, ask())
		return a.Status == status
	})
	return a
}
