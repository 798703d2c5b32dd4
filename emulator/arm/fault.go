package arm

import (
	"net/http"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/wire"
)

// throttle is what a 429 asks for where nothing else is planned: it always asks
// (ARM-COMMON-065).
const throttle = time.Second

// describe adds nothing about the resource: it is the path.
func describe(c *wire.Call, p *fault.Point) error {
	p.Roles = p.ObjectID != ""
	return nil
}

// usual are the front door's refusals when it is in trouble, and the one of a provider that
// takes one write at a time.
func usual(c *wire.Call, e fault.Effect) *apierr.Error {
	subscription := subscriptionOf(c.Path)
	diagnose := func(kind apierr.Kind) *apierr.Error {
		return apierr.New(kind, c.Now.Format("20060102T150405Z"), subscription, c.RequestID, wire.ARMCorrelation(c))
	}
	switch e.Status {
	case http.StatusTooManyRequests:
		verb := map[string]string{http.MethodGet: "read", http.MethodHead: "read", http.MethodDelete: "delete"}[c.Request.Method]
		if verb == "" {
			verb = "write"
		}
		return apierr.New(apierr.ARMThrottled, verb, subscription, c.Caller.ObjectID(), c.Wait()/time.Second)
	case http.StatusConflict:
		if id, err := parseEscaped(c.Path); err == nil && c.Operation != nil && c.Operation.Name == putFederatedName {
			return apierr.New(apierr.ARMFederatedAtOnce, id.Parent().String())
		}
	case http.StatusInternalServerError:
		return diagnose(apierr.ARMInternal)
	case http.StatusServiceUnavailable:
		return diagnose(apierr.ARMTimeout)
	case http.StatusGatewayTimeout:
		return apierr.New(apierr.ARMGatewayTimeout, provider(c))
	}
	return nil
}

// provider is the one that a request would have gone to.
func provider(c *wire.Call) string {
	if c.Operation != nil && c.Operation.Type != "" {
		name, _, _ := strings.Cut(c.Operation.Type, "/")
		return name
	}
	if t, ok := targetOf(c); ok {
		if id, err := armid.Parse(t.scope); err == nil && id.Provider() != "" {
			return id.Provider()
		}
	}
	return "Microsoft.Resources"
}
