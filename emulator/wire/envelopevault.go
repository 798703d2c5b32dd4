package wire

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
)

// Vault is the envelope of a key vault's data plane.
type Vault struct{}

// Header adds what every answer of a vault carries (KV-AUTH-040 ff).
func (Vault) Header(c *Call, h http.Header) {
	h["Cache-Control"] = []string{"no-cache"}
	h["Pragma"] = []string{"no-cache"}
	h["Expires"] = []string{"-1"}
	h["Strict-Transport-Security"] = []string{"max-age=31536000;includeSubDomains"}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	h["x-ms-keyvault-service-version"] = []string{"1.9.2203.1"}
	h["x-ms-request-id"] = []string{c.RequestID}
	c.World.State.View(func(tx *state.Tx) {
		if v, ok := tx.Vaults.Get(state.VaultKey(c.Account)); ok {
			h["x-ms-keyvault-region"] = []string{strings.ToLower(v.Location)}
		}
	})
	if info := networkInfo(c.Request.RemoteAddr); info != "" {
		h["x-ms-keyvault-network-info"] = []string{info}
	}
	if id := c.Request.Header.Get("x-ms-client-request-id"); id != "" {
		h["x-ms-client-request-id"] = []string{id}
	}
	// Role assignments were asked, and one of them allowed it: nothing here is cached, so
	// all ages are zero.
	if d := c.Decision; d != nil && d.Allowed && d.Assignment != nil {
		h["x-ms-keyvault-rbac-assignment-id"] = []string{d.Assignment.ID}
		h["x-ms-keyvault-rbac-cache"] = []string{"ra_age=0;da_age=0;rd_age=0;brd_age=0;ra_notif_age=0;dec_lev=0;"}
	}
}

// networkInfo says where the caller comes from; empty where no socket tells.
func networkInfo(remote string) string {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return ""
	}
	if addr := at.Addr().Unmap(); addr.Is4() {
		return "conn_type=Ipv4;addr=" + addr.String() + ";act_addr_fam=InterNetwork;"
	}
	return "conn_type=Ipv6;addr=" + at.Addr().WithZone("").String() + ";act_addr_fam=InterNetworkV6;"
}

// ContentType of JSON bodies, errors included.
func (Vault) ContentType() string { return jsonUTF8 }

// Refusal has the second code inside, where there is one (KV-AUTH-041).
func (Vault) Refusal(_ *Call, e *apierr.Error) Response {
	type inner struct {
		Code string `json:"code"`
	}
	type body struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Inner   *inner `json:"innererror,omitempty"`
	}
	out := body{Code: e.Code, Message: e.Message}
	if e.Inner != "" {
		out.Inner = &inner{e.Inner}
	}
	return Response{Status: e.Status, Body: struct {
		Error body `json:"error"`
	}{out}}
}
