package proxy

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestAskUser: a client that names its user only when asked is asked, for what is served
// here alone; one that does so unasked notices nothing.
func TestAskUser(t *testing.T) {
	r := newRig(t, func(o *Options) { o.AskUser = true })
	other(t, r, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "other") })
	for request, want := range map[string]int{
		"GET http://169.254.169.254/x": 407, "CONNECT acct.blob.core.windows.net:443": 407, "CONNECT nobody.blob.core.windows.net:443": 407, "GET http://other.example/": 200,
	} {
		p := r.connect(t)
		p.send(t, "%s HTTP/1.1\r\nHost: x\r\n\r\n", request)
		method, _, _ := strings.Cut(request, " ")
		resp, body := p.answer(t, method)
		if resp.StatusCode != want || want == 407 && (!strings.HasPrefix(resp.Header.Get("Proxy-Authenticate"), `Basic realm="`) || !strings.Contains(body, "wants a user")) {
			t.Errorf("%s: %s %s", request, resp.Status, body)
		}
	}
	named := "http://world:x@" + r.url.Host
	if got := run(t, []string{"http_proxy=" + named, "https_proxy=" + named, "CURL_CA_BUNDLE=" + r.caFile(t)}, "curl", "-sS", imdsURL, blobURL); got != imdsAnswer+blobAnswer {
		t.Errorf("curl: %q", got)
	}
	for _, seen := range r.requests() {
		if seen.User != "proxied:world" {
			t.Errorf("user %q", seen.User)
		}
	}
}
