package control

import (
	"fmt"
	"net/http"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// federatedBody is what a token of another issuer is to say. All is optional.
type federatedBody struct {
	Issuer   string `json:"issuer"`
	Subject  string `json:"subject"`
	Audience string `json:"audience"`
	Lifetime string `json:"lifetime"`
	// ClientID is the client whose federated credentials say what is left out.
	ClientID string `json:"clientId"`
}

// federatedToken is such a token, with what it says.
type federatedToken struct {
	Token     string    `json:"token"`
	Issuer    string    `json:"issuer"`
	Subject   string    `json:"subject"`
	Audience  string    `json:"audience"`
	ExpiresOn time.Time `json:"expiresOn"`
}

func readFederated(c *wire.Call) error {
	var b federatedBody
	if err := decode(c, &b); err != nil {
		return err
	}
	if b.Lifetime != "" {
		if life, err := time.ParseDuration(b.Lifetime); err != nil || life == 0 {
			return wire.Refuse(apierr.ControlRequest, fmt.Sprintf("lifetime: %q is no span of time such as 1h or 10m", b.Lifetime))
		}
	}
	c.Input = b
	return nil
}

func signFederated(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	b := c.Input.(federatedBody)
	life, _ := time.ParseDuration(b.Lifetime) // checked by readFederated; empty is zero
	f, err := c.World.Tokens.Complete(tx, identity.Foreign{Issuer: b.Issuer, Subject: b.Subject, Audience: b.Audience, Life: life}, b.ClientID)
	if err != nil {
		return wire.Response{}, wire.Refuse(apierr.ControlRequest, err.Error())
	}
	raw, expires, err := c.World.Tokens.SignForeign(f, c.Now)
	return wire.Response{Status: http.StatusCreated, Body: federatedToken{raw, f.Issuer, f.Subject, f.Audience, expires}}, err
}
