package vault

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// pages asks for a list to its end, as clients do.
func pages(ctx context.Context, t *suite.T, first *suite.Request) []*wire.Answer {
	var all []*wire.Answer
	for r := first; ; {
		a := t.Send(ctx, r)
		t.Require(a, match.Status(200), "a page of the list of", first.URL)
		t.Require(a, match.JSON("value", gomega.BeAssignableToTypeOf([]any{})), "a page of the list of", first.URL)
		all = append(all, a)
		next := match.Text(a, "nextLink")
		if next == "" {
			return all
		}
		if len(all) > 1000 {
			t.Broken("the list of %s does not end", first.URL)
		}
		r = first.Clone()
		r.URL = next
	}
}

// idsIn are the ids of the items of a page.
func idsIn(a *wire.Answer) []string {
	out := []string{}
	items, _ := match.Value(a, "value").([]any)
	for _, item := range items {
		fields, _ := item.(object)
		id, _ := fields["id"].(string)
		out = append(out, id)
	}
	return out
}

func idsOf(all []*wire.Answer) []string {
	var out []string
	for _, a := range all {
		out = append(out, idsIn(a)...)
	}
	return out
}

// listSpecs are about lists and their pages.
func listSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "KV-SECRET-031/last-page", Title: "ends a list with a nextLink of null",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				put(ctx, t, name, object{"value": "value"})
				for _, path := range []string{"secrets/" + name + "/versions", "secrets", "deletedsecrets"} {
					all := pages(ctx, t, t.Vault("GET", path))
					last := all[len(all)-1]
					t.Require(last, match.Status(200), path)
					t.Rule("KV-SECRET-031").Expect(last, path).To(match.JSON("value", gomega.BeAssignableToTypeOf([]any{})))
					t.Rule("KV-SECRET-031").Expect(last, path).To(match.JSON("nextLink", gomega.BeNil()))
				}
			},
		},
		{ID: "KV-SECRET-032/items", Title: "lists secrets by their ids without version, and without their values", Run: items},
		{
			ID: "KV-SECRET-035/pages", Title: "keeps pages to maxresults, and links to the next one",
			Covers: []string{"KV-SECRET-033", "KV-SECRET-034"},
			Run:    pagesOfSecrets,
		},
		{
			ID: "KV-SECRET-035/versions", Title: "keeps pages to 25 items where nobody asks for fewer",
			Covers: []string{"KV-SECRET-033", "KV-SECRET-034"},
			Run:    pagesOfVersions,
		},
		{
			ID: "KV-SECRET-036/out-of-bounds", Title: "refuses a maxresults out of bounds, and a $skiptoken that it did not give",
			Run: func(ctx context.Context, t *suite.T) {
				t.Require(t.Send(ctx, t.Vault("GET", "secrets?maxresults=25")), match.Status(200), "25")
				for _, query := range []string{"maxresults=0", "maxresults=26", "maxresults=x", "$skiptoken=none"} {
					a := t.Send(ctx, t.Vault("GET", "secrets?"+query))
					t.Rule("KV-SECRET-036").Expect(a, query).To(match.Status(400))
					t.Rule("KV-SECRET-036").Expect(a, query).To(match.Code("BadParameter"))
				}
			},
		},
		{
			ID: "KV-SECRET-037/versions-of-nothing", Title: "lists no versions of a secret that is not there",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				put(ctx, t, name, object{"value": "value"})
				t.Require(t.Send(ctx, t.Vault("GET", "secrets/"+name+"/versions")), match.JSON("value.0.id", there()), "of one that is there")
				a := t.Send(ctx, t.Vault("GET", "secrets/"+t.Unique("s")+"/versions"))
				t.Rule("KV-SECRET-037").Expect(a).To(match.Status(200))
				t.Rule("KV-SECRET-037").Expect(a).To(match.JSON("value", gomega.BeEmpty()))
			},
		},
	}
}

