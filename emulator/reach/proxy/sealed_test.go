package proxy

import (
	"net/http"
	"testing"
)

// A tunnel that ends here is a way into the world for those who are in it: one in it is too,
// with a place of its own, and neither leads out.
func TestTunnelInATunnel(t *testing.T) {
	r := newRig(t, func(o *Options) { o.AskUser = true })
	p := r.connect(t)
	p.send(t, "CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic dzI6cHc=\r\n\r\n")
	if resp, body := p.answer(t, "CONNECT"); resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s", resp.Status, body)
	}
	p.tunnel(t, "acct.blob.core.windows.net:80")
	p.send(t, "GET /x HTTP/1.1\r\nHost: acct.blob.core.windows.net\r\n\r\n")
	if resp, body := p.answer(t, "GET"); resp.StatusCode != http.StatusOK {
		t.Errorf("%s %s", resp.Status, body)
	}
	if got := r.only(t); got.User != "proxied:" { // the rig's place says who asked last
		t.Errorf("Next saw %+v", got)
	}
	for _, target := range []string{"example.com:443", "127.0.0.1:1", "[::1]:1", "localhost:1"} {
		p := r.connect(t)
		p.send(t, "CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic dzI6cHc=\r\n\r\n")
		p.answer(t, "CONNECT")
		p.send(t, "CONNECT %s HTTP/1.1\r\nHost: x\r\n\r\n", target)
		if resp, body := p.answer(t, "CONNECT"); resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s %s", target, resp.Status, body)
		}
	}
	if d := r.dials(); len(d) != 0 {
		t.Errorf("dialled %v", d)
	}
}

// In a sealed world, the proxy passes nothing on.
func TestSealedPassesNothingOn(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Sealed = true })
	for _, request := range []string{"GET http://example.com/", "GET http://localhost:1/", "GET http://127.0.0.1:1/", "CONNECT example.com:443", "CONNECT 127.0.0.1:1"} {
		p := r.connect(t)
		p.send(t, "%s HTTP/1.1\r\nHost: x\r\n\r\n", request)
		if resp, body := p.answer(t, request[:3]); resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s %s", request, resp.Status, body)
		}
	}
	if d := r.dials(); len(d) != 0 {
		t.Errorf("dialled %v", d)
	}
}

// How many tunnels there are in each other is bounded, whoever asks, and what comes through
// the last one is served.
func TestTunnelsInEachOther(t *testing.T) {
	r := newRig(t, nil)
	p := r.connect(t)
	for range maxTunnels {
		p.tunnel(t, "acct.blob.core.windows.net:80")
	}
	p.send(t, "GET /x HTTP/1.1\r\nHost: acct.blob.core.windows.net\r\n\r\n")
	if resp, body := p.answer(t, "GET"); resp.StatusCode != http.StatusOK {
		t.Errorf("%s %s", resp.Status, body)
	}
	p.send(t, "CONNECT acct.blob.core.windows.net:80 HTTP/1.1\r\nHost: x\r\n\r\n")
	if resp, body := p.answer(t, "CONNECT"); resp.StatusCode != http.StatusLoopDetected {
		t.Errorf("one more than %d: %s %s", maxTunnels, resp.Status, body)
	}
}
