package blob

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/blobstore"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// maxResults is the length of a page, and the most that can be asked for.
const maxResults = 5000

// pageSize reads maxresults (BLOB-LIST-004, BLOB-LIST-005).
func pageSize(c *wire.Call) (int, error) {
	raw := c.Query.Get("maxresults")
	if raw == "" {
		return maxResults, nil
	}
	n, err := strconv.Atoi(raw)
	switch {
	case err != nil:
		return 0, queryValue("maxresults", raw)
	case n < 1:
		return 0, apierr.New(apierr.StorageQueryRange).WithField("QueryParameterName", "maxresults").WithField("QueryParameterValue", raw).
			WithField("MinimumAllowed", "1").WithField("MaximumAllowed", strconv.Itoa(maxResults))
	}
	return min(n, maxResults), nil
}

// include reads the parameter of that name: which of the known words are there.
func include(c *wire.Call, known ...string) (map[string]bool, error) {
	found := map[string]bool{}
	for word := range strings.SplitSeq(strings.Join(c.Query.All("include"), ","), ",") {
		if word = strings.ToLower(strings.TrimSpace(word)); word == "" {
			continue
		}
		if !slices.Contains(known, word) {
			return nil, queryValue("include", word)
		}
		found[word] = true
	}
	return found, nil
}

// endpoint is the URL of the account as the caller reaches it.
func endpoint(c *wire.Call) string { return c.Scheme() + "://" + c.Request.Host + c.Mount + "/" }

// begin opens the root element of a list, with the parameters that were sent
// (BLOB-LIST-002).
func (d *document) begin(c *wire.Call, container string, parameters ...string) {
	d.WriteString(`<EnumerationResults ServiceEndpoint="`)
	wire.XMLText(&d.Buffer, endpoint(c))
	if container != "" {
		d.WriteString(`" ContainerName="`)
		wire.XMLText(&d.Buffer, container)
	}
	d.WriteString(`">`)
	for _, name := range parameters {
		if value := c.Query.Get(name); value != "" {
			d.name(c, parameterElements[name], value)
		}
	}
}

// parameterElements are the elements that repeat parameters.
var parameterElements = map[string]string{
	"prefix": "Prefix", "marker": "Marker", "startfrom": "StartFrom", "maxresults": "MaxResults", "delimiter": "Delimiter",
}

// name writes a name, percent-encoded where XML cannot have it (BLOB-LIST-011).
func (d *document) name(c *wire.Call, element, text string) {
	if c.Version >= "2021-02-12" && strings.ContainsAny(text, "\ufffe\uffff") {
		d.WriteString("<" + element + ` Encoded="true">` + strings.ReplaceAll(url.QueryEscape(text), "+", "%20") + "</" + element + ">")
		return
	}
	d.element(element, text)
}

func listContainers(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	r := of(c)
	limit, err := pageSize(c)
	if err != nil {
		return wire.Response{}, err
	}
	with, err := include(c, "metadata", "deleted", "system")
	if err != nil {
		return wire.Response{}, err
	}
	from := ""
	if marker := c.Query.Get("marker"); marker != "" { // BLOB-CONT-015
		var ok bool
		if from, ok = strings.CutPrefix(marker, "/"+r.account.Name+"/"); !ok {
			return wire.Response{}, queryValue("marker", marker)
		}
	}
	page, next := blobstore.ListContainers(tx, r.account.Name, c.Query.Get("prefix"), from, limit)
	d := newDocument()
	d.begin(c, "", "prefix", "marker", "maxresults")
	d.inside("Containers", func() {
		for _, one := range page {
			d.inside("Container", func() { d.container(c, one, with["metadata"]) })
		}
	})
	if next != "" {
		next = "/" + r.account.Name + "/" + next
	}
	d.element("NextMarker", next)
	d.WriteString("</EnumerationResults>")
	return d.response(), nil
}

func (d *document) container(c *wire.Call, one state.Container, metadata bool) {
	d.element("Name", one.Name)
	d.inside("Properties", func() {
		d.element("Last-Modified", one.Modified.Format(http.TimeFormat))
		d.element("Etag", `"`+blobstore.ETag(one.Modified)+`"`) // BLOB-CONT-014
		d.element("LeaseStatus", "unlocked")
		d.element("LeaseState", "available")
		d.optional("PublicAccess", one.Public)
		for _, p := range containerProperties() {
			if c.Version >= p.since {
				d.element(p.element, p.value)
			}
		}
	})
	if metadata {
		d.metadata(one.Metadata)
	}
}

func (d *document) metadata(items []state.MetadataItem) {
	d.inside("Metadata", func() {
		for _, item := range items {
			d.element(item.Name, item.Value)
		}
	})
}

