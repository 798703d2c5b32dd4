package sdkcompat

import (
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/authorization/armauthorization/v2"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/compute/armcompute/v8"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/keyvault/armkeyvault"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/msi/armmsi"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armsubscriptions"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/storage/armstorage"
)

// polled waits for the end of an operation.
func polled[T any](s sweep, p *runtime.Poller[T], err error) T {
	s.Helper()
	must(p, err)
	return must(p.PollUntilDone(s.Context(), &runtime.PollUntilDoneOptions{Frequency: time.Millisecond}))
}

func (s sweep) directory() {
	c := s.Context()
	tenants := must(armsubscriptions.NewTenantsClient(s.cred, s.arm(s.versions.subscriptions)))
	subscriptions := must(armsubscriptions.NewClient(s.cred, s.arm(s.versions.subscriptions)))
	each(s, tenants.NewListPager(nil))
	each(s, subscriptions.NewListPager(nil))
	each(s, subscriptions.NewListLocationsPager(subscription, nil))
	must(subscriptions.Get(c, subscription, nil))
	providers := must(armresources.NewProvidersClient(subscription, s.cred, s.arm(s.versions.resources)))
	each(s, providers.NewListPager(nil))
	must(providers.Get(c, "Microsoft.Storage", nil))
	must(providers.Register(c, "Microsoft.Storage", nil))
	resources := must(armresources.NewClient(subscription, s.cred, s.arm(s.versions.resources)))
	each(s, resources.NewListPager(nil))
	each(s, resources.NewListByResourceGroupPager("DevTest", nil))
}

func (s sweep) groups() {
	c := s.Context()
	groups := must(armresources.NewResourceGroupsClient(subscription, s.cred, s.arm(s.versions.resources)))
	must(groups.CreateOrUpdate(c, "swept", armresources.ResourceGroup{Location: to.Ptr("eastus"), Tags: map[string]*string{"a": to.Ptr("b")}}, nil))
	if !must(groups.CheckExistence(c, "swept", nil)).Success {
		s.Error("the group that was made is not there")
	}
	must(groups.Update(c, "swept", armresources.ResourceGroupPatchable{Tags: map[string]*string{"c": to.Ptr("d")}}, nil))
	if g := must(groups.Get(c, "swept", nil)); *g.Tags["c"] != "d" {
		s.Errorf("tags %v", g.Tags)
	}
	each(s, groups.NewListPager(nil))
	deletion, err := groups.BeginDelete(c, "swept", nil)
	polled(s, deletion, err)
	_, err = groups.Get(c, "swept", nil)
	refused(s.T, "a group that is gone", err, 404, "ResourceGroupNotFound")
}

// there asks whether a resource of DevTest exists, which only the client of resources of any type has a method for.
func (s sweep) there(version, id string) {
	s.Helper()
	resources := must(armresources.NewClient(subscription, s.cred, s.arm("")))
	if !must(resources.CheckExistenceByID(s.Context(), "/subscriptions/"+subscription+"/resourceGroups/DevTest/providers/"+id, version, nil)).Success {
		s.Errorf("%s is not there", id)
	}
}

func (s sweep) identities() {
	c := s.Context()
	identities := must(armmsi.NewUserAssignedIdentitiesClient(subscription, s.cred, s.arm(s.versions.identities)))
	made := must(identities.CreateOrUpdate(c, "DevTest", "swept-id", armmsi.Identity{Location: to.Ptr("westus")}, nil))
	if got := must(identities.Get(c, "DevTest", "swept-id", nil)); *got.Properties.ClientID != *made.Properties.ClientID {
		s.Errorf("client id %s", *got.Properties.ClientID)
	}
	s.there("2023-01-31", "Microsoft.ManagedIdentity/userAssignedIdentities/swept-id")
	must(identities.Update(c, "DevTest", "swept-id", armmsi.IdentityUpdate{Tags: map[string]*string{"a": to.Ptr("b")}}, nil))
	each(s, identities.NewListByResourceGroupPager("DevTest", nil))
	each(s, identities.NewListBySubscriptionPager(nil))
	s.federated()
	must(identities.Delete(c, "DevTest", "swept-id", nil))
	_, err := identities.Get(c, "DevTest", "swept-id", nil)
	refused(s.T, "an identity that is gone", err, 404, "ResourceNotFound")
}

