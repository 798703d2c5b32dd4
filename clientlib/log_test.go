package clientlib

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestLog: every try is told of, at Warn where it is followed by another, and without secrets.
func TestLog(t *testing.T) {
	refused := says(503, "x-ms-request-id: rid", "Retry-After: 10").with(`{"error":{"code":"ServerBusy","message":"Bearer ` + canary + `0123456789"}}`)
	refused.wait = time.Second
	broken := step{err: &url.Error{Op: "Get", URL: "https://h?sig=" + canary, Err: text("sig=" + canary)}}
	const about = " request service=test method=GET url=https://acct.example/c/b?sig=REDACTED&sv=1"
	for name, row := range map[string]struct {
		level slog.Level
		steps []step
		want  []string
	}{
		"all": {slog.LevelDebug, []step{refused, broken, says(200)}, []string{
			"WARN" + about + " try=1 took=1s status=503 code=ServerBusy request_id=rid wait=10.5s",
			"WARN" + about + " try=2 took=0s error=sig=REDACTED wait=1.2s",
			"DEBUG" + about + " try=3 took=0s status=200",
		}},
		"warnings": {slog.LevelInfo, []step{broken, says(200)}, []string{"WARN" + about + " try=1 took=0s error=sig=REDACTED wait=600ms"}},
		"final":    {slog.LevelDebug, []step{says(404)}, []string{"DEBUG" + about + " try=1 took=0s status=404 code= request_id="}},
		"nothing":  {slog.LevelError, []step{refused, says(200)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				log := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: row.level}))
				for i := range row.steps { // a body is read once
					if row.steps[i].body != nil {
						row.steps[i] = row.steps[i].with(`{"error":{"code":"ServerBusy","message":"Bearer ` + canary + `0123456789"}}`)
					}
				}
				_, _ = pipe(&script{steps: row.steps}, func(o *Options) { o.Log = log }).Do(request(t, "GET", ""))
				if strings.Contains(out.String(), canary) {
					t.Errorf("a secret: %s", out.String())
				}
				var got []string
				for line := range strings.Lines(out.String()) {
					got = append(got, flat(t, line))
				}
				if fmt.Sprint(got) != fmt.Sprint(row.want) {
					t.Errorf("logged\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(row.want, "\n"))
				}
			})
		})
	}
}

// flat is a line of JSON as one of text.
func flat(t *testing.T, line string) string {
	t.Helper()
	var said map[string]any
	if err := json.Unmarshal([]byte(line), &said); err != nil {
		t.Fatal(err)
	}
	out := fmt.Sprint(said["level"], " ", said["msg"])
	for _, name := range []string{"service", "method", "url", "try", "took", "status", "code", "request_id", "error", "wait"} {
		v, ok := said[name]
		if !ok {
			continue
		}
		if name == "took" || name == "wait" {
			v = time.Duration(v.(float64)) //nolint:forcetypeassert // numbers are
		}
		out += fmt.Sprintf(" %s=%v", name, v)
	}
	return out
}
