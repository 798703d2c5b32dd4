package emulator

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/reach/dns"
	"github.com/linarite/linarite/emulator/reach/env"
	"github.com/linarite/linarite/emulator/reach/sandbox"
	"github.com/linarite/linarite/emulator/wire"
)

// SealOptions say which command to run inside a world.
type SealOptions struct {
	// Command is the argument list, at least one.
	Command []string
	// Dir is the working directory; empty means the caller's.
	Dir string
	// Environ is the environment to start from, as os.Environ gives it. Variables that
	// would lead clients elsewhere, or are credentials, are taken out of it.
	Environ []string
	// Keep names variables that stay all the same.
	Keep []string
	// Stdin, Stdout and Stderr are the command's.
	Stdin, Stdout, Stderr *os.File
}

// azureAddress is where every name of Azure's resolves to inside a sealed world: an
// address for benchmarks (RFC 2544) that is nobody's, so that the command's own servers
// can have every port of loopback.
func azureAddress() netip.Addr { return netip.AddrFrom4([4]byte{198, 18, 0, 1}) }

// socket is a socket inside a world and what answers on it.
type socket struct {
	endpoint sandbox.Endpoint
	handler  http.Handler
	tls      bool
}

// sockets are what there is inside a world, sealed or in this process.
func (e *Emulator) sockets(origin wire.Origin) []socket {
	tcp := func(a netip.Addr, port uint16) sandbox.Endpoint {
		return sandbox.Endpoint{Network: "tcp", Addr: netip.AddrPortFrom(a, port)}
	}
	loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	door := e.doorHandler(origin)
	return []socket{
		{tcp(netip.MustParseAddr(front.IMDSHost), 80), e.imdsHandler(origin), false},
		{tcp(azureAddress(), 80), door, false},
		{tcp(azureAddress(), 443), door, true},
		{tcp(loopback, DefaultPort), door, false},
		{tcp(loopback, DefaultHTTPSPort), door, true},
		{tcp(loopback, DefaultBlobPort), e.pathStyleHandler(origin, cloud.Blob), false},
		{tcp(loopback, DefaultQueuePort), e.pathStyleHandler(origin, cloud.Queue), false},
		{tcp(loopback, DefaultTablePort), e.pathStyleHandler(origin, cloud.Table), false},
	}
}

// Seal runs a command in a sealed world: 169.254.169.254 is this world's metadata
// service, every name of Azure's resolves to it, its certificates are trusted, and no
// packet leaves. The error tells why there could be no such world (*sandbox.Error);
// how the command ended is in the status.
func (e *Emulator) Seal(ctx context.Context, o SealOptions) (sandbox.ExitStatus, error) {
	if err := e.addWellKnownAccount(); err != nil {
		return sandbox.ExitStatus{}, err
	}
	private, err := os.MkdirTemp("", "linarite-run-")
	if err != nil {
		return sandbox.ExitStatus{}, err
	}
	defer os.RemoveAll(private)
	authority, err := e.authorityPEM()
	if err != nil {
		return sandbox.ExitStatus{}, err
	}
	tlsConfig, err := e.TLSConfig()
	if err != nil {
		return sandbox.ExitStatus{}, err
	}
	bundle := env.Bundle(o.Environ, os.ReadFile, authority)
	paths, err := e.prepare(private, bundle)
	if err != nil {
		return sandbox.ExitStatus{}, err
	}
	paths.JavaToolOptions = env.JavaToolOptions(o.Environ)
	sockets := e.sockets(wire.Origin{})
	options := sandbox.Options{
		Command: o.Command, Dir: o.Dir, Stdin: o.Stdin, Stdout: o.Stdout, Stderr: o.Stderr,
		Env:       env.Overlay(env.Scrub(o.Environ, o.Keep), env.Sealed(paths)),
		Addresses: []netip.Prefix{netip.PrefixFrom(netip.MustParseAddr(front.IMDSHost), 32), netip.PrefixFrom(azureAddress(), 32)},
		CABundle:  bundle, CABundlePath: paths.Bundle,
		ResolvConf: []byte(resolvConf), Hosts: hostsFile(), NSSwitch: nsswitch(),
		Serve: func(ctx context.Context, open []sandbox.Socket) error {
			return serveSealed(ctx, tlsConfig, sockets, open)
		},
	}
	for _, s := range sockets {
		options.Listen = append(options.Listen, s.endpoint)
	}
	resolver := netip.MustParseAddrPort("127.0.0.1:53")
	options.Listen = append(options.Listen, sandbox.Endpoint{Network: "udp", Addr: resolver}, sandbox.Endpoint{Network: "tcp", Addr: resolver})
	return sandbox.Run(ctx, options)
}