func listBlobs(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	found, err := container(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	limit, err := pageSize(c)
	if err != nil {
		return wire.Response{}, err
	}
	// What there is none of here, such as snapshots, adds nothing to a list.
	with, err := include(c, "metadata", "tags", "uncommittedblobs", "snapshots", "versions", "deleted", "copy",
		"deletedwithversions", "immutabilitypolicy", "legalhold", "permissions")
	if err != nil {
		return wire.Response{}, err
	}
	delimiter := c.Query.Get("delimiter")
	if delimiter != "" && (with["snapshots"] || with["versions"]) { // BLOB-LIST-012
		return wire.Response{}, queryValue("include", c.Query.Get("include"))
	}
	from, err := markedName(c)
	if err != nil {
		return wire.Response{}, err
	}
	page, next := blobstore.ListBlobs(tx, blobstore.Listing{
		Account: found.Account, Container: found.Name, Prefix: c.Query.Get("prefix"), Delimiter: delimiter,
		From: max(from, c.Query.Get("startfrom")), Limit: limit, Uncommitted: with["uncommittedblobs"], Now: c.Now,
	})
	d := newDocument()
	d.begin(c, found.Name, "prefix", "marker", "startfrom", "maxresults", "delimiter")
	d.inside("Blobs", func() {
		for _, e := range page {
			if e.Prefix != "" {
				d.inside("BlobPrefix", func() { d.name(c, "Name", e.Prefix) })
				continue
			}
			d.inside("Blob", func() { d.blob(c, e, with) })
		}
	})
	d.element("NextMarker", marker(next))
	d.WriteString("</EnumerationResults>")
	return d.response(), nil
}

// farFuture ends the markers of lists of current blobs.
const farFuture = "9999-12-31T23:59:59.9999999Z"

// marker is where the next page begins, in the service's form (BLOB-LIST-007).
func marker(name string) string {
	if name == "" {
		return ""
	}
	text := fmt.Sprintf("%06d!%s!%06d!%s!", len(name), name, len(farFuture), farFuture)
	encoded := strings.ReplaceAll(base64.StdEncoding.EncodeToString([]byte(text)), "=", "-")
	return fmt.Sprintf("2!%d!%s", len(encoded), encoded)
}

// markedName is the name that a request's marker means (BLOB-LIST-008).
func markedName(c *wire.Call) (string, error) {
	raw := c.Query.Get("marker")
	name, ok := parseMarker(raw)
	if !ok {
		return "", queryValue("marker", raw)
	}
	return name, nil
}

func parseMarker(raw string) (name string, ok bool) {
	if raw == "" {
		return "", true
	}
	parts := strings.SplitN(raw, "!", 3)
	if len(parts) != 3 || parts[0] != "2" {
		return "", false
	}
	text, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(parts[2], "-", "="))
	digits, rest, cut := strings.Cut(string(text), "!")
	n, notNumber := strconv.Atoi(digits)
	if err != nil || !cut || notNumber != nil || n < 1 || n >= len(rest) || rest[n] != '!' {
		return "", false
	}
	return rest[:n], true
}

func (d *document) blob(c *wire.Call, e blobstore.Entry, with map[string]bool) {
	d.name(c, "Name", e.Blob.Name)
	d.inside("Properties", func() { d.blobProperties(c, e) })
	if e.Uncommitted {
		return
	}
	if with["metadata"] {
		d.metadata(e.Blob.Metadata)
	}
	if with["tags"] && len(e.Blob.Tags) > 0 {
		d.tags(e.Blob.Tags)
	}
	if c.Version >= challengeVersion {
		d.element("OrMetadata", "")
	}
}

func (d *document) blobProperties(c *wire.Call, e blobstore.Entry) {
	b := e.Blob
	if !e.Uncommitted {
		if c.Version >= bearerVersion {
			d.element("Creation-Time", b.Created.Format(http.TimeFormat))
		}
		d.element("Last-Modified", b.Modified.Format(http.TimeFormat))
		d.element("Etag", blobstore.ETag(b.Modified)) // BLOB-CONT-014
	}
	d.element("Content-Length", strconv.FormatInt(b.Content.Size, 10))
	if !e.Uncommitted {
		d.element("Content-Type", b.ContentType)
		d.element("Content-Encoding", b.ContentEncoding)
		d.element("Content-Language", b.ContentLanguage)
		if c.Version >= "2019-02-02" { // BLOB-LIST-013
			d.element("Content-CRC64", "")
		}
		d.element("Content-MD5", b.MD5)
		d.element("Cache-Control", b.CacheControl)
		d.element("Content-Disposition", b.ContentDisposition)
	}
	d.element("BlobType", "BlockBlob")
	if account := of(c).account; hasTiers(account) && c.Version >= "2017-04-17" {
		name, inferred := tier(account, b)
		d.element("AccessTier", name)
		if inferred {
			d.element("AccessTierInferred", "true")
		}
		if !b.TierChanged.IsZero() {
			d.element("AccessTierChangeTime", b.TierChanged.Format(http.TimeFormat))
		}
	}
	d.element("LeaseStatus", "unlocked")
	d.element("LeaseState", "available")
	if c.Version >= "2015-12-11" {
		d.element("ServerEncrypted", strconv.FormatBool(!e.Uncommitted))
	}
	if n := len(b.Tags); n > 0 && c.Version >= challengeVersion {
		d.element("TagCount", strconv.Itoa(n))
	}
}
