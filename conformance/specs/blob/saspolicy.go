package blob

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// sasPolicySpecs are about stored access policies.
func sasPolicySpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "BLOB-SAS-042/in-both", Title: "refuses a parameter that is in the policy too", Needs: []string{"blob.container.acl"},
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				s.setPolicies(ctx, policy{"all", "r", "", s.until(hour)})
				s.counts(ctx, "all")
				s.failed(ctx, "BLOB-SAS-042", s.byPolicy("all", func(v *sign.SAS) { v.Permissions = "r" }), "sp in both")
				s.failed(ctx, "BLOB-SAS-042", s.byPolicy("all", func(v *sign.SAS) { v.Expiry = s.until(hour) }), "se in both")
			},
		},
		{
			ID: "BLOB-SAS-043/no-such-policy", Title: "refuses a policy that does not exist", Needs: []string{"blob.container.acl"},
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				s.setPolicies(ctx, policy{"there", "r", "", s.until(hour)})
				s.counts(ctx, "there")
				s.failed(ctx, "BLOB-SAS-043", s.byPolicy("elsewhere", unchanged), "another id")
			},
		},
		{ID: "BLOB-SAS-069/left-out", Title: "takes from the policy what a signature leaves out", Needs: []string{"blob.container.acl"}, Run: fromPolicy},
		{ID: "BLOB-SAS-070/deleted", Title: "refuses a signature when its policy was deleted", Needs: []string{"blob.container.acl"}, Run: policyDeleted},
	}
}

// policy is a stored access policy; an empty start is left out.
type policy struct{ id, permissions, start, expiry string }

