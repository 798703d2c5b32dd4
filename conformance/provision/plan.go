package provision

import (
	"fmt"
	"io"
	"math"
	"time"

	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/conformance/targets"
)

// Plan is what a run will make on its target, at most, and what that costs.
type Plan struct {
	Target targets.File
	World  suite.World
	Specs  int
}

// Cost is an upper bound in US dollars, in whole cents: an account, two vaults and identities cost nothing by
// themselves; 10,000 operations cost under 0.06 on blobs and 0.03 on vaults ("Azure Storage blobs
// pricing", "Key Vault pricing", both in 2026).
func (p Plan) Cost() float64 {
	const perSpec = 40 // requests, more than any spec of the flows sends
	operations := float64(p.Specs*perSpec + 200)
	return math.Ceil(operations/10000*0.09*100) / 100
}

// Print writes the plan for a person who has to say yes.
func (p Plan) Print(w io.Writer) {
	fmt.Fprintf(w, "target        %s (%s), cloud %s\n", p.Target.Name, p.Target.Kind, p.World.Cloud)
	fmt.Fprintf(w, "subscription  %s\n", p.World.Subscription)
	fmt.Fprintf(w, "group         %s, which is there already and stays\n", p.World.Group)
	fmt.Fprintf(w, "run           %s; it is in every name and in the tag %s\n", p.World.RunID, suite.RunTag)
	fmt.Fprintf(w, `makes         1 storage account (Standard_LRS, StorageV2), with containers
              2 key vaults (standard), with secrets; deleted vaults keep their names for 7 days
              up to %d user-assigned identities, given to this machine while a spec runs
              role assignments in the group: for this machine's own identity and for those identities
asks          Contributor and User Access Administrator on the group, nothing beyond (docs/azure-vm.md)
`, identities)
	fmt.Fprintf(w, "time          up to %d minutes for %d specs\n", p.Target.Limits.Minutes, p.Specs)
	fmt.Fprintf(w, "cost          at most %.2f US dollars, of %.2f allowed\n", p.Cost(), p.Target.Limits.Money)
}

// identities is how many second identities the flows need, one after the other.
const identities = 8

// Check says why a plan must not be carried out.
func (p Plan) Check() error {
	if p.Target.Kind == targets.Azure && p.Cost() > p.Target.Limits.Money {
		return fmt.Errorf("the run may cost %.2f dollars, and the target's limit is %.2f: raise limits.money, or select less", p.Cost(), p.Target.Limits.Money)
	}
	return nil
}

// Expires is when what a run makes may be swept by anybody: twice its time, and an hour.
func Expires(target targets.File, now time.Time) string {
	return now.Add(2*time.Duration(target.Limits.Minutes)*time.Minute + time.Hour).UTC().Format(time.RFC3339)
}