func items(ctx context.Context, t *suite.T) {
	vault, name := policyVault(ctx, t, every(t)), t.Unique("s")
	t.Until(ctx, 200, func() *suite.Request { return t.VaultOf(vault, "GET", "secrets") })
	putIn(ctx, t, vault, name, object{"value": "one", "contentType": "first"})
	putIn(ctx, t, vault, name, object{"value": "two", "contentType": "second", "tags": object{"k": "v"}, "attributes": object{"enabled": false}})
	all := pages(ctx, t, t.VaultOf(vault, "GET", "secrets"))
	i := slices.IndexFunc(all, func(a *wire.Answer) bool { return len(idsIn(a)) > 0 })
	if i < 0 {
		t.Broken("the list has no secret: %s", all[0].Body)
	}
	a := all[i]
	t.Rule("KV-SECRET-032").Expect(a).To(match.JSON("value.0.id", gomega.HaveSuffix("/secrets/"+name)))
	t.Rule("KV-SECRET-032").Expect(a).To(match.JSON("value.0.contentType", "second"))
	t.Rule("KV-SECRET-032").Expect(a).To(match.JSON("value.0.attributes.enabled", false))
	t.Rule("KV-SECRET-032").Expect(a).To(match.JSON("value.0.value", match.Absent()))
	order := []string{"id", "contentType", "attributes", "tags"}
	t.Rule("KV-SECRET-032").Expect(a).To(members("value.0", order, order))
}

// linked looks at the links of pages.
func linked(t *suite.T, all []*wire.Answer, vault, path, end string) {
	base, err := url.Parse(t.World.VaultBase(vault))
	if err != nil {
		t.Broken("%v", err)
	}
	host := base.Host
	if base.Port() == "" {
		host += ":443"
	}
	for _, a := range all[:len(all)-1] {
		t.Rule("KV-SECRET-033").Expect(a).To(match.JSON("nextLink", text(quote("https://"+host+"/"+path)+
			`\?api-version=7\.4&\$skiptoken=[^&]+`+end)))
	}
}

func pagesOfSecrets(ctx context.Context, t *suite.T) {
	vault := policyVault(ctx, t, every(t))
	t.Until(ctx, 200, func() *suite.Request { return t.VaultOf(vault, "GET", "secrets") })
	var want []string
	for _, name := range []string{"b", "A-1", "One", "a"} {
		id := match.Text(putIn(ctx, t, vault, name, object{"value": "value"}), "id")
		want = append(want, id[:strings.LastIndexByte(id, '/')])
	}
	for _, most := range []int{1, 3} {
		all := pages(ctx, t, t.VaultOf(vault, "GET", fmt.Sprintf("secrets?maxresults=%d&api-version=7.4", most)))
		t.Require(all[0], match.Status(200), "the first page")
		for i, a := range all {
			t.Rule("KV-SECRET-035").Expect(len(idsIn(a)), fmt.Sprintf("page %d of %d", i+1, most)).To(gomega.BeNumerically("<=", most))
		}
		t.Rule("KV-SECRET-035").Expect(len(all), "pages").To(gomega.BeNumerically(">", 1))
		t.Rule("KV-SECRET-035").Expect(idsOf(all), "all pages").To(gomega.ConsistOf(want))
		linked(t, all, vault, "secrets", fmt.Sprintf("&maxresults=%d", most))
		t.Rule("KV-SECRET-034").Expect(idsOf(all)).To(gomega.Equal([]string{want[3], want[1], want[0], want[2]}))
	}
}

func pagesOfVersions(ctx context.Context, t *suite.T) {
	name := t.Unique("s")
	var want []string
	for range 26 {
		want = append(want, match.Text(put(ctx, t, name, object{"value": "value"}), "id"))
	}
	all := pages(ctx, t, t.Vault("GET", "secrets/"+name+"/versions?api-version=7.4"))
	for i, a := range all {
		t.Rule("KV-SECRET-035").Expect(len(idsIn(a)), fmt.Sprintf("page %d", i+1)).To(gomega.BeNumerically("<=", 25))
	}
	t.Rule("KV-SECRET-035").Expect(idsOf(all), "all pages").To(gomega.ConsistOf(want))
	linked(t, all, t.World.Vault, "secrets/"+name+"/versions", "")
	t.Rule("KV-SECRET-033").Expect(len(all), "pages").To(gomega.BeNumerically(">", 1))
	slices.Sort(want)
	t.Rule("KV-SECRET-034").Expect(idsOf(all)).To(gomega.Equal(want))
}
