package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/reach/env"
)

// Finding is what there is to say of one thing.
type Finding struct {
	Name string `json:"name"`
	// OK tells that it works, or that there is nothing to mend.
	OK bool `json:"ok"`
	// Why is what was found.
	Why string `json:"why"`
	// Do is what to do about it, empty where nothing has to be done.
	Do string `json:"do,omitempty"`
}

// Machine is what the doctor looks at. Here makes one of this machine.
type Machine struct {
	// OS is as runtime.GOOS has it.
	OS string
	// Environ is the environment that clients would have.
	Environ  []string
	ReadFile func(path string) ([]byte, error)
	Exists   func(path string) bool
	// Program finds a program as a shell does, with its links followed; "" is none.
	Program func(name string) string
	// Says is what a program says when it is run with an argument; "" where it fails.
	Says func(path, arg string) string
	// Busy tells whether somebody has a port of 127.0.0.1. Nothing is sent there.
	Busy func(port int) bool
	// Served tells whether a world's front door is at a port of 127.0.0.1.
	Served func(port int) bool
}

// patience is how long a program or a port may take over its answer.
const patience = 5 * time.Second

// Here is this machine.
func Here(ctx context.Context) Machine {
	return Machine{
		OS: runtime.GOOS, Environ: os.Environ(), ReadFile: os.ReadFile,
		Exists: func(path string) bool { _, err := os.Stat(path); return err == nil },
		Program: func(name string) string {
			path, err := exec.LookPath(name)
			if err != nil {
				return ""
			}
			if target, err := filepath.EvalSymlinks(path); err == nil && !strings.Contains(path, "/snap/") {
				return target
			}
			return path
		},
		Says: func(path, arg string) string {
			ctx, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			out, err := exec.CommandContext(ctx, path, arg).Output()
			if err != nil {
				return ""
			}
			return string(out)
		},
		Busy:   func(port int) bool { return busy(ctx, port) },
		Served: func(port int) bool { return served(ctx, port) },
	}
}

func busy(ctx context.Context, port int) bool {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", loopback(port))
	if err == nil {
		_ = ln.Close()
	}
	return err != nil
}

