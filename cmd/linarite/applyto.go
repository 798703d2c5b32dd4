package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/clientlib/identity"
	"github.com/linarite/linarite/conformance/apply"
	"github.com/linarite/linarite/emulator/worldfile"
	"github.com/linarite/linarite/fixtures/world"
)

// administratorSecret is the public secret of the well-known administrator.
const administratorSecret = "linarite"

// openRunning finds the way to the running world: through its proxy, with trust in its authority, as the well-known
// administrator.
func openRunning(cmd *cobra.Command, w *world.World) (destination, error) {
	var d destination
	c := control(cmd)
	var served struct {
		Cloud         string
		Tenants       []struct{ ID string }
		Subscriptions []struct{ ID string }
	}
	if _, err := c.getJSON("world", &served); err != nil {
		return d, err
	}
	at, ok := cloud.ByName(served.Cloud)
	if !ok || len(served.Tenants) == 0 {
		return d, fmt.Errorf("%s serves the cloud %q with %d tenants, which is not as Linarite does", c.base, served.Cloud, len(served.Tenants))
	}
	if file := string(w.Cloud); file != "" && !strings.EqualFold(file, served.Cloud) {
		return d, fmt.Errorf("the world file is for the %s cloud, and %s serves the %s one: serve one with --cloud %s", file, c.base, served.Cloud, file)
	}
	if file := w.Tenant.ID; file != "" && !strings.EqualFold(file, served.Tenants[0].ID) {
		return d, fmt.Errorf("the world file is of tenant %s, and %s serves tenant %s: take the id out of the file, or serve a world of that tenant", file, c.base, served.Tenants[0].ID)
	}
	transport, err := throughProxy(c)
	if err != nil {
		return d, err
	}
	d.Options.Options = clientlib.Options{Cloud: at, Transport: transport, Application: "linarite/" + version()}
	for _, s := range served.Subscriptions {
		d.served = append(d.served, s.ID)
	}
	d.application = worldfile.AdministratorAppID
	cred, err := identity.ClientSecret(served.Tenants[0].ID, worldfile.AdministratorAppID, administratorSecret, identity.Options{Options: d.Options.Options})
	if err != nil {
		return d, err
	}
	d.Credential = cred
	_, err = apply.Who(cmd.Context(), cred, d.Options.Options)
	if err != nil {
		err = fmt.Errorf("linarite-admin, who applies, gets no token in the running world: serve one that has the application, as linarite world show tutorial does, without --no-well-known: %w", err)
	}
	return d, err
}

// throughProxy is a transport to the running world alone.
func throughProxy(c client) (clientlib.Transport, error) {
	proxy, err := url.Parse(c.base)
	if err != nil {
		return nil, err
	}
	if c.user != "" { // the world and the machine that --url names
		proxy.User = url.UserPassword(c.user, "linarite")
	}
	pem, err := c.control("ca.pem")
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errors.New(c.base + " shows no certificate of its authority: is it Linarite?")
	}
	return &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}
