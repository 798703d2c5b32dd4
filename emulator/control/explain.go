package control

import (
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/explain"
	"github.com/linarite/linarite/emulator/wire"
)

func (a *api) explain(c *wire.Call) (wire.Response, error) {
	var whatIf *explain.Grant
	if text := c.Query.Get("whatif"); text != "" {
		g, err := explain.ParseGrant(text)
		if err != nil {
			return wire.Response{}, wire.Refuse(apierr.ControlRequest, err.Error())
		}
		whatIf = &g
	}
	x, err := a.Explain(c.Var("id"), whatIf)
	if err != nil {
		return wire.Response{}, err
	}
	if strings.Contains(strings.ToLower(c.Request.Header.Get("Accept")), "text/plain") {
		return wire.Response{Body: []byte(x.String()), ContentType: "text/plain; charset=utf-8"}, nil
	}
	return wire.OK(struct {
		Explanation explain.Explanation `json:"explanation"`
		Text        string              `json:"text"`
	}{x, x.String()}), nil
}
