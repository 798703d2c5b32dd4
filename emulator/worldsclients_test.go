package emulator_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/reach/env"
)

// program runs a program with only the given variables, PATH and a home of its own; a
// program that is not installed is skipped, which is said.
func program(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: it is not tested here", name)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

const curlScript = `
set -eu
token=$(curl -sS -H Metadata:true "$@" 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://storage.azure.com/' |
  sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
curl -sS --fail "$@" -X PUT -d "$WHO" -H "Authorization: Bearer $token" -H 'x-ms-version: 2021-12-02' -H 'x-ms-blob-type: BlockBlob' "$BLOB"
curl -sS --fail "$@" -H "Authorization: Bearer $token" -H 'x-ms-version: 2021-12-02' "$BLOB" "$BLOB"
`

const urllibScript = `
import json, os, urllib.request as u
def ask(url, data=None, **h):
    req = u.Request(url, data=data, headers={k.replace("_", "-"): v for k, v in h.items()}, method="PUT" if data else "GET")
    return u.urlopen(req).read()
token = json.loads(ask("http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://storage.azure.com/", Metadata="true"))["access_token"]
h = {"Authorization": "Bearer " + token, "x_ms_version": "2021-12-02"}
ask(os.environ["BLOB"], os.environ["WHO"].encode(), x_ms_blob_type="BlockBlob", **h)
print(ask(os.environ["BLOB"], **h).decode() * 2, end="")
`

const requestsScript = `
import os, requests
s = requests.Session()
token = s.get("http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://storage.azure.com/", headers={"Metadata": "true"}).json()["access_token"]
s.headers.update({"Authorization": "Bearer " + token, "x-ms-version": "2021-12-02"})
s.put(os.environ["BLOB"], data=os.environ["WHO"], headers={"x-ms-blob-type": "BlockBlob"}).raise_for_status()
print(s.get(os.environ["BLOB"]).text * 2, end="")
`

// The worlds of one server, chosen by the programs that people have: each gets a token of
// its own world by plain HTTP and uses it by TLS, all at the same time, on the same blob.
func TestClientsChooseWorlds(t *testing.T) {
	r := open(t, emulator.Options{})
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, home(t).CA.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(r.door, "http://")
	variables := func(user string) []string {
		proxy := "http://" + user + "@" + host
		return []string{"http_proxy=" + proxy, "https_proxy=" + proxy, "no_proxy="}
	}
	noRequests := exec.Command("python3", "-c", "import requests").Run() != nil
	clients := map[string]func(t *testing.T, user string, env []string) string{
		"curl -U": func(t *testing.T, user string, env []string) string {
			return program(t, env, "sh", "-c", curlScript, "sh", "-x", "http://"+host, "-U", user+":x")
		},
		"curl -x": func(t *testing.T, user string, env []string) string {
			return program(t, env, "sh", "-c", curlScript, "sh", "-x", "http://"+user+"@"+host)
		},
		"curl by variables": func(t *testing.T, user string, env []string) string {
			return program(t, append(env, variables(user)...), "sh", "-c", curlScript)
		},
		"urllib": func(t *testing.T, user string, env []string) string {
			return program(t, append(env, variables(user+":x")...), "python3", "-c", urllibScript)
		},
		"requests": func(t *testing.T, user string, env []string) string {
			if noRequests {
				t.Skip("python3 has no requests: it is not tested here")
			}
			return program(t, append(env, variables(user+":x")...), "python3", "-c", requestsScript)
		},
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	n := 0
	for name, client := range clients {
		n++
		world := fmt.Sprintf("client-%d", n)
		r.must(nil, 201, "POST", "grants?world="+world, `{"principal":"machine/tutorial-vmss","role":"Storage Blob Data Contributor","scope":"DevTest"}`)
		wg.Go(func() {
			t.Run(name, func(t *testing.T) {
				env := []string{"CURL_CA_BUNDLE=" + ca, "SSL_CERT_FILE=" + ca, "REQUESTS_CA_BUNDLE=" + ca, "WHO=" + world, "BLOB=" + filesURL + "/who"}
				if got := client(t, world+".tutorial-vmss", env); got != world+world {
					t.Errorf("%q", got)
				}
			})
		})
	}
}

// javaProgram asks the URLs of its command line with Java's own client, which names the user
// of http.proxyUser when it is asked for one, and prints the status of each answer.
const javaProgram = `
import java.net.*;
public class Ask {
	public static void main(String[] urls) throws Exception {
		Authenticator.setDefault(new Authenticator() {
			protected PasswordAuthentication getPasswordAuthentication() {
				return new PasswordAuthentication(System.getProperty("http.proxyUser"), System.getProperty("http.proxyPassword").toCharArray());
			}
		});
		for (String url : urls) {
			HttpURLConnection c = (HttpURLConnection) new URL(url).openConnection();
			c.setRequestProperty("Metadata", "true");
			System.out.println(c.getResponseCode());
		}
	}
}
`

// Java names the user of a proxy only when it is asked: a server that asks has it in its world.
func TestJavaIsAsked(t *testing.T) {
	r := open(t, emulator.Options{})
	server, err := r.emu.Serve(emulator.ServeOptions{Offline: true, AskUser: true, HTTPSPort: emulator.NoPort, BlobPort: emulator.NoPort})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	store, err := env.TrustStore(home(t).CA.PEM())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"Ask.java": []byte(javaProgram), "store.p12": store} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var environ []string
	for _, v := range env.Proxy(env.ProxyOptions{URL: server.URL, User: "java.tutorial-vmss", TrustStore: filepath.Join(dir, "store.p12")}) {
		environ = append(environ, v.Name+"="+v.Value)
	}
	out := program(t, environ, "java", filepath.Join(dir, "Ask.java"),
		"http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://storage.azure.com/", filesURL+"/hello_world.txt", r.arm(groupPath))
	if !strings.HasSuffix(out, "200\n404\n401\n") {
		t.Errorf("%s", out)
	}
	journal := r.must(nil, 200, "GET", "journal?world=java", "").body
	if n, others := strings.Count(journal, "\n"), r.must(nil, 200, "GET", "journal", "").body; n != 3 || !strings.Contains(journal, "/tutorial-vmss") || others != "" {
		t.Errorf("in its world:\n%s\nin the served one:\n%s", journal, others)
	}
}
