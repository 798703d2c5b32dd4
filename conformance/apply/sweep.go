package apply

import (
	"context"
	"fmt"
	"strings"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/clientlib/vault"
	"github.com/linarite/linarite/conformance/ledger"
)

// Swept is what a sweep came to.
type Swept struct {
	// Deleted are the ids that are gone now and were there before.
	Deleted []string
	// Kept are things that the ledger names and the sweep does not touch, with the reason.
	Kept []string
	// Left are things of ours that could not be deleted, with the error.
	Left []string
}

// Sweep takes away what the entries of a ledger name, the latest first, and nothing else. Of what carries tags, it
// takes only what has ours, with the name of the entry's world. A resource group goes only when nothing is left in it.
func Sweep(ctx context.Context, o Options, entries []ledger.Entry) (Swept, error) {
	r, err := newRun(ctx, &Plan{}, o)
	if err != nil {
		return Swept{}, err
	}
	s := &sweeper{run: r, entries: entries, fate: map[string]string{}}
	for _, e := range entries {
		if ctx.Err() != nil {
			return s.out, fmt.Errorf("stopped with %d of %d lines of the ledger to go: sweep again", len(entries)-len(s.out.Deleted)-len(s.out.Kept)-len(s.out.Left), len(entries))
		}
		s.sweep(context.WithoutCancel(ctx), e)
	}
	return s.out, nil
}

// Of a thing that the sweep has dealt with.
const (
	gone = "gone"
	kept = "kept"
)

type sweeper struct {
	run     *run
	out     Swept
	entries []ledger.Entry
	fate    map[string]string // by id in lower case
}

// sweep deals with a line, unless it was dealt with before: accounts, vaults and identities take with them what is
// within, and so come first.
func (s *sweeper) sweep(ctx context.Context, e ledger.Entry) {
	if s.fate[strings.ToLower(e.ID)] != "" {
		return
	}
	if why := odd(e); why != "" {
		s.keep(e, why)
		return
	}
	if parent, ok := s.parent(e); ok {
		s.sweep(ctx, parent)
		if s.fate[strings.ToLower(parent.ID)] == gone {
			s.gone(e.ID)
			return
		}
	}
	c, err := s.run.clientOf(subscriptionOf(e.ID))
	if err != nil {
		s.left(e, fmt.Errorf("the ledger's line names no subscription: %w", err))
		return
	}
	why, deleted, err := s.take(ctx, c, e)
	switch {
	case err != nil:
		s.left(e, err)
	case why != "":
		s.keep(e, why)
	default:
		if deleted {
			s.out.Deleted = append(s.out.Deleted, e.ID)
		}
		s.gone(e.ID)
	}
}

// parent is the line of the account, vault or identity that a part stands in. Assignments are none of its parts: they
// outlive it.
func (s *sweeper) parent(e ledger.Entry) (ledger.Entry, bool) {
	switch e.Kind {
	case "container", "blob", "secret", "policy", "federation", deployerPolicy:
	default:
		return e, false
	}
	for _, p := range s.entries {
		switch p.Kind {
		case "storageAccount", "vault", "identity":
			if strings.HasPrefix(strings.ToLower(e.ID), strings.ToLower(p.ID)+"/") {
				return p, true
			}
		}
	}
	return e, false
}

func (s *sweeper) gone(id string) {
	s.fate[strings.ToLower(id)] = gone
	if s.run.o.Ledger == nil {
		return
	}
	if err := s.run.o.Ledger.Gone(id); err != nil {
		s.out.Left = append(s.out.Left, fmt.Sprintf("the ledger's line of %s: %v", id, err))
	}
}

func (s *sweeper) keep(e ledger.Entry, why string) {
	s.out.Kept = append(s.out.Kept, e.ID+": "+why)
	s.fate[strings.ToLower(e.ID)] = kept
}

func (s *sweeper) left(e ledger.Entry, err error) {
	s.fate[strings.ToLower(e.ID)] = kept
	s.out.Left = append(s.out.Left, fmt.Sprintf("%s: %v; sweep again", e.ID, err))
}

// take takes one thing away: why is the reason to keep it, deleted tells that it was there.
func (s *sweeper) take(ctx context.Context, c *arm.Client, e ledger.Entry) (why string, deleted bool, err error) {
	at := splitID(e.ID)
	switch e.Kind {
	case "roleAssignment", deployerRole:
		there, why, err := foreignAssignment(ctx, c, e.ID)
		if !there || why != "" || err != nil {
			return why, false, err
		}
		return "", true, deleteWait(ctx, c, e.ID, arm.VersionAuthorization)
	case "role":
		return s.plain(ctx, c, e.ID, arm.VersionAuthorization)
	case "federation":
		return s.plain(ctx, c, e.ID, arm.VersionIdentity)
	case "group", "identity", "storageAccount":
		return s.tagged(ctx, c, e, at)
	case "vault":
		return s.vault(ctx, c, e, at)
	case "container", "blob":
		return s.data(ctx, c, e, at)
	case "secret":
		return s.secret(ctx, e, at)
	case "policy", deployerPolicy:
		return s.policy(ctx, c, e, at)
	case "machineIdentity":
		return s.machineIdentity(ctx, c, e)
	}
	return odd(e), false, nil
}

// plain deletes what has no tags: the ledger's line alone says that it is ours.
func (s *sweeper) plain(ctx context.Context, c *arm.Client, id, version string) (string, bool, error) {
	var is struct{}
	err := c.Get(ctx, id, version, &is)
	if missing(err) {
		return "", false, nil
	}
	if err == nil {
		err = deleteWait(ctx, c, id, version)
	}
	return "", true, err
}

