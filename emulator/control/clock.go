package control

import (
	"fmt"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/clock"
	"github.com/linarite/linarite/emulator/wire"
)

type clockView struct {
	Now    time.Time `json:"now"`
	Frozen bool      `json:"frozen"`
	Offset string    `json:"offset"`
}

func readClock(c *wire.Call) (wire.Response, error) {
	k := c.World.Clock
	at := k.Position()
	view := clockView{Now: at.At, Frozen: at.Frozen, Offset: at.Offset.String()}
	if at.Frozen {
		view.Offset = at.At.Sub(k.Host()).Round(time.Second).String()
	} else {
		view.Now = k.Now()
	}
	return wire.OK(view), nil
}

// clockMove is what a clock is asked to do.
type clockMove struct {
	Op string `json:"op"`
	By string `json:"by"`
	At string `json:"at"`
}

func moveClock(c *wire.Call) (wire.Response, error) {
	var m clockMove
	if err := decode(c, &m); err != nil {
		return wire.Response{}, err
	}
	if err := m.run(c.World.Clock); err != nil {
		return wire.Response{}, wire.Refuse(apierr.ControlRequest, err.Error())
	}
	return readClock(c)
}

// run moves the clock. Its error says what is wrong with what was asked for; then nothing
// has moved.
func (m clockMove) run(k *clock.Clock) error {
	if err := m.check(); err != nil {
		return err
	}
	var to time.Time
	if m.At != "" {
		var err error
		if to, err = time.Parse(time.RFC3339Nano, m.At); err != nil {
			return fmt.Errorf("at: %q is no instant such as 2030-01-01T00:00:00Z", m.At)
		}
	}
	var by time.Duration
	if m.By != "" {
		var err error
		if by, err = time.ParseDuration(m.By); err != nil {
			return fmt.Errorf("by: %q is no span of time such as 25h, 90s or -1h30m", m.By)
		}
		to = k.Now().Add(by)
	}
	if m.At+m.By != "" {
		if err := clock.Reach(to); err != nil {
			return err
		}
	}
	switch m.Op {
	case "advance":
		k.Advance(by)
	case "freeze":
		k.Freeze()
		if m.At != "" {
			k.Set(to)
		}
	case "set":
		k.Set(to)
	case "resume":
		k.Resume()
	}
	return nil
}

// check sees to it that each op has what it takes and nothing else.
func (m clockMove) check() error {
	switch {
	case m.Op != "advance" && m.Op != "set" && m.Op != "freeze" && m.Op != "resume":
		return fmt.Errorf("op: %q: want advance, set, freeze or resume", m.Op)
	case m.Op == "advance" && m.By == "":
		return fmt.Errorf("advance takes by, a span of time such as 25h")
	case m.Op != "advance" && m.By != "":
		return fmt.Errorf("%s does not take by, which is for advance", m.Op)
	case m.Op == "set" && m.At == "":
		return fmt.Errorf("set takes at, an instant such as 2030-01-01T00:00:00Z")
	case (m.Op == "advance" || m.Op == "resume") && m.At != "":
		return fmt.Errorf("%s does not take at, which is for set and freeze", m.Op)
	}
	return nil
}
