package control

import (
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// Info is what the control API knows beside the world.
type Info struct {
	// Version is Linarite's.
	Version string
	// CA is the certificate authority's certificate, PEM.
	CA func() ([]byte, error)
	// AppServiceSecret is the value that X-IDENTITY-HEADER must have; env exports it.
	AppServiceSecret string
}

// New makes the control API.
func New(info Info) *wire.Plane {
	return wire.NewPlane(wire.Plane{
		Name:     "control",
		Steps:    wire.FrontPipeline(guard, found),
		Envelope: wire.Front{},

		Unrecorded: true,
	}, []wire.Operation{
		{Name: "Health", Method: "GET", Path: "/_linarite/v1/health", View: info.health},
		{Name: "CA", Method: "GET", Path: "/_linarite/v1/ca.pem", Prepare: info.readCA, View: ca},
		{Name: "World", Method: "GET", Path: "/_linarite/v1/world", View: world},
		{Name: "Machines", Method: "GET", Path: "/_linarite/v1/machines", View: machines},
		{Name: "Way", Method: "GET", Path: "/_linarite/v1/way", View: info.way},
	})
}

// guard refuses what a browser sent for another site. The front has already seen to it
// that the host is a loopback one.
func guard(c *wire.Call) error {
	if site := c.Request.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return wire.Refuse(apierr.ControlCrossSite)
	}
	origin := c.Request.Header.Get("Origin")
	if origin != "" && !strings.EqualFold(origin, c.Scheme()+"://"+c.Request.Host) {
		return wire.Refuse(apierr.ControlCrossSite)
	}
	return nil
}

func found(c *wire.Call) error {
	switch {
	case c.Operation != nil:
		return nil
	case len(c.Methods()) > 0:
		return wire.Refuse(apierr.ControlMethod, c.Path, strings.Join(c.Methods(), ", "))
	}
	return wire.Refuse(apierr.ControlPath, c.Path)
}

func (i Info) health(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	return wire.OK(struct {
		Status  string `json:"status"`
		Version string `json:"version"`
		World   string `json:"world"`
		Cloud   string `json:"cloud"`
		Time    string `json:"time"`
		Commit  uint64 `json:"commit"`
	}{"ok", i.Version, c.World.Name, c.World.Cloud.Name, c.Now.Format("2006-01-02T15:04:05.000Z"), tx.CommitNumber()}), nil
}

func (i Info) readCA(c *wire.Call) error {
	pem, err := i.CA()
	c.Input = pem
	return err
}

func ca(c *wire.Call, _ *state.Tx) (wire.Response, error) {
	return wire.Response{Body: c.Input.([]byte), ContentType: "application/x-pem-file"}, nil
}

// way is what `linarite env` needs to send clients here.
func (i Info) way(c *wire.Call, _ *state.Tx) (wire.Response, error) {
	base := c.Scheme() + "://" + c.Request.Host
	return wire.OK(struct {
		Proxy            string `json:"proxy"`
		IdentityEndpoint string `json:"identityEndpoint"`
		IdentityHeader   string `json:"identityHeader"`
		CLICloud         string `json:"cliCloud"`
		ARMEndpoint      string `json:"armEndpoint"`
	}{base, base + "/msi/token", i.AppServiceSecret, c.World.Cloud.CLIName, c.World.Cloud.ARM.Endpoint}), nil
}
