package dns

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

const host = "acct.blob.core.windows.net"

// known serves one name at an IPv4 and one at an IPv6 address.
func known(name string) (netip.Addr, bool) {
	switch name {
	case host:
		return netip.MustParseAddr("198.18.0.1"), true
	case "mapped.example":
		return netip.MustParseAddr("::ffff:198.18.0.2"), true
	case "six.example":
		return netip.MustParseAddr("2001:db8::1"), true
	}
	return netip.Addr{}, false
}

// serveLoopback starts a server on 127.0.0.1 and returns its addresses by
// network; the returned function stops it and gives what Serve returned.
func serveLoopback(t *testing.T) (addr map[string]string, stop func() error) {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = map[string]string{"udp": pc.LocalAddr().String(), "tcp": ln.Addr().String()}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- New(known).Serve(ctx, pc, ln) }()
	stopped := false
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-ended
	}
	t.Cleanup(func() { _ = stop() })
	return addr, stop
}

func TestAnswers(t *testing.T) {
	addr, _ := serveLoopback(t)
	tests := []struct {
		name   string
		qname  string
		qtype  uint16
		class  uint16
		rcode  int
		answer string // data of the one answer record, "" for none
		soa    bool
	}{
		{"a", host + ".", dns.TypeA, dns.ClassINET, dns.RcodeSuccess, "198.18.0.1", false},
		{"mixed case", "AcCt.bLOB.Core.Windows.NET.", dns.TypeA, dns.ClassINET, dns.RcodeSuccess, "198.18.0.1", false},
		{"mapped address is IPv4", "mapped.example.", dns.TypeA, dns.ClassINET, dns.RcodeSuccess, "198.18.0.2", false},
		{"any", host + ".", dns.TypeANY, dns.ClassINET, dns.RcodeSuccess, "198.18.0.1", false},
		{"any class", host + ".", dns.TypeA, dns.ClassANY, dns.RcodeSuccess, "198.18.0.1", false},
		{"aaaa is empty", host + ".", dns.TypeAAAA, dns.ClassINET, dns.RcodeSuccess, "", true},
		{"aaaa of a six", "six.example.", dns.TypeAAAA, dns.ClassINET, dns.RcodeSuccess, "2001:db8::1", false},
		{"a of a six is empty", "six.example.", dns.TypeA, dns.ClassINET, dns.RcodeSuccess, "", true},
		{"cname is empty", host + ".", dns.TypeCNAME, dns.ClassINET, dns.RcodeSuccess, "", true},
		{"https is empty", host + ".", dns.TypeHTTPS, dns.ClassINET, dns.RcodeSuccess, "", true},
		{"mx is empty", host + ".", dns.TypeMX, dns.ClassINET, dns.RcodeSuccess, "", true},
		{"unknown type is empty", host + ".", 65280, dns.ClassINET, dns.RcodeSuccess, "", true},
		{"other name", "example.com.", dns.TypeA, dns.ClassINET, dns.RcodeNameError, "", true},
		{"other name aaaa", "example.com.", dns.TypeAAAA, dns.ClassINET, dns.RcodeNameError, "", true},
		{"name below a served one", "x." + host + ".", dns.TypeA, dns.ClassINET, dns.RcodeNameError, "", true},
		{"ptr", "254.169.254.169.in-addr.arpa.", dns.TypePTR, dns.ClassINET, dns.RcodeNameError, "", true},
		{"root", ".", dns.TypeNS, dns.ClassINET, dns.RcodeSuccess, "", true},
		{"chaos", "version.bind.", dns.TypeTXT, dns.ClassCHAOS, dns.RcodeRefused, "", false},
		{"odd class", host + ".", dns.TypeA, 4242, dns.RcodeRefused, "", false},
	}
	for _, tc := range tests {
		for _, network := range []string{"udp", "tcp"} {
			t.Run(tc.name+"/"+network, func(t *testing.T) {
				q := new(dns.Msg)
				q.SetQuestion(tc.qname, tc.qtype)
				q.Question[0].Qclass = tc.class
				m, _, err := (&dns.Client{Net: network}).Exchange(q, addr[network])
				if err != nil {
					t.Fatal(err)
				}
				if m.Rcode != tc.rcode {
					t.Errorf("rcode %s, want %s", dns.RcodeToString[m.Rcode], dns.RcodeToString[tc.rcode])
				}
				if len(m.Question) != 1 || m.Question[0] != q.Question[0] {
					t.Errorf("question %v, want %v as asked", m.Question, q.Question)
				}
				checkAnswer(t, m, tc.qname, tc.answer)
				if soa := len(m.Ns) == 1 && m.Ns[0].Header().Rrtype == dns.TypeSOA; soa != tc.soa {
					t.Errorf("authority section %v, want SOA: %t", m.Ns, tc.soa)
				}
				if m.RecursionAvailable || m.Authoritative != (tc.rcode != dns.RcodeRefused) {
					t.Errorf("flags aa=%t ra=%t", m.Authoritative, m.RecursionAvailable)
				}
			})
		}
	}
}

func checkAnswer(t *testing.T, m *dns.Msg, owner, want string) {
	t.Helper()
	if want == "" {
		if len(m.Answer) != 0 {
			t.Errorf("answer %v, want none", m.Answer)
		}
		return
	}
	if len(m.Answer) != 1 {
		t.Fatalf("answer %v, want one record", m.Answer)
	}
	h := m.Answer[0].Header()
	if data := strings.TrimPrefix(m.Answer[0].String(), h.String()); data != want {
		t.Errorf("data %q, want %q", data, want)
	}
	if h.Name != owner || h.Ttl != ttl {
		t.Errorf("owner %q ttl %d, want %q %d", h.Name, h.Ttl, owner, ttl)
	}
}

