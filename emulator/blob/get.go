package blob

import (
	"net/http"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/blobstore"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// maxSummed is how long a range may be whose checksum is asked for (BLOB-GET-008).
const maxSummed = 4 * mib

// target finds the blob that a request is about; found tells whether it is there. It
// refuses where the request cannot be about any.
func target(c *wire.Call, tx *state.Tx) (b state.Blob, found bool, err error) {
	r := of(c)
	if err := blobstore.CheckContainerName(r.container); err != nil {
		return b, false, err
	}
	if err := blobstore.CheckBlobName(r.container, r.name); err != nil {
		return b, false, err
	}
	if err := notHere(c.Request.Header); err != nil {
		return b, false, err
	}
	if b, found, err = blobstore.Blob(tx, r.account.Name, r.container, r.name); err != nil {
		return b, false, err
	}
	if c.Request.Header.Get("x-ms-lease-id") != "" { // nothing here is leased
		return b, false, wire.Refuse(apierr.StorageLeaseNotPresent)
	}
	return selected(c, b, found)
}

// selected looks at snapshot and versionid: there are none here, so nothing is found.
func selected(c *wire.Call, b state.Blob, found bool) (state.Blob, bool, error) {
	for _, name := range []string{"snapshot", "versionid"} {
		value := c.Query.Get(name)
		if value == "" {
			continue
		}
		if _, err := time.Parse(time.RFC3339Nano, value); err != nil {
			e := queryValue(name, value)
			e.Early = true
			return b, false, e
		}
		return state.Blob{}, false, nil
	}
	return b, found, nil
}

// readable finds a blob for a read, conditions met.
func readable(c *wire.Call, tx *state.Tx) (state.Blob, error) {
	b, found, err := target(c, tx)
	if err != nil {
		return b, err
	}
	conditions, err := wire.ParseConditions(c.Request.Header)
	if err != nil {
		return b, err
	}
	var e wire.Entity
	if found {
		e = entity(b.Modified)
	}
	if err := conditions.Read(e, c.Version); err != nil {
		return b, err
	}
	if !found {
		return b, wire.Refuse(apierr.StorageBlobNotFound)
	}
	return b, nil
}

// writable finds a blob for a change of it, conditions met.
func writable(c *wire.Call, tx *state.Tx) (state.Blob, error) {
	b, found, err := conditional(c, tx, false)
	if err == nil && !found {
		err = wire.Refuse(apierr.StorageBlobNotFound)
	}
	return b, err
}

// conditional finds a blob that is to be written, conditions met; create tells that it
// need not be there.
func conditional(c *wire.Call, tx *state.Tx, create bool) (b state.Blob, found bool, err error) {
	if b, found, err = target(c, tx); err != nil {
		return b, false, err
	}
	conditions, err := wire.ParseConditions(c.Request.Header)
	if err != nil {
		return b, false, err
	}
	var e wire.Entity
	if found {
		e = entity(b.Modified)
	}
	return b, found, conditions.Write(e, create)
}

func headBlob(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	b, err := readable(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	h := blobHeaders(c, b)
	addTier(h, of(c).account, b)
	return contentResponse(c, h, b.Content), nil
}

// contentResponse is content with its headers, whose type may be overridden.
func contentResponse(c *wire.Call, h http.Header, content state.Content) wire.Response {
	of(c).override(h)
	r := wire.Response{Header: h, Body: wire.Stream{Size: content.Size, From: content}}
	if kind := h["Content-Type"]; len(kind) > 0 {
		r.ContentType = kind[0]
	}
	return r
}

func getBlob(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	b, err := readable(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	if b.Tier == blobstore.Archive {
		return wire.Response{}, wire.Refuse(apierr.StorageBlobArchived)
	}
	h := blobHeaders(c, b)
	if c.Version >= "2026-04-06" { // BLOB-GET-012
		addTier(h, of(c).account, b)
	}
	asked, partial, err := wire.RangeOf(c.Request.Header)
	if err != nil {
		return wire.Response{}, err
	}
	if !partial {
		if err := summable(c, 0, false); err != nil {
			return wire.Response{}, err
		}
		return contentResponse(c, h, b.Content), nil
	}
	offset, n, err := asked.Within(b.Content.Size)
	if err != nil {
		return wire.Response{}, err
	}
	if err := summable(c, n, true); err != nil {
		return wire.Response{}, err
	}
	part := b.Content.Slice(offset, n)
	h["Content-Range"] = []string{wire.ContentRange(offset, n, b.Content.Size)}
	delete(h, "Content-MD5")
	if b.MD5 != "" && c.Version >= "2016-05-31" {
		h["x-ms-blob-content-md5"] = []string{b.MD5}
	}
	if asksFor(c, sumMD5) {
		h["Content-MD5"] = []string{blobstore.MD5(part)}
	}
	if asksFor(c, sumCRC64) {
		h["x-ms-content-crc64"] = []string{blobstore.CRC64(part)}
	}
	r := contentResponse(c, h, part)
	r.Status = http.StatusPartialContent
	return r, nil
}

// The headers that ask for a checksum of a range.
const (
	sumMD5   = "x-ms-range-get-content-md5"
	sumCRC64 = "x-ms-range-get-content-crc64"
)

func asksFor(c *wire.Call, header string) bool {
	return strings.EqualFold(c.Request.Header.Get(header), "true")
}

// summable refuses checksums of what is no range, or too long (BLOB-GET-009).
func summable(c *wire.Call, n int64, partial bool) error {
	md5, crc := asksFor(c, sumMD5), asksFor(c, sumCRC64)
	switch {
	case md5 && crc:
		return wire.HeaderValue(sumCRC64, "true")
	case md5 && !partial:
		return wire.HeaderValue(sumMD5, "true")
	case crc && !partial:
		return wire.HeaderValue(sumCRC64, "true")
	case (md5 || crc) && n > maxSummed:
		return wire.Refuse(apierr.StorageInputRange)
	}
	return nil
}

func getMetadata(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	b, err := readable(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	h := modified(b.Modified)
	addMetadata(h, b.Metadata)
	return wire.Response{Header: h}, nil
}
