package provision

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/ledger"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// Swept is what a sweep came to.
type Swept struct {
	// Deleted are the ids that are gone now and were there before.
	Deleted []string
	// Kept are things that a ledger or a tag names and the sweep does not touch, with the reason.
	Kept []string
	// Left are things of ours that could not be deleted, with what deletes them.
	Left []string
}

// Sweep deletes what runs have left: what the entries of a ledger name, and what in the target's
// group has the tags of a run that has expired. A resource is deleted only if it stands in the
// target's subscription and group, and a fresh look shows that it has our tag, with the run of the
// ledger's entry; a role assignment only by the id of an entry, for it has no tags. Whatever has no
// tag of ours stays, whatever its name.
func Sweep(ctx context.Context, env *suite.Env, entries []ledger.Entry, lines suite.Ledger) (Swept, error) {
	var out Swept
	_, err := suite.Act(ctx, env, func(ctx context.Context, t *suite.T) {
		s := &sweeper{t: t, out: &out, ledger: lines}
		for _, e := range entries {
			s.entry(ctx, e)
		}
		s.expired(ctx)
	})
	return out, err
}

type sweeper struct {
	t      *suite.T
	out    *Swept
	ledger suite.Ledger
}

// versions are the api-versions of the kinds that carry tags.
func versions(kind string) string {
	return map[string]string{
		"storageAccount": suite.StorageVersion, "vault": suite.VaultVersion, "identity": suite.IdentityVersion, "group": suite.GroupVersion,
	}[kind]
}

// entry deletes what one line of the ledger names.
func (s *sweeper) entry(ctx context.Context, e ledger.Entry) {
	switch {
	case !s.inside(e.ID):
		s.keep(e.ID, "it is not in the target's subscription and group")
		return
	case !isID(e.ID):
		s.keep(e.ID, "it is no plain resource id")
		return
	case e.Kind == "container" || e.Kind == "secret":
		s.gone(e.ID) // it goes with its account or vault
		return
	case e.Kind == "roleAssignment" && !assignmentID.MatchString(e.ID):
		s.keep(e.ID, "it is not the id of a role assignment") // nothing but its id says that it is ours
		return
	case e.Kind == "roleAssignment":
		s.remove(ctx, e.ID, suite.AssignmentVersion)
		return
	case versions(e.Kind) != "" && e.Kind != "group" && kindOf(e.ID) != e.Kind:
		s.keep(e.ID, "it is not the id of a "+e.Kind)
		return
	case versions(e.Kind) == "":
		s.keep(e.ID, "nobody knows how to delete a "+e.Kind)
		return
	}
	a := s.t.Send(ctx, s.t.ARM("GET", e.ID+"?api-version="+versions(e.Kind)))
	switch run := match.Text(a, "tags."+suite.RunTag); {
	case a.Status == 404:
		s.gone(e.ID)
	case a.Status != 200:
		s.left(e.ID, a)
	case run != e.Run:
		s.keep(e.ID, fmt.Sprintf("its tag %s is %q, not the run's %q", suite.RunTag, run, e.Run))
	default:
		if e.Kind == "identity" {
			s.detach(ctx, e.ID)
		}
		s.remove(ctx, e.ID, versions(e.Kind))
	}
}

// assignmentID is how the ids of role assignments end, which nothing else's do.
var assignmentID = regexp.MustCompile(`(?i)/providers/Microsoft\.Authorization/roleAssignments/[0-9a-f-]{36}$`)

// isID tells whether a text is an id and nothing beside: no query, no escapes, no steps upwards.
func isID(id string) bool { return plainID.MatchString(id) && !strings.Contains(id, "..") }

var plainID = regexp.MustCompile(`^(/[\p{L}\p{N}._()-]+)+$`)

// inside tells whether an id is below the target's group, in its subscription. The group itself
// is, unless the target file names it: then it is not ours.
func (s *sweeper) inside(id string) bool {
	group := strings.ToLower(s.t.World.GroupID())
	return strings.HasPrefix(strings.ToLower(id), group+"/")
}

