package blob

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/blobstore"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

const metaPrefix = "X-Ms-Meta-"

// metadataOf reads the x-ms-meta- headers, their names as they were sent
// (BLOB-COMMON-023).
func metadataOf(c *wire.Call) []state.MetadataItem {
	var out []state.MetadataItem
	for name, values := range c.Request.Header {
		if !strings.HasPrefix(name, metaPrefix) {
			continue
		}
		sent := wire.HeaderName(c.Request, name)[len(metaPrefix):]
		for _, value := range values {
			out = append(out, state.MetadataItem{Name: sent, Value: strings.TrimSpace(value)})
		}
	}
	slices.SortFunc(out, func(a, b state.MetadataItem) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return out
}

// addMetadata puts metadata into an answer: past the canonical form of names.
func addMetadata(h http.Header, items []state.MetadataItem) {
	for _, item := range items {
		h["x-ms-meta-"+item.Name] = []string{item.Value}
	}
}

// modified is the headers of something that was modified at an instant (BLOB-COMMON-012,
// BLOB-COMMON-013).
func modified(at time.Time) http.Header {
	return http.Header{"ETag": {`"` + blobstore.ETag(at) + `"`}, "Last-Modified": {at.Format(http.TimeFormat)}}
}

func entity(at time.Time) wire.Entity { return wire.Entity{Tag: blobstore.ETag(at), Modified: at} }

// contentHeadersOf reads what a blob is to be served with: the x-ms-blob- form wins over
// the plain one, which plain says whether to look at (BLOB-PUT-004).
func contentHeadersOf(h http.Header, plain bool) state.ContentHeaders {
	get := func(name string) string {
		if v := h.Get("x-ms-blob-" + name); v != "" || !plain {
			return v
		}
		return h.Get(name)
	}
	return state.ContentHeaders{
		ContentType: get("content-type"), ContentEncoding: get("content-encoding"), ContentLanguage: get("content-language"),
		ContentDisposition: h.Get("x-ms-blob-content-disposition"), CacheControl: get("cache-control"),
		MD5: h.Get("x-ms-blob-content-md5"),
	}
}

// tagsOf reads the tags of x-ms-tags, a query string.
func tagsOf(h http.Header) (map[string]string, error) {
	raw := h.Get("x-ms-tags")
	if raw == "" {
		return nil, nil
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, wire.HeaderValue("x-ms-tags", raw)
	}
	tags := make(map[string]string, len(values))
	for key, all := range values {
		if len(all) > 1 {
			return nil, wire.Refuse(apierr.StorageTagTwice)
		}
		tags[key] = all[0]
	}
	return tags, nil
}

// tierOf reads x-ms-access-tier; some clients send it empty where they mean none.
func tierOf(h http.Header) (string, error) {
	asked := h.Get("x-ms-access-tier")
	if asked == "" {
		return "", nil
	}
	for _, tier := range []string{blobstore.Hot, blobstore.Cool, blobstore.Cold, blobstore.Archive} {
		if strings.EqualFold(asked, tier) {
			return tier, nil
		}
	}
	return "", wire.HeaderValue("x-ms-access-tier", asked)
}

// hasTiers tells whether the account's kind knows access tiers.
func hasTiers(a state.StorageAccount) bool { return a.Kind == "StorageV2" || a.Kind == "BlobStorage" }

// tier is a blob's access tier, and whether it is the account's (BLOB-PROP-012).
func tier(a state.StorageAccount, b state.Blob) (name string, inferred bool) {
	if b.Tier != "" {
		return b.Tier, false
	}
	return orDefault(a.AccessTier, blobstore.Hot), true
}

// blobHeaders are the headers that describe a blob in Get Blob and Get Blob Properties.
func blobHeaders(c *wire.Call, b state.Blob) http.Header {
	h := modified(b.Modified)
	h["Accept-Ranges"] = []string{"bytes"}
	h["x-ms-blob-type"] = []string{"BlockBlob"}
	h["x-ms-lease-status"] = []string{"unlocked"}
	h["x-ms-lease-state"] = []string{"available"}
	if c.Version >= "2015-12-11" {
		h["x-ms-server-encrypted"] = []string{"true"}
	}
	if c.Version >= "2017-11-09" {
		h["x-ms-creation-time"] = []string{b.Created.Format(http.TimeFormat)}
	}
	if len(b.Tags) > 0 && c.Version >= challengeVersion {
		h["x-ms-tag-count"] = []string{strconv.Itoa(len(b.Tags))}
	}
	for name, value := range map[string]string{
		"Content-Type": b.ContentType, "Content-Encoding": b.ContentEncoding, "Content-Language": b.ContentLanguage,
		"Content-Disposition": b.ContentDisposition, "Cache-Control": b.CacheControl, "Content-MD5": b.MD5,
	} {
		if value != "" {
			h[name] = []string{value}
		}
	}
	addMetadata(h, b.Metadata)
	return h
}

// addTier adds the headers of the access tier.
func addTier(h http.Header, a state.StorageAccount, b state.Blob) {
	if !hasTiers(a) {
		return
	}
	name, inferred := tier(a, b)
	h["x-ms-access-tier"] = []string{name}
	if inferred {
		h["x-ms-access-tier-inferred"] = []string{"true"}
	}
	if !b.TierChanged.IsZero() {
		h["x-ms-access-tier-change-time"] = []string{b.TierChanged.Format(http.TimeFormat)}
	}
}

// notHere are headers that ask for what is not emulated: a request that has one is not
// answered as if it had none.
func notHere(h http.Header) error {
	for name, what := range map[string]string{
		"x-ms-encryption-key":                 "customer-provided keys",
		"x-ms-encryption-scope":               "encryption scopes",
		"x-ms-default-encryption-scope":       "encryption scopes",
		"x-ms-if-tags":                        "conditions on tags",
		"x-ms-immutability-policy-until-date": "immutability policies",
		"x-ms-legal-hold":                     "legal holds",
	} {
		if h.Get(name) != "" {
			return wire.Refuse(apierr.StorageNotEmulated, what)
		}
	}
	if h.Get("x-ms-structured-body") != "" && h.Get("x-ms-structured-content-length") != "" {
		return apierr.New(apierr.StorageHeaderUnsupported).WithField("HeaderName", "x-ms-structured-body").
			WithField("HeaderValue", h.Get("x-ms-structured-body"))
	}
	return nil
}
