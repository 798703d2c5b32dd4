package control

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/wire"
)

// maxSnapshots bounds what is kept: a snapshot holds on to content that the world has left
// behind.
const maxSnapshots = 100

// shelf has the snapshots that were taken by the API.
type shelf struct {
	mu   sync.Mutex
	last int
	kept []snapshot
}

type snapshot struct {
	ID string `json:"id"`
	// Taken is when, by the world's clock.
	Taken   time.Time `json:"taken"`
	restore func() error
}

func (s *shelf) find(id string) (snapshot, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.kept, func(k snapshot) bool { return k.ID == id }); i >= 0 {
		return s.kept[i], true
	}
	return snapshot{}, false
}

func (a *api) listSnapshots(*wire.Call) (wire.Response, error) {
	a.snapshots.mu.Lock()
	defer a.snapshots.mu.Unlock()
	return wire.OK(struct {
		Snapshots []snapshot `json:"snapshots"`
	}{append([]snapshot{}, a.snapshots.kept...)}), nil
}

func (a *api) takeSnapshot(c *wire.Call) (wire.Response, error) {
	if err := nothing(c); err != nil {
		return wire.Response{}, err
	}
	s := &a.snapshots
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.kept) == maxSnapshots {
		return wire.Response{}, wire.Refuse(apierr.ControlFull, fmt.Sprintf("There are %d snapshots, which is as many as are kept: delete one.", maxSnapshots))
	}
	s.last++
	taken := snapshot{strconv.Itoa(s.last), c.Now, a.Snapshot()}
	s.kept = append(s.kept, taken)
	return wire.Response{Status: http.StatusCreated, Body: taken}, nil
}

func (a *api) restoreSnapshot(c *wire.Call) (wire.Response, error) {
	if err := nothing(c); err != nil {
		return wire.Response{}, err
	}
	s, ok := a.snapshots.find(c.Var("id"))
	if !ok {
		return wire.Response{}, noSnapshot(c)
	}
	return wire.Response{Status: http.StatusNoContent}, s.restore()
}

func (a *api) dropSnapshot(c *wire.Call) (wire.Response, error) {
	if err := nothing(c); err != nil {
		return wire.Response{}, err
	}
	s := &a.snapshots
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.kept)
	s.kept = slices.DeleteFunc(s.kept, func(k snapshot) bool { return k.ID == c.Var("id") })
	if len(s.kept) == before {
		return wire.Response{}, noSnapshot(c)
	}
	return wire.Response{Status: http.StatusNoContent}, nil
}

func noSnapshot(c *wire.Call) error {
	return wire.Refuse(apierr.ControlUnknown, fmt.Sprintf("There is no snapshot %q: GET snapshots lists those there are.", c.Var("id")))
}

func (a *api) reset(c *wire.Call) (wire.Response, error) {
	if err := nothing(c); err != nil {
		return wire.Response{}, err
	}
	return wire.Response{Status: http.StatusNoContent}, a.Reset()
}

// inFolder is an operation on a folder of the server's. A relative path is refused, for
// the server's working directory is not the caller's.
func inFolder(do func(dir string) error) func(*wire.Call) (wire.Response, error) {
	return func(c *wire.Call) (wire.Response, error) {
		var folder struct {
			Dir string `json:"dir"`
		}
		if err := decode(c, &folder); err != nil {
			return wire.Response{}, err
		}
		if !filepath.IsAbs(folder.Dir) {
			return wire.Response{}, wire.Refuse(apierr.ControlRequest, fmt.Sprintf("dir: %q is no absolute path, and Linarite's working directory is not yours.", folder.Dir))
		}
		return wire.Response{Status: http.StatusNoContent}, do(folder.Dir)
	}
}