// detach takes an identity of ours from the machine, which is not ours.
func (s *sweeper) detach(ctx context.Context, id string) {
	if s.t.World.Machine == "" {
		return
	}
	a := s.t.Send(ctx, s.t.ARM("GET", s.t.World.Machine+"?api-version="+suite.MachineVersion))
	attached, _ := match.Value(a, "identity.userAssignedIdentities").(map[string]any)
	for one := range attached {
		if strings.EqualFold(one, id) {
			s.t.Attach(ctx, map[string]any{one: nil})
		}
	}
}

// remove deletes, and sees that it is gone.
func (s *sweeper) remove(ctx context.Context, id, version string) {
	a := s.t.Send(ctx, s.t.ARM("DELETE", id+"?api-version="+version))
	if a.Status == 404 || a.Status == 204 {
		s.gone(id)
		return
	}
	if a.Status/100 != 2 {
		s.left(id, a)
		return
	}
	s.t.Settle(ctx, "the end of "+id, func(ctx context.Context) bool {
		return s.t.Send(ctx, s.t.ARM("GET", id+"?api-version="+version)).Status == 404
	})
	s.out.Deleted = append(s.out.Deleted, id)
	s.gone(id)
}

func (s *sweeper) gone(id string) {
	if s.ledger != nil {
		_ = s.ledger.Gone(id)
	}
}

func (s *sweeper) keep(id, why string) { s.out.Kept = append(s.out.Kept, id+": "+why) }

func (s *sweeper) left(id string, a *wire.Answer) {
	code, message, _ := wire.ParseError(a)
	s.out.Left = append(s.out.Left, fmt.Sprintf("%s: %d %s %s; az resource delete --ids %s", id, a.Status, code, message, id))
}

// expired deletes what has the tags of runs that are over, and is in no ledger here. Identities
// come before the accounts, as in a ledger.
func (s *sweeper) expired(ctx context.Context) {
	next := s.t.World.ARM + s.t.World.GroupID() + "/resources?api-version=" + suite.GroupVersion
	for next != "" {
		if !strings.HasPrefix(next, s.t.World.ARM+"/") {
			s.t.Broken("the list goes on at another host")
		}
		a := s.t.Send(ctx, s.t.ARM("GET", strings.TrimPrefix(next, s.t.World.ARM)))
		if a.Status != 200 {
			s.t.Broken("listing the group: %d %.300s", a.Status, a.Body)
		}
		resources, _ := match.Value(a, "value").([]any)
		for _, r := range resources {
			s.listed(ctx, r)
		}
		next = match.Text(a, "nextLink")
	}
}

// listed deletes one resource of the group's list if its run is over.
func (s *sweeper) listed(ctx context.Context, resource any) {
	r, _ := resource.(map[string]any)
	id, _ := r["id"].(string)
	kind := kindOf(id)
	tags, _ := r["tags"].(map[string]any)
	run, _ := tags[suite.RunTag].(string)
	until, _ := tags[suite.ExpiresTag].(string)
	ends, err := time.Parse(time.RFC3339, until)
	switch {
	case run == "" || kind == "" || slices.Contains(s.out.Deleted, id):
	case err != nil:
		s.keep(id, fmt.Sprintf("its tag %s is no time: %q", suite.ExpiresTag, until))
	case ends.After(s.t.Now()):
		s.keep(id, "the run "+run+" has time until "+until)
	default:
		s.entry(ctx, ledger.Entry{Run: run, Kind: kind, ID: id})
	}
}

// kindOf is the kind of a resource that the suite makes, by its id; nothing for what stands below
// one.
func kindOf(id string) string {
	for kind, part := range map[string]string{
		"storageAccount": "/providers/microsoft.storage/storageaccounts/", "vault": "/providers/microsoft.keyvault/vaults/",
		"identity": "/providers/microsoft.managedidentity/userassignedidentities/",
	} {
		if _, name, ok := strings.Cut(strings.ToLower(id), part); ok && !strings.Contains(name, "/") {
			return kind
		}
	}
	return ""
}
