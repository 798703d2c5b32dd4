package blobreplay

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/conformance/recordings"
	"github.com/linarite/linarite/conformance/truth"
)

// Run sends every recording to the account at base, an URL on loopback. Now is the clock of requests.
func Run(ctx context.Context, base string, all []recordings.Recording, now func() time.Time) (truth.Found, error) {
	u, err := url.Parse(base)
	if err != nil {
		return truth.Found{}, err
	}
	if ip := net.ParseIP(u.Hostname()); ip == nil || !ip.IsLoopback() {
		return truth.Found{}, fmt.Errorf("%q is not on loopback; recorded requests are sent nowhere else", base)
	}
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	found := truth.Found{Scores: map[string]truth.Score{}}
	for i, r := range all {
		one := replay{client: client, base: strings.TrimSuffix(base, "/") + "/" + account, now: now, recording: r, suffix: fmt.Sprintf("v%03x", i), made: map[string]bool{}, values: map[string]string{}}
		if err := one.run(ctx); err != nil {
			return found, fmt.Errorf("%s: %w", r.Name, err)
		}
		family := path.Dir(r.Name)
		score := found.Scores[family]
		score.Add(one.score)
		found.Scores[family] = score
		found.Differences = append(found.Differences, one.differences...)
	}
	return found, nil
}

// replay is the replay of one recording.
type replay struct {
	client    *http.Client
	base      string
	now       func() time.Time
	recording recordings.Recording
	suffix    string            // of containers: recordings share the account
	made      map[string]bool   // containers that exist here, by their recorded names
	values    map[string]string // recorded etags and the like → ours

	score       truth.Score
	differences []truth.Difference
}

func (r *replay) run(ctx context.Context) error {
	for at, it := range r.recording.Interactions {
		if !fit(it) {
			r.score.Skipped++
			continue
		}
		if err := r.setUp(ctx, it); err != nil {
			return err
		}
		signed := it.ReqHeaders["x-ms-date"] != ""
		got, err := r.send(ctx, it.Method, r.uri(it.URI), r.header(it), it.ReqBody.Data, signed)
		if err != nil {
			return fmt.Errorf("interaction %d: %w", at, err)
		}
		r.compare(at, it, got)
	}
	for container, there := range r.made {
		if there {
			if _, err := r.send(ctx, http.MethodDelete, r.base+"/"+container+r.suffix+"?restype=container", nil, nil, true); err != nil {
				return err
			}
		}
	}
	return nil
}

var host = regexp.MustCompile(`^https?://storagename\.blob\.core\.windows\.net(?::\d+)?`)

// fit tells whether a recording has all that a request needs: not where a signature was taken out, or another account.
func fit(it recordings.Interaction) bool {
	return host.MatchString(it.URI) && it.ReqBody.Whole() && !strings.Contains(it.URI, "sig=") && !strings.Contains(it.URI, "comp=batch") &&
		!strings.Contains(it.ReqHeaders["x-ms-copy-source"], "sig=") && it.ReqHeaders["x-ms-encryption-key"] == ""
}

// containerOf is the container that a recorded URI is about, or "".
func containerOf(uri string) string {
	rest, _, _ := strings.Cut(host.ReplaceAllString(uri, ""), "?")
	name, _, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	return name
}

// setUp makes the container that a recorded test had made before its recording began, and takes it away again where the
// recorded test had done so.
func (r *replay) setUp(ctx context.Context, it recordings.Interaction) error {
	name := containerOf(it.URI)
	if name == "" || strings.HasPrefix(name, "$") {
		return nil
	}
	if it.Method == http.MethodPut && strings.HasSuffix(it.URI, "?restype=container") && it.Status == http.StatusCreated {
		r.made[name] = true // by the request itself
		return nil
	}
	there := it.RespHeaders["x-ms-error-code"] != "ContainerNotFound"
	if there == r.made[name] {
		return nil
	}
	method := http.MethodDelete
	if there {
		method = http.MethodPut
	}
	r.made[name] = there
	_, err := r.send(ctx, method, r.base+"/"+name+r.suffix+"?restype=container", nil, nil, true)
	return err
}

// uri is a recorded URI for the account here.
func (r *replay) uri(recorded string) string {
	rest := host.ReplaceAllString(recorded, "")
	if name := containerOf(recorded); name != "" && !strings.HasPrefix(name, "$") {
		rest = strings.Replace(rest, "/"+name, "/"+name+r.suffix, 1)
	}
	before, query, _ := strings.Cut(rest, "?")
	for from, to := range r.values {
		query = strings.ReplaceAll(query, url.QueryEscape(from), url.QueryEscape(to))
	}
	if query != "" {
		before += "?" + query
	}
	return r.base + before
}

func (r *replay) header(it recordings.Interaction) map[string]string {
	out := map[string]string{}
	then, _ := http.ParseTime(it.ReqHeaders["x-ms-date"])
	for name, value := range it.ReqHeaders {
		switch ours, known := r.values[value]; {
		case slices.Contains([]string{"content-length", "x-ms-date", "host", "accept"}, name):
			continue
		case strings.HasSuffix(name, "modified-since"):
			if t, err := http.ParseTime(value); err == nil && !then.IsZero() {
				value = r.now().Add(t.Sub(then)).UTC().Format(http.TimeFormat)
			}
		case name == "x-ms-copy-source":
			value = r.uri(value)
		case known:
			value = ours
		}
		out[name] = value
	}
	return out
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send sends a request, which is anonymous or signed with the account's key.
func (r *replay) send(ctx context.Context, method, uri string, header map[string]string, body []byte, signed bool) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, uri, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	if signed {
		req.Header.Set("x-ms-date", r.now().UTC().Format(http.TimeFormat))
		if req.Header.Get("x-ms-version") == "" {
			req.Header.Set("x-ms-version", "2018-11-09")
		}
		sign(req, len(body))
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, text}, err
}
