package armid

import "strings"

// Subscription is the id of a subscription.
func Subscription(subscription string) ID {
	return ID{text: "/" + subscriptions + "/" + subscription}
}

// Group is the id of a resource group.
func Group(subscription, group string) ID {
	return ID{text: Subscription(subscription).text + "/" + resourceGroups + "/" + group}
}

// Resource is the id of a resource in a group, as in
// Resource(sub, "rg1", "Microsoft.Compute/virtualMachines", "vm1"). A nested type takes
// one name for each of its levels.
func Resource(subscription, group, resourceType string, names ...string) ID {
	return Group(subscription, group).Extend(resourceType, names...)
}

// Extend is the id of a resource at the scope id: a resource of a group, a
// subscription-level or tenant-level resource, or an extension resource such as
// scope.Extend("Microsoft.Authorization/roleAssignments", guid). Types beyond the names
// given, or names beyond the types, are left off.
func (id ID) Extend(resourceType string, names ...string) ID {
	namespace, types, _ := strings.Cut(resourceType, "/")
	text := id.text + "/" + providers + "/" + namespace
	if types == "" {
		return ID{text: text}
	}
	for i, kind := range strings.Split(types, "/") {
		if i == len(names) {
			break
		}
		text += "/" + kind + "/" + names[i]
	}
	return ID{text: text}
}

// Child is the id of a child resource, as in account.Child("blobServices", "default").
func (id ID) Child(kind, name string) ID {
	return ID{text: id.text + "/" + kind + "/" + name}
}