// prepare fills the world's private folder.
func (e *Emulator) prepare(dir string, bundle []byte) (env.SealedOptions, error) {
	store, err := env.TrustStore(bundle)
	if err != nil {
		return env.SealedOptions{}, err
	}
	o := env.SealedOptions{
		Bundle: filepath.Join(dir, "ca-bundle.pem"), TrustStore: filepath.Join(dir, "ca-bundle.p12"), AzureConfigDir: filepath.Join(dir, "azure"),
		AzcopyDir: filepath.Join(dir, "azcopy"), URL: DefaultURL,
	}
	return o, errors.Join(
		os.WriteFile(o.Bundle, bundle, 0o600), os.WriteFile(o.TrustStore, store, 0o600), os.Mkdir(o.AzureConfigDir, 0o700), os.Mkdir(o.AzcopyDir, 0o700),
		os.WriteFile(filepath.Join(o.AzureConfigDir, "config"), env.AzureConfig(e.world.Cloud.CLIName), 0o600),
	)
}

// serveSealed answers on the sockets until the command has ended.
func serveSealed(ctx context.Context, t *tls.Config, want []socket, open []sandbox.Socket) error {
	failed := make(chan error, len(open))
	var servers []*http.Server
	for i, s := range want {
		ln := open[i].Listener
		if s.tls {
			ln = tls.NewListener(ln, t)
		}
		server := NewHTTPServer(s.handler)
		servers = append(servers, server)
		go func() { failed <- ignoreClosed(server.Serve(wire.KeepHeaderNames(server, ln))) }()
	}
	resolver := dns.New(resolve)
	n := len(want)
	go func() { failed <- resolver.Serve(ctx, open[n].PacketConn, open[n+1].Listener) }()
	var err error
	left := n + 1
	select {
	case <-ctx.Done():
	case err = <-failed:
		left--
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 200*time.Millisecond)
	defer cancel()
	for _, server := range servers {
		if server.Shutdown(grace) != nil {
			_ = server.Close()
		}
	}
	if err != nil {
		return err // Run ends the world, and with it the resolver
	}
	for range left {
		err = errors.Join(err, <-failed)
	}
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// resolve leads every name of Azure's to the world, served or not: what is not served
// is refused there, in words.
func resolve(name string) (netip.Addr, bool) {
	if cloud.IsAzure(name) {
		return azureAddress(), true
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, 1}), front.IsLoopback(name)
}

func hostsFile() []byte {
	names := "localhost"
	if host, err := os.Hostname(); err == nil && host != "" {
		names += " " + host
	}
	return []byte("127.0.0.1 " + names + "\n::1 localhost ip6-localhost ip6-loopback\n")
}

// nsswitch is the system's own, but names of hosts come from files and DNS alone: other
// sources ask services outside the world.
func nsswitch() []byte {
	const hosts = "hosts: files dns"
	data, err := os.ReadFile("/etc/nsswitch.conf")
	if err != nil {
		return []byte(hosts + "\n")
	}
	lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	found := false
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "hosts:") {
			lines[i], found = hosts, true
		}
	}
	if !found {
		lines = append(lines, hosts)
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}
