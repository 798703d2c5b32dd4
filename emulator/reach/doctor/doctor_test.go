package doctor

import (
	"encoding/json"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/pki"
)

// bundle is a file that holds a certificate.
func bundle(t *testing.T) string {
	t.Helper()
	ca, err := pki.Create(pki.CAOptions{DNS: []string{"localhost"}, IPs: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Lifetime: time.Hour, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return string(ca.PEM())
}

// machine is a machine on which all is well.
func machine(t *testing.T) Machine {
	return Machine{
		OS:       "linux",
		ReadFile: files(map[string]string{"/etc/ssl/certs/ca-certificates.crt": bundle(t), "/etc/nsswitch.conf": "passwd: files\nhosts: files dns\n"}),
		Exists:   func(string) bool { return false },
		Program:  func(string) string { return "" },
		Says:     func(string, string) string { return "" },
		Busy:     func(int) bool { return false },
		Served:   func(int) bool { return false },
	}
}

// taken is a machine on which all ports have somebody, a world behind 4280 or not.
func taken(served bool) func(*Machine) {
	return func(m *Machine) {
		m.Busy = func(int) bool { return true }
		m.Served = func(port int) bool { return served && port == 4280 }
	}
}

func files(all map[string]string) func(string) ([]byte, error) {
	return func(path string) ([]byte, error) {
		if text, ok := all[path]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}
}

// installed are the programs that there are, with what they say of their version.
func installed(programs map[string]string) func(*Machine) {
	return func(m *Machine) {
		m.Program = func(name string) string {
			for path := range programs {
				if strings.HasSuffix(path, "/"+name) {
					return path
				}
			}
			return ""
		}
		m.Says = func(path, _ string) string { return programs[path] }
	}
}

func TestCheck(t *testing.T) {
	environ := func(entries ...string) func(*Machine) { return func(m *Machine) { m.Environ = entries } }
	for name, row := range map[string]struct {
		change    func(*Machine)
		finding   string
		ok        bool
		why, doIt string // parts
	}{
		"a free port":           {nil, "port 4280", true, "free", ""},
		"a port with Linarite":  {taken(true), "port 4280", true, "linarite status", ""},
		"a port of its world":   {taken(true), "port 10000", true, "taken, by the world at port 4280 unless it was told another --blob-port", ""},
		"a port with another":   {taken(false), "port 10000", false, "another program has it", "--blob-port 0"},
		"a port of queues":      {taken(false), "port 10001", false, "another program has it", "--queue-port 0"},
		"no proxies":            {nil, "proxies", true, "none are set", ""},
		"proxies":               {environ("HTTPS_PROXY=http://u:s3cr3t@corp:3128", "http_proxy=http://corp:3128"), "proxies", true, "http://corp:3128; ", ""},
		"no no_proxy":           {nil, "no_proxy", true, "nothing is excepted", ""},
		"no_proxy":              {environ("NO_PROXY=localhost,.corp,10.0.0.0/8"), "no_proxy", true, "nothing of Azure's", ""},
		"no_proxy with IMDS":    {environ("no_proxy=localhost, 169.254.169.254"), "no_proxy", false, "169.254.169.254 goes past every proxy", "linarite env"},
		"no_proxy with a net":   {environ("no_proxy=169.254.0.0/16"), "no_proxy", false, "169.254.0.0/16 goes past", ""},
		"no_proxy with a name":  {environ("NO_PROXY=corp,*.blob.core.windows.net"), "no_proxy", false, "*.blob.core.windows.net goes past", ""},
		"no_proxy with a port":  {environ("NO_PROXY=management.azure.com:443"), "no_proxy", false, "management.azure.com:443 goes past", ""},
		"no_proxy above a name": {environ("NO_PROXY=.net"), "no_proxy", false, ".net goes past", ""},
		"no_proxy of all":       {environ("NO_PROXY=*"), "no_proxy", false, "everything goes past", ""},
		"a bundle":              {nil, "certificates", true, "/etc/ssl/certs/ca-certificates.crt", ""},
		"no bundle":             {func(m *Machine) { m.ReadFile = files(nil) }, "certificates", false, "no bundle", "ca-certificates"},
		"plain names":           {nil, "names", true, "files and DNS", ""},
		"names by resolved": {func(m *Machine) {
			m.ReadFile = files(map[string]string{"/etc/nsswitch.conf": "hosts: mymachines resolve [!UNAVAIL=return] files dns\n"})
			m.Exists = func(path string) bool { return path == "/run/nscd/socket" }
		}, "names", true, "mymachines, resolve, nscd too", ""},
		"no docker": {nil, "docker", true, "not installed", ""},
		"docker": {func(m *Machine) {
			installed(map[string]string{"/bin/docker": ""})(m)
			m.Exists = func(string) bool { return true }
		}, "docker", true, "reaches what no proxy does", ""},
		"docker, no engine": {installed(map[string]string{"/bin/docker": ""}), "docker", true, "no engine runs", ""},
		"node 20":           {installed(map[string]string{"/bin/node": "v20.20.2\n"}), "node", false, "node v20.20.2: fetch", "docs/proxy.md"},
		"node 22.20":        {installed(map[string]string{"/bin/node": "v22.20.0\n"}), "node", false, "", "22.21"},
		"node 22.21":        {installed(map[string]string{"/bin/node": "v22.21.1\n"}), "node", true, "NODE_USE_ENV_PROXY", ""},
		"node 23":           {installed(map[string]string{"/bin/node": "v23.11.0\n"}), "node", false, "", ""},
		"node 24":           {installed(map[string]string{"/bin/node": "v24.0.0\n"}), "node", true, "v24.0.0", ""},
		"node is broken":    {installed(map[string]string{"/bin/node": ""}), "node", false, "unknown version", ""},
		"wget with GnuTLS":  {installed(map[string]string{"/bin/wget": "GNU Wget 1.21.3\n+ssl/gnutls\n"}), "wget", false, "no variable", `--ca-certificate="$SSL_CERT_FILE"`},
		"terraform":         {installed(map[string]string{"/bin/terraform": ""}), "terraform", true, "ARM_MSI_ENDPOINT", ""},
		"curl of a snap":    {installed(map[string]string{"/snap/bin/curl": ""}), "curl", false, "is a snap", "--home"},
		"macOS":             {func(m *Machine) { m.OS = "darwin" }, "Go", false, "azcopy", "linarite ca install"},
		".NET on Windows":   {func(m *Machine) { installed(map[string]string{"/bin/dotnet": ""})(m); m.OS = "windows" }, ".NET", false, "system's store", "linarite ca install"},
	} {
		m := machine(t)
		if row.change != nil {
			row.change(&m)
		}
		all := m.Check(Ports{"--port": 4280, "--https-port": 4443, "--blob-port": 10000, "--queue-port": 10001})
		i := slices.IndexFunc(all, func(f Finding) bool { return f.Name == row.finding })
		if i < 0 {
			t.Errorf("%s: nothing about %s in %+v", name, row.finding, all)
			continue
		}
		if f := all[i]; f.OK != row.ok || !strings.Contains(f.Why, row.why) || !strings.Contains(f.Do, row.doIt) || f.OK != (f.Do == "") {
			t.Errorf("%s: %+v", name, f)
		}
		if text, err := json.Marshal(all); err != nil || strings.Contains(string(text), "s3cr3t") {
			t.Errorf("%s: %s %v", name, text, err)
		}
	}
}

// Of what is well nothing is said that has to be read.
func TestNothingToSay(t *testing.T) {
	m := machine(t)
	installed(map[string]string{"/bin/curl": "", "/bin/wget": "GNU Wget\n+ssl/openssl\n", "/bin/dotnet": ""})(&m)
	for _, f := range m.Check(nil) {
		if !f.OK || slices.Contains([]string{"curl", "wget", ".NET", "Go"}, f.Name) {
			t.Errorf("%+v", f)
		}
	}
}

// Ports and the probe tell what answers, on loopback here.
func TestAsks(t *testing.T) {
	ours := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Server", "Linarite") }))
	defer ours.Close()
	theirs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", "IMDS/1.0")
		http.Redirect(w, r, ours.URL, http.StatusFound)
	}))
	defer theirs.Close()
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	silent := nobody.Addr().String()
	_ = nobody.Close()
	m := Here(t.Context())
	for address, want := range map[string][2]bool{ours.Listener.Addr().String(): {true, true}, theirs.Listener.Addr().String(): {true, false}, silent: {false, false}} {
		_, port, _ := net.SplitHostPort(address)
		n, _ := strconv.Atoi(port)
		if got := [2]bool{m.Busy(n), m.Served(n)}; got != want {
			t.Errorf("%s: busy, served: %v, want %v", address, got, want)
		}
	}
	if f := Probe(t.Context(), theirs.Listener.Addr().String()); !f.OK || !strings.Contains(f.Why, "302 Found, Server: IMDS/1.0") {
		t.Errorf("%+v", f)
	}
	if f := Probe(t.Context(), silent); !f.OK || f.Why != "nothing answers there" {
		t.Errorf("%+v", f)
	}
}
