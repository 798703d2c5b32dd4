package arm

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// groupAnswer has the member order of the service.
type groupAnswer struct {
	ID         string             `json:"id"`
	Name       string             `json:"name"`
	Type       string             `json:"type,omitempty"`
	Location   string             `json:"location"`
	ManagedBy  string             `json:"managedBy,omitempty"`
	Tags       *map[string]string `json:"tags,omitempty"`
	Properties groupProperties    `json:"properties"`
}

type groupProperties struct {
	ProvisioningState string `json:"provisioningState"`
}

// typeSince is the first api-version whose group answers name their type.
const typeSince = "2019-05-01"

func answerGroup(g state.ResourceGroup, version string) groupAnswer {
	a := groupAnswer{
		ID: armid.Group(g.SubscriptionID, g.Name).String(), Name: g.Name,
		Location: g.Location, ManagedBy: g.ManagedBy, Properties: groupProperties{"Succeeded"},
	}
	if version >= typeSince {
		a.Type = armid.TypeResourceGroup
	}
	if g.Tags != nil {
		a.Tags = &g.Tags
	}
	if g.Deleting() {
		a.Properties.ProvisioningState = "Deleting"
	}
	return a
}

func findGroup(c *wire.Call, tx *state.Tx) (state.ResourceGroup, error) {
	g, ok := tx.Group(c.Var("subscription"), c.Var("group"), c.Now)
	if !ok {
		return g, wire.Refuse(apierr.ARMGroupNotFound, c.Var("group"))
	}
	return g, nil
}

func getGroup(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	g, err := findGroup(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	return wire.OK(answerGroup(g, c.Version)), nil
}

func headGroup(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if _, err := findGroup(c, tx); err != nil {
		return wire.Response{}, err
	}
	return wire.Response{Status: http.StatusNoContent}, nil
}

// groupBody is what PUT and PATCH read. The members that answers have beside these are
// allowed, because clients send back what they got; they change nothing.
type groupBody struct {
	Location  *string            `json:"location"`
	Tags      *map[string]string `json:"tags"`
	ManagedBy *string            `json:"managedBy"`

	ID         any `json:"id"`
	Name       any `json:"name"`
	Type       any `json:"type"`
	Properties any `json:"properties"`
}

func readGroup(c *wire.Call) error {
	var body groupBody
	if err := decode(c, "ResourceGroupDefinition", &body); err != nil {
		return err
	}
	if body.Tags != nil {
		if err := checkTags(*body.Tags); err != nil {
			return err
		}
	}
	c.Input = body
	return nil
}

// putGroup creates or replaces a group. Absent tags clear the ones it had.
func putGroup(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	body := c.Input.(groupBody)
	name := c.Var("group")
	if invalid, ok := armid.ValidGroupName(name); !ok {
		return wire.Response{}, wire.Refuse(apierr.ARMGroupName, name, invalid)
	}
	if body.Location == nil || *body.Location == "" {
		return wire.Response{}, wire.Refuse(apierr.ARMLocationRequired)
	}
	location := armid.NormalizeLocation(*body.Location)
	if err := checkLocation(c, *body.Location, location); err != nil {
		return wire.Response{}, err
	}
	status := http.StatusOK
	g, exists := tx.Group(c.Var("subscription"), name, c.Now)
	switch {
	case !exists:
		status = http.StatusCreated
		g = state.ResourceGroup{SubscriptionID: strings.ToLower(c.Var("subscription")), Name: name, Location: location}
	case g.Deleting():
		return wire.Response{}, wire.Refuse(apierr.ARMGroupDeleting, g.Name)
	case g.Location != location:
		return wire.Response{}, wire.Refuse(apierr.ARMGroupLocationConflict, location, g.Location)
	}
	g.ManagedBy = deref(body.ManagedBy)
	if body.Tags != nil {
		g.Tags = *body.Tags
	} else if g.Tags != nil {
		g.Tags = map[string]string{} // cleared, and from now on shown
	}
	tx.ResourceGroups.Put(g)
	return wire.Response{Status: status, Body: answerGroup(g, c.Version)}, nil
}

// patchGroup replaces the members given and leaves the others.
func patchGroup(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	body := c.Input.(groupBody)
	g, err := findGroup(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	if g.Deleting() {
		return wire.Response{}, wire.Refuse(apierr.ARMGroupDeleting, g.Name)
	}
	if body.Tags != nil {
		g.Tags = *body.Tags
	}
	if body.ManagedBy != nil {
		g.ManagedBy = *body.ManagedBy
	}
	tx.ResourceGroups.Put(g)
	return wire.OK(answerGroup(g, c.Version)), nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func checkLocation(c *wire.Call, given, normal string) error {
	var names []string
	for _, l := range c.World.Cloud.Locations {
		if l.Name == normal {
			return nil
		}
		names = append(names, l.Name)
	}
	return wire.Refuse(apierr.ARMGroupLocation, given, strings.Join(names, ","))
}

// defaultPage is how many groups a page of a list holds at most.
const defaultPage = 1000

// listGroups shows the groups that the caller may read; whoever has no assignment at
// all in the subscription is refused.
func listGroups(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	subscription := strings.ToLower(c.Var("subscription"))
	scope := armid.Subscription(subscription).String()
	facts := c.Facts(tx)
	if !rbac.Any(facts, c.Caller.ObjectID(), scope, c.Now) {
		return wire.Response{}, allow(c, tx, groupRead, scope)
	}
	match, err := tagFilter(c.Query.Get("$filter"))
	if err != nil {
		return wire.Response{}, err
	}
	after, limit, err := paging(c)
	if err != nil {
		return wire.Response{}, err
	}
	readable := func(yield func(state.ResourceGroup) bool) {
		for g := range tx.ResourceGroups.Prefix(subscription + "/") {
			if _, there := tx.Group(subscription, g.Name, c.Now); !there {
				continue
			}
			d := rbac.Decide(facts, rbac.Query{PrincipalID: c.Caller.ObjectID(), Action: groupRead, Scope: armid.Group(subscription, g.Name).String(), Now: c.Now})
			if d.Allowed && match(g.Tags) && !yield(g) {
				return
			}
		}
	}
	page, next := wire.Page(readable, func(g state.ResourceGroup) string { return state.GroupKey(g.SubscriptionID, g.Name) }, after, limit)
	list := groupList{Value: make([]groupAnswer, len(page))}
	for i, g := range page {
		list.Value[i] = answerGroup(g, c.Version)
	}
	if next != "" {
		list.NextLink = wire.NextLink(c, wire.SkipToken(next))
	}
	return wire.OK(list), nil
}

const groupRead = "Microsoft.Resources/subscriptions/resourceGroups/read"

type groupList struct {
	Value    []groupAnswer `json:"value"`
	NextLink string        `json:"nextLink,omitempty"`
}

// paging reads $top and $skiptoken.
func paging(c *wire.Call) (after string, limit int, err error) {
	limit = defaultPage
	if top := c.Query.Get("$top"); top != "" {
		n, err := strconv.Atoi(top)
		if err != nil || n < 1 {
			return "", 0, wire.Refuse(apierr.ARMTopInvalid, top)
		}
		limit = min(n, defaultPage)
	}
	if token := c.Query.Get("$skiptoken"); token != "" {
		var ok bool
		if after, ok = wire.ParseSkipToken(token); !ok {
			return "", 0, wire.Refuse(apierr.ARMSkipTokenInvalid, token)
		}
	}
	return after, limit, nil
}
