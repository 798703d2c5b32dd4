package blob_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/blob"
)

// step is a request that is to come, and its answer. Linarite does not serve these yet: docs/divergences.md.
type step struct {
	want   string // method, path with its query, and behind " | " headers in the order of their mention
	status int
	header []string
	body   string
}

// script answers requests one after the other, and fails the test where another comes.
func script(t *testing.T, steps ...step) *blob.Client {
	t.Helper()
	return must(blob.New("https://acct.blob.core.windows.net", nil, clientlib.Options{Transport: scripted(t, steps)}))(t)
}

func scripted(t *testing.T, steps []step) clientlib.Transport {
	t.Helper()
	next := 0
	t.Cleanup(func() {
		if next != len(steps) {
			t.Errorf("%d of %d requests came", next, len(steps))
		}
	})
	return clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
		if next == len(steps) {
			return nil, fmt.Errorf("nobody has answers to %s %s", req.Method, req.URL)
		}
		s := steps[next]
		next++
		line, headers, _ := strings.Cut(s.want, " | ")
		got := req.Method + " " + req.URL.RequestURI()
		if headers != "" {
			got += " | "
			for i, h := range strings.Split(headers, "; ") {
				name, _, _ := strings.Cut(h, ": ")
				if i > 0 {
					got += "; "
				}
				got += name + ": "
				for sent, values := range req.Header { // metadata keeps its case
					if strings.EqualFold(sent, name) {
						got += strings.Join(values, ",")
					}
				}
			}
		}
		if got != s.want {
			t.Errorf("%s came instead of %s (%s)", got, s.want, line)
		}
		if req.Header.Get("x-ms-version") != blob.Version {
			t.Errorf("x-ms-version: %q", req.Header.Get("x-ms-version"))
		}
		if req.Body != nil {
			_, _ = io.Copy(io.Discard, req.Body)
		}
		return answer(req, s.status, s.body, s.header...), nil
	})
}

func TestCopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const id, source = "1f812371-a41d-49e6-b123-f4b542e851c5", "https://other.blob.core.windows.net/c/b?sv=2026-04-06&sig=SECRET"
		b := script(t,
			step{want: "PUT /c/b | x-ms-copy-source: " + source + "; x-ms-access-tier: Cool; x-ms-meta-a: 1; If-None-Match: *; x-ms-source-if-match: \"0x1\"; x-ms-source-lease-id: L",
				status: 202, header: []string{"x-ms-copy-id", id, "x-ms-copy-status", "pending", "ETag", `"0x2"`}},
			step{want: "HEAD /c/b", status: 200, header: []string{"x-ms-copy-id", id, "x-ms-copy-status", "pending", "x-ms-copy-progress", "10/100", "x-ms-copy-source", source}},
			step{want: "HEAD /c/b", status: 200, header: []string{"x-ms-copy-id", id, "x-ms-copy-status", "success", "x-ms-copy-progress", "100/100", "x-ms-copy-source", source,
				"x-ms-copy-completion-time", "Fri, 02 Jan 2026 03:04:05 GMT"}},
			step{want: "HEAD /c/b", status: 200, header: []string{"x-ms-copy-id", id, "x-ms-copy-status", "failed", "x-ms-copy-status-description", `404 BlobNotFound "Copy failed when reading ?sv=1&sig=SECRET"`}},
			step{want: "HEAD /c/b", status: 200, header: []string{"x-ms-copy-id", "another", "x-ms-copy-status", "success"}},
			step{want: "HEAD /c/b", status: 200},
			step{want: "PUT /c/b?comp=copy&copyid=" + id + " | x-ms-copy-action: abort; x-ms-lease-id: L", status: 204},
			step{want: "PUT /c/b?comp=copy&copyid=" + id + " | x-ms-copy-action: abort; x-ms-lease-id: ", status: 409, header: []string{"x-ms-error-code", "NoPendingCopyOperation"}},
			step{want: "PUT /c/b | x-ms-copy-source: " + source, status: 404, header: []string{"x-ms-error-code", "CannotVerifyCopySource"}},
		).Container("c").Blob("b")
		c := must(b.CopyFromURL(t.Context(), source, &blob.CopyOptions{Metadata: map[string]string{"A": "1"}, Tier: "Cool",
			Conditions: blob.Conditions{IfNoneMatch: "*"}, Source: blob.Conditions{IfMatch: `"0x1"`, Lease: "L"}}))(t)
		if c.ID != id || c.Status != "pending" {
			t.Errorf("%+v", c)
		}
		began := time.Now()
		c = must(b.WaitCopy(t.Context(), id))(t)
		if c.Done != 100 || c.Total != 100 || c.Completed.IsZero() || strings.Contains(fmt.Sprint(c), "SECRET") || time.Since(began) != time.Second {
			t.Errorf("%+v after %v", c, time.Since(began))
		}
		for range 3 {
			if _, err := b.WaitCopy(t.Context(), id); !errors.Is(err, blob.ErrCopyEnded) || strings.Contains(err.Error(), "SECRET") {
				t.Error(err)
			}
		}
		if err := b.AbortCopy(t.Context(), id, "L"); err != nil {
			t.Error(err)
		}
		code(t, b.AbortCopy(t.Context(), id, ""), "NoPendingCopyOperation")
		_, err := b.CopyFromURL(t.Context(), source, nil)
		code(t, err, "CannotVerifyCopySource")
		if strings.Contains(err.Error(), "SECRET") {
			t.Error(err)
		}
		if _, err := b.CopyFromURL(t.Context(), "", nil); err == nil {
			t.Error("a copy of nothing")
		}
	})
}

