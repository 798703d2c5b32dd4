package control

import (
	"fmt"
	"net/http"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/wire"
)

// maxFaults bounds the rules of a world that come by this API: each is asked about each
// request.
const maxFaults = 1000

type faultsView struct {
	Faults []fault.Rule `json:"faults"`
}

func listFaults(c *wire.Call) (wire.Response, error) {
	return wire.OK(faultsView{append([]fault.Rule{}, c.World.Faults.Rules()...)}), nil
}

func addFaults(c *wire.Call) (wire.Response, error) {
	data, err := read(c)
	if err != nil {
		return wire.Response{}, err
	}
	if len(data) == 0 {
		return wire.Response{}, wire.Refuse(apierr.ControlBody, "it is empty, and a rule or a scenario is wanted")
	}
	rules, err := fault.Decode(data)
	if err != nil {
		return wire.Response{}, wire.Refuse(apierr.ControlRequest, err.Error())
	}
	if have := len(c.World.Faults.Rules()); have+len(rules) > maxFaults {
		return wire.Response{}, wire.Refuse(apierr.ControlFull, fmt.Sprintf("There are %d planned faults already, and at most %d: remove some.", have, maxFaults))
	}
	added := faultsView{}
	for _, r := range rules {
		added.Faults = append(added.Faults, c.World.Faults.Add(r))
	}
	return wire.Response{Status: http.StatusCreated, Body: added}, nil
}

func clearFaults(c *wire.Call) (wire.Response, error) {
	if err := nothing(c); err != nil {
		return wire.Response{}, err
	}
	c.World.Faults.Clear()
	return wire.Response{Status: http.StatusNoContent}, nil
}

func readFault(c *wire.Call) (wire.Response, error) {
	r, ok := c.World.Faults.Rule(c.Var("id"))
	if !ok {
		return wire.Response{}, noFault(c)
	}
	return wire.OK(r), nil
}

func removeFault(c *wire.Call) (wire.Response, error) {
	if err := nothing(c); err != nil {
		return wire.Response{}, err
	}
	if !c.World.Faults.Remove(c.Var("id")) {
		return wire.Response{}, noFault(c)
	}
	return wire.Response{Status: http.StatusNoContent}, nil
}

func noFault(c *wire.Call) error {
	return wire.Refuse(apierr.ControlUnknown, fmt.Sprintf("There is no planned fault %q: GET faults lists those there are.", c.Var("id")))
}

type scenarioView struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

func scenarios(*wire.Call) (wire.Response, error) {
	all := []scenarioView{}
	for _, s := range fault.Scenarios() {
		all = append(all, scenarioView{s.Name, s.Text})
	}
	return wire.OK(struct {
		Scenarios []scenarioView `json:"scenarios"`
	}{all}), nil
}
