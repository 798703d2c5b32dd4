package entra

import (
	"net/http"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// throttle is what a 429 asks for (ENTRA-TOKEN-026).
const throttle = time.Minute

// describe names the application that asks for a token, and the audience. It reads the
// form for that, which is refused here as it would be later.
func describe(c *wire.Call, p *fault.Point) error {
	p.Resource = ""
	if c.Operation == nil || c.Operation.Prepare == nil {
		return nil
	}
	if err := readForm(c); err != nil {
		return err
	}
	form := c.Input.(*grant).form
	p.ClientID = form.Get("client_id")
	if p.Resource = form.Get("resource"); p.Resource == "" {
		p.Resource, _ = resourceOf(form.Get("scope"))
	}
	c.World.State.View(func(tx *state.Tx) {
		if who, ok := tx.PrincipalByAppID(p.ClientID); ok {
			p.ObjectID = who.ObjectID
		}
	})
	return nil
}

// usual are the token service's refusals when it is in trouble.
func usual(_ *wire.Call, e fault.Effect) *apierr.Error {
	switch e.Status {
	case http.StatusTooManyRequests:
		return apierr.New(apierr.EntraThrottled)
	case http.StatusInternalServerError:
		return apierr.New(apierr.EntraFailed)
	case http.StatusServiceUnavailable:
		return apierr.New(apierr.EntraUnavailable)
	}
	return nil
}