func TestEDNS(t *testing.T) {
	s := New(known)
	q := new(dns.Msg)
	q.SetQuestion(host+".", dns.TypeA)
	if s.reply(q).IsEdns0() != nil {
		t.Error("an OPT record answers a query without one")
	}
	q.SetEdns0(4096, false)
	if m := s.reply(q); m.IsEdns0() == nil || m.Rcode != dns.RcodeSuccess || len(m.Answer) != 1 {
		t.Errorf("EDNS query: %v", m)
	}
	q.IsEdns0().SetVersion(1)
	if m := s.reply(q); m.IsEdns0() == nil || m.Rcode != dns.RcodeBadVers || len(m.Answer) != 0 {
		t.Errorf("EDNS version 1: %v", m)
	}
}

func TestOtherOpcodes(t *testing.T) {
	q := new(dns.Msg)
	q.SetNotify(host + ".")
	if m := New(known).reply(q); m.Rcode != dns.RcodeNotImplemented {
		t.Errorf("NOTIFY: %s, want NOTIMP", dns.RcodeToString[m.Rcode])
	}
}

// TestMalformed sends broken datagrams and then a good query: the server must
// still be there. Each broken one is answered by FORMERR, NOTIMP or silence.
func TestMalformed(t *testing.T) {
	addr, _ := serveLoopback(t)
	conn, err := net.Dial("udp", addr["udp"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	good := new(dns.Msg)
	good.SetQuestion(host+".", dns.TypeA)
	wire, err := good.Pack()
	if err != nil {
		t.Fatal(err)
	}
	noQuestion := append([]byte(nil), wire[:12]...)
	binary.BigEndian.PutUint16(noQuestion[4:], 0)
	loop := append(append([]byte(nil), wire[:12]...), 0xc0, 12, 0, 1, 0, 1) // a name pointing at itself
	for _, bad := range [][]byte{{}, {1}, wire[:11], wire[:12], wire[:len(wire)-1], noQuestion, loop, make([]byte, 600)} {
		if _, err := conn.Write(bad); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := conn.Write(wire); err != nil {
		t.Fatal(err)
	}
	for buf := make([]byte, 1024); ; {
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		m := new(dns.Msg)
		if err := m.Unpack(buf[:n]); err != nil {
			t.Fatalf("the answer is malformed: %v", err)
		}
		if m.Id == good.Id && m.Rcode == dns.RcodeSuccess && len(m.Answer) == 1 {
			return
		}
	}
}

func TestStopLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	addr, stop := serveLoopback(t)
	idle, err := net.Dial("tcp", addr["tcp"]) // must not hold the server up
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	q := new(dns.Msg)
	q.SetQuestion(host+".", dns.TypeA)
	for _, network := range []string{"udp", "tcp"} {
		if _, _, err := (&dns.Client{Net: network}).Exchange(q, addr[network]); err != nil {
			t.Fatal(err)
		}
	}
	if err := stop(); err != nil {
		t.Fatalf("Serve: %v", err)
	}
	// A goroutine that has said its last word may still be on its way out.
	deadline := time.Now().Add(20 * time.Second)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, %d before", after, before)
	}
	again, err := net.Listen("tcp", addr["tcp"])
	if err != nil {
		t.Fatalf("the port is still taken: %v", err)
	}
	again.Close()
	if pc, err := net.ListenPacket("udp", addr["udp"]); err != nil {
		t.Errorf("the port is still taken: %v", err)
	} else {
		pc.Close()
	}
}

func TestFailingSocketEndsServe(t *testing.T) {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	if err := New(known).Serve(context.Background(), pc, ln); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve on a closed listener: %v, want net.ErrClosed", err)
	}
	if _, err := pc.WriteTo([]byte{0}, pc.LocalAddr()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the other socket is open: %v", err)
	}
}

// FuzzReply feeds arbitrary bytes to the whole of parsing, answering and
// packing, and checks what holds for every query.
func FuzzReply(f *testing.F) {
	for _, name := range []string{host + ".", ".", "254.169.254.169.in-addr.arpa.", `a\.b\000c.example.`} {
		q := new(dns.Msg)
		q.SetQuestion(name, dns.TypeA)
		q.SetEdns0(512, true)
		wire, err := q.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire)
	}
	s := New(known)
	f.Fuzz(func(t *testing.T, wire []byte) {
		q := new(dns.Msg)
		if q.Unpack(wire) != nil {
			return
		}
		m := s.reply(q)
		if m.Id != q.Id || !m.Response {
			t.Fatalf("not the reply to this query: %v", m)
		}
		for _, rr := range m.Answer {
			if !strings.EqualFold(rr.Header().Name, q.Question[0].Name) {
				t.Fatalf("%v answers %v", rr, q.Question)
			}
		}
		packed, err := m.Pack()
		if err != nil {
			t.Fatalf("%v cannot be packed: %v", m, err)
		}
		if len(packed) > dns.MinMsgSize {
			t.Fatalf("%d bytes do not fit a plain datagram", len(packed))
		}
	})
}

// One that refuses what it does not know lets resolvers ask their next server.
func TestPartial(t *testing.T) {
	s := NewPartial(known)
	for name, want := range map[string]int{host + ".": dns.RcodeSuccess, "nobody.example.": dns.RcodeRefused, ".": dns.RcodeRefused} {
		m := s.reply(new(dns.Msg).SetQuestion(name, dns.TypeA))
		if m.Rcode != want || len(m.Ns) != 0 || m.Authoritative != (want == dns.RcodeSuccess) {
			t.Errorf("%s: %v", name, m)
		}
	}
}
