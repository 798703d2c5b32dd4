# Advice of Linarite: the fewest built-in roles at the narrowest scopes for what was done.
# Replayed on a fork: 11 of 11 needs allowed; without any one of 10 grants something is refused.

# application/ci, object id 11110000-0000-0000-0000-000000000003
#   for Microsoft.Resources/subscriptions/resourceGroups/read
resource "azurerm_role_assignment" "application_ci_reader" {
  scope                = "/"
  role_definition_name = "Reader"
  principal_id         = "11110000-0000-0000-0000-000000000003"
  principal_type       = "ServicePrincipal"
}

# application/ci, object id 11110000-0000-0000-0000-000000000003
#   for Microsoft.Resources/subscriptions/resourceGroups/write
#   for Microsoft.Compute/virtualMachines/write
resource "azurerm_role_assignment" "application_ci_contributor_aaaa0a0a_bb1b_cc2c_dd3d_eeeeee4e4e4e" {
  scope                = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
  role_definition_name = "Contributor"
  principal_id         = "11110000-0000-0000-0000-000000000003"
  principal_type       = "ServicePrincipal"
}

# identity/id, object id 11110000-0000-0000-0000-000000000002
#   for Microsoft.ManagedIdentity/userAssignedIdentities/read
resource "azurerm_role_assignment" "identity_id_reader_id" {
  scope                = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/two/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id"
  role_definition_name = "Reader"
  principal_id         = "11110000-0000-0000-0000-000000000002"
  principal_type       = "ServicePrincipal"
}

# identity/id, object id 11110000-0000-0000-0000-000000000002
#   for Microsoft.KeyVault/vaults/secrets/getSecret/action
resource "azurerm_role_assignment" "identity_id_key_vault_secrets_user_pass" {
  scope                = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/one/providers/Microsoft.KeyVault/vaults/byroles/secrets/pass"
  role_definition_name = "Key Vault Secrets User"
  principal_id         = "11110000-0000-0000-0000-000000000002"
  principal_type       = "ServicePrincipal"
}

# identity/id, object id 11110000-0000-0000-0000-000000000002
resource "azurerm_key_vault_access_policy" "identity_id_bypolicy" {
  key_vault_id = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/one/providers/Microsoft.KeyVault/vaults/bypolicy"
  tenant_id    = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
  object_id    = "11110000-0000-0000-0000-000000000002"

  secret_permissions = ["Get"]
}

# machine/vm, object id 11110000-0000-0000-0000-000000000001
#   for Microsoft.Resources/subscriptions/resourceGroups/read, 2 times
#   there already: to make it again under another name is refused, RoleAssignmentExists
resource "azurerm_role_assignment" "machine_vm_reader_one" {
  scope                = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/one"
  role_definition_name = "Reader"
  principal_id         = "11110000-0000-0000-0000-000000000001"
  principal_type       = "ServicePrincipal"
}

# machine/vm, object id 11110000-0000-0000-0000-000000000001
#   for Microsoft.Storage/storageAccounts/listKeys/action, refused 1
resource "azurerm_role_assignment" "machine_vm_storage_account_key_operator_service_role_acct" {
  scope                = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/one/providers/Microsoft.Storage/storageAccounts/acct"
  role_definition_name = "Storage Account Key Operator Service Role"
  principal_id         = "11110000-0000-0000-0000-000000000001"
  principal_type       = "ServicePrincipal"
}

# machine/vm, object id 11110000-0000-0000-0000-000000000001
#   for Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read
resource "azurerm_role_assignment" "machine_vm_storage_blob_data_reader_files" {
  scope                = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/one/providers/Microsoft.Storage/storageAccounts/acct/blobServices/default/containers/files"
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = "11110000-0000-0000-0000-000000000001"
  principal_type       = "ServicePrincipal"
}

# machine/vm, object id 11110000-0000-0000-0000-000000000001
resource "azurerm_key_vault_access_policy" "machine_vm_bypolicy" {
  key_vault_id = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/one/providers/Microsoft.KeyVault/vaults/bypolicy"
  tenant_id    = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
  object_id    = "11110000-0000-0000-0000-000000000001"

  secret_permissions = ["Get", "List"]
}
# machine/vm: no built-in role grants Microsoft.Nobody/things/data/read at /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/one: it takes a custom role with this among its dataActions
# machine/vm: Owner at /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e can be removed: it grants more than was done
# machine/vm could leave the group 22220000-0000-0000-0000-000000000001, by which it has AcrPull at /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/one: nothing that was done rests on it
# machine/vm: in the vault bypolicy these permissions were not used: keys/get secrets/backup secrets/delete secrets/purge secrets/recover secrets/restore secrets/set