func (s sweep) federated() {
	c := s.Context()
	credentials := must(armmsi.NewFederatedIdentityCredentialsClient(subscription, s.cred, s.arm(s.versions.identities)))
	trust := func(subject string) armmsi.FederatedIdentityCredential {
		return armmsi.FederatedIdentityCredential{Properties: &armmsi.FederatedIdentityCredentialProperties{
			Issuer: to.Ptr("https://issuer.example.com/"), Subject: to.Ptr(subject), Audiences: []*string{to.Ptr("api://AzureADTokenExchange")},
		}}
	}
	for _, name := range []string{"swept-1", "swept-2", "swept-3"} {
		must(credentials.CreateOrUpdate(c, "DevTest", "swept-id", name, trust(name), nil))
		must(credentials.CreateOrUpdate(c, "DevTest", "swept-id", name, trust(name), nil))
		if got := must(credentials.Get(c, "DevTest", "swept-id", name, nil)); *got.Properties.Subject != name || *got.Name != name {
			s.Errorf("credential %s of %s", *got.Name, *got.Properties.Subject)
		}
	}
	s.there("2023-01-31", "Microsoft.ManagedIdentity/userAssignedIdentities/swept-id/federatedIdentityCredentials/swept-1")
	_, err := credentials.CreateOrUpdate(c, "DevTest", "swept-id", "swept-4", trust("swept-1"), nil)
	refused(s.T, "a credential that trusts what another does", err, 400, "BadRequest")
	var names []string
	for pager := credentials.NewListPager("DevTest", "swept-id", &armmsi.FederatedIdentityCredentialsClientListOptions{Top: to.Ptr[int32](2)}); pager.More(); {
		for _, one := range must(pager.NextPage(c)).Value {
			names = append(names, *one.Name)
		}
	}
	if len(names) != 3 {
		s.Errorf("listed %q", names)
	}
	must(credentials.Delete(c, "DevTest", "swept-id", "swept-1", nil))
	must(credentials.Delete(c, "DevTest", "swept-id", "swept-1", nil))
	_, err = credentials.Get(c, "DevTest", "swept-id", "swept-1", nil)
	refused(s.T, "a credential that is gone", err, 404, "ResourceNotFound")
}

func (s sweep) assignments() {
	const (
		scope  = "/subscriptions/" + subscription
		role   = "5e11e0d5-0000-4000-8000-000000000001"
		name   = "5e11e0d5-0000-4000-8000-000000000002"
		reader = scope + "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
	)
	c, options := s.Context(), s.arm("")
	definitions := must(armauthorization.NewRoleDefinitionsClient(s.cred, options))
	must(definitions.CreateOrUpdate(c, scope, role, armauthorization.RoleDefinition{Properties: &armauthorization.RoleDefinitionProperties{
		RoleName: to.Ptr("Swept"), Description: to.Ptr("For the sweep."), RoleType: to.Ptr("CustomRole"), AssignableScopes: []*string{to.Ptr(scope)},
		Permissions: []*armauthorization.Permission{{Actions: []*string{to.Ptr("*/read")}}},
	}}, nil))
	must(definitions.Get(c, scope, role, nil))
	each(s, definitions.NewListPager(scope, nil))
	must(definitions.Delete(c, scope, role, nil))

	assignments := must(armauthorization.NewRoleAssignmentsClient(subscription, s.cred, options))
	who := s.emu.Identity("tutorial-id").PrincipalID()
	group := scope + "/resourceGroups/DevTest"
	must(assignments.Create(c, group+"/providers/Microsoft.Storage/storageAccounts/tutorialstore", name, armauthorization.RoleAssignmentCreateParameters{
		Properties: &armauthorization.RoleAssignmentProperties{PrincipalID: to.Ptr(who), RoleDefinitionID: to.Ptr(reader)},
	}, nil))
	at := group + "/providers/Microsoft.Storage/storageAccounts/tutorialstore"
	must(assignments.Get(c, at, name, nil))
	each(s, assignments.NewListForScopePager(at, nil))
	each(s, assignments.NewListForSubscriptionPager(nil))
	each(s, assignments.NewListForResourceGroupPager("DevTest", nil))
	each(s, assignments.NewListForResourcePager("DevTest", "Microsoft.Storage", "storageAccounts", "tutorialstore", nil))
	must(assignments.Delete(c, at, name, nil))
	_, err := assignments.Get(c, at, name, nil)
	refused(s.T, "an assignment that is gone", err, 404, "RoleAssignmentNotFound")
	each(s, must(armauthorization.NewPermissionsClient(subscription, s.cred, options)).NewListForResourceGroupPager("DevTest", nil))
	each(s, must(armauthorization.NewDenyAssignmentsClient(subscription, s.cred, options)).NewListPager(nil))
	each(s, must(armauthorization.NewClassicAdministratorsClient(subscription, s.cred, options)).NewListPager(nil))
}

