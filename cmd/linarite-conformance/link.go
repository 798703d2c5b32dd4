package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance"
	"github.com/linarite/linarite/conformance/recordings"
	"github.com/linarite/linarite/conformance/replay"
	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/conformance/targets"
	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/fixtures/keys"
)

// share is what the process with an embedded emulator hands to the others.
type share struct {
	// Via is the emulator's proxy, CA the certificates to trust, Secret what App Service gives
	// its workers: of a world that ends with the run.
	Via    string `json:"via,omitempty"`
	CA     []byte `json:"ca,omitempty"`
	Secret string `json:"secret,omitempty"`
}

// link gives a process its way to a target: into an emulator in this process, through a proxy,
// or directly.
func link(_ context.Context, target targets.File, shared json.RawMessage) (conformance.Link, error) {
	var s share
	if shared != nil {
		if err := json.Unmarshal(shared, &s); err != nil {
			return conformance.Link{}, err
		}
	}
	switch {
	case s.Via != "":
		return through(s.Via, s.CA, s.Secret)
	case target.Via != "":
		ca, err := os.ReadFile(target.CA)
		if err != nil {
			return conformance.Link{}, fmt.Errorf("the target's ca: %w", err)
		}
		return through(target.Via, ca, "")
	case target.Kind == targets.Emulator && target.Endpoints.ARM == "":
		return embed(target)
	}
	if target.Kind == targets.Replay {
		return conformance.Link{Getenv: func(string) string { return "cmVwbGF5" }}, nil // a key that signs, and that nobody checks
	}
	client := &wire.Client{}
	if target.Kind != targets.Azure {
		client.Dial = loopback
	}
	return conformance.Link{Transport: client, Getenv: os.Getenv, Close: client.CloseIdle}, nil
}

// loopback dials loopback alone. What a target file leaves out has the cloud's own address, and
// whatever is no Azure must not make requests to Azure, nor to the metadata service of this machine.
func loopback(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s is not on loopback: the target file names no endpoint for it, so name one, or list its feature under absent", host)
	}
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}

// embed opens an emulator in this process, and a proxy into it for the other processes.
func embed(target targets.File) (conformance.Link, error) {
	emu, err := emulator.Open(emulator.Options{World: "suite", Cloud: target.Cloud, AllowUnknownHosts: true})
	if err != nil {
		return conformance.Link{}, err
	}
	s, err := shareOf(emu.Env())
	if err != nil {
		return conformance.Link{}, errors.Join(err, emu.Close())
	}
	client := &wire.Client{Dial: emu.DialContext, TLS: &tls.Config{RootCAs: emu.RootCAs(), MinVersion: tls.VersionTLS12}}
	return conformance.Link{
		Transport: client, Getenv: getenv(s.Secret), Share: s, Version: version(),
		Close: func() {
			client.CloseIdle()
			_ = emu.Close()
		},
	}, nil
}

// shareOf takes what leads other processes into a world out of the environment that it gives to
// its children.
func shareOf(environ []string) (share, error) {
	env := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	ca, err := os.ReadFile(env["SSL_CERT_FILE"])
	return share{Via: env["http_proxy"], CA: ca, Secret: env["IDENTITY_HEADER"]}, err
}

// getenv knows the public secrets of the starter world "suite"; others come from the environment.
func getenv(secret string) func(string) string {
	return func(name string) string {
		if v, ok := os.LookupEnv(name); ok {
			return v
		}
		switch name {
		case "LINARITE_SUITE_APP_CLIENT_ID":
			return "22222222-3333-4444-5555-666666666666"
		case "LINARITE_SUITE_APP_CLIENT_SECRET":
			return "suite-app-secret"
		case "LINARITE_SUITE_APP_CLIENT_CERTIFICATE":
			return string(keys.Test())
		case "LINARITE_SUITE_APPSERVICE":
			return secret
		}
		return ""
	}
}

// through goes to every host by a forward proxy.
func through(via string, ca []byte, secret string) (conformance.Link, error) {
	u, err := url.Parse(via)
	if err != nil {
		return conformance.Link{}, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return conformance.Link{}, errors.New("the target's ca holds no certificate")
	}
	client := &wire.Client{Dial: tunnel(u.Host), TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	return conformance.Link{Transport: client, Getenv: getenv(secret), Close: client.CloseIdle, Version: version()}, nil
}

// tunnel dials by CONNECT. Loopback addresses are dialled directly: they are the proxy's own
// front door.
func tunnel(proxy string) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, network, proxy)
		if err != nil || strings.HasPrefix(address, "127.0.0.1:") {
			return conn, err
		}
		if deadline, ok := ctx.Deadline(); ok {
			_ = conn.SetDeadline(deadline)
		}
		err = connect(conn, address)
		if err == nil {
			err = conn.SetDeadline(time.Time{}) // what follows has deadlines of its own
		}
		if err != nil {
			_ = conn.Close()
			return nil, err
		}
		return conn, nil
	}
}

// connect asks a proxy for a tunnel. The head of its answer is read byte by byte: what follows is
// the tunnel's.
func connect(conn net.Conn, address string) error {
	if _, err := fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", address, address); err != nil {
		return err
	}
	var head []byte
	for one := make([]byte, 1); !bytes.HasSuffix(head, []byte("\r\n\r\n")); {
		if _, err := conn.Read(one); err != nil {
			return fmt.Errorf("the proxy's answer: %w", err)
		}
		if head = append(head, one[0]); len(head) > 16<<10 {
			return errors.New("the proxy's answer has no end")
		}
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), &http.Request{Method: http.MethodConnect})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the proxy refuses a tunnel to %s: %s", address, resp.Status)
	}
	return nil
}

// replayed runs specs on recordings of the real services, where they are on this machine.
func replayed(target targets.File) (func(ctx context.Context, env *suite.Env, s suite.Spec) suite.SpecResult, error) {
	all, err := recordings.ReadAll(target.Recordings)
	if err != nil {
		return nil, fmt.Errorf("the target's recordings: %w", err)
	}
	library := replay.New(all)
	return func(ctx context.Context, env *suite.Env, s suite.Spec) suite.SpecResult {
		result, _ := library.Run(ctx, env, s)
		return result
	}, nil
}
