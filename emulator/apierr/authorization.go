package apierr

// Refusals of Resource Manager's authorization provider.
const (
	AuthzBadFormat         Kind = "arm.AuthzBadFormat"
	AuthzPrincipalInvalid  Kind = "arm.AuthzPrincipalInvalid"
	AuthzPrincipalNotFound Kind = "arm.AuthzPrincipalNotFound"
	AuthzPrincipalType     Kind = "arm.AuthzPrincipalType"
	AuthzApplication       Kind = "arm.AuthzApplication"
	AuthzAssignmentID      Kind = "arm.AuthzAssignmentID"
	AuthzAssignmentExists  Kind = "arm.AuthzAssignmentExists"
	AuthzAssignmentUpdate  Kind = "arm.AuthzAssignmentUpdate"
	AuthzAssignmentMissing Kind = "arm.AuthzAssignmentMissing"
	AuthzAssignmentLimit   Kind = "arm.AuthzAssignmentLimit"
	AuthzAssignmentFilter  Kind = "arm.AuthzAssignmentFilter"
	AuthzLastAdmin         Kind = "arm.AuthzLastAdmin"
	AuthzRoleID            Kind = "arm.AuthzRoleID"
	AuthzRoleMissing       Kind = "arm.AuthzRoleMissing"
	AuthzRoleName          Kind = "arm.AuthzRoleName"
	AuthzRoleInUse         Kind = "arm.AuthzRoleInUse"
	AuthzRoleLimit         Kind = "arm.AuthzRoleLimit"
	AuthzRoleScope         Kind = "arm.AuthzRoleScope"
	AuthzRoleFilter        Kind = "arm.AuthzRoleFilter"
	AuthzBuiltInRole       Kind = "arm.AuthzBuiltInRole"
)

// The misspelling and the blank before the comma of AuthzPrincipalType, and the two
// blanks before "See", are Azure's.
var authorizationRows = map[Kind]row{
	AuthzBadFormat:        {rule: "ARM-AUTHZ-029", backend: true, status: 400, code: "BadRequestFormat", text: "The request was incorrectly formatted."},
	AuthzPrincipalInvalid: {rule: "ARM-AUTHZ-030", backend: true, status: 400, code: "InvalidPrincipalId", text: "A valid principal ID must be provided for role assignment."},
	AuthzPrincipalNotFound: {rule: "ARM-AUTHZ-016", backend: true, status: 400, code: "PrincipalNotFound", text: "Principal %s does not exist in the directory %s. " +
		"Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. " +
		"In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype"},
	AuthzPrincipalType: {rule: "ARM-AUTHZ-019", backend: true, status: 400, code: "UnmatchedPrincipalType",
		text: "The PrincipalId '%s' has type '%s' , which is different from specified PrinciaplType '%s'."},
	AuthzApplication:       {rule: "ARM-AUTHZ-031", backend: true, status: 400, code: "PrincipalTypeNotSupported", text: "Principals of type Application cannot validly be used in role assignments."},
	AuthzAssignmentID:      {rule: "ARM-AUTHZ-033", backend: true, status: 400, code: "InvalidRoleAssignmentId", text: "The role assignment ID '%s' is not valid. The role assignment ID must be a GUID."},
	AuthzAssignmentExists:  {rule: "ARM-AUTHZ-014", backend: true, status: 409, code: "RoleAssignmentExists", text: "The role assignment already exists. The ID of the existing role assignment is %s."},
	AuthzAssignmentUpdate:  {rule: "ARM-AUTHZ-013", backend: true, status: 400, code: "RoleAssignmentUpdateNotPermitted", text: "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."},
	AuthzAssignmentMissing: {rule: "ARM-AUTHZ-021", backend: true, status: 404, code: "RoleAssignmentNotFound", text: "The role assignment '%s' is not found."},
	AuthzAssignmentLimit:   {rule: "ARM-AUTHZ-034", backend: true, status: 400, code: "RoleAssignmentLimitExceeded", text: "Role assignment limit exceeded. No more role assignments can be created."},
	AuthzAssignmentFilter: {rule: "ARM-AUTHZ-028", backend: true, status: 400, code: "UnsupportedQuery",
		text: "The filter '%s' is not supported. Supported filters are either 'atScope()' or 'principalId eq '{value}' or assignedTo('{value}')'."},
	AuthzLastAdmin:   {rule: "ARM-AUTHZ-020", backend: true, status: 412, code: "CannotDeleteLastRbacAdminAssignment", text: "Cannot delete the last RBAC admin assignment"},
	AuthzRoleID:      {rule: "ARM-AUTHZ-032", backend: true, status: 400, code: "InvalidRoleDefinitionId", text: "The role definition ID '%s' is not valid."},
	AuthzRoleMissing: {rule: "ARM-AUTHZ-038", backend: true, status: 404, code: "RoleDefinitionDoesNotExist", text: "The specified role definition with ID '%s' does not exist."},
	AuthzRoleName:    {rule: "ARM-AUTHZ-046", backend: true, status: 409, code: "RoleDefinitionWithSameNameExists", text: "A role definition cannot be updated with a name that already exists."},
	AuthzRoleInUse:   {rule: "ARM-AUTHZ-047", backend: true, status: 400, code: "RoleDefinitionHasAssignments", text: "There are existing role assignments referencing role '%s'."},
	AuthzRoleLimit:   {rule: "ARM-AUTHZ-048", backend: true, status: 400, code: "RoleDefinitionLimitExceeded", text: "Role definition limit exceeded. No more role definitions can be created."},
	AuthzRoleScope: {rule: "ARM-AUTHZ-049", status: 400, code: "LinkedInvalidPropertyId", text: "Property id '%s' at path 'properties.assignableScopes[%d]' is invalid. " +
		"Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'."},
	AuthzRoleFilter: {rule: "ARM-AUTHZ-052", backend: true, status: 400, code: "UnsupportedQuery",
		text: "The filter '%s' is not supported. Supported filters are 'roleName eq '{value}'', 'type eq '{value}'' and 'atScopeAndBelow()'."},
	AuthzBuiltInRole: {rule: "ARM-AUTHZ-053", backend: true, status: 400, code: "BadRequestFormat", text: "The role definition '%s' is built in: it can be neither changed nor deleted."},
}