func served(ctx context.Context, port int) bool {
	resp, err := ask(ctx, "http://"+loopback(port)+"/_linarite/v1/health")
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.Header.Get("Server") == "Linarite"
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// ask goes there directly, and follows nobody elsewhere.
func ask(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{
		Transport:     &http.Transport{Proxy: nil, DisableKeepAlives: true},
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return client.Do(req)
}

// Ports are the ports that serve opens unless it is told others, with the flag of each.
type Ports map[string]int

// Check looks at everything but the sealed world.
func (m Machine) Check(ports Ports) []Finding {
	var out []Finding
	for _, look := range []func() []Finding{
		func() []Finding { return m.ports(ports) },
		m.proxies, m.certificates, m.names, m.docker, m.clients,
	} {
		out = append(out, look()...)
	}
	return out
}

// ports asks at the front door alone who is there: at the others a question would be a
// request of the world's, refused and in its journal.
func (m Machine) ports(ports Ports) (out []Finding) {
	door := ports["--port"]
	served := m.Busy(door) && m.Served(door)
	for _, flag := range []string{"--port", "--https-port", "--blob-port", "--queue-port", "--table-port"} {
		port, ok := ports[flag]
		if !ok {
			continue
		}
		f := Finding{Name: "port " + strconv.Itoa(port), OK: true, Why: "free"}
		switch {
		case !m.Busy(port):
		case served && port == door:
			f.Why = "a world is served there: see linarite status"
		case served:
			f.Why = fmt.Sprintf("taken, by the world at port %d unless it was told another %s", door, flag)
		default:
			f.OK, f.Why = false, "another program has it"
			f.Do = "linarite serve " + flag + " 0 takes any free one"
		}
		out = append(out, f)
	}
	return out
}

func (m Machine) lookup(names ...string) string {
	for _, name := range names {
		for _, entry := range m.Environ {
			if value, ok := strings.CutPrefix(entry, name+"="); ok && value != "" {
				return value
			}
		}
	}
	return ""
}

func (m Machine) proxies() (out []Finding) {
	named := env.Proxies(m.lookup("http_proxy", "HTTP_PROXY"), m.lookup("https_proxy", "HTTPS_PROXY"), m.lookup("all_proxy", "ALL_PROXY"))
	f := Finding{Name: "proxies", OK: true, Why: "none are set"}
	if len(named) > 0 {
		f.Why = strings.Join(named, " and ") + "; linarite serve, started here, reaches other hosts by them, and linarite env replaces them"
	}
	out = append(out, f)
	none := m.lookup("no_proxy", "NO_PROXY")
	f = Finding{Name: "no_proxy", OK: true, Why: "nothing is excepted"}
	if none != "" {
		f.Why = none + "; nothing of Azure's is among it"
	}
	if hole := holeIn(none); hole != "" {
		f.OK, f.Why = false, none+": "+hole+" goes past every proxy, to the real address"
		f.Do = "linarite env empties it; programs that set it themselves have to be told"
	}
	return append(out, f)
}

// holeIn finds what of Azure's a no_proxy excepts: the metadata service, or a host of the
// clouds'.
func holeIn(list string) string {
	for entry := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		host := strings.ToLower(strings.TrimLeft(strings.TrimPrefix(entry, "*."), "."))
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		if entry == "*" {
			return "everything"
		}
		if covers(host) {
			return entry
		}
	}
	return ""
}

func (m Machine) certificates() []Finding {
	f := Finding{Name: "certificates", OK: true}
	_, path := env.SystemBundle(m.Environ, m.ReadFile)
	if path != "" {
		f.Why = "linarite env and run merge theirs with " + path
		return []Finding{f}
	}
	f.OK, f.Why = false, "this system keeps no bundle of trusted certificates that Linarite knows of, so that its clients would trust Linarite alone"
	f.Do = "install the package ca-certificates, or name a bundle in SSL_CERT_FILE"
	return []Finding{f}
}

// names says which services look names up here, beside DNS.
func (m Machine) names() []Finding {
	if m.OS != "linux" {
		return nil
	}
	f := Finding{Name: "names", OK: true, Why: "looked up by files and DNS"}
	var beside []string
	if data, err := m.ReadFile("/etc/nsswitch.conf"); err == nil {
		for line := range strings.Lines(string(data)) {
			if sources, ok := strings.CutPrefix(strings.TrimSpace(line), "hosts:"); ok {
				for _, source := range strings.Fields(sources) {
					if source != "files" && source != "dns" && !strings.HasPrefix(source, "[") {
						beside = append(beside, source)
					}
				}
			}
		}
	}
	for path, name := range map[string]string{"/run/nscd/socket": "nscd", "/run/systemd/resolve/io.systemd.Resolve": "systemd-resolved"} {
		if m.Exists(path) {
			beside = append(beside, name)
		}
	}
	if len(beside) > 0 {
		f.Why = "looked up by " + strings.Join(beside, ", ") + " too; a sealed world has its own nsswitch.conf and hides their sockets"
	}
	return []Finding{f}
}

func (m Machine) docker() []Finding {
	f := Finding{Name: "docker", OK: true, Why: "not installed; it is not needed"}
	switch path := m.Program("docker"); {
	case path == "":
	case m.Exists("/var/run/docker.sock") || m.lookup("DOCKER_HOST") != "" || m.OS != "linux":
		f.Why = "installed: a container reaches what no proxy does"
	default:
		f.Why = "installed, but /var/run/docker.sock is not there: no engine runs"
	}
	return []Finding{f}
}

// Probe asks whether a metadata service answers at its address. It sends a request without
// the Metadata header: every metadata service refuses it, and so shows that it is there.
func Probe(ctx context.Context, host string) Finding {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	resp, err := ask(ctx, "http://"+host+"/metadata/versions")
	f := Finding{Name: host, OK: true, Why: "nothing answers there"}
	switch {
	case errors.Is(err, context.Canceled):
		f.Why = "not asked to the end"
	case err == nil:
		defer resp.Body.Close()
		f.Why = fmt.Sprintf("something answers there (%s, Server: %s): code that goes past Linarite gets its answers", resp.Status, resp.Header.Get("Server"))
	}
	return f
}
