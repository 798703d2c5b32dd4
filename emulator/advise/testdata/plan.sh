# Advice of Linarite: the fewest built-in roles at the narrowest scopes for what was done.
# Replayed on a fork: 11 of 11 needs allowed; without any one of 10 grants something is refused.

# application/ci, object id 11110000-0000-0000-0000-000000000003
#   for Microsoft.Resources/subscriptions/resourceGroups/read
az role assignment create --assignee-object-id 11110000-0000-0000-0000-000000000003 --assignee-principal-type ServicePrincipal --role Reader --scope /
#   for Microsoft.Resources/subscriptions/resourceGroups/write
#   for Microsoft.Compute/virtualMachines/write
az role assignment create --assignee-object-id 11110000-0000-0000-0000-000000000003 --assignee-principal-type ServicePrincipal --role Contributor --scope /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e

# identity/id, object id 11110000-0000-0000-0000-000000000002
#   for Microsoft.ManagedIdentity/userAssignedIdentities/read
az role assignment create --assignee-object-id 11110000-0000-0000-0000-000000000002 --assignee-principal-type ServicePrincipal --role Reader --scope /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/two/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id
#   for Microsoft.KeyVault/vaults/secrets/getSecret/action
az role assignment create --assignee-object-id 11110000-0000-0000-0000-000000000002 --assignee-principal-type ServicePrincipal --role 'Key Vault Secrets User' --scope /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/one/providers/Microsoft.KeyVault/vaults/byroles/secrets/pass
#   this replaces the permissions that it has on what is named, and leaves others
az keyvault set-policy --name bypolicy --object-id 11110000-0000-0000-0000-000000000002 --secret-permissions get

# machine/vm, object id 11110000-0000-0000-0000-000000000001
#   for Microsoft.Resources/subscriptions/resourceGroups/read, 2 times
#   there already: to make it again under another name is refused, RoleAssignmentExists
az role assignment create --assignee-object-id 11110000-0000-0000-0000-000000000001 --assignee-principal-type ServicePrincipal --role Reader --scope /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/one
#   for Microsoft.Storage/storageAccounts/listKeys/action, refused 1
az role assignment create --assignee-object-id 11110000-0000-0000-0000-000000000001 --assignee-principal-type ServicePrincipal --role 'Storage Account Key Operator Service Role' --scope /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/one/providers/Microsoft.Storage/storageAccounts/acct
#   for Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read
az role assignment create --assignee-object-id 11110000-0000-0000-0000-000000000001 --assignee-principal-type ServicePrincipal --role 'Storage Blob Data Reader' --scope /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/one/providers/Microsoft.Storage/storageAccounts/acct/blobServices/default/containers/files
#   this replaces the permissions that it has on what is named, and leaves others
az keyvault set-policy --name bypolicy --object-id 11110000-0000-0000-0000-000000000001 --secret-permissions get list
# machine/vm: no built-in role grants Microsoft.Nobody/things/data/read at /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/one: it takes a custom role with this among its dataActions
# machine/vm: Owner at /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e can be removed: it grants more than was done
# machine/vm could leave the group 22220000-0000-0000-0000-000000000001, by which it has AcrPull at /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/one: nothing that was done rests on it
# machine/vm: in the vault bypolicy these permissions were not used: keys/get secrets/backup secrets/delete secrets/purge secrets/recover secrets/restore secrets/set
# az role assignment delete --ids /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/providers/Microsoft.Authorization/roleAssignments/33330000-0000-0000-0000-000000000001
