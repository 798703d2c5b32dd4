package armreplay

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// The world that requests are sent to, world.yaml beside the lists.
const (
	subscription = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
	tenant       = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
	clientID     = "11111111-2222-3333-4444-555555555555"
	secret       = "linarite"
	somebody     = "50ebd0d5-0000-4000-8000-000000000001"
	armHost      = "management.azure.com"
	graphHost    = "graph.microsoft.com"
	loginHost    = "login.microsoftonline.com"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 16 << 20

// Target is a Linarite that serves on loopback. Every connection goes there, whatever host a request names.
type Target struct {
	// BlobURL is the base of Blob storage by path.
	BlobURL string
	control string // base of the control API
	azure   *http.Client
	plain   *http.Client
	tokens  map[string]string // by host
}

// ready is what `linarite serve` writes once it answers.
type ready struct{ URL, HTTPSURL, BlobURL string }

func readReady(file string) (r ready, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

// Open reads the ready file of `linarite serve`. It refuses addresses that are not loopback.
func Open(ctx context.Context, readyFile string) (*Target, error) {
	ready, err := readReady(readyFile)
	if err != nil {
		return nil, err
	}
	front, err := loopback(ready.URL)
	if err != nil {
		return nil, fmt.Errorf("%s: url: %w", readyFile, err)
	}
	tls, err := loopback(ready.HTTPSURL)
	if err != nil {
		return nil, fmt.Errorf("%s: httpsUrl: %w", readyFile, err)
	}
	t := &Target{BlobURL: ready.BlobURL, control: ready.URL + "/_linarite/v1/", plain: dialing(front, nil), tokens: map[string]string{}}
	_, ca, err := t.ask(ctx, http.MethodGet, "ca.pem", nil)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("%sca.pem: no certificate", t.control)
	}
	t.azure = dialing(tls, roots)
	return t, nil
}

func loopback(base string) (hostPort string, err error) {
	u, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(u.Hostname()); ip == nil || !ip.IsLoopback() {
		return "", fmt.Errorf("%q is not on loopback; recorded requests are sent nowhere else", base)
	}
	return u.Host, nil
}

// dialing is a client whose connections all go to one address, without a proxy.
func dialing(address string, roots *x509.CertPool) *http.Client {
	var dialer net.Dialer
	return &http.Client{
		Timeout: time.Minute,
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, address)
			},
			TLSClientConfig: &tls.Config{RootCAs: roots}, DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// ask sends a request to the control API.
func (t *Target) ask(ctx context.Context, method, path string, body any) (int, []byte, error) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		reader = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, t.control+path, reader)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	status, _, text, err := do(t.plain, req)
	if err == nil && status >= 300 {
		err = fmt.Errorf("%s %s: %d %s", method, req.URL, status, text)
	}
	return status, text, err
}

// Reset puts the world back to its beginning.
func (t *Target) Reset(ctx context.Context) error {
	clear(t.tokens)
	_, _, err := t.ask(ctx, http.MethodPost, "reset", nil)
	return err
}

// advance moves the world's clock; by is a duration such as "2m".
func (t *Target) advance(ctx context.Context, by string) error {
	_, _, err := t.ask(ctx, http.MethodPost, "clock", map[string]string{"op": "advance", "by": by})
	return err
}

// token gets a token of the world's administrator for a host, once.
func (t *Target) token(ctx context.Context, host string) (string, error) {
	if t.tokens[host] != "" {
		return t.tokens[host], nil
	}
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {secret}, "scope": {"https://" + host + "/.default"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+loginHost+"/"+tenant+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, _, text, err := do(t.azure, req)
	if err != nil {
		return "", err
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.Token == "" {
		return "", errors.Join(err, fmt.Errorf("no token for %s: %d %s", host, status, text))
	}
	t.tokens[host] = answer.Token
	return answer.Token, nil
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send sends a request as the world's administrator. Headers say what the recorded one had beside its credentials.
func (t *Target) send(ctx context.Context, method, uri string, header map[string]string, body []byte) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, uri, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for name, value := range header {
		if name != "content-length" && name != "host" {
			req.Header.Set(name, value)
		}
	}
	token, err := t.token(ctx, req.URL.Host)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	status, headers, text, err := do(t.azure, req)
	return answer{status, headers, text}, err
}

func do(client *http.Client, req *http.Request) (int, http.Header, []byte, error) {
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return resp.StatusCode, resp.Header, text, err
}
