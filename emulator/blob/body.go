package blob

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/blobstore"
	"github.com/linarite/linarite/emulator/sabotage"
	"github.com/linarite/linarite/emulator/wire"
)

const mib = 1 << 20

// maxXML bounds a body of XML; a block list of 50,000 is the longest.
const maxXML = 8 * mib

// maxPut and maxBlock are the limits of Put Blob and Put Block in bytes (BLOB-PUT-009).
func maxPut(version string) int64 { return limit(version, 64, 256, 5000) }

func maxBlock(version string) int64 { return limit(version, 4, 100, 4000) }

func limit(version string, first, second, third int64) int64 {
	switch {
	case version >= "2019-12-12":
		return third * mib
	case version >= "2016-05-31":
		return second * mib
	}
	return first * mib
}

// bodyOf reads the body, and compares it with the checksums sent along.
func bodyOf(c *wire.Call, limit int64) (blobstore.Body, error) {
	return bodyWith(c, limit, c.Request.Header.Get("Content-MD5"))
}

// bodyWith is bodyOf with an MD5 from wherever the operation has it.
func bodyWith(c *wire.Call, limit int64, md5 string) (blobstore.Body, error) {
	req := c.Request
	if _, ok := req.Header["Content-Length"]; !ok && req.ContentLength == 0 && len(req.TransferEncoding) == 0 {
		return blobstore.Body{}, wire.Refuse(apierr.StorageLength)
	}
	want, err := checksumsOf(req.Header, md5)
	if err != nil {
		return blobstore.Body{}, err
	}
	body, err := blobstore.Read(req.Body, req.ContentLength, limit)
	switch {
	case errors.Is(err, blobstore.ErrTooLarge):
		return body, apierr.New(apierr.StorageTooLarge).WithField("MaxLimit", strconv.FormatInt(limit, 10))
	case err != nil:
		return body, &wire.ClientGoneError{Err: err}
	}
	if err := want.check(body); err != nil {
		return body, err
	}
	return body, c.Hold(body.Content)
}

// checksums are those that a request came with.
type checksums struct{ md5, crc64 string }

func checksumsOf(h http.Header, md5 string) (checksums, error) {
	sums := checksums{md5, h.Get("x-ms-content-crc64")}
	if h.Get("Content-MD5") != "" && sums.crc64 != "" {
		return sums, wire.Refuse(apierr.StorageTwoChecksums)
	}
	if raw, err := base64.StdEncoding.DecodeString(sums.md5); sums.md5 != "" && (err != nil || len(raw) != 16) {
		return sums, wire.Refuse(apierr.StorageMD5Invalid)
	}
	if raw, err := base64.StdEncoding.DecodeString(sums.crc64); sums.crc64 != "" && (err != nil || len(raw) != 8) {
		return sums, wire.HeaderValue("x-ms-content-crc64", sums.crc64)
	}
	return sums, nil
}

func (s checksums) check(b blobstore.Body) error {
	switch {
	case s.md5 != "" && s.md5 != b.MD5 && !sabotage.On(sabotage.BlobMD5):
		return apierr.New(apierr.StorageMD5Mismatch).WithField("UserSpecifiedMd5", s.md5).WithField("ServerCalculatedMd5", b.MD5)
	case s.crc64 != "" && s.crc64 != b.CRC64:
		return apierr.New(apierr.StorageCRC64Mismatch).WithField("UserSpecifiedCrc", s.crc64).WithField("ServerCalculatedCrc", b.CRC64)
	}
	return nil
}

// addChecksum confirms a body: by MD5 where the request came with one, and always before
// versions knew another, else by CRC-64 (BLOB-PUT-010).
func addChecksum(c *wire.Call, h http.Header, b blobstore.Body) {
	if c.Version < "2019-02-02" || c.Request.Header.Get("Content-MD5") != "" {
		h["Content-MD5"] = []string{b.MD5}
	} else {
		h["x-ms-content-crc64"] = []string{b.CRC64}
	}
	addEncrypted(c, h)
}

// addEncrypted tells that what was written is encrypted.
func addEncrypted(c *wire.Call, h http.Header) {
	if c.Version >= "2015-12-11" {
		h["x-ms-request-server-encrypted"] = []string{"true"}
	}
}
