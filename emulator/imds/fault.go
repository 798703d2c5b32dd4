package imds

import (
	"net/http"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// describe names the identity that the token is asked for, where there is one, and the
// audience.
func describe(c *wire.Call, p *fault.Point) error {
	if p.Operation != "Identity_GetToken" {
		return nil
	}
	return asked(c, p, func(tx *state.Tx) (state.Principal, error) {
		s, err := selectorOf(c)
		if err != nil {
			return state.Principal{}, err
		}
		return s.find(tx, c.Machine)
	})
}

func describeAppService(c *wire.Call, p *fault.Point) error {
	return asked(c, p, func(tx *state.Tx) (state.Principal, error) { return appServicePrincipal(c, tx) })
}

// asked leaves the identity out where there is none: the operation says so.
func asked(c *wire.Call, p *fault.Point, find func(*state.Tx) (state.Principal, error)) error {
	p.Resource = c.Query.Get("resource")
	c.World.State.View(func(tx *state.Tx) {
		if who, err := find(tx); err == nil {
			p.ObjectID, p.ClientID = who.ObjectID, who.AppID
		}
	})
	return nil
}

// usual are the metadata service's refusals when it is in trouble.
func usual(_ *wire.Call, e fault.Effect) *apierr.Error {
	switch e.Status {
	case http.StatusGone:
		return apierr.New(apierr.IMDSUpdating)
	case http.StatusTooManyRequests:
		return apierr.New(apierr.IMDSThrottled)
	case http.StatusInternalServerError:
		return apierr.New(apierr.IMDSFailed)
	}
	return nil
}