// setPolicies stores policies with the container, in place of those that it has.
func (s sharing) setPolicies(ctx context.Context, all ...policy) {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?><SignedIdentifiers>`)
	for _, p := range all {
		b.WriteString("<SignedIdentifier><Id>" + p.id + "</Id><AccessPolicy>")
		if p.start != "" {
			b.WriteString("<Start>" + p.start + "</Start>")
		}
		b.WriteString("<Expiry>" + p.expiry + "</Expiry><Permission>" + p.permissions + "</Permission></AccessPolicy></SignedIdentifier>")
	}
	b.WriteString("</SignedIdentifiers>")
	s.t.Require(s.t.Send(ctx, s.t.Blob("PUT", s.level("&comp=acl")).Text(b.String())), match.Status(200), "storing policies")
}

// byPolicy is a service SAS that leaves all to a policy, but for what change says.
func (s sharing) byPolicy(id string, change func(v *sign.SAS)) string {
	return s.service(func(v *sign.SAS) {
		v.Permissions, v.Expiry, v.Identifier = "", "", id
		change(v)
	})
}

// counts waits until the container's policies do, by one that lets the blob be read.
func (s sharing) counts(ctx context.Context, id string) {
	s.t.Until(ctx, 200, func() *suite.Request { return s.get(s.byPolicy(id, unchanged)) })
	s.works(ctx, s.byPolicy(id, unchanged), "by the policy alone")
}

func fromPolicy(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	s.setPolicies(ctx, policy{"read", "r", s.until(-hour), s.until(hour)}, policy{"write", "w", "", s.until(hour)},
		policy{"ended", "r", s.until(-2 * hour), s.until(-hour)}, policy{"later", "r", s.until(hour), s.until(2 * hour)})
	s.counts(ctx, "read")
	s.opens(ctx, "BLOB-SAS-069", s.byPolicy("read", unchanged), "sp, st and se of the policy")
	s.closed(ctx, "BLOB-SAS-069", s.byPolicy("write", unchanged), "a policy without r")
	s.closed(ctx, "BLOB-SAS-069", s.byPolicy("ended", unchanged), "a policy that has ended")
	s.closed(ctx, "BLOB-SAS-069", s.byPolicy("later", unchanged), "a policy that has not begun")
	a := t.Send(ctx, s.put(s.name, s.byPolicy("read", unchanged)))
	t.Rule("BLOB-SAS-069").Expect(a, "writing by a policy without w").To(match.Status(403))
}

func policyDeleted(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	kept, deleted := policy{"kept", "r", "", s.until(hour)}, policy{"deleted", "r", "", s.until(hour)}
	s.setPolicies(ctx, kept, deleted)
	s.counts(ctx, "deleted")
	s.setPolicies(ctx, kept)
	t.Rule("BLOB-SAS-070").Eventually(ctx, func(ctx context.Context) any { return t.Send(ctx, s.get(s.byPolicy("deleted", unchanged))) }, match.Status(403))
	s.works(ctx, s.byPolicy("kept", unchanged), "by a policy that is still there")
}

// sasManagerSpecs are about signatures that Resource Manager makes, and keys that it makes anew.
func sasManagerSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "BLOB-SAS-048/from-resource-manager", Title: "has tokens of 2015-04-05 from Resource Manager", Needs: []string{"arm.storage.sas"},
			Covers: []string{"BLOB-SAS-049", "BLOB-SAS-050", "BLOB-SAS-051"}, Run: fromManager,
		},
		{ID: "BLOB-SAS-061/regenerated", Title: "refuses a signature when its key was made anew", Needs: []string{"arm.storage"}, Run: regenerated},
	}
}

func fromManager(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	start, expiry := s.until(-hour), s.until(hour)
	colons := strings.ReplaceAll(expiry, ":", "%3A")
	for _, version := range []string{"2017-06-01", suite.StorageVersion} {
		ask := func(operation, member string, body map[string]any) string {
			a := t.Send(ctx, t.ARM("POST", t.World.AccountID()+"/"+operation+"?api-version="+version).JSON(body))
			t.Require(a, match.JSON(member, gomega.Not(gomega.BeEmpty())), operation)
			return match.Text(a, member)
		}
		times := map[string]any{"signedExpiry": expiry}
		account := ask("ListAccountSas", "accountSasToken", merge(times, map[string]any{
			"signedServices": "b", "signedResourceTypes": "sco", "signedPermission": "r", "signedStart": start, "signedProtocol": "https,http", "keyToSign": "key1",
		}))
		service := ask("ListServiceSas", "serviceSasToken", merge(times, map[string]any{
			"canonicalizedResource": "/blob/" + s.account + "/" + s.container, "signedResource": "c", "signedPermission": "r",
		}))
		t.Rule("BLOB-SAS-048").Expect(account, "ListAccountSas of "+version).To(gomega.ContainSubstring("sv=2015-04-05&"))
		t.Rule("BLOB-SAS-048").Expect(service, "ListServiceSas of "+version).To(gomega.ContainSubstring("sv=2015-04-05&"))
		t.Rule("BLOB-SAS-049").Expect(parameterNames(account)).To(gomega.Equal("sv ss srt sp st se spr sig"))
		t.Rule("BLOB-SAS-050").Expect(parameterNames(service)).To(gomega.Equal("sv sr se sp sig"))
		t.Rule("BLOB-SAS-051").Expect(account).To(gomega.ContainSubstring("spr=https,http&"))
		t.Rule("BLOB-SAS-051").Expect(account).To(gomega.ContainSubstring("se=" + colons))
		t.Rule("BLOB-SAS-051").Expect(service).To(gomega.ContainSubstring("se=" + colons))
	}
}

// parameterNames are the names of the parameters of a query, in order.
func parameterNames(query string) string {
	var names []string
	for part := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(part, "=")
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

// regenerated reads by a signature of the first key, and by it again when that key is another.
func regenerated(ctx context.Context, t *suite.T) {
	account := newAccount(ctx, t, "Standard_LRS", nil)
	v := &sign.AccountSAS{
		Account: account.name, Version: t.Env.Target.Versions.Blob, Services: "b", ResourceTypes: "s", Permissions: "l", Expiry: stamp(t.Now().Add(hour)),
	}
	list := func(key []byte) *suite.Request {
		return account.request("https", "GET", "/?comp=list&prefix=regenerated").Raw(v.Query(key))
	}
	t.Require(t.Send(ctx, list(account.key)), match.XML("Prefix", "regenerated"), "by the key as it was")
	a := t.Send(ctx, t.ARM("POST", account.id+"/regenerateKey?api-version="+suite.StorageVersion).JSON(map[string]any{"keyName": "key1"}))
	t.Require(a, match.Status(200), "making the key anew")
	t.Rule("BLOB-SAS-061").Eventually(ctx, func(ctx context.Context) any { return t.Send(ctx, list(account.key)) }, match.Status(403))
	t.Rule("BLOB-SAS-061").Expect(t.Send(ctx, list(account.key))).To(match.Code("AuthenticationFailed"))
	t.Until(ctx, 200, func() *suite.Request { return list(account.decode(a, "keys.0.value")) })
}