func TestLease(t *testing.T) {
	const one, two = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
	for path, query := range map[string]string{"/ccc/b": "?comp=lease", "/ccc": "?restype=container&comp=lease"} {
		put := "PUT " + path + query + " | x-ms-lease-action: "
		c := script(t,
			step{want: put + "acquire; x-ms-lease-duration: 16", status: 201, header: []string{"x-ms-lease-id", one}},
			step{want: put + "renew; x-ms-lease-id: " + one, status: 200, header: []string{"x-ms-lease-id", one}},
			step{want: put + "change; x-ms-lease-id: " + one + "; x-ms-proposed-lease-id: " + two, status: 200, header: []string{"x-ms-lease-id", two}},
			step{want: put + "renew; x-ms-lease-id: " + two, status: 409, header: []string{"x-ms-error-code", "LeaseIsBrokenAndCannotBeRenewed"}},
			step{want: put + "release; x-ms-lease-id: " + two, status: 200},
			step{want: put + "release; x-ms-lease-id: " + one, status: 409, header: []string{"x-ms-error-code", "LeaseIdMismatchWithLeaseOperation"}},
			step{want: put + "acquire; x-ms-lease-duration: -1", status: 409, header: []string{"x-ms-error-code", "LeaseAlreadyPresent"}},
			step{want: put + "break; x-ms-lease-break-period: 30; x-ms-lease-id: ", status: 202, header: []string{"x-ms-lease-time", "29"}},
			step{want: put + "break; x-ms-lease-break-period: 0", status: 202, header: []string{"x-ms-lease-time", "0"}},
			step{want: put + "break; x-ms-lease-break-period: ", status: 202, header: []string{"x-ms-lease-time", "12"}},
			step{want: put + "break", status: 202},
		).Container("ccc")
		acquire, held, end := c.Lease, c.HeldLease, c.BreakLease
		if path != "/ccc" {
			acquire, held, end = c.Blob("b").Lease, c.Blob("b").HeldLease, c.Blob("b").BreakLease
		}
		for _, d := range []time.Duration{0, 14 * time.Second, 61 * time.Second, -2} {
			if _, err := acquire(t.Context(), d); err == nil {
				t.Errorf("a lease for %v", d)
			}
		}
		l := must(acquire(t.Context(), 15100*time.Millisecond))(t)
		if err := errors.Join(l.Renew(t.Context()), l.Change(t.Context(), two)); err != nil || l.ID != two {
			t.Error(l.ID, err)
		}
		code(t, l.Renew(t.Context()), "LeaseIsBrokenAndCannotBeRenewed")
		if err := held(two).Release(t.Context()); err != nil {
			t.Error(err)
		}
		code(t, held(one).Release(t.Context()), "LeaseIdMismatchWithLeaseOperation")
		_, err := acquire(t.Context(), blob.Forever)
		code(t, err, "LeaseAlreadyPresent")
		for _, after := range [][2]time.Duration{{30 * time.Second, 29 * time.Second}, {0, 0}, {-1, 12 * time.Second}} {
			if left := must(end(t.Context(), after[0]))(t); left != after[1] {
				t.Errorf("%v: %v", after, left)
			}
		}
		if _, err := end(t.Context(), -1); err == nil {
			t.Error("nobody has said how long it lasts")
		}
		if _, err := end(t.Context(), 61*time.Second); err == nil {
			t.Error("it takes too long")
		}
	}
}

