package arm

import (
	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// metadataEndpoints tells any caller how the cloud is laid out.
func metadataEndpoints(c *wire.Call, _ *state.Tx) (wire.Response, error) {
	body, ok := c.World.Cloud.MetadataEndpoints(c.Version)
	if !ok {
		return wire.Response{}, wire.Refuse(apierr.ARMMetadataVersion, c.Version, "2022-09-01,2020-06-01,2019-05-01,2018-05-01,2018-01-01,2015-01-01,1.0")
	}
	return wire.OK(body), nil
}