func (s sweep) accounts() {
	c := s.Context()
	accounts := must(armstorage.NewAccountsClient(subscription, s.cred, s.arm(s.versions.storage)))
	check := armstorage.AccountCheckNameAvailabilityParameters{Name: to.Ptr("sweptstore"), Type: to.Ptr("Microsoft.Storage/storageAccounts")}
	if !*must(accounts.CheckNameAvailability(c, check, nil)).NameAvailable {
		s.Error("the name is not free")
	}
	creation, err := accounts.BeginCreate(c, "DevTest", "sweptstore", armstorage.AccountCreateParameters{
		Kind: to.Ptr(armstorage.KindStorageV2), Location: to.Ptr("westus"), SKU: &armstorage.SKU{Name: to.Ptr(armstorage.SKUNameStandardRAGRS)},
	}, nil)
	polled(s, creation, err)
	must(accounts.GetProperties(c, "DevTest", "sweptstore", nil))
	s.there("2023-01-01", "Microsoft.Storage/storageAccounts/sweptstore")
	must(accounts.Update(c, "DevTest", "sweptstore", armstorage.AccountUpdateParameters{Tags: map[string]*string{"a": to.Ptr("b")}}, nil))
	each(s, accounts.NewListPager(nil))
	each(s, accounts.NewListByResourceGroupPager("DevTest", nil))
	must(accounts.ListKeys(c, "DevTest", "sweptstore", nil))
	must(accounts.RegenerateKey(c, "DevTest", "sweptstore", armstorage.AccountRegenerateKeyParameters{KeyName: to.Ptr("key1")}, nil))
	until := to.Ptr(s.emu.Clock().Now().Add(time.Hour))
	must(accounts.ListAccountSAS(c, "DevTest", "sweptstore", armstorage.AccountSasParameters{
		Services: to.Ptr(armstorage.ServicesB), ResourceTypes: to.Ptr(armstorage.SignedResourceTypesC), Permissions: to.Ptr(armstorage.PermissionsR), SharedAccessExpiryTime: until,
	}, nil))
	must(accounts.ListServiceSAS(c, "DevTest", "sweptstore", armstorage.ServiceSasParameters{
		CanonicalizedResource: to.Ptr("/blob/sweptstore/files"), Resource: to.Ptr(armstorage.SignedResourceC), Permissions: to.Ptr(armstorage.PermissionsR), SharedAccessExpiryTime: until,
	}, nil))
	must(accounts.Delete(c, "DevTest", "sweptstore", nil))
	_, err = accounts.GetProperties(c, "DevTest", "sweptstore", nil)
	refused(s.T, "an account that is gone", err, 404, "ResourceNotFound")
}

