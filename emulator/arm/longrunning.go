package arm

import (
	"net/http"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// pollAfter is the Retry-After of operations that go on, in seconds. Azure sends 15 and
// more; nobody's test should wait for that, and clients take 0 for their own default.
const pollAfter = "1"

// start notes an operation that clients poll, and returns its id.
func start(c *wire.Call, tx *state.Tx, kind, target string, done time.Time) state.LongRunning {
	op := state.LongRunning{
		ID: c.World.IDs.GUID(), SubscriptionID: strings.ToLower(c.Var("subscription")), Kind: kind, Target: target,
		Principal: c.Caller.ObjectID(), Started: c.Now, Done: done,
	}
	tx.LongRunning.Put(op)
	return op
}

// pollURL is where an operation is polled: absolute, on the host that the caller used.
func pollURL(c *wire.Call, path string) string {
	return c.Scheme() + "://" + c.Request.Host + path + "?api-version=" + c.Version
}

// running finds the operation that a poll is about; only who can name it can poll it.
func running(c *wire.Call, tx *state.Tx) (state.LongRunning, error) {
	op, ok := tx.LongRunning.Get(c.Var("operation"))
	if !ok || op.SubscriptionID != strings.ToLower(c.Var("subscription")) {
		return op, wire.Refuse(apierr.ARMNotFound, c.Path)
	}
	return op, nil
}

// accepted is the 202 of an operation that is polled by Location.
func accepted(c *wire.Call, path string) wire.Response {
	return wire.Response{Status: http.StatusAccepted}.With("Location", pollURL(c, path)).With("Retry-After", pollAfter)
}

// asyncStatus is the body of an Azure-AsyncOperation poll.
type asyncStatus struct {
	Started string `json:"startTime"`
	Ended   string `json:"endTime,omitempty"`
	Status  string `json:"status"`
	Name    string `json:"name"`
}

func pollAsync(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	op, err := running(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	const format = "2006-01-02T15:04:05.0000000-07:00"
	s := asyncStatus{Started: op.Started.Format(format), Status: "InProgress", Name: op.ID}
	if c.Now.Before(op.Done) {
		return wire.OK(s).With("Retry-After", pollAfter), nil
	}
	s.Status, s.Ended = "Succeeded", op.Done.Format(format)
	return wire.OK(s), nil
}
