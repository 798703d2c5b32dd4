package state

import (
	"iter"
	"strings"
)

// Tx is one version of all tables: the current one in a View, the successor in the
// making in an Update. It must not be kept after the function it was given to ends.
type Tx struct {
	// Directory.
	Tenants         Table[Tenant]
	Principals      Table[Principal]
	Applications    Table[Application]
	DirectoryGroups Table[DirectoryGroup]
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
	// Vault data.
	Secrets Table[Secret]
	// Authorization.
	Roles       Table[RoleDefinition]
	Assignments Table[RoleAssignment]

	switches Switches
	commit   uint64
	log      *changeLog
}

func emptyTx() *Tx {
	return &Tx{
		Tenants:         newTable(tenants),
		Principals:      newTable(principals),
		Applications:    newTable(applications),
		DirectoryGroups: newTable(directoryGroups),
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
		Secrets:         newTable(secrets),
		Roles:           newTable(roles),
		Assignments:     newTable(assignments),
	}
}

// table is what every Table can do whatever it holds.
type table interface {
	setLog(*changeLog)
	detach()
}

func (t *Table[V]) setLog(log *changeLog) { t.log, t.owned = log, false }
func (t *Table[V]) detach()               { *t = t.copied(nil) }

// tables lists every table of a Tx: the one list.
func (tx *Tx) tables() []table {
	return []table{
		&tx.Tenants, &tx.Principals, &tx.Applications, &tx.DirectoryGroups,
		&tx.Subscriptions, &tx.ResourceGroups, &tx.Machines, &tx.Identities,
		&tx.Accounts, &tx.Vaults, &tx.LongRunning, &tx.Containers, &tx.Blobs, &tx.Uncommitted, &tx.Secrets,
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
	tx.log.add(Change{Table: "switches", value: s})
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
