package fault

import (
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/ids"
)

// Point is a request as rules see it.
type Point struct {
	Plane, Operation string
	// Machine is the ARM id of the machine the caller is on.
	Machine, MachineName string
	// ObjectID and ClientID are those of the caller, or of the identity that a token is
	// asked for; empty where there is none.
	ObjectID, ClientID string
	// Resource is what the request is about, see Match. Alias is another name for it.
	Resource, Alias string
	// Read tells that the operation changes nothing, Roles that role assignments decide
	// about the request.
	Read, Roles bool
	// Now is the instant of the request by the world's clock.
	Now time.Time
}

// SameOperation tells whether a name that somebody asks for means an operation: it is the
// whole name or the part behind the underscore, in any case.
func SameOperation(asked, name string) bool {
	_, last, _ := strings.Cut(name, "_")
	return strings.EqualFold(asked, name) || last != "" && strings.EqualFold(asked, last)
}

// covers leaves out what is counted.
func (m *Match) covers(p *Point) bool {
	switch {
	case m.Plane != "" && !strings.EqualFold(m.Plane, p.Plane):
	case m.Operation != "" && !SameOperation(m.Operation, p.Operation):
	case m.Identity != "" && !strings.EqualFold(m.Identity, p.ObjectID) && !strings.EqualFold(m.Identity, p.ClientID):
	case m.Machine != "" && !strings.EqualFold(m.Machine, p.MachineName) && !armid.Equal(m.Machine, p.Machine):
	case m.Resource != "" && !sameResource(p.Plane, m.Resource, p.Resource) && !sameResource(p.Plane, m.Resource, p.Alias):
	default:
		return true
	}
	return false
}

// sameResource compares in the way of a plane.
func sameResource(plane, want, got string) bool {
	if got == "" {
		return false
	}
	switch plane {
	case "imds", "msi", "entra": // an audience, with the slash at the end that some have
		return strings.EqualFold(strings.TrimSuffix(want, "/"), strings.TrimSuffix(got, "/"))
	case "blob", "queue", "table", "file":
		account, rest, _ := strings.Cut(strings.Trim(want, "/"), "/")
		gotAccount, gotRest, _ := strings.Cut(got, "/")
		return strings.EqualFold(account, gotAccount) && (rest == "" || rest == gotRest || strings.HasPrefix(gotRest, rest+"/"))
	case "vault":
		return armid.Contains("/"+want, "/"+got)
	}
	return armid.Contains(want, got)
}

// draw is a number of [0, 1) that a seed and a count always give.
func draw(seed string, n int) float64 {
	const bits = 53 // as many as a float64 holds exactly
	sum := ids.NamedBytes("fault", seed, strconv.Itoa(n))
	return float64(binary.BigEndian.Uint64(sum)>>(64-bits)) / (1 << bits)
}
