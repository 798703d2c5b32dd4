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
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/reach/dns"
	"github.com/linarite/linarite/emulator/reach/env"
	"github.com/linarite/linarite/emulator/reach/proxy"
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
	// Publish lets this machine reach ports inside the world.
	Publish []Published
	// Reach lets the command reach services of this machine, or such as this machine reaches.
	Reach []Reached
	// Here takes the network namespace that this process is in, which must be a container's,
	// instead of making one: the metadata address and Azure's names lead into the world, and
	// everything else stays as it is. It needs CAP_NET_ADMIN.
	Here bool
	// Sudo makes the world by sudo -n where the kernel refuses it to this user, and says so.
	Sudo bool
	// Say tells the user what came about, a line each; nil is silence.
	Say func(line string)
}

// once tells of the first failure alone: the server has gone, and each request would say so.
func (o SealOptions) once() func(error) {
	var first sync.Once
	return func(err error) {
		first.Do(func() { o.say("the server this world belongs to does not answer: %v", err) })
	}
}

func (o SealOptions) say(format string, args ...any) {
	if o.Say != nil {
		o.Say(fmt.Sprintf(format, args...))
	}
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

// port is a TCP port inside a sealed world. serve answers on it until ctx is done.
type port struct {
	endpoint sandbox.Endpoint
	serve    func(ctx context.Context, ln net.Listener) error
}

// inside is what a sealed world is made of.
type inside struct {
	authority []byte // PEM
	cliCloud  string // the cloud as az names it
	machine   string // the name of the machine in Azure; empty where there is none
	ports     []port
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
	if err := e.addDevAccounts(); err != nil {
		return sandbox.ExitStatus{}, err
	}
	authority, err := e.authorityPEM()
	if err != nil {
		return sandbox.ExitStatus{}, err
	}
	tlsConfig, err := e.TLSConfig()
	if err != nil {
		return sandbox.ExitStatus{}, err
	}
	w := inside{authority: authority, cliCloud: e.world.Cloud.CLIName}
	if m := e.Machine(); m != nil {
		w.machine = m.Name()
	}
	byProxy := e.proxyOptions(tlsConfig, ServeOptions{})
	byProxy.Sealed = true // for a sealed world inside this one, by run --attach
	door := proxy.New(byProxy)
	defer door.Close()
	for _, s := range e.sockets(wire.Origin{}) {
		if s.endpoint.Addr.Port() == DefaultPort {
			s.handler = door
		}
		w.ports = append(w.ports, port{s.endpoint, s.serve(tlsConfig)})
	}
	return o.seal(ctx, w)
}

// seal runs the command in a world of these ports.
func (o SealOptions) seal(ctx context.Context, w inside) (sandbox.ExitStatus, error) {
	reached, err := o.reach(ctx, &w)
	if err != nil {
		return sandbox.ExitStatus{}, err
	}
	published, err := o.publish(ctx)
	if err != nil {
		return sandbox.ExitStatus{}, err
	}
	defer published.close()
	private, err := os.MkdirTemp("", "linarite-run-")
	if err != nil {
		return sandbox.ExitStatus{}, err
	}
	defer os.RemoveAll(private)
	bundle := env.Bundle(o.Environ, os.ReadFile, w.authority)
	paths, err := prepare(private, bundle, w.cliCloud)
	if err != nil {
		return sandbox.ExitStatus{}, err
	}
	paths.JavaToolOptions = env.JavaToolOptions(o.Environ)
	options := sandbox.Options{
		Command: o.Command, Dir: o.Dir, Stdin: o.Stdin, Stdout: o.Stdout, Stderr: o.Stderr,
		Env:       env.Overlay(env.Scrub(o.Environ, o.Keep), env.Sealed(paths)),
		Addresses: append(reached.addresses, netip.PrefixFrom(netip.MustParseAddr(front.IMDSHost), 32), netip.PrefixFrom(azureAddress(), 32)),
		CABundle:  bundle, CABundlePath: paths.Bundle,
		ResolvConf: []byte(resolvConf), Hosts: hostsFile(w.hostName(), reached), NSSwitch: nsswitch(), Hostname: w.hostName(),
	}
	names := dns.New(reached.resolve)
	options.Serve = func(ctx context.Context, open []sandbox.Socket) error {
		return serveSealed(ctx, w.ports, names, open)
	}
	if len(published) > 0 {
		options.Publish = published.serve
	}
	for _, p := range w.ports {
		options.Listen = append(options.Listen, p.endpoint)
	}
	resolver := netip.MustParseAddrPort("127.0.0.1:53")
	options.Listen = append(options.Listen, sandbox.Endpoint{Network: "udp", Addr: resolver}, sandbox.Endpoint{Network: "tcp", Addr: resolver})
	if o.Here {
		upstream, ended, err := o.here(&options)
		if err != nil {
			return sandbox.ExitStatus{}, err
		}
		if len(upstream) > 0 {
			names = dns.Forwarding(reached.resolve, upstream)
		}
		status, err := sandbox.Run(ctx, options)
		return status, errors.Join(err, ended())
	}
	status, err := sandbox.Run(ctx, options)
	if o.Sudo && os.Geteuid() != 0 && sandbox.Refused(err) {
		o.say("%v", err)
		o.say("making it as root, by sudo -n; the command runs as you all the same")
		options.Sudo = true
		return sandbox.Run(ctx, options)
	}
	return status, err
}

// prepare fills the world's private folder.
func prepare(dir string, bundle []byte, cliCloud string) (env.SealedOptions, error) {
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
		os.WriteFile(filepath.Join(o.AzureConfigDir, "config"), env.AzureConfig(cliCloud), 0o600),
	)
}

