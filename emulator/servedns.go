package emulator

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"github.com/linarite/linarite/emulator/reach/dns"
)

// openDNS answers for names, on one address by datagrams and by streams, until the server is
// closed.
func (s *Server) openDNS(o ServeOptions, resolve func(name string) (netip.Addr, bool)) error {
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", o.DNSAddress)
	if err != nil {
		return &BusyError{Flag: "--dns-address", Address: o.DNSAddress, Err: cause(err)}
	}
	at := ln.Addr().String() // the port, where any free one was asked for
	pc, err := listenPacket("--dns-address", at)
	if err != nil {
		_ = ln.Close()
		return err
	}
	names := dns.New(resolve)
	if o.DNSPartial {
		names = dns.NewPartial(resolve)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := names.Serve(ctx, pc, ln); err != nil {
			s.fails(fmt.Errorf("serving %s: %w", at, err))
		}
	}()
	s.DNS = at
	s.ends = append(s.ends, func() error { cancel(); <-ended; return nil })
	return nil
}
