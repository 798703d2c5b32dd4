package blob

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/internal/redact"
)

// Headers are what a blob is served with. "" is none.
type Headers struct {
	ContentType, ContentEncoding, ContentLanguage, ContentDisposition, CacheControl string
}

func (v *Headers) put(h http.Header) {
	set(h, "X-Ms-Blob-Content-Type", v.ContentType)
	set(h, "X-Ms-Blob-Content-Encoding", v.ContentEncoding)
	set(h, "X-Ms-Blob-Content-Language", v.ContentLanguage)
	set(h, "X-Ms-Blob-Content-Disposition", v.ContentDisposition)
	set(h, "X-Ms-Blob-Cache-Control", v.CacheControl)
}

// Properties is what the service says of a blob.
type Properties struct {
	Headers
	// Size is in bytes.
	Size int64
	// ETag is of this version of the blob, with its quotation marks.
	ETag string
	// Modified and Created are by the second.
	Modified, Created time.Time
	// MD5 is the stored one, base64; "" where none was stored. The service takes one as it is said, and computes one
	// itself for what came in one request.
	MD5 string
	// Type is BlockBlob, PageBlob or AppendBlob.
	Type string
	// Tier is Hot, Cool, Cold, Archive or a premium one.
	Tier string
	// LeaseState is available, leased, expired, breaking or broken.
	LeaseState string
	// VersionID is of accounts that keep versions.
	VersionID string
	// Metadata has the names in lower case where they came as headers, and as they were written in lists.
	Metadata map[string]string
	// Copy is about the last copy to this blob, where there was one.
	Copy Copy
}

// propertiesOf reads headers. The size of an answer with a range is that of the whole blob.
func propertiesOf(h http.Header) Properties {
	p := Properties{
		Headers: Headers{
			ContentType: h.Get("Content-Type"), ContentEncoding: h.Get("Content-Encoding"), ContentLanguage: h.Get("Content-Language"),
			ContentDisposition: h.Get("Content-Disposition"), CacheControl: h.Get("Cache-Control"),
		},
		ETag: h.Get("Etag"), Modified: parseTime(h.Get("Last-Modified")), Created: parseTime(h.Get("X-Ms-Creation-Time")),
		MD5: h.Get("Content-Md5"), Type: h.Get("X-Ms-Blob-Type"), Tier: h.Get("X-Ms-Access-Tier"),
		LeaseState: h.Get("X-Ms-Lease-State"), VersionID: h.Get("X-Ms-Version-Id"), Metadata: metadataOf(h), Copy: copyOf(h),
	}
	if length := h.Get("Content-Length"); length != "" {
		p.Size, _ = strconv.ParseInt(length, 10, 64)
	}
	if whole := h.Get("Content-Range"); whole != "" {
		_, _, p.Size, _ = contentRange(whole)
		p.MD5 = h.Get("X-Ms-Blob-Content-Md5")
	}
	return p
}

func metadataOf(h http.Header) map[string]string {
	var metadata map[string]string
	for name, values := range h {
		const start = "X-Ms-Meta-"
		if len(name) <= len(start) || !strings.EqualFold(name[:len(start)], start) {
			continue
		}
		if metadata == nil {
			metadata = map[string]string{}
		}
		metadata[strings.ToLower(name[len(start):])] = strings.Join(values, ",")
	}
	return metadata
}

// Properties asks what the service knows of the blob ("Get Blob Properties"). Nil conditions are none.
func (b *Blob) Properties(ctx context.Context, c *Conditions) (Properties, error) {
	req, err := b.request(ctx, http.MethodHead, nil)
	if err != nil {
		return Properties{}, err
	}
	if c != nil {
		c.put(req.Header)
	}
	h, err := b.client().do(req)
	if err != nil {
		return Properties{}, err
	}
	return propertiesOf(h), nil
}