// A lease is acquired again by the id that the try before had.
func TestLeaseAfterALostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ids []string
		o := clientlib.Options{Transport: clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
			ids = append(ids, req.Header.Get("x-ms-proposed-lease-id"))
			if len(ids) == 1 {
				return nil, io.ErrUnexpectedEOF
			}
			return answer(req, 201, "", "x-ms-lease-id", ids[0]), nil
		})}
		b := must(blob.New("https://acct.blob.core.windows.net", nil, o))(t).Container("c").Blob("b")
		if l := must(b.Lease(t.Context(), blob.Forever))(t); len(ids) != 2 || ids[0] != ids[1] || l.ID != ids[0] || len(l.ID) != 36 {
			t.Errorf("%q, %q", l.ID, ids)
		}
	})
}

func TestDelegationKey(t *testing.T) {
	const oid, tid = "aaaabbbb-0000-cccc-1111-dddd2222eeee", "bbbbcccc-0000-cccc-1111-dddd2222eeee"
	value := base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))
	text := "\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?><UserDelegationKey><SignedOid>" + oid + "</SignedOid><SignedTid>" + tid +
		"</SignedTid><SignedStart>2026-01-02T03:04:05Z</SignedStart><SignedExpiry>2026-01-03T03:04:05Z</SignedExpiry><SignedService>b</SignedService>" +
		"<SignedVersion>" + blob.Version + "</SignedVersion><Value>" + value + "</Value></UserDelegationKey>"
	ask := step{want: "POST /?restype=service&comp=userdelegationkey | Content-Type: application/xml", status: 200, body: text}
	bad := ask
	bad.body = strings.Replace(text, value, "SECRET", 1)
	c := script(t, ask, bad, step{want: ask.want, status: 200, body: "<UserDelegationKey></UserDelegationKey>"})
	start, expiry := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), time.Date(2026, 1, 3, 3, 4, 5, 0, time.UTC)
	k := must(c.DelegationKey(t.Context(), start, expiry))(t)
	if !k.Expiry.Equal(expiry) || k.ObjectID != oid || k.TenantID != tid {
		t.Errorf("%+v", k)
	}
	if text := fmt.Sprintf("%v %+v %#v %+v", k, *k, k, blob.SAS{Key: k}); strings.Contains(text, value) || !strings.Contains(text, oid) {
		t.Error(text)
	}
	sas := must(c.Container("c").Blob("b").SAS(blob.SAS{Permissions: "r", Expiry: expiry, Key: k}))(t)
	if !strings.Contains(sas, "skoid="+oid) || !strings.Contains(sas, "se=2026-01-03T03%3A04%3A05Z") || !strings.Contains(sas, "sig=") || strings.Contains(sas, value) {
		t.Error(sas)
	}
	for range 2 {
		if _, err := c.DelegationKey(t.Context(), start, expiry); err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Error(err)
		}
	}
	for _, wrong := range [][2]time.Time{{start, start}, {start, start.Add(7*24*time.Hour + time.Second)}, {}} {
		if _, err := c.DelegationKey(t.Context(), wrong[0], wrong[1]); err == nil {
			t.Error(wrong)
		}
	}
}
