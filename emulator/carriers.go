package emulator

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/reach/memory"
	"github.com/linarite/linarite/emulator/wire"
)

// Client reaches the world by Azure's own URLs, without sockets: any Azure SDK takes it as
// its transport. It goes to the same addresses as a command in a sealed world does, is on
// the world's machine, and works in a bubble of testing/synctest.
//
// A host that the world does not serve is an *UnknownHostError.
func (e *Emulator) Client() *http.Client { return &http.Client{Transport: e.codec} }

// codecFor is the carrier of callers of an origin.
func (e *Emulator) codecFor(origin wire.Origin) *memory.Codec {
	return &memory.Codec{
		Resolve: e.resolver(origin), Accept: e.accept, Open: &e.exchanges,
		OnPanic: func(err error) {
			if e.world.OnInternal != nil {
				e.world.OnInternal(err)
			}
		},
	}
}

// DialContext connects to an address of the world, as "management.azure.com:443", inside
// the process: for clients that take a dialer instead of a transport. TLS is real there,
// with a certificate of RootCAs. In a bubble of testing/synctest, close idle connections
// before it ends.
func (e *Emulator) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return e.pipe.DialContext(ctx, network, address)
}

// RootCAs holds the authority that the world's certificates are from.
func (e *Emulator) RootCAs() *x509.CertPool {
	e.test.Helper()
	ca, err := e.authority()
	if err != nil {
		e.fatal("RootCAs: %v", err)
		return nil
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca.Certificate())
	return pool
}

// UnknownHostError tells that a client asked for a host that the world does not serve.
// Clients of Azure do not try again for it.
type UnknownHostError struct {
	// Host is as it was asked for.
	Host string
	// Serves says what is there instead.
	Serves string
}

// Error is one line that says what is served instead.
func (e *UnknownHostError) Error() string {
	return fmt.Sprintf("the world does not serve the host %q: %s", e.Host, e.Serves)
}

// Unwrap is what a resolver says of a name that there is not.
func (e *UnknownHostError) Unwrap() error {
	return &net.DNSError{Err: "no such host", Name: e.Host, IsNotFound: true}
}

// NonRetriable tells the Azure SDK for Go that trying again is of no use.
func (*UnknownHostError) NonRetriable() {}

// resolver finds what answers at an address: the same as in a sealed world.
func (e *Emulator) resolver(origin wire.Origin) memory.Resolve {
	sockets := sync.OnceValue(func() []socket { return e.sockets(origin) })
	return func(host, port string) (memory.Endpoint, error) {
		address, err := netip.ParseAddr(host)
		if err != nil {
			var ok bool
			if address, ok = (names{}).resolve(host); !ok {
				return memory.Endpoint{}, e.unknown(host, "it serves "+strings.Join(front.Hosts(e.world.Cloud), ", "))
			}
		}
		var there []string
		for _, s := range sockets() {
			if s.endpoint.Addr.Addr() != address.Unmap() {
				continue
			}
			if strconv.Itoa(int(s.endpoint.Addr.Port())) == port {
				return memory.Endpoint{Handler: s.handler, TLS: s.tls}, e.devAccountsAt(host, s)
			}
			there = append(there, strconv.Itoa(int(s.endpoint.Addr.Port())))
		}
		if there == nil {
			return memory.Endpoint{}, e.unknown(host, "it serves "+strings.Join(front.Hosts(e.world.Cloud), ", "))
		}
		return memory.Endpoint{}, e.unknown(host+":"+port, host+" answers here at port "+strings.Join(there, ", "))
	}
}

// devAccountsAt adds the accounts that storage emulators have as soon as somebody asks for
// one: worlds on sockets have them with their port for it, and nobody else expects them.
func (e *Emulator) devAccountsAt(host string, s socket) error {
	port := int(s.endpoint.Addr.Port())
	label, _, _ := strings.Cut(host, ".")
	name, _ := cloud.SplitSecondary(label)
	named := func(d DevAccount) bool { return d.Name == name }
	if port == DefaultBlobPort || port == DefaultQueuePort || port == DefaultTablePort || slices.ContainsFunc(e.options.devAccounts(), named) {
		return e.addDevAccounts()
	}
	return nil
}

// accept takes the refusal of a host that is not served for what it is: in Azure, the
// name would not resolve. No service of Azure's answers with that status.
func (e *Emulator) accept(resp *http.Response) error {
	if resp.StatusCode != http.StatusMisdirectedRequest {
		return nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	return e.unknown(resp.Request.URL.Host, refusalText(body))
}

// refusalText finds the message of a refusal in the envelope of whichever plane.
func refusalText(body []byte) string {
	var asJSON struct {
		Error struct{ Message string }
		OData struct{ Message struct{ Value string } } `json:"odata.error"`
	}
	var asXML struct {
		Message string
		Atom    string `xml:"message"`
	}
	var text string
	switch {
	case json.Unmarshal(body, &asJSON) == nil:
		text = asJSON.Error.Message + asJSON.OData.Message.Value
	case xml.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &asXML) == nil:
		text = asXML.Message + asXML.Atom
	default:
		return string(body)
	}
	text, _, _ = strings.Cut(text, "\n") // the request's id and time follow
	return text
}

// unknown fails the test of the world, whatever its client makes of the error.
func (e *Emulator) unknown(host, serves string) error {
	err := &UnknownHostError{Host: host, Serves: serves}
	if !e.options.AllowUnknownHosts {
		e.test.errorf("%v; %s", err, e.advice(host))
	}
	return err
}

// advice says what a test can do about a host that its world does not serve.
func (e *Emulator) advice(host string) string {
	const allow = "emulator.AllowUnknownHosts() lets a test go on"
	service, name, _ := e.world.Cloud.Resolve(host)
	switch {
	case service == cloud.Blob, service == cloud.Queue, service == cloud.Table, service == cloud.File, service == cloud.DFS, service == cloud.Web:
		return fmt.Sprintf("make the account by emu.StorageAccount(%q), or mind its name; %s", name, allow)
	case service == cloud.Vault:
		return fmt.Sprintf("make the vault by emu.Vault(%q), or mind its name; %s", name, allow)
	}
	for _, other := range cloud.All() {
		if service, _, ok := other.Resolve(host); ok && other != e.world.Cloud && front.Serves(service) {
			return fmt.Sprintf("open the world with emulator.Cloud(%q), or mind the client's cloud; %s", other.Name, allow)
		}
	}
	return "give this client another transport, if it is not meant for Azure; " + allow
}

// Close ends the world: its sockets, its connections and the requests that run, and the
// keeping of it in a data folder. A test's world is closed when the test ends.
func (e *Emulator) Close() error {
	e.ending.Do(func() { close(e.closed) })
	e.exchanges.Close()
	return errors.Join(e.pipe.Close(), e.served.close(), e.beside.close(), e.kept.close())
}