// Exists tells whether the blob is there.
func (b *Blob) Exists(ctx context.Context) (bool, error) {
	_, err := b.Properties(ctx, nil)
	if missing(err) {
		return false, nil
	}
	return err == nil, err
}

// Delete deletes the blob ("Delete Blob"). Where it was tried again, and the blob was not there by then, a try before
// is taken to have deleted it. Nil conditions are none. A blob with snapshots is refused: SnapshotsPresent.
func (b *Blob) Delete(ctx context.Context, c *Conditions) error {
	req, err := b.request(ctx, http.MethodDelete, nil)
	if err != nil {
		return err
	}
	if c != nil {
		c.put(req.Header)
	}
	if _, err = b.client().do(req); again(err) && clientlib.HasCode(err, "BlobNotFound") {
		return nil
	}
	return err
}

// SetMetadata replaces all metadata of the blob ("Set Blob Metadata"). Nil conditions are none.
func (b *Blob) SetMetadata(ctx context.Context, metadata map[string]string, c *Conditions) (Written, error) {
	return b.change(ctx, "metadata", c, func(h http.Header) error { return putMetadata(h, metadata) })
}

// SetHeaders replaces what the blob is served with ("Set Blob Properties"): what is "" is cleared, and so is a stored
// MD5. Nil conditions are none.
func (b *Blob) SetHeaders(ctx context.Context, v Headers, c *Conditions) (Written, error) {
	return b.change(ctx, "properties", c, func(h http.Header) error {
		h["X-Ms-Blob-Content-Type"] = []string{v.ContentType} // be it empty: without any of them nothing is cleared
		v.put(h)
		return nil
	})
}

func (b *Blob) change(ctx context.Context, comp string, c *Conditions, put func(http.Header) error) (Written, error) {
	req, err := b.request(ctx, http.MethodPut, query{{"comp", comp}})
	if err != nil {
		return Written{}, err
	}
	if c != nil {
		c.put(req.Header)
	}
	if err := put(req.Header); err != nil {
		return Written{}, err
	}
	h, err := b.client().do(req)
	if err != nil {
		return Written{}, err
	}
	return writtenOf(h), nil
}

// Written is what the service says of what it has written.
type Written struct {
	// ETag is of this version, with its quotation marks.
	ETag string
	// Modified is by the second.
	Modified time.Time
	// VersionID is of accounts that keep versions.
	VersionID string
}

func writtenOf(h http.Header) Written {
	return Written{ETag: h.Get("Etag"), Modified: parseTime(h.Get("Last-Modified")), VersionID: h.Get("X-Ms-Version-Id")}
}

// Copy is what the service says of a copy to a blob.
type Copy struct {
	// ID is what WaitCopy and AbortCopy are told; "" where there was no copy.
	ID string
	// Status is pending, success, aborted or failed, and Description why it failed.
	Status, Description string
	// Source is the URL that was copied, without its secrets.
	Source string
	// Done and Total are in bytes.
	Done, Total int64
	// Completed is when it ended; zero while it is pending.
	Completed time.Time
}

func copyOf(h http.Header) Copy {
	if h.Get("X-Ms-Copy-Id") == "" {
		return Copy{}
	}
	c := Copy{
		ID: h.Get("X-Ms-Copy-Id"), Status: h.Get("X-Ms-Copy-Status"), Description: redact.Text(h.Get("X-Ms-Copy-Status-Description")),
		Completed: parseTime(h.Get("X-Ms-Copy-Completion-Time")),
	}
	if source := h.Get("X-Ms-Copy-Source"); source != "" {
		c.Source = redact.RawURL(source)
	}
	c.progress(h.Get("X-Ms-Copy-Progress"))
	return c
}

func (c *Copy) progress(text string) {
	done, total, _ := strings.Cut(text, "/")
	c.Done, _ = strconv.ParseInt(done, 10, 64)
	c.Total, _ = strconv.ParseInt(total, 10, 64)
}
