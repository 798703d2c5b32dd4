package blob

import (
	"context"
	"crypto/md5" //nolint:gosec // the service's own checksum; nothing is kept secret by it
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"

	"github.com/linarite/linarite/clientlib"
)

const (
	mib = 1 << 20
	// defaultBlock is the size of the blocks of an upload, and of the ranges of a download.
	defaultBlock = 8 * mib
	// defaultParallel is how many of them are on their way at once.
	defaultParallel = 4
	// maxParallel is more than any line is worth: each takes memory.
	maxParallel = 1000
	// maxBlock and maxBlocks are the service's limits ("Put Block", "Put Block List").
	maxBlock, maxBlocks = 4000 * mib, 50_000
)

// UploadOptions are of Blob.Upload. The zero value is fit for most.
type UploadOptions struct {
	Headers
	// Metadata is kept with the blob. Names keep their case.
	Metadata map[string]string
	// Tags, up to ten, are what the blob can be found by; they need the action tags/write beside that of writing.
	Tags map[string]string
	// Tier is Hot, Cool, Cold or Archive; "" is the account's own.
	Tier string
	// Conditions have to be met, or else nothing is written. IfNoneMatch "*" writes no blob that is there already
	// (BlobAlreadyExists), IfMatch an ETag no other version than that.
	//
	// Where the answer to the request that writes is lost, the second try finds the blob that the first one wrote, and
	// is refused. Then Upload looks whether what is there is what it sent: by the list of its blocks, whose names no
	// other upload has; of a blob that went in one request by size, MD5, content type and metadata, so that somebody
	// who wrote just the same at that time is taken for it. If it is, the upload has succeeded.
	Conditions Conditions
	// Size is how many bytes the source has, if that is known; 0 is not known. One that has fewer or more fails.
	Size int64
	// BlockSize is how many bytes go in one request; what is no longer than that goes in one altogether. 0 is 8 MiB,
	// and as much more as Size, or the source's own, needs for 50,000 blocks at most.
	BlockSize int
	// Parallel is how many blocks are in memory, and on their way, at once, up to 1000; 0 is 4.
	Parallel int
	// MD5 stores the MD5 of the whole with a blob that goes in blocks, so that downloads can verify it. What goes in
	// one request always has one: the service computes it.
	MD5 bool
	// Progress, if there is one, is told after each block how many bytes have arrived in all. Its calls do not overlap.
	Progress func(sent int64)
}

// Upload writes all that r has to the blob, and replaces what was there: by one request ("Put Blob") if it is no longer
// than a block, and otherwise in blocks ("Put Block") that become the blob at the end ("Put Block List"). Nil options
// are none.
//
// If it fails, the blob is as it was, and the error is that of what failed first. Blocks that have arrived by then are
// deleted by the service after a week, or with the next write. Where somebody has left blocks whose names have another
// length than those of Upload, the service refuses them with InvalidBlobOrBlock until they are gone.
//
// Upload reads r in the caller's goroutine, and returns when no request reads what came of it any more. A read that
// hangs is waited for.
func (b *Blob) Upload(ctx context.Context, r io.Reader, o *UploadOptions) (Written, error) {
	if o == nil {
		o = &UploadOptions{}
	}
	u := &upload{blob: b, o: o, size: o.Size, parallel: o.Parallel}
	if u.size == 0 {
		u.size = sizeOf(r)
	}
	if err := u.measure(); err != nil {
		return Written{}, err
	}
	if u.size > int64(u.block) {
		return u.inBlocks(ctx, nil, r)
	}
	first, err := u.first(r)
	if err != nil {
		return Written{}, err
	}
	if len(first) > u.block {
		return u.inBlocks(ctx, first, r)
	}
	return u.whole(ctx, first)
}

// upload is an upload on its way.
type upload struct {
	blob     *Blob
	o        *UploadOptions
	size     int64 // of the source; 0 unknown. Unless it is o.Size, it is a guess
	block    int
	parallel int
}

// measure decides on the size of blocks.
func (u *upload) measure() error {
	o := u.o
	switch {
	case o.Size < 0 || o.BlockSize < 0 || o.Parallel < 0:
		return errors.New("blob: Size, BlockSize and Parallel are not negative")
	case int64(o.BlockSize) > maxBlock: // which is no int on a machine of 32 bits
		return fmt.Errorf("blob: BlockSize is %d; the service takes blocks up to %d bytes", o.BlockSize, int64(maxBlock))
	case o.Size > maxBlocks*maxBlock:
		return fmt.Errorf("blob: Size is %d; the service takes blobs up to %d bytes", o.Size, int64(maxBlocks*maxBlock))
	case o.Parallel > maxParallel:
		return fmt.Errorf("blob: Parallel is %d; want at most %d", o.Parallel, maxParallel)
	}
	if u.block = o.BlockSize; u.block == 0 {
		u.block = defaultBlock
		if needed := (u.size + maxBlocks - 1) / maxBlocks; needed > defaultBlock && needed <= maxBlock { // a source may say anything
			u.block = int(min((needed+mib-1)/mib*mib, maxBlock, math.MaxInt-1))
		}
	}
	if u.parallel == 0 {
		u.parallel = defaultParallel
	}
	return nil
}

