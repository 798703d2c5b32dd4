package dns

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

const (
	// ttl is how long a client may keep an answer, in seconds, and through the
	// SOA record (RFC 2308, section 5) how long it may keep a refusal. Short,
	// because a world may be replaced by another under a running client.
	ttl = 5

	// udpSize is the largest datagram read and the size advertised by EDNS, in
	// bytes: what fits an unfragmented IPv6 packet (the DNS flag day of 2020).
	udpSize = 1232
)

// A Server answers queries from a function, and but for one of Forwarding never from anywhere else.
type Server struct {
	answer   func(name string) (netip.Addr, bool)
	partial  bool
	upstream []netip.AddrPort // see Forwarding
}

// New returns a server for the names that answer knows. The function gets
// names in lower case without the closing dot; it is called concurrently. An
// IPv4 address becomes an A record, an IPv6 address an AAAA record.
func New(answer func(name string) (netip.Addr, bool)) *Server {
	return &Server{answer: answer}
}

// NewPartial returns a server that refuses what answer does not know, where one of New says
// that there is no such name: resolvers take a refusal to their next server.
func NewPartial(answer func(name string) (netip.Addr, bool)) *Server {
	return &Server{answer: answer, partial: true}
}

// Serve answers on a datagram socket and on a stream listener until ctx is
// done, and returns nil then; it returns the socket's error when one of them
// fails before. Both sockets belong to Serve and are closed when it returns,
// as are all connections: nothing is left running.
func (s *Server) Serve(ctx context.Context, pc net.PacketConn, ln net.Listener) error {
	defer pc.Close()
	defer ln.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	carriers := []*dns.Server{
		{PacketConn: pc, Handler: s, UDPSize: udpSize},
		{Listener: ln, Handler: s},
	}
	ended := make(chan error, len(carriers))
	for _, c := range carriers {
		go func() { ended <- serve(ctx, c) }()
	}
	var first error
	for range carriers {
		if err := <-ended; err != nil && first == nil {
			first = fmt.Errorf("dns: %w", err)
		}
		cancel() // one carrier alone is half a name server
	}
	return first
}

// serve runs one carrier until ctx is done and its last handler has returned.
func serve(ctx context.Context, c *dns.Server) error {
	started := make(chan struct{})
	c.NotifyStartedFunc = func() { close(started) }
	ended := make(chan error, 1)
	go func() { ended <- c.ActivateAndServe() }()
	select {
	case err := <-ended:
		return err
	case <-started: // a server that has not started cannot be shut down
	}
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	err := c.Shutdown()
	<-ended
	return err
}

// ServeDNS implements dns.Handler.
func (s *Server) ServeDNS(w dns.ResponseWriter, query *dns.Msg) {
	reply := s.forward(w, query)
	if reply == nil {
		reply = s.reply(query)
	}
	// A client that has gone away is not the server's trouble.
	_ = w.WriteMsg(reply)
}

// reply makes the answer to one parsed query of any content.
func (s *Server) reply(query *dns.Msg) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(query)
	m.Compress = true
	if opt := query.IsEdns0(); opt != nil {
		m.SetEdns0(udpSize, false)
		if opt.Version() != 0 {
			m.Rcode = dns.RcodeBadVers
			return m
		}
	}
	switch {
	case query.Opcode != dns.OpcodeQuery:
		m.Rcode = dns.RcodeNotImplemented
	case len(query.Question) != 1:
		m.Rcode = dns.RcodeFormatError
	case query.Question[0].Qclass != dns.ClassINET && query.Question[0].Qclass != dns.ClassANY:
		m.Rcode = dns.RcodeRefused // version.bind and its like
	default:
		s.resolve(m, query.Question[0])
	}
	return m
}

// resolve fills in the answer to a question of the Internet class.
func (s *Server) resolve(m *dns.Msg, q dns.Question) {
	m.Authoritative = true
	m.RecursionAvailable = false
	addr, known := s.answer(strings.TrimSuffix(strings.ToLower(q.Name), "."))
	if !known && s.partial {
		m.Authoritative = false
		m.Rcode = dns.RcodeRefused
		return
	}
	if known {
		if rr := record(q, addr.Unmap()); rr != nil {
			m.Answer = []dns.RR{rr}
			return
		}
	} else if q.Name != "." { // the root exists, whoever else does
		m.Rcode = dns.RcodeNameError
	}
	m.Ns = []dns.RR{startOfAuthority()}
}

// record is the resource record of the asked type, nil where there is none.
// Its owner is the name as it was asked, letter case included.
func record(q dns.Question, addr netip.Addr) dns.RR {
	header := dns.RR_Header{Name: q.Name, Class: dns.ClassINET, Ttl: ttl}
	wants := func(t uint16) bool { return q.Qtype == t || q.Qtype == dns.TypeANY }
	switch {
	case addr.Is4() && wants(dns.TypeA):
		header.Rrtype = dns.TypeA
		return &dns.A{Hdr: header, A: addr.AsSlice()}
	case addr.Is6() && wants(dns.TypeAAAA):
		header.Rrtype = dns.TypeAAAA
		return &dns.AAAA{Hdr: header, AAAA: addr.AsSlice()}
	}
	return nil
}

// startOfAuthority is the root's SOA record; .invalid (RFC 2606) says that its
// server and mailbox are not to be looked up.
func startOfAuthority() *dns.SOA {
	return &dns.SOA{
		Hdr:    dns.RR_Header{Name: ".", Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: ttl},
		Ns:     "linarite.invalid.",
		Mbox:   "nobody.invalid.",
		Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: ttl,
	}
}