// serve answers on a socket of a sealed world, and lets what is being answered end when ctx
// is done.
func (s socket) serve(t *tls.Config) func(context.Context, net.Listener) error {
	return func(ctx context.Context, ln net.Listener) error {
		if s.tls {
			ln = tls.NewListener(ln, t)
		}
		server := NewHTTPServer(s.handler)
		ended := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			defer close(ended)
			grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 200*time.Millisecond)
			defer cancel()
			if server.Shutdown(grace) != nil {
				_ = server.Close()
			}
		})
		err := ignoreClosed(server.Serve(wire.KeepHeaderNames(server, ln)))
		if !stop() {
			<-ended
		}
		return err
	}
}

// serveSealed answers on the sockets until the command has ended, or one fails.
func serveSealed(ctx context.Context, ports []port, resolver *dns.Server, open []sandbox.Socket) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n := len(ports)
	failed := make(chan error, n+1)
	for i, p := range ports {
		go func() { failed <- p.serve(ctx, open[i].Listener) }()
	}
	go func() { failed <- resolver.Serve(ctx, open[n].PacketConn, open[n+1].Listener) }()
	var err error
	for range n + 1 {
		if one := <-failed; one != nil {
			err = errors.Join(err, one)
			cancel()
		}
	}
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// labelPattern is a label of a host name (RFC 1123, section 2.1).
var labelPattern = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// hostName is what the host is called inside: as its machine is in Azure, or empty for the
// name outside, where no host can be called that.
func (w inside) hostName() string {
	if labelPattern.MatchString(w.machine) {
		return w.machine
	}
	return ""
}

// hostsFile leads the host's own name to loopback, the one inside and the one outside, but for
// one that a service outside is reached by: that was asked for.
func hostsFile(own string, reached names) []byte {
	line := "127.0.0.1 localhost"
	outside, _ := os.Hostname() // without one there is none to lead anywhere
	for _, name := range slices.Compact([]string{own, outside}) {
		if _, taken := reached.byName[strings.ToLower(name)]; name != "" && !taken {
			line += " " + name
		}
	}
	return []byte(line + "\n::1 localhost ip6-localhost ip6-loopback\n")
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
