package dns

import (
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// forwardTime is how long one of the other servers has to answer.
const forwardTime = 4 * time.Second

// Forwarding returns a server for the names that answer knows. What is asked about others it
// asks the servers of upstream, one after the other, and passes their answer on as it is.
func Forwarding(answer func(name string) (netip.Addr, bool), upstream []netip.AddrPort) *Server {
	return &Server{answer: answer, upstream: upstream}
}

// forward asks other servers, by the carrier that the client has used. It returns nil for
// what is to be answered here.
func (s *Server) forward(w dns.ResponseWriter, query *dns.Msg) *dns.Msg {
	if len(s.upstream) == 0 || len(query.Question) != 1 || query.Opcode != dns.OpcodeQuery {
		return nil
	}
	if _, known := s.answer(strings.TrimSuffix(strings.ToLower(query.Question[0].Name), ".")); known {
		return nil
	}
	c := dns.Client{Net: "udp", Timeout: forwardTime, UDPSize: dns.MaxMsgSize}
	if _, stream := w.RemoteAddr().(*net.TCPAddr); stream {
		c.Net = "tcp"
	}
	for _, server := range s.upstream {
		reply, _, err := c.Exchange(query, server.String())
		if err == nil && reply.Rcode != dns.RcodeServerFailure && reply.Rcode != dns.RcodeRefused {
			return reply
		}
	}
	m := new(dns.Msg)
	return m.SetRcode(query, dns.RcodeServerFailure)
}