// sizeOf is how many bytes a source still has, 0 where it does not say.
func sizeOf(r io.Reader) int64 {
	switch r := r.(type) {
	case interface{ Len() int }:
		return max(0, int64(r.Len()))
	case io.Seeker:
		at, err := r.Seek(0, io.SeekCurrent)
		if err != nil {
			return 0
		}
		end, err := r.Seek(0, io.SeekEnd)
		if err != nil {
			return 0
		}
		if _, err := r.Seek(at, io.SeekStart); err != nil {
			return 0
		}
		return max(0, end-at)
	}
	return 0
}

// first reads as much as goes in one request, and one byte more where there is more.
func (u *upload) first(r io.Reader) ([]byte, error) {
	room := int(u.size) + 1
	if u.size == 0 {
		room = 512
	}
	for data := make([]byte, 0, min(room, u.block+1)); ; {
		n, err := fill(r, data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case err == io.EOF: //nolint:errorlint // the source's own end, and nothing that wraps it
			return data, u.right(int64(len(data)), true)
		case err != nil:
			return nil, sourceError(err)
		case len(data) > u.block:
			return data, nil
		}
		grown := make([]byte, len(data), min(2*cap(data), u.block+1))
		copy(grown, data)
		data = grown
	}
}

// right holds what came of the source against Size.
func (u *upload) right(read int64, all bool) error {
	switch {
	case u.o.Size == 0 || read == u.o.Size || read < u.o.Size && !all:
		return nil
	case read < u.o.Size:
		return sourceError(fmt.Errorf("it ends after %d of %d bytes: %w", read, u.o.Size, io.ErrUnexpectedEOF))
	}
	return sourceError(fmt.Errorf("it has more than the %d bytes of Size", u.o.Size))
}

func sourceError(err error) error { return fmt.Errorf("blob: the source of the upload: %w", err) }

// put is a request that writes the blob.
func (u *upload) put(ctx context.Context, q query) (*http.Request, error) {
	if err := ctx.Err(); err != nil { // a transport may send what has been cancelled already
		return nil, fmt.Errorf("blob: the upload to %s: %w", u.blob.URL(), err)
	}
	req, err := u.blob.request(ctx, http.MethodPut, q)
	if err != nil {
		return nil, err
	}
	u.o.Headers.put(req.Header)
	u.o.Conditions.put(req.Header)
	set(req.Header, "X-Ms-Access-Tier", u.o.Tier)
	set(req.Header, "X-Ms-Tags", tagsHeader(u.o.Tags))
	return req, putMetadata(req.Header, u.o.Metadata)
}

// whole writes the blob by one request.
func (u *upload) whole(ctx context.Context, data []byte) (Written, error) {
	req, err := u.put(ctx, nil)
	if err != nil {
		return Written{}, err
	}
	req.Header["X-Ms-Blob-Type"] = []string{"BlockBlob"}
	req.Header["X-Ms-Content-Crc64"] = []string{crcOf(data)}
	body := &content{data: data}
	defer body.takeBack()
	withBody(req, int64(len(data)), body.open)
	h, err := u.blob.client().do(req)
	if err != nil {
		if w, ok := u.settle(ctx, err, func(ctx context.Context) (Written, bool) { return u.isWhole(ctx, data) }); ok {
			return w, nil
		}
		return Written{}, err
	}
	u.tell(int64(len(data)))
	return writtenOf(h), nil
}

func (u *upload) tell(sent int64) {
	if u.o.Progress != nil {
		u.o.Progress(sent)
	}
}

// settle finds out whether a write that was refused because of its conditions had been done by a try whose answer was
// lost.
func (u *upload) settle(ctx context.Context, err error, done func(context.Context) (Written, bool)) (Written, bool) {
	if !again(err) || !clientlib.HasStatus(err, http.StatusConflict, http.StatusPreconditionFailed) ||
		!clientlib.HasCode(err, "BlobAlreadyExists", "ConditionNotMet") {
		return Written{}, false
	}
	return done(ctx)
}

// isWhole tells whether the blob is what one request was to write.
func (u *upload) isWhole(ctx context.Context, data []byte) (Written, bool) {
	p, err := u.blob.Properties(ctx, nil)
	if err != nil || p.Size != int64(len(data)) || p.MD5 != md5Text(data) || p.ETag == u.o.Conditions.IfMatch ||
		!u.described(p) {
		return Written{}, false
	}
	return Written{ETag: p.ETag, Modified: p.Modified, VersionID: p.VersionID}, true
}

// described tells whether a blob has the content type and the metadata of the upload.
func (u *upload) described(p Properties) bool {
	kind := u.o.ContentType
	if kind == "" {
		kind = "application/octet-stream"
	}
	if p.ContentType != kind || len(p.Metadata) != len(u.o.Metadata) {
		return false
	}
	for name, value := range u.o.Metadata {
		if p.Metadata[lowerASCII(name)] != trimmed(value) {
			return false
		}
	}
	return true
}

func md5Text(data []byte) string {
	sum := md5.Sum(data) //nolint:gosec // see the import
	return base64.StdEncoding.EncodeToString(sum[:])
}
