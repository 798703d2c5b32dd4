package advise

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/rbac"
)

// cover visits the places of needs from the widest to the narrowest, and finds the roles for each.
func (a *adviser) cover(p *Principal, needs []Need) (chosen []grant) {
	var places []string
	for _, n := range needs {
		if !slices.ContainsFunc(places, func(s string) bool { return armid.Equal(s, n.Place) }) {
			places = append(places, n.Place)
		}
	}
	slices.SortFunc(places, compareScopes)
	for _, place := range places {
		var open []Need
		for _, n := range needs {
			if armid.Equal(n.Place, place) && !anyGrants(chosen, n) {
				open = append(open, n)
			}
		}
		roles, exact := fewest(a.roles, open, searchSteps)
		if !exact {
			a.note("%s needs too much at %s to try all combinations of roles: those advised are a good choice, and not surely the fewest.", p.Ref, place)
		}
		for _, r := range roles {
			chosen = append(chosen, grant{role: r, scope: place})
		}
	}
	return chosen
}

func anyGrants(grants []grant, n Need) bool {
	return slices.ContainsFunc(grants, func(g grant) bool { return g.grants(n) })
}

// searchSteps bounds the search at one place.
const searchSteps = 200_000

// fewest finds the roles that together grant all needs: as few as possible, of those the narrowest,
// of those the first by name. Each need must have a role that grants it. exact is false where that
// took too many steps, and the roles are only such that none can be left out.
func fewest(roles []role, needs []Need, steps int) (found []role, exact bool) {
	if len(needs) == 0 {
		return nil, true
	}
	classes := classesOf(roles, needs)
	if len(classes) > 64 {
		return greedy(roles, classes), false
	}
	s := &search{roles: roles, by: classes, masks: masksOf(roles, classes), all: 1<<len(classes) - 1, steps: steps} // 64 classes: all ones
	s.dropEquals()
	for k := 1; s.best == nil && s.steps > 0; k++ {
		s.extend(0, nil, rbac.Breadth{}, k)
	}
	if s.best == nil {
		return greedy(roles, classes), false
	}
	for _, i := range s.best {
		found = append(found, roles[i])
	}
	return found, s.steps > 0
}

// classesOf lists for each sort of need the roles that grant it: needs that the same roles
// grant are one.
func classesOf(roles []role, needs []Need) (classes [][]int) {
	for _, n := range needs {
		var by []int
		for i, r := range roles {
			if r.grants(n) {
				by = append(by, i)
			}
		}
		if !slices.ContainsFunc(classes, func(c []int) bool { return slices.Equal(c, by) }) {
			classes = append(classes, by)
		}
	}
	slices.SortFunc(classes, func(a, b []int) int { return cmp.Or(cmp.Compare(len(a), len(b)), slices.Compare(a, b)) })
	return classes
}

// masksOf tells of each role which of at most 64 classes it grants.
func masksOf(roles []role, classes [][]int) []uint64 {
	masks := make([]uint64, len(roles))
	for c, by := range classes {
		for _, i := range by {
			masks[i] |= 1 << c
		}
	}
	return masks
}

// search looks for the best set of roles of a given size.
type search struct {
	roles []role
	// by are the roles by class, masks the classes by role.
	by    [][]int
	masks []uint64
	all   uint64
	// steps are those that are left.
	steps   int
	best    []int
	breadth rbac.Breadth
}

// dropEquals forgets roles beside which there is a better one that grants the same classes.
func (s *search) dropEquals() {
	for i := range s.roles {
		for j := range s.roles {
			if i != j && s.masks[i] != 0 && s.masks[i] == s.masks[j] && s.better(j, i) {
				s.masks[i] = 0
			}
		}
	}
}

func (s *search) better(a, b int) bool {
	return cmp.Or(s.roles[a].breadth.Compare(s.roles[b].breadth), strings.Compare(s.roles[a].Name, s.roles[b].Name)) < 0
}

// extend tries every way to grant what is not granted by at most so many more roles.
func (s *search) extend(granted uint64, chosen []int, breadth rbac.Breadth, left int) {
	s.steps--
	if s.steps <= 0 {
		return
	}
	if granted == s.all {
		s.keep(chosen, breadth)
		return
	}
	if left == 0 || s.best != nil && breadth.Compare(s.breadth) > 0 || s.outOfReach(granted, left) {
		return
	}
	open := bits.TrailingZeros64(^granted) // the class that fewest roles grant
	for _, i := range s.by[open] {
		if s.masks[i] != 0 {
			s.extend(granted|s.masks[i], append(slices.Clone(chosen), i), breadth.Plus(s.roles[i].breadth), left-1)
		}
	}
}

// outOfReach tells that not even the roles that grant most would do.
func (s *search) outOfReach(granted uint64, left int) bool {
	most := 0
	for _, mask := range s.masks {
		most = max(most, bits.OnesCount64(mask&^granted))
	}
	return bits.OnesCount64(s.all&^granted) > most*left
}

// keep keeps a set of roles that is better than the best so far.
func (s *search) keep(chosen []int, breadth rbac.Breadth) {
	set := slices.Sorted(slices.Values(chosen)) // the roles stand by name
	if s.best == nil || cmp.Or(breadth.Compare(s.breadth), slices.Compare(set, s.best)) < 0 {
		s.best, s.breadth = set, breadth
	}
}

// greedy takes the role that grants most of what is open, again and again, and then leaves out
// what the others grant.
func greedy(roles []role, classes [][]int) (found []role) {
	open := slices.Clone(classes)
	var chosen []int
	for len(open) > 0 {
		best, most := 0, 0
		for i := range roles {
			n := 0
			for _, by := range open {
				if slices.Contains(by, i) {
					n++
				}
			}
			if n > most || n == most && n > 0 && roles[i].breadth.Compare(roles[best].breadth) < 0 {
				best, most = i, n
			}
		}
		chosen = append(chosen, best)
		open = slices.DeleteFunc(open, func(by []int) bool { return slices.Contains(by, best) })
	}
	for i := len(chosen) - 1; i >= 0; i-- {
		without := slices.Delete(slices.Clone(chosen), i, i+1)
		if !slices.ContainsFunc(classes, func(by []int) bool {
			return !slices.ContainsFunc(by, func(r int) bool { return slices.Contains(without, r) })
		}) {
			chosen = without
		}
	}
	slices.Sort(chosen)
	for _, i := range chosen {
		found = append(found, roles[i])
	}
	return found
}
