package blob

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // the service's own checksum; nothing is kept secret by it
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// blocks is the blocks of an upload on their way.
type blocks struct {
	*upload
	ctx  context.Context
	stop context.CancelCauseFunc
	free *buffers
	wait sync.WaitGroup
	salt [14]byte // what the names of this upload's blocks begin with
	ids  []string
	sum  hash.Hash // nil if nobody wants it

	mu   sync.Mutex
	sent int64
}

// inBlocks writes the blob in blocks, and makes it of them. first is what has been read of the source already: nothing,
// or a block and one byte.
func (u *upload) inBlocks(ctx context.Context, first []byte, r io.Reader) (Written, error) {
	b := &blocks{upload: u, free: newBuffers(u.parallel, u.block)}
	if u.o.MD5 {
		b.sum = md5.New() //nolint:gosec // see the import
	}
	_, _ = rand.Read(b.salt[:]) // it does not fail
	b.ctx, b.stop = context.WithCancelCause(ctx)
	defer b.stop(nil)
	if err := b.stage(first, r); err != nil {
		b.stop(err)
	}
	b.wait.Wait()
	if cause := context.Cause(b.ctx); cause != nil {
		return Written{}, cause
	}
	return b.commit(ctx)
}

// stage reads the source, and sends each block on its way.
func (b *blocks) stage(first []byte, r io.Reader) error {
	total := int64(0)
	if len(first) > b.block {
		r = io.MultiReader(bytes.NewReader([]byte{first[b.block]}), r)
		<-b.free.spare // first stands for one of them
		total = int64(b.block)
		b.hand(first[:b.block])
	}
	for {
		buffer, ok := b.free.get(b.ctx.Done())
		if !ok {
			return context.Cause(b.ctx)
		}
		n, err := fill(r, buffer)
		total += int64(n)
		last := err == io.EOF //nolint:errorlint // the source's own end, and nothing that wraps it
		if err != nil && !last {
			return sourceError(err)
		}
		if err := b.right(total, last); err != nil {
			return err
		}
		if n > 0 && len(b.ids) == maxBlocks {
			return fmt.Errorf("blob: more than %d blocks of %d bytes: say a larger BlockSize, or Size", maxBlocks, b.block)
		}
		if n > 0 {
			b.hand(buffer[:n])
		}
		if last {
			return nil
		}
	}
}

// hand sends a block on its way.
func (b *blocks) hand(data []byte) {
	if b.sum != nil {
		b.sum.Write(data)
	}
	id := b.id(len(b.ids))
	b.ids = append(b.ids, id)
	b.wait.Add(1)
	go b.send(id, data)
}

// fill reads until p is full. io.ReadFull will not do: it calls an end in the middle of p by the error of a source that
// was cut off.
func fill(r io.Reader, p []byte) (n int, err error) {
	for idle := 0; n < len(p) && err == nil; {
		var more int
		if more, err = r.Read(p[n:]); more == 0 && err == nil {
			if idle++; idle == 100 {
				return n, io.ErrNoProgress
			}
			continue
		}
		n, idle = n+more, 0
	}
	return n, err
}

// id is the name of a block: all are of one length, and no other upload has the same.
func (b *blocks) id(i int) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(slices.Clone(b.salt[:]), uint32(i)))
}

// send sends one block, and gives its buffer back.
func (b *blocks) send(id string, data []byte) {
	defer b.wait.Done()
	defer b.free.put(data)
	req, err := b.blob.request(b.ctx, http.MethodPut, query{{"comp", "block"}, {"blockid", id}})
	if err != nil {
		b.stop(err)
		return
	}
	set(req.Header, "X-Ms-Lease-Id", b.o.Conditions.Lease)
	req.Header["X-Ms-Content-Crc64"] = []string{crcOf(data)}
	body := &content{data: data}
	defer body.takeBack()
	withBody(req, int64(len(data)), body.open)
	if _, err := b.blob.client().do(req); err != nil {
		b.stop(err)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent += int64(len(data))
	b.tell(b.sent)
}

// commit makes the blob of its blocks. Latest, so that a second try finds the blocks in the blob of the first.
func (b *blocks) commit(ctx context.Context) (Written, error) {
	req, err := b.put(ctx, query{{"comp", "blocklist"}})
	if err != nil {
		return Written{}, err
	}
	if b.sum != nil {
		req.Header["X-Ms-Blob-Content-Md5"] = []string{base64.StdEncoding.EncodeToString(b.sum.Sum(nil))}
	}
	var list strings.Builder
	list.WriteString(`<?xml version="1.0" encoding="utf-8"?><BlockList>`)
	for _, id := range b.ids {
		list.WriteString("<Latest>" + id + "</Latest>")
	}
	list.WriteString("</BlockList>")
	body := &content{data: []byte(list.String())}
	defer body.takeBack()
	req.Header["Content-Type"] = []string{"application/xml"}
	req.Header["X-Ms-Content-Crc64"] = []string{crcOf(body.data)}
	withBody(req, int64(len(body.data)), body.open)
	h, err := b.blob.client().do(req)
	if err != nil {
		if w, ok := b.settle(ctx, err, b.isCommitted); ok {
			return w, nil
		}
		return Written{}, err
	}
	return writtenOf(h), nil
}

// isCommitted tells whether the blob is made of this upload's blocks.
func (b *blocks) isCommitted(ctx context.Context) (Written, bool) {
	req, err := b.blob.request(ctx, http.MethodGet, query{{"comp", "blocklist"}, {"blocklisttype", "committed"}})
	if err != nil {
		return Written{}, false
	}
	resp, body, err := b.blob.client().pipeline.Read(req)
	if err != nil {
		return Written{}, false
	}
	ids, err := parseBlockList(body)
	if err != nil || !slices.Equal(ids, b.ids) {
		return Written{}, false
	}
	return writtenOf(resp.Header), true
}

func parseBlockList(body []byte) (ids []string, err error) {
	s := scanner{rest: body}
	for s.next() {
		if s.closing && s.at("BlockList", "CommittedBlocks", "Block", "Name") {
			ids = append(ids, s.text())
		}
	}
	return ids, s.failed("BlockList")
}

// lowerASCII and trimmed are what becomes of the name and the value of metadata on their way.
func lowerASCII(text string) string { return strings.ToLower(text) }

func trimmed(text string) string { return strings.Trim(text, " \t") }
