package state

import (
	"iter"
	"strings"
	"time"
)

// Tx is one version of all tables: the current one in a View, the successor in the
// making in an Update. It must not be kept after the function it was given to ends.
type Tx struct {
	// Directory.
	Tenants         Table[Tenant]
	Principals      Table[Principal]
	Applications    Table[Application]
	DirectoryGroups Table[DirectoryGroup]
	Issuers         Table[Issuer]
	// Resources.
	Subscriptions  Table[Subscription]
	ResourceGroups Table[ResourceGroup]
	Machines       Table[Machine]
	Identities     Table[Identity]
	Accounts       Table[StorageAccount]
	Vaults         Table[Vault]
	LongRunning    Table[LongRunning]
	// Blob data.
	Containers  Table[Container]
	Blobs       Table[Blob]
	Uncommitted Table[Uncommitted]
	Staged      Table[StagedBlock]
	// Vault data.
	Secrets        Table[Secret]
	DeletedSecrets Table[DeletedSecret]
	// Authorization.
	Roles       Table[RoleDefinition]
	Assignments Table[RoleAssignment]

	switches Switches
	stamps   Stamps
	commit   uint64
	log      *changeLog
}

func emptyTx() *Tx {
	return &Tx{
		Tenants:         newTable(tenants),
		Principals:      newTable(principals),
		Applications:    newTable(applications),
		DirectoryGroups: newTable(directoryGroups),
		Issuers:         newTable(issuers),
		Subscriptions:   newTable(subscriptions),
		ResourceGroups:  newTable(resourceGroups),
		Machines:        newTable(machines),
		Identities:      newTable(identities),
		Accounts:        newTable(accounts),
		Vaults:          newTable(vaults),
		LongRunning:     newTable(longRunning),
		Containers:      newTable(containers),
		Blobs:           newTable(blobs),
		Uncommitted:     newTable(uncommitted),
		Staged:          newTable(staged),
		Secrets:         newTable(secrets),
		DeletedSecrets:  newTable(deletedSecrets),
		Roles:           newTable(roles),
		Assignments:     newTable(assignments),
	}
}

// table is what every Table can do whatever it holds.
type table interface {
	AnyTable
	setLog(*changeLog)
	detach()
	changesTo(other table, log *changeLog)
}

func (t *Table[V]) setLog(log *changeLog) { t.log, t.owned = log, false }
func (t *Table[V]) detach()               { *t = t.copied(nil) }

// tables lists every table of a Tx: the one list.
func (tx *Tx) tables() []table {
	return []table{
		&tx.Tenants, &tx.Principals, &tx.Applications, &tx.DirectoryGroups, &tx.Issuers,
		&tx.Subscriptions, &tx.ResourceGroups, &tx.Machines, &tx.Identities,
		&tx.Accounts, &tx.Vaults, &tx.LongRunning, &tx.Containers, &tx.Blobs, &tx.Uncommitted, &tx.Staged,
		&tx.Secrets, &tx.DeletedSecrets,
		&tx.Roles, &tx.Assignments,
	}
}

func (tx *Tx) successor(log *changeLog) *Tx {
	next := *tx
	next.log = log
	for _, t := range next.tables() {
		t.setLog(log)
	}
	return &next
}

func (tx *Tx) seal() {
	tx.log = nil
	for _, t := range tx.tables() {
		t.setLog(nil)
	}
}

// detached copies every table, so that both versions can have successors of their own.
func (tx *Tx) detached() *Tx {
	next := *tx
	for _, t := range next.tables() {
		t.detach()
	}
	return &next
}

// CommitNumber is the number of the last commit that this version contains.
func (tx *Tx) CommitNumber() uint64 { return tx.commit }

// Switches returns the world's switches.
func (tx *Tx) Switches() Switches { return tx.switches }

// SetSwitches replaces the world's switches.
func (tx *Tx) SetSwitches(s Switches) {
	if tx.log == nil {
		panic("state: write to switches outside Update")
	}
	tx.switches = s
	tx.log.add(Change{Table: SwitchesTable, value: s})
}

// Stamps are the first and last of the instants handed out while the clock stood at, or
// near, one of them.
type Stamps struct{ First, Last time.Time }

// Stamps returns the version's stamps.
func (tx *Tx) Stamps() Stamps { return tx.stamps }

// SetStamps makes Stamp go on from stamps that were kept.
func (tx *Tx) SetStamps(s Stamps) {
	if tx.log == nil {
		panic("state: write to stamps outside Update")
	}
	tx.stamps = s
}

// Stamp is the instant of a modification: now in whole ticks of 100 ns, or one tick after
// the last stamp where the clock has not moved on, so that no two modifications have the
// same. A clock that was set back is followed.
func (tx *Tx) Stamp(now time.Time) time.Time {
	const tick = 100 * time.Nanosecond
	if tx.log == nil {
		panic("state: stamp outside Update")
	}
	s := &tx.stamps
	if now = now.UTC().Truncate(tick); now.Before(s.First) || now.After(s.Last) {
		s.First, s.Last = now, now
	} else {
		s.Last = s.Last.Add(tick)
	}
	return s.Last
}

// PrincipalByAppID finds the service principal of an application or managed identity.
func (tx *Tx) PrincipalByAppID(appID string) (Principal, bool) {
	return tx.Principals.first(0, strings.ToLower(appID))
}

// RoleAssignmentsOf yields the assignments made to exactly this principal.
func (tx *Tx) RoleAssignmentsOf(principalID string) iter.Seq[RoleAssignment] {
	return tx.Assignments.by(0, strings.ToLower(principalID))
}

// GroupsOf lists the directory groups that contain the object, directly or through
// other groups.
func (tx *Tx) GroupsOf(objectID string) []string {
	if tx.DirectoryGroups.Len() == 0 {
		return nil
	}
	var found []string
	seen := map[string]bool{strings.ToLower(objectID): true}
	for grew := true; grew; {
		grew = false
		for g := range tx.DirectoryGroups.All() {
			if seen[g.ID] {
				continue
			}
			for _, member := range g.Members {
				if seen[strings.ToLower(member)] {
					seen[g.ID], grew = true, true
					found = append(found, g.ID)
					break
				}
			}
		}
	}
	return found
}

// MachinesWith yields the machines that a user-assigned identity is assigned to.
func (tx *Tx) MachinesWith(identityID string) iter.Seq[Machine] {
	return func(yield func(Machine) bool) {
		for m := range tx.Machines.All() {
			if m.HasIdentity(identityID) && !yield(m) {
				return
			}
		}
	}
}

// Group returns a resource group that is there at an instant, deleting or not.
func (tx *Tx) Group(subscriptionID, name string, now time.Time) (ResourceGroup, bool) {
	g, ok := tx.ResourceGroups.Get(GroupKey(subscriptionID, name))
	if !ok || g.Deleting() && !now.Before(g.GoneAt) {
		return ResourceGroup{}, false
	}
	return g, true
}

// AccountsIn yields the storage accounts of a group.
func (tx *Tx) AccountsIn(subscriptionID, group string) iter.Seq[StorageAccount] {
	return tx.Accounts.by(0, GroupKey(subscriptionID, group))
}

// VaultsIn yields the vaults of a group.
func (tx *Tx) VaultsIn(subscriptionID, group string) iter.Seq[Vault] {
	return tx.Vaults.by(0, GroupKey(subscriptionID, group))
}
