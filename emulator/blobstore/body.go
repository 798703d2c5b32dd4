package blobstore

import (
	"crypto/md5" //nolint:gosec // Content-MD5 is what the service speaks; it protects nothing
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc64"
	"io"
	"sync"

	"github.com/linarite/linarite/emulator/state"
)

// chunkSize is the size of the chunks that content is kept in. Where nobody knows how much
// comes, the first is of firstChunk bytes, and each that follows of twice the last.
const (
	chunkSize  = 1 << 20
	firstChunk = 4 << 10
)

// Body is content with its checksums.
type Body struct {
	Content state.Content
	// MD5 and CRC64 are base64, as in Content-MD5 and x-ms-content-crc64.
	MD5, CRC64 string
}

// ErrTooLarge tells that a body is longer than allowed.
var ErrTooLarge = errors.New("blobstore: the body is too large")

// Read reads a body of at most limit bytes, chunk by chunk. size is how many there will
// be, -1 where that is not known.
func Read(r io.Reader, size, limit int64) (Body, error) {
	if size > limit {
		return Body{}, ErrTooLarge
	}
	sum, crc := md5.New(), crc64.New(crcTable()) //nolint:gosec // see the import
	var content state.Content
	for unknown := int64(firstChunk); ; unknown = min(2*unknown, chunkSize) {
		want := unknown
		if size >= 0 {
			want = min(chunkSize, size-content.Size)
		}
		chunk := make([]byte, want)
		n, err := readChunk(r, chunk)
		chunk = chunk[:n]
		if n > 0 {
			if content.Size+int64(n) > limit {
				return Body{}, ErrTooLarge
			}
			sum.Write(chunk)
			crc.Write(chunk)
			content.Chunks = append(content.Chunks, clip(chunk))
			content.Size += int64(n)
		}
		switch {
		case size >= 0 && content.Size == size:
			return Body{content, encode(sum.Sum(nil)), encodeCRC(crc.Sum64())}, nil
		case errors.Is(err, io.EOF):
			if size >= 0 {
				return Body{}, io.ErrUnexpectedEOF
			}
			return Body{content, encode(sum.Sum(nil)), encodeCRC(crc.Sum64())}, nil
		case err != nil:
			return Body{}, err
		}
	}
}

// readChunk reads until the chunk is full and returns the reader's own error: io.ReadFull says
// ErrUnexpectedEOF of a body that ends, which is what one that breaks off says.
func readChunk(r io.Reader, chunk []byte) (n int, err error) {
	for n < len(chunk) && err == nil {
		var m int
		m, err = r.Read(chunk[n:])
		n += m
	}
	return n, err
}

// clip gives back what a short chunk does not fill.
func clip(chunk []byte) []byte {
	if cap(chunk)-len(chunk) < cap(chunk)/8 {
		return chunk
	}
	return append(make([]byte, 0, len(chunk)), chunk...)
}

// BodyOf is the Body of bytes that the caller gives away.
func BodyOf(data []byte) Body {
	var content state.Content
	for rest := data; len(rest) > 0; {
		n := min(len(rest), chunkSize)
		content.Chunks = append(content.Chunks, rest[:n:n])
		rest = rest[n:]
	}
	content.Size = int64(len(data))
	return Body{content, MD5(content), CRC64(content)}
}

// MD5 is the Content-MD5 of content.
func MD5(c state.Content) string {
	sum := md5.New() //nolint:gosec // see the import
	_, _ = c.WriteTo(sum)
	return encode(sum.Sum(nil))
}

// CRC64 is the x-ms-content-crc64 of content (BLOB-COMMON-032).
func CRC64(c state.Content) string {
	crc := crc64.New(crcTable())
	_, _ = c.WriteTo(crc)
	return encodeCRC(crc.Sum64())
}

// crcTable is that of the polynomial that Azure Storage uses.
var crcTable = sync.OnceValue(func() *crc64.Table { return crc64.MakeTable(0x9A6C9329AC4BC9B5) })

func encodeCRC(sum uint64) string { return encode(binary.LittleEndian.AppendUint64(nil, sum)) }

func encode(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
