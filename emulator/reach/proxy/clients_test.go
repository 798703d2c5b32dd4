package proxy

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// run runs a program with only the given variables in its environment, and PATH.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: it is not tested here", name)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%s %q: %v\n%s%s", name, args, err, out, stderr.String())
	}
	return string(out)
}

const (
	imdsURL = "http://169.254.169.254/metadata/instance?api-version=2021-02-01"
	blobURL = "https://acct.blob.core.windows.net/files/hello%20world.txt"

	imdsAnswer = "served 169.254.169.254 /metadata/instance?api-version=2021-02-01"
	blobAnswer = "served acct.blob.core.windows.net /files/hello%20world.txt"
)

func TestCurl(t *testing.T) {
	r := newRig(t, nil)
	other(t, r, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "other") })
	ca := "CURL_CA_BUNDLE=" + r.caFile(t)
	proxy := r.url.String()
	for _, tt := range []struct {
		env, url, want string
	}{
		{"http_proxy=" + proxy, imdsURL, imdsAnswer}, // curl reads this one in lower case only
		{"http_proxy=" + proxy, "http://other.example/", "other"},
		{"https_proxy=" + proxy, blobURL, blobAnswer},
		{"HTTPS_PROXY=" + proxy, blobURL, blobAnswer},
		{"ALL_PROXY=" + proxy, imdsURL, imdsAnswer},
		{"https_proxy=http://world2:x@" + r.url.Host, blobURL, blobAnswer},
	} {
		// Twice in one process: the second request goes over the first one's connection.
		if got := run(t, []string{tt.env, ca}, "curl", "-sS", tt.url, tt.url); got != tt.want+tt.want {
			t.Errorf("%s curl %s: %q", tt.env, tt.url, got)
		}
	}
	all := r.requests()
	if last := all[len(all)-1]; last.User != "proxied:world2" {
		t.Errorf("proxy user %q", last.User)
	}
	if got := run(t, []string{ca}, "curl", "-sS", "--proxytunnel", "-x", proxy, imdsURL); got != imdsAnswer {
		t.Errorf("curl --proxytunnel: %q", got)
	}
}

func TestPython(t *testing.T) {
	r := newRig(t, nil)
	const script = `
import sys, urllib.request
for url in sys.argv[1:]:
    print(urllib.request.urlopen(url).read().decode())
`
	for _, names := range [][2]string{{"http_proxy", "https_proxy"}, {"HTTP_PROXY", "HTTPS_PROXY"}} {
		env := []string{names[0] + "=" + r.url.String(), names[1] + "=" + r.url.String(), "SSL_CERT_FILE=" + r.caFile(t)}
		if got := run(t, env, "python3", "-c", script, imdsURL, blobURL); got != imdsAnswer+"\n"+blobAnswer+"\n" {
			t.Errorf("%v: %q", names, got)
		}
	}
}

func TestNode(t *testing.T) {
	r := newRig(t, nil)
	const script = `
const http = require("http"), https = require("https");
const [proxy, port] = process.argv.slice(1);
http.request({host: proxy, port, method: "CONNECT", path: "acct.blob.core.windows.net:443"})
  .on("connect", (res, socket) => {
    https.get({host: "acct.blob.core.windows.net", path: "/files/hello%20world.txt", socket, agent: false}, r => r.pipe(process.stdout));
  }).end();
`
	env := []string{"NODE_EXTRA_CA_CERTS=" + r.caFile(t)}
	if got := run(t, env, "node", "-e", script, r.url.Hostname(), r.url.Port()); got != blobAnswer {
		t.Errorf("node: %q", got)
	}
}

func TestGo(t *testing.T) {
	r := newRig(t, nil)
	c := r.client(t)
	withUser := *r.url
	withUser.User = url.UserPassword("world3", "")
	c.Transport.(*http.Transport).Proxy = http.ProxyURL(&withUser)
	for url, want := range map[string]string{imdsURL: imdsAnswer, blobURL: blobAnswer} {
		if _, got := get(t, c, url); got != want {
			t.Errorf("%s: %q", url, got)
		}
	}
	for _, got := range r.requests() {
		if got.User != "proxied:world3" {
			t.Errorf("proxy user %q", got.User)
		}
	}
}
