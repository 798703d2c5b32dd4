package armid

import (
	"errors"
	"fmt"
	"strings"
)

// The literal segments of an id, as Azure Resource Manager spells them.
const (
	subscriptions  = "subscriptions"
	resourceGroups = "resourceGroups"
	providers      = "providers"
)

// Types of the ids that stand outside any provider.
const (
	TypeTenant        = "Microsoft.Resources/tenants"
	TypeSubscription  = "Microsoft.Resources/subscriptions"
	TypeResourceGroup = "Microsoft.Resources/resourceGroups"
)

// Root is the id of the tenant root, the scope that contains all others.
const Root = "/"

// ErrSyntax is wrapped by every error of Parse.
var ErrSyntax = errors.New("not a resource id")

// ID is a parsed resource id. The zero ID is the tenant root. IDs that differ in
// letter case only are the same id: compare them by Key or Equal, never by ==.
type ID struct {
	// text is the canonical spelling: one leading slash, no trailing one, keywords as
	// Azure prints them, names as the caller wrote them. Empty for the root.
	text string
}

// Parse reads a resource id: the root "/", a subscription, a resource group, a
// provider-level id, a resource or child resource, or an extension resource of any
// of these such as {scope}/providers/Microsoft.Authorization/roleAssignments/{guid}.
//
// As the service does, it takes repeated and trailing slashes for one, which clients
// that join URLs by hand produce, and it trims surrounding blanks, which the printed
// examples of the documentation contain. Names are taken as they are: percent-decoding
// is the router's business.
func Parse(s string) (ID, error) {
	segments := split(s)
	if segments == nil {
		if strings.TrimSpace(s) == "" {
			return ID{}, fmt.Errorf("%w: empty; the tenant root is %q", ErrSyntax, Root)
		}
		if !strings.HasPrefix(strings.TrimSpace(s), "/") {
			return ID{}, syntaxError(s, "must start with '/'")
		}
		return ID{}, nil
	}
	for _, segment := range segments {
		if strings.TrimSpace(segment) != segment {
			return ID{}, syntaxError(s, fmt.Sprintf("segment %q begins or ends in a blank", segment))
		}
	}
	rest := segments
	if strings.EqualFold(rest[0], subscriptions) {
		if len(rest) < 2 {
			return ID{}, syntaxError(s, "the subscription is missing")
		}
		rest[0] = subscriptions
		rest = rest[2:]
		if len(rest) > 0 && strings.EqualFold(rest[0], resourceGroups) {
			if len(rest) < 2 {
				return ID{}, syntaxError(s, "the resource group is missing")
			}
			rest[0] = resourceGroups
			rest = rest[2:]
		}
	}
	if err := canonicalProviders(s, rest); err != nil {
		return ID{}, err
	}
	return ID{text: "/" + strings.Join(segments, "/")}, nil
}

// canonicalProviders checks what stands below the group, subscription or root: one or
// more runs of providers/{namespace}/({type}/{name})*, and spells the keyword.
func canonicalProviders(s string, rest []string) error {
	for len(rest) > 0 {
		if !strings.EqualFold(rest[0], providers) {
			return syntaxError(s, fmt.Sprintf("%q stands where 'providers' should", rest[0]))
		}
		if len(rest) < 2 {
			return syntaxError(s, "the provider namespace is missing")
		}
		rest[0] = providers
		rest = rest[2:]
		for len(rest) > 0 && !strings.EqualFold(rest[0], providers) {
			if len(rest) < 2 {
				return syntaxError(s, fmt.Sprintf("the name of the %q is missing", rest[0]))
			}
			rest = rest[2:]
		}
	}
	return nil
}

func syntaxError(s, why string) error {
	return fmt.Errorf("%w: %q: %s", ErrSyntax, s, why)
}

// split returns the segments between slashes, none of them empty; nil when there are
// none or the leading slash is missing.
func split(s string) []string {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, "/") {
		return nil
	}
	parts := strings.Split(s, "/")
	kept := parts[:0]
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// String is the id with its names as given and its keywords as Azure prints them
// ("resourceGroups" whatever the caller wrote); "/" for the root.
func (id ID) String() string {
	if id.text == "" {
		return Root
	}
	return id.text
}

// Key is the id in the form for maps: two ids are the same exactly when their keys are.
func (id ID) Key() string { return foldKey(id.String()) }

// IsRoot tells whether id is the tenant root.
func (id ID) IsRoot() bool { return id.text == "" }

// Subscription is the subscription's id, as given; empty where the id has none.
func (id ID) Subscription() string {
	if segments := id.segments(); len(segments) > 1 && segments[0] == subscriptions {
		return segments[1]
	}
	return ""
}

// ResourceGroup is the group's name, as given; empty where the id has none.
func (id ID) ResourceGroup() string {
	if segments := id.segments(); len(segments) > 3 && segments[2] == resourceGroups && segments[0] == subscriptions {
		return segments[3]
	}
	return ""
}

// Provider is the namespace of the resource, such as "Microsoft.Storage": the last one
// where an extension resource names two. Empty for root, subscription and group.
func (id ID) Provider() string {
	if segments, at := id.provider(); at >= 0 {
		return segments[at+1]
	}
	return ""
}

// Type is the full resource type, such as "Microsoft.Storage/storageAccounts/blobServices"
// or, for ids outside a provider, TypeTenant, TypeSubscription or TypeResourceGroup. The
// type of a bare provider-level id ("/subscriptions/{s}/providers/{ns}") is the
// namespace alone.
func (id ID) Type() string {
	segments, at := id.provider()
	if at >= 0 {
		name := segments[at+1]
		for i := at + 2; i < len(segments); i += 2 {
			name += "/" + segments[i]
		}
		return name
	}
	switch len(segments) {
	case 0:
		return TypeTenant
	case 2:
		return TypeSubscription
	default:
		return TypeResourceGroup
	}
}

// Name is the last name of the id: of the resource, the group, the subscription, or the
// namespace of a bare provider-level id. Empty for the root.
func (id ID) Name() string {
	segments := id.segments()
	if len(segments) == 0 {
		return ""
	}
	return segments[len(segments)-1]
}

// Parent is the id one step up: of a child resource its resource, of a resource its
// group, subscription or root, of an extension resource what it extends. The root is its
// own parent.
func (id ID) Parent() ID {
	segments, at := id.provider()
	switch {
	case len(segments) == 0:
		return ID{}
	case at >= 0 && len(segments) <= at+4:
		// The outermost type of its provider: drop the provider with it.
		segments = segments[:at]
	default:
		segments = segments[:len(segments)-2]
	}
	if len(segments) == 0 {
		return ID{}
	}
	return ID{text: "/" + strings.Join(segments, "/")}
}

func (id ID) segments() []string {
	if id.text == "" {
		return nil
	}
	return strings.Split(id.text[1:], "/")
}

// provider returns the segments and the index of the "providers" that the resource
// belongs to, the last in a key position; -1 without one.
func (id ID) provider() ([]string, int) {
	segments := id.segments()
	at := -1
	for i := 0; i+1 < len(segments); i += 2 {
		if segments[i] == providers {
			at = i
		}
	}
	return segments, at
}
