package graph

import (
	"net/http"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/wire"
)

// usual are the directory's refusals when it is in trouble.
func usual(c *wire.Call, e fault.Effect) *apierr.Error {
	if e.Status == http.StatusTooManyRequests {
		return apierr.New(apierr.GraphThrottled, c.Caller.AppID())
	}
	return nil
}
