package blob

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// serviceSpecs are about the account's containers and the properties of the service. Specs run
// at the same time on one account, so each changes a property of its own.
func serviceSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-CONT-013/order", Title: "lists containers in order of their names", Run: listContainers},
		{ID: "BLOB-CONT-014/quotes", Title: "quotes the ETag of a container in a list, and not a blob's", Needs: []string{"blob.list"}, Run: listedTags},
		{ID: "BLOB-CONT-015/marker", Title: "names the first container of the next page as NextMarker", Run: containerMarker},
		{ID: "BLOB-CONT-016/order", Title: "answers the properties of the service in their order", Run: serviceProperties},
		{ID: "BLOB-CONT-017/part", Title: "changes the properties of the service that are given", Run: setServiceProperties},
		{ID: "BLOB-CONT-018/days", Title: "refuses retention days out of range", Covers: []string{"BLOB-CONT-021"}, Run: retentionDays},
		{ID: "BLOB-CONT-018/rules", Title: "refuses more than five CORS rules", Covers: []string{"BLOB-CONT-020"}, Run: corsRules},
		{ID: "BLOB-CONT-019/paths", Title: "answers the kind of the account on any path", Run: accountInformation},
	}
}

// family makes containers whose names begin with the same word, in another order than theirs.
func family(ctx context.Context, t *suite.T) (prefix string) {
	prefix = t.Unique("c")
	for _, last := range []string{"b", "c", "a"} {
		t.ContainerNamed(ctx, prefix+last)
	}
	return prefix
}

func listContainers(ctx context.Context, t *suite.T) {
	prefix := family(ctx, t)
	a := t.Send(ctx, t.Blob("GET", "/?comp=list").Query("prefix", prefix))
	rule := t.Rule("BLOB-CONT-013")
	rule.Expect(a).To(match.Status(200))
	rule.Expect(a).To(match.Root("EnumerationResults"))
	rule.Expect(a).To(match.All("Containers/Container/Name", []string{prefix + "a", prefix + "b", prefix + "c"}))
	headers(t, "BLOB-CONT-013", a, "Content-Type", gomega.HavePrefix("application/xml"), "Transfer-Encoding", "chunked")
}

func listedTags(ctx context.Context, t *suite.T) {
	name := t.Unique("c")
	t.ContainerNamed(ctx, name)
	made := t.Send(ctx, t.Blob("GET", name+"?restype=container"))
	put := t.PutBlob(ctx, name+"/b", "x")
	t.Require(put.Header.Get("ETag"), gomega.HavePrefix(`"`), "the ETag of the blob")
	containers := t.Send(ctx, t.Blob("GET", "/?comp=list").Query("prefix", name))
	t.Rule("BLOB-CONT-014").Expect(containers).To(match.XML("Containers/Container/Properties/Etag", made.Header.Get("ETag")))
	blobs := t.Send(ctx, t.Blob("GET", name+"?restype=container&comp=list"))
	t.Rule("BLOB-CONT-014").Expect(blobs).To(match.XML("Blobs/Blob/Properties/Etag", strings.Trim(put.Header.Get("ETag"), `"`)))
}

func containerMarker(ctx context.Context, t *suite.T) {
	prefix := family(ctx, t)
	first := t.Send(ctx, t.Blob("GET", "/?comp=list&maxresults=2").Query("prefix", prefix))
	t.Require(first, match.All("Containers/Container/Name", []string{prefix + "a", prefix + "b"}), "the first page")
	marker := "/" + t.World.Account + "/" + prefix + "c"
	t.Rule("BLOB-CONT-015").Expect(first).To(match.XML("NextMarker", marker))
	second := t.Send(ctx, t.Blob("GET", "/?comp=list&maxresults=2").Query("prefix", prefix).Query("marker", marker))
	t.Rule("BLOB-CONT-015").Expect(second).To(match.All("Containers/Container/Name", []string{prefix + "c"}))
}

// getService is the properties of the service.
func getService(ctx context.Context, t *suite.T) *wire.Answer {
	a := t.Send(ctx, t.Blob("GET", "/?restype=service&comp=properties"))
	t.Require(a, match.Root("StorageServiceProperties"), "the properties of the service")
	return a
}

// settingService is a Set Blob Service Properties.
func settingService(t *suite.T, body string) *suite.Request {
	return t.Blob("PUT", "/?restype=service&comp=properties").
		Text(`<?xml version="1.0" encoding="utf-8"?><StorageServiceProperties>` + body + `</StorageServiceProperties>`)
}

// keepsService puts a property of the service back as it is now, when the spec has ended.
func keepsService(ctx context.Context, t *suite.T, property string) (before *wire.Answer) {
	before = getService(ctx, t)
	old := regexp.MustCompile(`(?s)<` + property + `( ?/>|>.*?</` + property + `>)`).FindString(string(before.Body))
	t.Cleanup(func(ctx context.Context) { t.Send(ctx, settingService(t, old)) })
	return before
}