func deleteWait(ctx context.Context, c *arm.Client, id, version string) error {
	op, err := c.Delete(ctx, id, version)
	if missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return op.Wait(ctx, nil)
}

// foreign is why something that carries tags is kept, "" for what is ours.
func foreign(e ledger.Entry, tags map[string]string, name string) string {
	if tags[name] == e.Run {
		return ""
	}
	return fmt.Sprintf("its tag %s is %q, and not %q", name, tags[name], e.Run)
}

func (s *sweeper) tagged(ctx context.Context, c *arm.Client, e ledger.Entry, at map[string]string) (string, bool, error) {
	version := map[string]string{"group": arm.VersionResources, "identity": arm.VersionIdentity, "storageAccount": arm.VersionStorage}[e.Kind]
	var is arm.Resource
	err := c.Get(ctx, e.ID, version, &is)
	if missing(err) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	if why := foreign(e, is.Tags, Tag); why != "" {
		return why, false, nil
	}
	if e.Kind == "group" {
		within, err := arm.Collect(c.Resources(ctx, at["resourcegroups"]))
		if err != nil {
			return "", false, err
		}
		if len(within) > 0 {
			return fmt.Sprintf("%d resources are in it still, %s among them", len(within), within[0].Name), false, nil
		}
	}
	return "", true, deleteWait(ctx, c, e.ID, version)
}

func (s *sweeper) vault(ctx context.Context, c *arm.Client, e ledger.Entry, at map[string]string) (string, bool, error) {
	is, err := c.Vault(ctx, at["resourcegroups"], at["vaults"])
	if missing(err) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	if why := foreign(e, is.Tags, Tag); why != "" {
		return why, false, nil
	}
	if err := c.DeleteVault(ctx, at["resourcegroups"], at["vaults"]); err != nil {
		return "", true, err
	}
	if soft := is.Properties.SoftDelete; soft != nil && !*soft {
		return "", true, nil
	}
	op, err := c.PurgeVault(ctx, is.Location, at["vaults"]) // a deleted vault keeps its name
	if err == nil {
		err = op.Wait(ctx, nil)
	}
	if err != nil && !clientlib.HasCode(err, "InvalidResourceType") { // a Resource Manager that keeps no deleted vaults, as the emulator's
		fmt.Fprintf(s.run.o.Out, "vault %s is deleted, and keeps its name until az keyvault purge --name %s: %v\n", at["vaults"], at["vaults"], err)
	}
	return "", true, nil
}

func (s *sweeper) data(ctx context.Context, c *arm.Client, e ledger.Entry, at map[string]string) (string, bool, error) {
	client, err := s.run.storeOf(ctx, c, at["resourcegroups"], at["storageaccounts"])
	if missing(err) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	container := client.Container(at["containers"])
	if e.Kind == "blob" {
		b := container.Blob(at["blobs"])
		if there, err := b.Exists(ctx); err != nil || !there {
			return "", false, err
		}
		return "", true, b.Delete(ctx, nil)
	}
	is, err := container.Properties(ctx)
	if missing(err) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	if why := foreign(e, is.Metadata, containerTag); why != "" {
		return why, false, nil
	}
	return "", true, container.Delete(ctx, nil)
}

func (s *sweeper) secret(ctx context.Context, e ledger.Entry, at map[string]string) (string, bool, error) {
	c, err := vault.New(s.run.o.Cloud.Vault(at["vaults"]), s.run.o.Credential, s.run.o.Options)
	if err != nil {
		return "", false, err
	}
	is, err := c.Get(ctx, at["secrets"], "")
	if missing(err) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("%w: sweeping secrets of a vault that stays takes the permissions get and delete there", err)
	}
	if why := foreign(e, is.Tags, Tag); why != "" {
		return why, false, nil
	}
	_, err = c.Delete(ctx, at["secrets"])
	return "", true, err
}

func (s *sweeper) policy(ctx context.Context, c *arm.Client, e ledger.Entry, at map[string]string) (string, bool, error) {
	if e.Kind == deployerPolicy {
		return "", true, takeRight(ctx, c, e, s.run.me.TenantID)
	}
	v, err := c.Vault(ctx, at["resourcegroups"], at["vaults"])
	if missing(err) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	has, found := policyOf(v, at["accesspolicies"])
	if !found {
		return "", false, nil
	}
	return "", true, c.RemovePolicies(ctx, at["resourcegroups"], at["vaults"], arm.AccessPolicy{
		TenantID: v.Properties.TenantID, ObjectID: at["accesspolicies"], Permissions: has,
	})
}

// machineIdentity takes an identity from a machine, which is not ours.
func (s *sweeper) machineIdentity(ctx context.Context, c *arm.Client, e ledger.Entry) (string, bool, error) {
	machine, identity, _ := strings.Cut(e.ID, "#")
	is, err := c.Machine(ctx, machine)
	if missing(err) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	if "#"+identity == systemMark {
		if !is.Identity.System() {
			return "", false, nil
		}
		kind := "None"
		if len(is.Identity.UserAssigned) > 0 {
			kind = "UserAssigned"
		}
		return "", true, setIdentity(ctx, c, machine, kind, &is)
	}
	for has := range is.Identity.UserAssigned {
		if arm.SameID(has, identity) {
			_, err := c.UnassignIdentity(ctx, machine, identity)
			return "", true, err
		}
	}
	return "", false, nil
}

// Failed tells whether something of ours is still there.
func (s Swept) Failed() bool { return len(s.Left)+len(s.Kept) > 0 }
