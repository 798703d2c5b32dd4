package blob

import (
	"context"
	"strings"
	"time"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// readConditionSpecs are about conditions of reads.
func readConditionSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-COND-001/all", Title: "evaluates the conditions of a read together", Run: readAll},
		{ID: "BLOB-COND-002/refused", Title: "refuses a read whose condition is not met", Run: readRefused},
		{ID: "BLOB-COND-003/unmodified", Title: "answers that a blob was not modified", Run: readUnmodified},
		{ID: "BLOB-COND-004/star", Title: "refuses a read that nothing can meet", Run: readIfNone},
		{ID: "BLOB-COND-009/quotes", Title: "takes tags quoted and unquoted", Run: tagQuotes},
		{ID: "BLOB-COND-010/seconds", Title: "compares times by whole seconds", Run: wholeSeconds},
		{ID: "BLOB-COND-011/no-date", Title: "refuses a date that is none", Run: badDate},
	}
}

// changed is a blob that was written twice, with what its conditions are about: a tag that was
// its own, the one that is, the time of its modification, and an hour before.
type changed struct {
	path             string
	old, tag         string
	modified, before string
	at               time.Time
}

func newChanged(ctx context.Context, t *suite.T) changed {
	path, first := storedAs(ctx, t, "before")
	second := t.PutBlob(ctx, path, hello)
	holds(ctx, t, path, hello)
	c := changed{path: path, old: first.Header.Get("ETag"), tag: second.Header.Get("ETag"), at: modifiedOf(t, second)}
	if c.old == "" || c.tag == "" || c.old == c.tag {
		t.Broken("the tags of a blob that was put twice are %q and %q", c.old, c.tag)
	}
	c.modified, c.before = date(c.at), date(c.at.Add(-time.Hour))
	return c
}

// conditions are the four headers.
const (
	ifMatch      = "If-Match"
	ifNone       = "If-None-Match"
	ifModified   = "If-Modified-Since"
	ifUnmodified = "If-Unmodified-Since"
)

// on sets header fields of a request: names and values in turn.
func on(r *suite.Request, pairs ...string) *suite.Request {
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Set(pairs[i], pairs[i+1])
	}
	return r
}

func readAll(ctx context.Context, t *suite.T) {
	c := newChanged(ctx, t)
	for _, row := range []struct {
		conditions []string
		status     int
	}{
		{[]string{ifMatch, c.tag, ifUnmodified, c.modified}, 200},
		{[]string{ifMatch, c.tag, ifUnmodified, c.before}, 412},
		{[]string{ifMatch, c.old, ifUnmodified, c.modified}, 412},
		{[]string{ifNone, c.old, ifModified, c.modified}, 200},
		{[]string{ifNone, c.tag, ifModified, c.before}, 200}, // RFC 9110 has 304 here
		{[]string{ifNone, c.tag, ifModified, c.modified}, 304},
		{[]string{ifMatch, c.tag, ifNone, c.old}, 200},
		{[]string{ifMatch, c.tag, ifNone, c.tag}, 304},
		{[]string{ifMatch, c.old, ifNone, c.tag}, 412},
		{[]string{ifMatch, c.tag, ifUnmodified, c.modified, ifNone, c.old, ifModified, c.before}, 200},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			a := t.Send(ctx, on(t.Blob(method, c.path), row.conditions...))
			t.Rule("BLOB-COND-001").Expect(a, append([]string{method}, row.conditions...)...).To(match.Status(row.status))
		}
	}
}

func readRefused(ctx context.Context, t *suite.T) {
	c := newChanged(ctx, t)
	for _, method := range []string{"GET", "HEAD"} {
		for name, value := range map[string]string{ifMatch: c.old, ifUnmodified: c.before} {
			refused(t, "BLOB-COND-002", t.Send(ctx, on(t.Blob(method, c.path), name, value)), 412, "ConditionNotMet", method, name)
		}
	}
	for name, value := range map[string]string{ifMatch: c.tag, ifUnmodified: c.modified} {
		t.Require(t.Send(ctx, on(t.Blob("GET", c.path), name, value)), match.Body(hello), name+" that is met")
	}
}

func readUnmodified(ctx context.Context, t *suite.T) {
	c := newChanged(ctx, t)
	for name, value := range map[string]string{ifNone: c.tag, ifModified: c.modified} {
		for _, method := range []string{"GET", "HEAD"} {
			a := t.Send(ctx, on(t.Blob(method, c.path), name, value))
			t.Rule("BLOB-COND-003").Expect(a, method, name).To(match.Status(304))
			headers(t, "BLOB-COND-003", a, "x-ms-error-code", "ConditionNotMet", "ETag", match.Absent())
		}
	}
	for name, value := range map[string]string{ifNone: c.old, ifModified: c.before} {
		t.Require(t.Send(ctx, on(t.Blob("GET", c.path), name, value)), match.Body(hello), name+" that is met")
	}
}

func readIfNone(ctx context.Context, t *suite.T) {
	c := newChanged(ctx, t)
	for _, path := range []string{c.path, c.path + "2"} {
		for _, method := range []string{"GET", "HEAD"} {
			a := t.Send(ctx, on(t.Blob(method, path), ifNone, "*").Set("x-ms-version", "2017-07-29"))
			refused(t, "BLOB-COND-004", a, 400, "UnsatisfiableCondition", method)
		}
	}
	t.Require(t.Send(ctx, on(t.Blob("GET", c.path), ifNone, c.old)), match.Body(hello), "a tag")
}

func tagQuotes(ctx context.Context, t *suite.T) {
	c := newChanged(ctx, t)
	read := func(name, tag string) *wire.Answer { return t.Send(ctx, on(t.Blob("GET", c.path), name, tag)) }
	rule := t.Rule("BLOB-COND-009")
	for _, form := range []func(string) string{func(s string) string { return s }, func(s string) string { return strings.Trim(s, `"`) }} {
		rule.Expect(read(ifMatch, form(c.tag))).To(match.Status(200))
		rule.Expect(read(ifMatch, form(c.old))).To(match.Status(412))
		rule.Expect(read(ifNone, form(c.tag))).To(match.Status(304))
		rule.Expect(read(ifNone, form(c.old))).To(match.Status(200))
		rule.Expect(t.Send(ctx, on(settingMetadata(t, c.path), ifMatch, form(c.old)))).To(match.Status(412))
	}
	rule.Expect(t.Send(ctx, on(settingMetadata(t, c.path), ifMatch, strings.Trim(c.tag, `"`)))).To(match.Status(200))
}

func wholeSeconds(ctx context.Context, t *suite.T) {
	c := newChanged(ctx, t)
	second := date(c.at.Add(-time.Second))
	for _, row := range []struct {
		name, value string
		status      int
	}{{ifUnmodified, c.modified, 200}, {ifUnmodified, second, 412}, {ifModified, c.modified, 304}, {ifModified, second, 200}} {
		a := t.Send(ctx, on(t.Blob("GET", c.path), row.name, row.value))
		t.Rule("BLOB-COND-010").Expect(a, row.name).To(match.Status(row.status))
	}
}

func badDate(ctx context.Context, t *suite.T) {
	c := newChanged(ctx, t)
	for _, name := range []string{ifModified, ifUnmodified} {
		a := t.Send(ctx, on(t.Blob("GET", c.path), name, "yesterday"))
		refused(t, "BLOB-COND-011", a, 400, "InvalidHeaderValue", name)
	}
	t.Require(t.Send(ctx, on(t.Blob("GET", c.path), ifUnmodified, c.modified)), gomega.And(match.Status(200), match.Body(hello)), "a date")
}
