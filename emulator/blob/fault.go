package blob

import (
	"net/http"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/wire"
)

// describe names account, container and blob.
func describe(c *wire.Call, p *fault.Point) error {
	r := of(c)
	p.Resource = strings.TrimRight(r.account.Name+"/"+r.container+"/"+r.name, "/")
	p.Roles = p.ObjectID != ""
	return nil
}

// usual are the service's refusals when it is in trouble.
func usual(_ *wire.Call, e fault.Effect) *apierr.Error {
	switch {
	case e.Status == http.StatusServiceUnavailable:
		return apierr.New(apierr.StorageBusy)
	case e.Status == http.StatusInternalServerError && strings.EqualFold(e.Code, "OperationTimedOut"):
		return apierr.New(apierr.StorageTimedOut)
	case e.Status == http.StatusInternalServerError:
		return apierr.New(apierr.StorageInternal)
	}
	return nil
}