func (s sweep) machines() {
	c := s.Context()
	id := to.Ptr("/subscriptions/" + subscription + "/resourceGroups/DevTest/providers/Microsoft.ManagedIdentity/userAssignedIdentities/tutorial-id")
	machines := must(armcompute.NewVirtualMachinesClient(subscription, s.cred, s.arm("")))
	each(s, machines.NewListPager("DevTest", nil))
	each(s, machines.NewListAllPager(nil))
	must(machines.Get(c, "DevTest", "tutorial-vm", nil))
	s.there("2024-07-01", "Microsoft.Compute/virtualMachines/tutorial-vm")
	change, err := machines.BeginUpdate(c, "DevTest", "tutorial-vm", armcompute.VirtualMachineUpdate{Identity: &armcompute.VirtualMachineIdentity{
		Type: to.Ptr(armcompute.ResourceIdentityTypeSystemAssignedUserAssigned), UserAssignedIdentities: map[string]*armcompute.UserAssignedIdentitiesValue{*id: {}},
	}}, nil)
	polled(s, change, err)
	deletion, err := machines.BeginDelete(c, "DevTest", "tutorial-vm", nil)
	polled(s, deletion, err)
	sets := must(armcompute.NewVirtualMachineScaleSetsClient(subscription, s.cred, s.arm("")))
	each(s, sets.NewListPager("DevTest", nil))
	each(s, sets.NewListAllPager(nil))
	must(sets.Get(c, "DevTest", "tutorial-vmss", nil))
	s.there("2024-07-01", "Microsoft.Compute/virtualMachineScaleSets/tutorial-vmss")
	changed, err := sets.BeginUpdate(c, "DevTest", "tutorial-vmss", armcompute.VirtualMachineScaleSetUpdate{Tags: map[string]*string{"a": to.Ptr("b")}}, nil)
	polled(s, changed, err)
	gone, err := sets.BeginDelete(c, "DevTest", "tutorial-vmss", nil)
	polled(s, gone, err)
}

func (s sweep) vaults() {
	c := s.Context()
	vaults := must(armkeyvault.NewVaultsClient(subscription, s.cred, s.arm(s.versions.vaults)))
	must(vaults.CheckNameAvailability(c, armkeyvault.VaultCheckNameAvailabilityParameters{Name: to.Ptr("swept-vault"), Type: to.Ptr("Microsoft.KeyVault/vaults")}, nil))
	policy := &armkeyvault.AccessPolicyEntry{TenantID: to.Ptr(tenant), ObjectID: to.Ptr(s.emu.Application("linarite-admin").PrincipalID()), Permissions: &armkeyvault.Permissions{
		Secrets: []*armkeyvault.SecretPermissions{to.Ptr(armkeyvault.SecretPermissionsAll), to.Ptr(armkeyvault.SecretPermissionsPurge)},
	}}
	properties := &armkeyvault.VaultProperties{
		TenantID: to.Ptr(tenant), SKU: &armkeyvault.SKU{Family: to.Ptr(armkeyvault.SKUFamilyA), Name: to.Ptr(armkeyvault.SKUNameStandard)}, AccessPolicies: []*armkeyvault.AccessPolicyEntry{policy},
	}
	for _, name := range []string{"swept-vault", "swept-gone"} {
		creation, err := vaults.BeginCreateOrUpdate(c, "DevTest", name, armkeyvault.VaultCreateOrUpdateParameters{Location: to.Ptr("westus"), Properties: properties}, nil)
		polled(s, creation, err)
	}
	must(vaults.Get(c, "DevTest", "swept-vault", nil))
	s.there("2023-07-01", "Microsoft.KeyVault/vaults/swept-vault")
	must(vaults.Update(c, "DevTest", "swept-vault", armkeyvault.VaultPatchParameters{Tags: map[string]*string{"a": to.Ptr("b")}}, nil))
	must(vaults.UpdateAccessPolicy(c, "DevTest", "swept-vault", armkeyvault.AccessPolicyUpdateKindAdd, armkeyvault.VaultAccessPolicyParameters{
		Properties: &armkeyvault.VaultAccessPolicyProperties{AccessPolicies: []*armkeyvault.AccessPolicyEntry{policy}},
	}, nil))
	each(s, vaults.NewListByResourceGroupPager("DevTest", nil))
	each(s, vaults.NewListBySubscriptionPager(nil))
	must(vaults.Delete(c, "DevTest", "swept-gone", nil))
	each(s, vaults.NewListDeletedPager(nil))
	_, err := vaults.GetDeleted(c, "swept-none", "westus", nil)
	refused(s.T, "no deleted vault", err, 404, "ResourceNotFound")
}
