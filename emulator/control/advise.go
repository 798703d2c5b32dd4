package control

import (
	"fmt"
	"strconv"

	"github.com/linarite/linarite/emulator/advise"
	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/wire"
)

// readAdvice reads what somebody wants to be advised on, and how it is to be written.
func readAdvice(q wire.Query) (o advise.Options, f advise.Format, err error) {
	o.Principal, f = q.Get("principal"), advise.Format(q.Get("format"))
	if f == "" {
		f = advise.JSON
	}
	for name, into := range map[string]*bool{"include-refused": &o.IncludeRefused, "narrowest": &o.Narrowest} {
		switch v := q.Get(name); v {
		case "true":
			*into = true
		case "", "false":
		default:
			return o, f, fmt.Errorf("%s=%s: want true or false", name, v)
		}
	}
	if v := q.Get("merge"); v != "" {
		if o.Merge, err = strconv.Atoi(v); err != nil {
			return o, f, fmt.Errorf("merge=%s: want a number", v)
		}
	}
	return o, f, nil
}

func (a *api) advise(c *wire.Call) (wire.Response, error) {
	o, f, err := readAdvice(c.Query)
	if err == nil {
		_, err = (&advise.Plan{}).Text(f) // a format that is none needs no advice
	}
	if err != nil {
		return wire.Response{}, wire.Refuse(apierr.ControlQuery, err.Error())
	}
	plan, err := a.Advise(o)
	if err != nil {
		return wire.Response{}, err
	}
	text, err := plan.Text(f)
	kind := "text/plain; charset=utf-8"
	if f == advise.JSON {
		kind = "application/json; charset=utf-8"
	}
	return wire.Response{Body: []byte(text), ContentType: kind}, err
}
