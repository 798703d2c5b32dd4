package pki_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/pki"
)

// These tests let other people's TLS stacks judge the certificates. Real clients
// follow the real clock, so here "now" is time.Now.

const servedHost = "acct.blob.core.windows.net"

// listen serves "hello" over TLS on loopback, and returns its port and the path of
// the authority's certificate.
func listen(t *testing.T) (port, caFile string) {
	t.Helper()
	ca := create(t, time.Now)
	dir := t.TempDir()
	if err := ca.Save(dir); err != nil {
		t.Fatal(err)
	}
	ln, err := tls.Listen("tcp", "127.0.0.1:0", ca.TLSConfig(func(host string) bool { return host == servedHost }, nil))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("hello over " + r.Proto))
	})}
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Close() })
	_, port, err = net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, filepath.Join(dir, pki.CertFile)
}

// run runs a program with an environment that trusts only what its arguments say.
func run(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: its opinion is not tested here", name)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestOpenSSL(t *testing.T) {
	port, caFile := listen(t)
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"a served host", []string{"-servername", servedHost, "-verify_hostname", servedHost}, "Verify return code: 0 (ok)"},
		{"no name, by address", []string{"-noservername", "-verify_ip", "127.0.0.1"}, "Verify return code: 0 (ok)"},
		{"a host not served", []string{"-servername", "other.blob.core.windows.net"}, "unrecognized name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"s_client", "-connect", "127.0.0.1:" + port, "-CAfile", caFile,
				"-no-CApath", "-no-CAstore", "-x509_strict", "-purpose", "sslserver"}, tt.args...)
			out, _ := run(t, "openssl", args...)
			if !strings.Contains(out, tt.want) {
				t.Errorf("openssl does not say %q:\n%s", tt.want, out)
			}
		})
	}
	if out, err := run(t, "openssl", "verify", "-x509_strict", "-CAfile", caFile, caFile); err != nil {
		t.Errorf("openssl verify: %v\n%s", err, out)
	}
}

func TestCurl(t *testing.T) {
	port, caFile := listen(t)
	resolve := func(host string) []string {
		return []string{"-sS", "--noproxy", "*", "--cacert", caFile, "--resolve", host + ":" + port + ":127.0.0.1", "https://" + host + ":" + port + "/"}
	}
	if out, err := run(t, "curl", resolve(servedHost)...); err != nil || out != "hello over HTTP/1.1" {
		t.Errorf("curl: %v\n%s", err, out)
	}
	if out, err := run(t, "curl", "-sS", "--noproxy", "*", "--cacert", caFile, "https://127.0.0.1:"+port+"/"); err != nil || out != "hello over HTTP/1.1" {
		t.Errorf("curl by address: %v\n%s", err, out)
	}
	if out, err := run(t, "curl", resolve("example.com")...); err == nil {
		t.Errorf("curl accepted example.com: %s", out)
	}
}

func TestPython(t *testing.T) {
	port, caFile := listen(t)
	const script = `
import socket, ssl, sys
port, cafile = int(sys.argv[1]), sys.argv[2]
context = ssl.create_default_context(cafile=cafile)
context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
for host in ("acct.blob.core.windows.net", "localhost", "127.0.0.1"):
    with socket.create_connection(("127.0.0.1", port)) as s:
        with context.wrap_socket(s, server_hostname=host) as tls:
            print(host, tls.version())
`
	out, err := run(t, "python3", "-c", script, port, caFile)
	if err != nil || strings.Count(out, "TLSv1.3") != 3 {
		t.Errorf("python: %v\n%s", err, out)
	}
}

func TestNode(t *testing.T) {
	port, caFile := listen(t)
	const script = `
const [port, cafile] = process.argv.slice(1);
const ca = require("fs").readFileSync(cafile);
const host = "acct.blob.core.windows.net";
require("https").get({host: "127.0.0.1", port, servername: host, ca, headers: {host}}, r => r.pipe(process.stdout));
`
	if out, err := run(t, "node", "-e", script, port, caFile); err != nil || out != "hello over HTTP/1.1" {
		t.Errorf("node: %v\n%s", err, out)
	}
}
