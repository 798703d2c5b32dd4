package blob

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// siblingSpecs are about the properties of the storage services beside Blob storage, which clients wait for once they
// have made an account.
func siblingSpecs() []suite.Spec {
	needs := []string{"arm.storage"}
	return []suite.Spec{
		{ID: "BLOB-SVC-001/queue", Title: "answers the properties of Queue storage", Needs: needs, Covers: []string{"BLOB-SVC-007"}, Run: queueProperties},
		{ID: "BLOB-SVC-002/table", Title: "answers the properties of Table storage", Needs: needs, Covers: []string{"BLOB-SVC-004", "BLOB-SVC-005"}, Run: tableProperties},
		{ID: "BLOB-SVC-003/file", Title: "answers the properties of File storage", Needs: needs, Covers: []string{"BLOB-SVC-006"}, Run: fileProperties},
	}
}

const serviceQuery = "/?restype=service&comp=properties"

// service is a request about the properties of a service beside Blob storage, without a credential.
func (o own) service(name, method string) *suite.Request {
	return o.at(strings.Replace(o.t.Cloud.Blob(o.name), ".blob.", "."+name+".", 1), method, serviceQuery)
}

// awaited waits until the name of a service of a new account answers.
func (o own) awaited(ctx context.Context, what string, ask func() *suite.Request) {
	o.t.Settle(ctx, what+" of "+o.name, func(ctx context.Context) bool {
		a, err := o.t.Try(ctx, ask())
		return err == nil && a.Status == 200
	})
}

// metrics changes one property, and names no other.
const metrics = `<?xml version="1.0" encoding="utf-8"?><StorageServiceProperties><MinuteMetrics><Version>1.0</Version><Enabled>true</Enabled>` +
	`<IncludeAPIs>false</IncludeAPIs><RetentionPolicy><Enabled>true</Enabled><Days>4</Days></RetentionPolicy></MinuteMetrics></StorageServiceProperties>`

// answersProperties holds a service to the order of its properties, and to keeping what is put.
func (o own) answersProperties(ctx context.Context, rule string, get, put *suite.Request, order ...string) {
	a := o.t.Send(ctx, get)
	o.t.Rule(rule).Expect(a).To(match.Status(200))
	o.t.Rule(rule).Expect(a).To(match.Children("", gomega.BeElementOf(order, append(order, "ProtocolSettings"))))
	o.t.Rule(rule).Expect(o.t.Send(ctx, put)).To(match.Status(202))
	o.t.Rule(rule).Eventually(ctx, func(ctx context.Context) any { return o.t.Send(ctx, get) }, match.XML("MinuteMetrics/RetentionPolicy/Days", "4"))
}

func queueProperties(ctx context.Context, t *suite.T) {
	o := newAccount(ctx, t, "Standard_LRS", nil)
	get := func() *suite.Request { return o.signed(o.service("queue", "GET")) }
	o.awaited(ctx, "the queues", get)
	o.answersProperties(ctx, "BLOB-SVC-001", get(), o.signed(o.service("queue", "PUT").Text(metrics)), "Logging", "HourMetrics", "MinuteMetrics", "Cors")
	by := func(services string) *wire.Answer {
		r := o.service("queue", "GET")
		sas := sign.AccountSAS{
			Version: t.Env.Target.Versions.Blob, Account: o.name, Services: services, ResourceTypes: "s", Permissions: "r",
			Expiry: stamp(t.Now().AddDate(0, 0, 1)),
		}
		r.URL += "&" + sas.Query(o.key)
		return t.Send(ctx, r)
	}
	t.Rule("BLOB-SVC-007").Expect(by("bq"), "ss=bq").To(match.Status(200))
	refused(t, "BLOB-SVC-007", by("bt"), 403, "AuthorizationServiceMismatch", "ss=bt")
}

// tableSigned signs for Table storage, whose strings to sign are others.
func (o own) tableSigned(lite bool, r *suite.Request) *suite.Request {
	return r.Authorize(func(_ context.Context, w *wire.Request) error {
		date := sign.Date(o.t.Now())
		w.Header.Set("x-ms-date", date)
		text := date + "\n/" + o.name + "/?comp=properties"
		if !lite {
			text = w.Method + "\n\n" + w.Header.Get("Content-Type") + "\n" + text
		}
		sign.Authorize(w, o.name, sign.Sign(o.key, text), lite)
		return nil
	})
}

func tableProperties(ctx context.Context, t *suite.T) {
	o := newAccount(ctx, t, "Standard_LRS", nil)
	get := func() *suite.Request { return o.tableSigned(false, o.service("table", "GET")) }
	o.awaited(ctx, "the tables", get)
	o.answersProperties(ctx, "BLOB-SVC-002", get(), o.tableSigned(false, o.service("table", "PUT").Set("Content-Type", "application/xml").Text(metrics)),
		"Logging", "HourMetrics", "MinuteMetrics", "Cors")
	t.Rule("BLOB-SVC-004").Expect(t.Send(ctx, get()), "SharedKey").To(match.Status(200))
	t.Rule("BLOB-SVC-004").Expect(t.Send(ctx, o.tableSigned(true, o.service("table", "GET"))), "SharedKeyLite").To(match.Status(200))
	blobs := o.signed(o.service("table", "GET")) // as Blob storage wants it
	t.Rule("BLOB-SVC-004").Expect(t.Send(ctx, blobs), "the string of Blob storage").To(match.Status(403))
	wrong := func(accept string) *wire.Answer {
		return t.Send(ctx, o.service("table", "GET").Set("Accept", accept).Set("Authorization", "SharedKey "+o.name+":AAAA").Set("x-ms-date", sign.Date(t.Now())))
	}
	asJSON := wrong("application/json;odata=minimalmetadata")
	headers(t, "BLOB-SVC-005", asJSON, "Content-Type", gomega.HavePrefix("application/json"))
	t.Rule("BLOB-SVC-005").Expect(asJSON).To(match.Body(gomega.MatchRegexp(`"odata\.error"\s*:\s*{\s*"code"\s*:\s*"AuthenticationFailed"`)))
	headers(t, "BLOB-SVC-005", wrong("application/atom+xml"), "Content-Type", gomega.HavePrefix("application/xml"))
}

func fileProperties(ctx context.Context, t *suite.T) {
	o := newAccount(ctx, t, "Standard_LRS", nil)
	get := func() *suite.Request { return o.signed(o.service("file", "GET")) }
	o.awaited(ctx, "the files", get)
	o.answersProperties(ctx, "BLOB-SVC-003", get(), o.signed(o.service("file", "PUT").Text(metrics)), "HourMetrics", "MinuteMetrics", "Cors")
	token := t.Token(ctx, t.Deployer(), t.Env.Cloud().StorageAudience)
	a := t.Send(ctx, o.service("file", "GET").Set("Authorization", "Bearer "+token))
	refused(t, "BLOB-SVC-006", a, 400, "MissingRequiredHeader")
}
