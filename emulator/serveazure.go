package emulator

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/reach/address"
	"github.com/linarite/linarite/emulator/wire"
)

// AzureOptions make a server answer where Azure itself would: for the other containers of a
// network, or the other programs of a container, that know nothing of Linarite.
type AzureOptions struct {
	// HTTPSAddress is an IP:port that takes TLS for every name of Azure's, beside HTTPSPort.
	// Empty opens none.
	HTTPSAddress string
	// DNSAddress is an IP:port, such as 169.254.169.254:53, of a name server for Azure's
	// names alone: it asks nobody else. Empty opens none.
	DNSAddress string
	// DNSAnswer is the address that Azure's names resolve to; empty means that of
	// IMDSAddress, or else of DNSAddress.
	DNSAnswer string
	// DNSPartial makes the name server refuse names outside Azure, so that resolvers ask
	// their next server, instead of saying that there are none.
	DNSPartial bool
	// AddAddress gives the addresses above, and IMDSAddress's, to the loopback interface
	// until the server is closed. Linux, with the capability NET_ADMIN.
	AddAddress bool
	// CAFile is a file to write the authority's certificate to, and never its key: what
	// other containers are to trust. Empty writes none.
	CAFile string
}

// answer is the address of Azure's names. It has to be one that clients can connect to.
func (o ServeOptions) answer() (netip.Addr, error) {
	flag, text := "--dns-answer", o.DNSAnswer
	for _, other := range []struct{ flag, address string }{{"--imds-address", o.IMDSAddress}, {"--dns-address", o.DNSAddress}} {
		if text == "" && other.address != "" {
			flag = other.flag
			text, _, _ = net.SplitHostPort(other.address)
		}
	}
	a, err := netip.ParseAddr(text)
	switch {
	case err != nil:
		return a, fmt.Errorf("%w: %s %s: the names of Azure resolve to an IP address: give it by --dns-answer", ErrUsage, flag, text)
	case a.IsUnspecified():
		return a, fmt.Errorf("%w: %s %s: no client can connect to that: say by --dns-answer what the names of Azure resolve to", ErrUsage, flag, text)
	}
	return a.Unmap(), nil
}

func (o ServeOptions) checkAzure() error {
	if o.DNSAddress == "" {
		if o.DNSAnswer != "" || o.DNSPartial {
			return fmt.Errorf("%w: --dns-answer and --dns-partial are about a name server: open one by --dns-address IP:53", ErrUsage)
		}
		return nil
	}
	_, err := o.answer()
	return err
}

// prepare does what has to be done before the first client comes.
func (s *Server) prepare(e *Emulator, o ServeOptions) error {
	if o.AddAddress {
		if err := s.addAddresses(o.IMDSAddress, o.HTTPSAddress, o.DNSAddress); err != nil {
			return err
		}
	}
	if o.CAFile == "" {
		return nil
	}
	certificate, err := e.authorityPEM()
	if err == nil {
		err = publish(o.CAFile, certificate)
	}
	if err != nil {
		return fmt.Errorf("--ca-file: %w", err)
	}
	return nil
}

// addAddresses takes the addresses of sockets for this host. Loopback's are there, and an
// unspecified one is all there are.
func (s *Server) addAddresses(sockets ...string) error {
	var added []netip.Addr
	for _, socket := range sockets {
		host, _, err := net.SplitHostPort(socket)
		if socket == "" || err != nil { // listening says what is wrong with it
			continue
		}
		a, err := netip.ParseAddr(host)
		if err != nil || a.IsLoopback() || a.IsUnspecified() {
			continue
		}
		remove, err := address.Add(a)
		if err != nil {
			return fmt.Errorf("--add-address %s: %w", a, err)
		}
		s.ends = append(s.ends, remove)
		added = append(added, a)
	}
	if len(added) == 0 {
		return fmt.Errorf("%w: --add-address: there is no address to add: name one by --imds-address, --https-address or --dns-address", ErrUsage)
	}
	return nil
}

// publish writes a file for everybody to read, in one step.
func publish(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".ca-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails after the rename, which took it away
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// openAzure opens the sockets of AzureOptions.
func (s *Server) openAzure(e *Emulator, o ServeOptions, t *tls.Config) error {
	if o.HTTPSAddress != "" {
		if _, err := s.listen("--https-address", o.HTTPSAddress, e.Handler(), t); err != nil {
			return err
		}
	}
	if o.DNSAddress == "" {
		return nil
	}
	answer, err := o.answer()
	if err != nil {
		return err
	}
	return s.openDNS(o, func(name string) (netip.Addr, bool) {
		if cloud.IsAzure(name) {
			return answer, true
		}
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), front.IsLoopback(name)
	})
}

// metadataHandler answers as the metadata service whatever host is asked for, but for names
// of Azure's: a name server leads those here too, by http as by https.
func (e *Emulator) metadataHandler() http.Handler {
	imds, door := e.imdsHandler(wire.Origin{}), e.doorHandler(wire.Origin{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cloud.IsAzure(front.Hostname(r.Host)) {
			door.ServeHTTP(w, r)
			return
		}
		imds.ServeHTTP(w, r)
	})
}

// fails tells that a socket has stopped answering by itself.
func (s *Server) fails(err error) {
	select {
	case s.fail <- err:
	default: // enough have failed before it
	}
}

// unwind undoes what prepare and openDNS did.
func (s *Server) unwind() error {
	var errs []error
	for _, end := range s.ends {
		errs = append(errs, end())
	}
	s.ends = nil
	return errors.Join(errs...)
}

// reachable is where a client of this host finds a socket: every address of the host is no
// address to connect to.
func reachable(at string) string {
	a, err := netip.ParseAddrPort(at)
	if err != nil || !a.Addr().IsUnspecified() {
		return at
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port()).String()
}

// listenPacket opens the datagram socket that goes with a stream listener's address.
func listenPacket(flag, at string) (net.PacketConn, error) {
	pc, err := (&net.ListenConfig{}).ListenPacket(context.Background(), "udp", at)
	if err != nil {
		return nil, &BusyError{Flag: flag, Address: at + " (udp)", Err: cause(err)}
	}
	return pc, nil
}

// cause is what went wrong with a socket, without its address.
func cause(err error) error {
	if op := new(net.OpError); errors.As(err, &op) {
		return op.Err
	}
	return err
}
