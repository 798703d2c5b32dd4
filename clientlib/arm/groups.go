package arm

import (
	"context"
	"iter"
)

// Group is a resource group.
type Group struct {
	ID       string            `json:"id,omitempty"`
	Name     string            `json:"name,omitempty"`
	Location string            `json:"location"`
	Tags     map[string]string `json:"tags,omitempty"`
	// State is Succeeded, or Deleting.
	State string `json:"-"`
}

type groupBody struct {
	Group
	Properties struct {
		ProvisioningState string `json:"provisioningState"`
	} `json:"properties"`
}

func (b groupBody) group() Group {
	b.State = b.Properties.ProvisioningState
	return b.Group
}

// Group reads a resource group: Resource Groups - Get.
func (c *Client) Group(ctx context.Context, name string) (Group, error) {
	var out groupBody
	err := c.Get(ctx, c.GroupID(name), VersionResources, &out)
	return out.group(), err
}

// PutGroup makes a resource group, or sets the tags of the one that is there: Resource Groups - Create Or Update.
func (c *Client) PutGroup(ctx context.Context, name string, g Group) (Group, error) {
	g.ID, g.Name, g.Location = "", "", c.location(g.Location)
	op, err := c.Put(ctx, c.GroupID(name), VersionResources, g)
	if err != nil {
		return Group{}, err
	}
	var out groupBody
	err = op.Wait(ctx, &out)
	return out.group(), err
}

// DeleteGroup deletes a resource group with all that is in it: Resource Groups - Delete.
func (c *Client) DeleteGroup(ctx context.Context, name string) (*Operation, error) {
	return c.Delete(ctx, c.GroupID(name), VersionResources)
}

// Groups lists the subscription's resource groups: Resource Groups - List.
func (c *Client) Groups(ctx context.Context) iter.Seq2[Group, error] {
	return func(yield func(Group, error) bool) {
		for b, err := range List[groupBody](ctx, c, c.SubscriptionID()+"/resourcegroups", VersionResources, "") {
			if !yield(b.group(), err) {
				return
			}
		}
	}
}

// Resource is what all resources have.
type Resource struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Type     string            `json:"type"`
	Location string            `json:"location"`
	Tags     map[string]string `json:"tags,omitempty"`
}

// Resources lists what is in a group: Resources - List By Resource Group.
func (c *Client) Resources(ctx context.Context, group string) iter.Seq2[Resource, error] {
	return List[Resource](ctx, c, c.GroupID(group)+"/resources", VersionResources, "")
}