func serviceProperties(ctx context.Context, t *suite.T) {
	a := getService(ctx, t)
	rule := t.Rule("BLOB-CONT-016")
	rule.Expect(a).To(match.Status(200))
	order := []string{"Logging", "HourMetrics", "MinuteMetrics", "Cors", "DeleteRetentionPolicy", "StaticWebsite"}
	rule.Expect(a).To(match.Children("", gomega.BeElementOf(order, append(order, "DefaultServiceVersion"))))
}

func setServiceProperties(ctx context.Context, t *suite.T) {
	before := keepsService(ctx, t, "MinuteMetrics")
	const body = "<MinuteMetrics><Version>1.0</Version><Enabled>true</Enabled><IncludeAPIs>false</IncludeAPIs>" +
		"<RetentionPolicy><Enabled>true</Enabled><Days>%d</Days></RetentionPolicy></MinuteMetrics>"
	for _, days := range []int{3, 4} {
		t.Rule("BLOB-CONT-017").Expect(t.Send(ctx, settingService(t, fmt.Sprintf(body, days)))).To(match.Status(202))
	}
	t.Rule("BLOB-CONT-017").Eventually(ctx, func(ctx context.Context) any { return getService(ctx, t) },
		match.XML("MinuteMetrics/RetentionPolicy/Days", "4"))
	after := getService(ctx, t)
	was, err := match.ParseXML(before.Body)
	t.Require(err, gomega.Succeed())
	for _, path := range []string{"HourMetrics/Enabled", "DeleteRetentionPolicy/Enabled"} {
		if e := was.Find(path); e != nil {
			t.Rule("BLOB-CONT-017").Expect(after).To(match.XML(path, e.Text))
		}
	}
}

func retentionDays(ctx context.Context, t *suite.T) {
	keepsService(ctx, t, "Logging")
	const body = "<Logging><Version>1.0</Version><Delete>false</Delete><Read>false</Read><Write>false</Write>" +
		"<RetentionPolicy><Enabled>true</Enabled><Days>%d</Days></RetentionPolicy></Logging>"
	for _, days := range []int{0, 366} {
		r := settingService(t, fmt.Sprintf(body, days))
		a := t.Send(ctx, r)
		refused(t, "BLOB-CONT-018", a, 400, "InvalidXmlDocument", fmt.Sprint(days, " days"))
		next := strings.Index(string(r.Body), "</Days></") + len("</Days></") + 1 // columns count from 1
		names(t, "BLOB-CONT-021", a, "LinePosition", strconv.Itoa(next))
	}
	for _, days := range []int{1, 365} {
		t.Require(t.Send(ctx, settingService(t, fmt.Sprintf(body, days))), match.Status(202), fmt.Sprint(days, " days"))
	}
}

func corsRules(ctx context.Context, t *suite.T) {
	keepsService(ctx, t, "Cors")
	const rule = "<CorsRule><AllowedOrigins>https://a.example</AllowedOrigins><AllowedMethods>GET</AllowedMethods><MaxAgeInSeconds>1</MaxAgeInSeconds>" +
		"<ExposedHeaders>x-ms-meta-data*,x-ms-meta-a,x-ms-meta-b*,x-ms-meta-c</ExposedHeaders>" +
		"<AllowedHeaders>x-ms-meta-data*,x-ms-meta-a</AllowedHeaders></CorsRule>"
	body := func(n int) string { return "<Cors>" + strings.Repeat(rule, n) + "</Cors>" }
	refused(t, "BLOB-CONT-018", t.Send(ctx, settingService(t, body(6))), 400, "InvalidXmlDocument", "six rules")
	t.Require(t.Send(ctx, settingService(t, body(5))), match.Status(202), "five rules")
	t.Rule("BLOB-CONT-020").Eventually(ctx, func(ctx context.Context) any { return getService(ctx, t) },
		gomega.And(match.XML("Cors/CorsRule/ExposedHeaders", "x-ms-meta-a,x-ms-meta-c,x-ms-meta-data*,x-ms-meta-b*"),
			match.XML("Cors/CorsRule/AllowedHeaders", "x-ms-meta-a,x-ms-meta-data*")))
}

func accountInformation(ctx context.Context, t *suite.T) {
	getService(ctx, t) // that there is a service at all
	for _, path := range []string{"/", t.Unique("c") + "/b", t.Unique("c")} {
		for _, method := range []string{"GET", "HEAD"} {
			a := t.Send(ctx, t.Blob(method, path+"?restype=account&comp=properties"))
			t.Rule("BLOB-CONT-019").Expect(a, method, path).To(match.Status(200))
			headers(t, "BLOB-CONT-019", a, "x-ms-sku-name", gomega.MatchRegexp("^(Standard|Premium)_"),
				"x-ms-account-kind", gomega.MatchRegexp("Storage"))
		}
	}
}
