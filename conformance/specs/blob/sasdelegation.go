package blob

import (
	"context"
	"strings"
	"time"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// sasDelegationSpecs are about signatures by a key that a user got from the service.
func sasDelegationSpecs() []suite.Spec {
	return []suite.Spec{
		delegationLayout("BLOB-SAS-010", "2020-02-10", "2018-11-09", "2019-12-12"),
		delegationLayout("BLOB-SAS-011", "2019-12-12", "2020-02-10", "2020-10-02"),
		delegationLayout("BLOB-SAS-012", "2020-10-02", "2020-12-06", "2022-11-02"),
		delegationLayout("BLOB-SAS-013", "2025-05-05", "2025-07-05"),
		{
			ID: "BLOB-SAS-014/request", Title: "signs the headers and the parameters that a user delegation SAS names",
			Covers: []string{"BLOB-SAS-015"}, Run: signsRequest,
		},
		{
			ID: "BLOB-SAS-044/policy", Title: "refuses a user delegation SAS with a policy",
			Run: func(ctx context.Context, t *suite.T) {
				s := delegate(ctx, t, "b", t.Env.Target.Versions.Blob)
				s.works(ctx, s.by(unchanged), "without a policy")
				a := t.Send(ctx, s.get(s.by(func(v *sign.SAS) { v.Identifier = "policy" })))
				t.Rule("BLOB-SAS-044").Expect(a).To(match.Status(403))
			},
		},
		{
			ID: "BLOB-SAS-045/beyond-its-key", Title: "takes a user delegation SAS that says to end after its key",
			Run: func(ctx context.Context, t *suite.T) {
				s := delegate(ctx, t, "outlives-its-key", t.Env.Target.Versions.Blob)
				s.opens(ctx, "BLOB-SAS-045", s.by(func(v *sign.SAS) { v.Expiry = s.until(48 * hour) }), "se after ske")
			},
		},
		{
			ID: "BLOB-SAS-065/first-version", Title: "refuses a user delegation SAS from before there were any",
			Run: func(ctx context.Context, t *suite.T) {
				s := delegate(ctx, t, "b", t.Env.Target.Versions.Blob)
				s.works(ctx, s.by(func(v *sign.SAS) { v.Version = "2018-11-09" }), "the first version")
				a := t.Send(ctx, s.get(s.by(func(v *sign.SAS) { v.Version = "2018-03-28" })))
				t.Rule("BLOB-SAS-065").Expect(a).To(match.Status(403))
			},
		},
		{
			ID: "BLOB-SAS-066/key-not-yet", Title: "refuses a user delegation SAS before its key starts",
			Run: func(ctx context.Context, t *suite.T) {
				s := delegate(ctx, t, "b", t.Env.Target.Versions.Blob)
				s.works(ctx, s.by(unchanged), "by a key that has started")
				later := delegationKey(ctx, t, s.version, hour, 2*hour)
				s.failed(ctx, "BLOB-SAS-066", s.by(func(v *sign.SAS) { v.Key, v.Expiry = later, s.until(2*hour) }), "by a key that has not")
			},
		},
	}
}

// delegated is a blob, and a key of the deployer's to sign for it.
type delegated struct {
	sharing
	delegation *sign.DelegationKey
	version    string
}

// delegate makes the blob and asks for a key from an hour ago for a day.
func delegate(ctx context.Context, t *suite.T, name, version string) delegated {
	return delegated{shareNamed(ctx, t, name), delegationKey(ctx, t, version, -hour, 24*hour), version}
}

// by changes a user delegation SAS that lets the blob be read, signs it, and gives the query.
func (d delegated) by(change func(v *sign.SAS)) string {
	v := d.toRead()
	v.Version, v.Key = d.version, d.delegation
	change(v)
	return v.Query(nil)
}

// wrongly is by with another string signed.
func (d delegated) wrongly(change func(v *sign.SAS), text func(v *sign.SAS) string) string {
	v := d.toRead()
	v.Version, v.Key = d.version, d.delegation
	change(v)
	key, err := sign.DecodeKey(v.Key.Value)
	if err != nil {
		d.t.Broken("the delegation key: %v", err)
	}
	return v.Params().With("sig", sign.Sign(key, text(v))).Encode()
}

// delegationKey asks for a key as the deployer.
func delegationKey(ctx context.Context, t *suite.T, version string, start, expiry time.Duration) *sign.DelegationKey {
	a := t.Send(ctx, t.As(t.Deployer(), t.Blob("POST", "?restype=service&comp=userdelegationkey").Set("x-ms-version", version).Set("Content-Type", "application/xml").
		Text("<?xml version=\"1.0\" encoding=\"utf-8\"?><KeyInfo><Start>"+stamp(t.Now().Add(start))+"</Start><Expiry>"+stamp(t.Now().Add(expiry))+"</Expiry></KeyInfo>")))
	t.Require(a, match.Status(200), "a user delegation key")
	t.Require(a, match.XML("Value", gomega.Not(gomega.BeEmpty())), "a user delegation key")
	k := &sign.DelegationKey{}
	for name, to := range map[string]*string{
		"SignedOid": &k.ObjectID, "SignedTid": &k.TenantID, "SignedStart": &k.Start, "SignedExpiry": &k.Expiry,
		"SignedService": &k.Service, "SignedVersion": &k.Version, "Value": &k.Value,
	} {
		*to = element(a, name)
	}
	t.Hide(k.Value)
	return k
}

// element is the text of an element of an answer, empty where there is none.
func element(a *wire.Answer, path string) string {
	root, err := match.ParseXML(a.Body)
	if err != nil {
		return ""
	}
	if e := root.Find(path); e != nil {
		return e.Text
	}
	return ""
}

// delegationLayout is the spec of a rule about what a user delegation SAS signs at some versions.
func delegationLayout(rule, other string, versions ...string) suite.Spec {
	return suite.Spec{
		ID: rule + "/layout", Title: "signs what a user delegation SAS of its version signs",
		Run: func(ctx context.Context, t *suite.T) {
			for _, version := range versions {
				s := delegate(ctx, t, "b", version)
				with := func(v *sign.SAS) {
					v.Start = s.until(-hour / 2)
					if version >= "2020-02-10" {
						v.Correlation = suite.GUID()
					}
				}
				s.opens(ctx, rule, s.by(with), "sv="+version)
				s.closed(ctx, rule, s.wrongly(with, func(v *sign.SAS) string { return v.StringToSign(other) }), "sv="+version+" in the layout of "+other)
			}
		},
	}
}

// signsRequest names headers and parameters in an order of its own.
func signsRequest(ctx context.Context, t *suite.T) {
	s := delegate(ctx, t, "b", "2026-04-06")
	named := func(v *sign.SAS) {
		v.SignedHeaders = sign.Params{{Name: "x-ms-lzsecond", Value: "2"}, {Name: "x-ms-lzfirst", Value: "1"}}
		v.SignedQuery = sign.Params{{Name: "lzsecond", Value: "b"}, {Name: "lzfirst", Value: "a"}}
	}
	get := func(query string) *suite.Request {
		return s.get(query).Query("lzfirst", "a").Query("lzsecond", "b").Set("x-ms-lzfirst", "1").Set("x-ms-lzsecond", "2")
	}
	right := s.by(named)
	for _, rule := range []string{"BLOB-SAS-014", "BLOB-SAS-015"} {
		t.Rule(rule).Expect(t.Send(ctx, get(right))).To(match.Body(s.content))
	}
	other := t.Send(ctx, get(right).Set("x-ms-lzfirst", "3"))
	t.Rule("BLOB-SAS-014").Expect(other, "another header").To(match.Status(403))
	r := get(right)
	r.URL = strings.Replace(r.URL, "lzsecond=b", "lzsecond=c", 1)
	t.Rule("BLOB-SAS-014").Expect(t.Send(ctx, r), "another parameter").To(match.Status(403))
	for about, text := range map[string]func(v *sign.SAS) string{
		"no newline behind a header": func(v *sign.SAS) string {
			return strings.Replace(v.StringToSign(v.Version), "lzfirst:1\n", "lzfirst:1", 1)
		},
		"another order": func(v *sign.SAS) string {
			return strings.Replace(v.StringToSign(v.Version), "x-ms-lzsecond:2\nx-ms-lzfirst:1\n", "x-ms-lzfirst:1\nx-ms-lzsecond:2\n", 1)
		},
		"no newline before a parameter": func(v *sign.SAS) string {
			return strings.Replace(v.StringToSign(v.Version), "\nlzsecond:b", "lzsecond:b", 1)
		},
	} {
		t.Rule("BLOB-SAS-015").Expect(t.Send(ctx, get(s.wrongly(named, text))), about).To(match.Status(403))
	}
}
