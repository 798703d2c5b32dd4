// Advice of Linarite: the fewest built-in roles at the narrowest scopes for what was done.
// Replayed on a fork: 11 of 11 needs allowed; without any one of 10 grants something is refused.
// machine/vm: no built-in role grants Microsoft.Nobody/things/data/read at /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/one: it takes a custom role with this among its dataActions
// machine/vm: Owner at /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e can be removed: it grants more than was done
// machine/vm could leave the group 22220000-0000-0000-0000-000000000001, by which it has AcrPull at /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/one: nothing that was done rests on it
// machine/vm: in the vault bypolicy these permissions were not used: keys/get secrets/backup secrets/delete secrets/purge secrets/recover secrets/restore secrets/set
// These are 4 files: cut here at each line that begins with // file.

// file tenant.bicep
// az deployment tenant create --location <location> --template-file tenant.bicep
targetScope = 'tenant'

// application/ci, object id 11110000-0000-0000-0000-000000000003
//   for Microsoft.Resources/subscriptions/resourceGroups/read
resource application_ci_reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(tenant().tenantId, '11110000-0000-0000-0000-000000000003', 'acdd72a7-3385-48ef-bd42-f606fba81ae7')
  properties: {
    roleDefinitionId: tenantResourceId('Microsoft.Authorization/roleDefinitions', 'acdd72a7-3385-48ef-bd42-f606fba81ae7') // Reader
    principalId: '11110000-0000-0000-0000-000000000003'
    principalType: 'ServicePrincipal'
  }
}

// file subscription-aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e.bicep
// az deployment sub create --subscription aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e --location <location> --template-file subscription-aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e.bicep
targetScope = 'subscription'

// application/ci, object id 11110000-0000-0000-0000-000000000003
//   for Microsoft.Resources/subscriptions/resourceGroups/write
//   for Microsoft.Compute/virtualMachines/write
resource application_ci_contributor 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, '11110000-0000-0000-0000-000000000003', 'b24988ac-6180-42a0-ab88-20f7382dd24c')
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'b24988ac-6180-42a0-ab88-20f7382dd24c') // Contributor
    principalId: '11110000-0000-0000-0000-000000000003'
    principalType: 'ServicePrincipal'
  }
}

// file one.bicep
// az deployment group create --subscription aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e --resource-group one --template-file one.bicep
targetScope = 'resourceGroup'

resource byroles 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: 'byroles'
}

resource byroles_pass 'Microsoft.KeyVault/vaults/secrets@2023-07-01' existing = {
  parent: byroles
  name: 'pass'
}

// identity/id, object id 11110000-0000-0000-0000-000000000002
//   for Microsoft.KeyVault/vaults/secrets/getSecret/action
resource identity_id_key_vault_secrets_user 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(byroles_pass.id, '11110000-0000-0000-0000-000000000002', '4633458b-17de-408a-b874-0445c86b69e6')
  scope: byroles_pass
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6') // Key Vault Secrets User
    principalId: '11110000-0000-0000-0000-000000000002'
    principalType: 'ServicePrincipal'
  }
}

// machine/vm, object id 11110000-0000-0000-0000-000000000001
//   for Microsoft.Resources/subscriptions/resourceGroups/read, 2 times
//   there already: to make it again under another name is refused, RoleAssignmentExists
resource machine_vm_reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, '11110000-0000-0000-0000-000000000001', 'acdd72a7-3385-48ef-bd42-f606fba81ae7')
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'acdd72a7-3385-48ef-bd42-f606fba81ae7') // Reader
    principalId: '11110000-0000-0000-0000-000000000001'
    principalType: 'ServicePrincipal'
  }
}

resource acct 'Microsoft.Storage/storageAccounts@2023-01-01' existing = {
  name: 'acct'
}

// machine/vm, object id 11110000-0000-0000-0000-000000000001
//   for Microsoft.Storage/storageAccounts/listKeys/action, refused 1
resource machine_vm_storage_account_key_operator_service_role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(acct.id, '11110000-0000-0000-0000-000000000001', '81a9662b-bebf-436f-a333-f67b29880f12')
  scope: acct
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '81a9662b-bebf-436f-a333-f67b29880f12') // Storage Account Key Operator Service Role
    principalId: '11110000-0000-0000-0000-000000000001'
    principalType: 'ServicePrincipal'
  }
}

resource acct_default 'Microsoft.Storage/storageAccounts/blobServices@2023-01-01' existing = {
  parent: acct
  name: 'default'
}

resource default_files 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-01-01' existing = {
  parent: acct_default
  name: 'files'
}

// machine/vm, object id 11110000-0000-0000-0000-000000000001
//   for Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read
resource machine_vm_storage_blob_data_reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(default_files.id, '11110000-0000-0000-0000-000000000001', '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1')
  scope: default_files
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1') // Storage Blob Data Reader
    principalId: '11110000-0000-0000-0000-000000000001'
    principalType: 'ServicePrincipal'
  }
}

resource bypolicy 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: 'bypolicy'
}

// this adds permissions; what a principal has beside stays
resource bypolicy_policies 'Microsoft.KeyVault/vaults/accessPolicies@2023-07-01' = {
  parent: bypolicy
  name: 'add'
  properties: {
    accessPolicies: [
      {
        // identity/id
        tenantId: 'aaaabbbb-0000-cccc-1111-dddd2222eeee'
        objectId: '11110000-0000-0000-0000-000000000002'
        permissions: {
          secrets: [
            'get'
          ]
        }
      }
      {
        // machine/vm
        tenantId: 'aaaabbbb-0000-cccc-1111-dddd2222eeee'
        objectId: '11110000-0000-0000-0000-000000000001'
        permissions: {
          secrets: [
            'get'
            'list'
          ]
        }
      }
    ]
  }
}

// file two.bicep
// az deployment group create --subscription aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e --resource-group two --template-file two.bicep
targetScope = 'resourceGroup'

resource id 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: 'id'
}

// identity/id, object id 11110000-0000-0000-0000-000000000002
//   for Microsoft.ManagedIdentity/userAssignedIdentities/read
resource identity_id_reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(id.id, '11110000-0000-0000-0000-000000000002', 'acdd72a7-3385-48ef-bd42-f606fba81ae7')
  scope: id
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'acdd72a7-3385-48ef-bd42-f606fba81ae7') // Reader
    principalId: '11110000-0000-0000-0000-000000000002'
    principalType: 'ServicePrincipal'
  }
}
