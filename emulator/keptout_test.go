package emulator

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/reach/proxy"
)

// farListener takes connections as if they came from another container.
type farListener struct{ net.Listener }

type farConn struct{ net.Conn }

func (ln farListener) Accept() (net.Conn, error) {
	c, err := ln.Listener.Accept()
	return farConn{c}, err
}

func (farConn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort("10.0.0.9:1234"))
}

// farDoor is a world's front door as another container finds it: a function that connects.
func farDoor(t *testing.T, e *Emulator) func() net.Conn {
	t.Helper()
	tlsConfig, err := e.TLSConfig()
	if err != nil {
		t.Fatal(err)
	}
	p := proxy.New(e.proxyOptions(tlsConfig, ServeOptions{}))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := NewHTTPServer(p)
	go func() { _ = server.Serve(farListener{ln}) }()
	t.Cleanup(func() {
		_ = p.Close()
		_ = server.Close()
	})
	return func() net.Conn {
		c, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
}

// ask sends a request and returns its answer's status and body.
func ask(t *testing.T, c net.Conn, method, target, header string) (int, string) {
	t.Helper()
	fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: localhost\r\nMetadata: true\r\n%s\r\n", method, target, header)
	resp, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if method == http.MethodConnect && resp.StatusCode == 200 {
		return 200, ""
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func login(header, user string) string {
	return header + ": Basic " + base64.StdEncoding.EncodeToString([]byte(user+":any")) + "\r\n"
}

const tokenPath = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/"

// waysToBegin are those in which a caller can name a world.
var waysToBegin = map[string]func(t *testing.T, c net.Conn, world string) (int, string){
	"a proxy's user": func(t *testing.T, c net.Conn, world string) (int, string) {
		return ask(t, c, "GET", "http://169.254.169.254"+tokenPath, login("Proxy-Authorization", world+"."))
	},
	"a tunnel's user": func(t *testing.T, c net.Conn, world string) (int, string) {
		return ask(t, c, "CONNECT", "management.azure.com:443", login("Proxy-Authorization", world+"."))
	},
	"a path": func(t *testing.T, c net.Conn, world string) (int, string) {
		return ask(t, c, "GET", "/~"+world+"."+tokenPath, "")
	},
	"a path in a tunnel": func(t *testing.T, c net.Conn, world string) (int, string) {
		if code, said := ask(t, c, "CONNECT", "169.254.169.254:80", ""); code != 200 {
			t.Fatal(code, said)
		}
		return ask(t, c, "GET", "/~"+world+"."+tokenPath, "")
	},
	"a path over TLS": func(t *testing.T, c net.Conn, world string) (int, string) {
		if code, said := ask(t, c, "CONNECT", "management.azure.com:443", ""); code != 200 {
			t.Fatal(code, said)
		}
		over := tls.Client(c, &tls.Config{InsecureSkipVerify: true}) // whose it is does not matter here
		return ask(t, over, "GET", "/~"+world+"."+tokenPath, "")
	},
	"a URL's user": func(t *testing.T, c net.Conn, world string) (int, string) {
		return ask(t, c, "GET", tokenPath, login("Authorization", world+"."))
	},
	"the control API's parameter": func(t *testing.T, c net.Conn, world string) (int, string) {
		return ask(t, c, "GET", "/_linarite/v1/health?world="+world, "")
	},
}

// Another container begins no worlds, in none of the ways in which a world can be named,
// unless --control-from lets it in. It is in the served world, and in those that there are.
func TestKeptOutBeginsNoWorlds(t *testing.T) {
	for way, try := range waysToBegin {
		t.Run(way, func(t *testing.T) {
			kept := New(t, World("tutorial"))
			dial := farDoor(t, kept)
			code, said := try(t, dial(), "team-a")
			if code != http.StatusForbidden || way != "a tunnel's user" && !strings.Contains(said, "begin worlds; this one comes from 10.0.0.9: `linarite serve --control-from` lets it in") {
				t.Errorf("%d %s", code, said)
			}
			if n := len(kept.Worlds()); n != 1 {
				t.Errorf("%d worlds", n)
			}
			if code, said := ask(t, dial(), "GET", tokenPath, ""); code != http.StatusOK {
				t.Errorf("in the served world: %d %s", code, said)
			}
			if _, err := kept.World("team-a"); err != nil {
				t.Fatal(err)
			}
			if code, said := try(t, dial(), "TEAM-A"); code != http.StatusOK && way != "the control API's parameter" {
				t.Errorf("in a world that there is: %d %s", code, said)
			}

			let := New(t, World("tutorial"), With(func(o *Options) { o.ControlFrom = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")} }))
			if code, said := try(t, farDoor(t, let)(), "team-a"); code != http.StatusOK || len(let.Worlds()) != 2 {
				t.Errorf("let in: %d %s", code, said)
			}
		})
	}
}

// A tunnel into a world that has ended meanwhile begins it no more.
func TestKeptOutBeginsNoWorldAgain(t *testing.T) {
	e := New(t, World("tutorial"))
	if _, err := e.World("team-a"); err != nil {
		t.Fatal(err)
	}
	c := farDoor(t, e)()
	if code, said := ask(t, c, "CONNECT", "169.254.169.254:80", login("Proxy-Authorization", "team-a.")); code != 200 {
		t.Fatal(code, said)
	}
	if code, said := ask(t, c, "GET", tokenPath, ""); code != 200 {
		t.Fatal(code, said)
	}
	if err := e.EndWorld("team-a"); err != nil {
		t.Fatal(err)
	}
	if code, said := ask(t, c, "GET", tokenPath, ""); code != http.StatusForbidden || len(e.Worlds()) != 1 {
		t.Errorf("%d %s", code, said)
	}
}
