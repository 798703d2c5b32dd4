package blob

import (
	"context"
	"crypto/md5" //nolint:gosec // the service's own checksum; nothing is kept secret by it
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"net/http"
	"sync"

	"github.com/linarite/linarite/clientlib"
)

// maxSummed is how long a range may be whose checksum is asked for ("Get Blob").
const maxSummed = 4 * mib

// ErrChecksum tells that what came is not what the service says it has.
var ErrChecksum = errors.New("what came does not have the checksum that the service says")

// DownloadOptions are of Blob.Download and Blob.DownloadAt. The zero value is fit for most.
type DownloadOptions struct {
	// Offset is where to begin, in bytes, and Count how many to read; 0 is all that follow. An Offset at the end or
	// behind it is refused with InvalidRange, but for 0 in an empty blob.
	Offset, Count int64
	// Conditions have to be met, or else nothing is read.
	Conditions Conditions
	// RangeSize is how many bytes a request asks for; 0 is 8 MiB. A blob that is no longer takes one request.
	RangeSize int
	// Parallel is how many ranges are on their way, and of Download in memory, at once, up to 1000; 0 is 4. With 1, one request
	// asks for all, and nothing is kept in memory.
	Parallel int
	// Verify asks for a checksum of each range, and of ranges of at most 4 MiB therefore. One that does not fit is
	// asked for again.
	Verify bool
	// IgnoreMD5 leaves out what Download does otherwise where it reads a whole blob with a stored MD5: holding what
	// came against it, so that the error is ErrChecksum in the end. The service does not verify what it is told to store.
	IgnoreMD5 bool
	// Progress, if there is one, is told how many bytes have come in all. Its calls do not overlap.
	Progress func(received int64)
}

// Download reads the blob ("Get Blob") and writes it to w, in order. Nil options are none. If it fails, w has been
// written the beginning of the blob, and nothing that does not belong there. All of it is of one version: where another
// is written meanwhile, the error is ErrChanged.
func (b *Blob) Download(ctx context.Context, w io.Writer, o *DownloadOptions) (Properties, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	d, s, err := b.begin(ctx, cancel, o)
	if err != nil || s == nil {
		return d.properties, err
	}
	out := &ordered{download: d, w: w}
	if p := &d.properties; !d.o.IgnoreMD5 && p.MD5 != "" && d.o.Offset == 0 && d.end == d.total {
		out.sum = md5.New() //nolint:gosec // see the import
	}
	err = out.run(s)
	cancel(err)
	d.wait.Wait()
	if err != nil {
		return d.properties, err
	}
	return d.properties, out.verify()
}

// DownloadAt is Download to a place that can be written in any order: many ranges come at once, and few bytes are in
// memory. The byte at Offset is written at 0. If it fails, anything may have been written. A stored MD5 is not looked at.
func (b *Blob) DownloadAt(ctx context.Context, w io.WriterAt, o *DownloadOptions) (Properties, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	d, s, err := b.begin(ctx, cancel, o)
	if err != nil || s == nil {
		return d.properties, err
	}
	for range d.workers() {
		first := s
		s = nil
		d.wait.Go(func() {
			if err := d.work(first, w); err != nil {
				cancel(err)
			}
		})
	}
	d.wait.Wait()
	return d.properties, d.cause(nil)
}

// download is a download on its way.
type download struct {
	blob       *Blob
	o          *DownloadOptions
	ctx        context.Context
	cancel     context.CancelCauseFunc
	properties Properties
	etag       string
	total, end int64 // of the blob, and of what is read of it
	wait       sync.WaitGroup

	mu       sync.Mutex
	next     int64 // where the next range begins
	received int64
}

// begin sends the first request, which tells how much there is. The stream is of the first range; there is none where
// the blob is empty.
func (b *Blob) begin(ctx context.Context, cancel context.CancelCauseFunc, o *DownloadOptions) (*download, *stream, error) {
	d := &download{blob: b, o: &DownloadOptions{}, ctx: ctx, cancel: cancel}
	if o != nil {
		*d.o = *o
	}
	if err := d.o.measure(); err != nil {
		return d, nil, err
	}
	for try := 1; ; try++ {
		s := d.first()
		err := s.open()
		if err == nil {
			d.etag, d.total, d.end = s.etag, s.total, s.total
			if d.o.Count > 0 {
				d.end = min(d.total, d.o.Offset+d.o.Count) // measure sees to it that this is a number
			}
			d.properties, d.next = propertiesOf(s.header), s.end
			d.properties.Size = d.total
			switch {
			case s.at == s.end: // a whole answer, of nothing
				s.Close()
				return d, nil, nil
			case d.etag == "" && s.end < d.end:
				s.Close()
				return d, nil, fmt.Errorf("blob: GET %s: the answer has no ETag: nobody could tell whether others are of the same blob", s.shown())
			}
			return d, s, nil
		}
		if d.o.Offset > 0 || try == barren || !clientlib.HasStatus(err, http.StatusRequestedRangeNotSatisfiable) {
			return d, nil, err
		}
		p, headErr := b.Properties(ctx, &d.o.Conditions) // the refusal says nothing of the blob but that it is empty
		if headErr != nil {
			return d, nil, headErr
		}
		if p.Size == 0 {
			d.properties = p
			return d, nil, nil
		}
	}
}

// first is the stream of the first range.
func (d *download) first() *stream {
	s := &stream{download: d, ctx: d.ctx, at: d.o.Offset, end: -1}
	if d.o.Parallel > 1 || d.o.Verify {
		s.end = s.at + min(int64(d.o.RangeSize), math.MaxInt64-s.at)
	}
	if d.o.Count > 0 && (s.end < 0 || s.end > s.at+d.o.Count) {
		s.end = s.at + d.o.Count
	}
	s.sums = d.o.Verify
	return s
}

func (o *DownloadOptions) measure() error {
	if o.Offset < 0 || o.Count < 0 || o.RangeSize < 0 || o.Parallel < 0 {
		return errors.New("blob: Offset, Count, RangeSize and Parallel are not negative")
	}
	if o.Parallel > maxParallel {
		return fmt.Errorf("blob: Parallel is %d; want at most %d", o.Parallel, maxParallel)
	}
	o.Count = min(o.Count, math.MaxInt64-o.Offset) // one that is as great as can be means all
	if o.RangeSize == 0 {
		o.RangeSize = defaultBlock
	}
	if o.Verify {
		o.RangeSize = min(o.RangeSize, maxSummed)
	}
	if o.Parallel == 0 {
		o.Parallel = defaultParallel
	}
	return nil
}

// take is the stream of the next range, nil when all have been taken.
func (d *download) take() *stream {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.next >= d.end {
		return nil
	}
	s := &stream{
		download: d, ctx: d.ctx, at: d.next, end: d.next + min(int64(d.o.RangeSize), d.end-d.next), sums: d.o.Verify, etag: d.etag, total: d.total,
	}
	d.next = s.end
	return s
}

func (d *download) tell(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.received += int64(n)
	if d.o.Progress != nil {
		d.o.Progress(d.received)
	}
}

// workers is how many are worth their while.
func (d *download) workers() int {
	ranges := (d.end-d.o.Offset-1)/int64(d.o.RangeSize) + 1 // there is a byte at least
	return int(min(int64(d.o.Parallel), ranges))
}

func writeError(err error) error { return fmt.Errorf("blob: the destination of the download: %w", err) }

// ordered writes ranges in their order.
type ordered struct {
	*download
	w   io.Writer
	sum hash.Hash // nil if nobody wants it
}

// part is a range on its way into a buffer.
type part struct {
	s    *stream
	data []byte
	done chan struct{}
}

// run writes the first range as it comes, while those behind it come into buffers.
func (d *ordered) run(first *stream) error {
	if d.next >= d.end && !d.o.Verify {
		return d.copy(first)
	}
	free := newBuffers(d.o.Parallel, d.o.RangeSize)
	var queue []*part
	launch := func(s *stream) bool {
		if s == nil {
			return false
		}
		buffer, ok := free.get(d.ctx.Done())
		if !ok {
			return false
		}
		p := &part{s: s, data: buffer[:s.end-s.at], done: make(chan struct{})}
		queue = append(queue, p)
		d.wait.Go(func() { p.fetch(d.cancel) })
		return true
	}
	if d.o.Verify {
		launch(first)
	}
	for len(queue) < d.o.Parallel && launch(d.take()) {
	}
	if !d.o.Verify {
		if err := d.copy(first); err != nil {
			return err
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		p := queue[0]
		<-p.done
		if err := d.cause(nil); err != nil {
			return err
		}
		if err := d.write(p.data); err != nil {
			return err
		}
		free.put(p.data)
		launch(d.take())
	}
	return d.cause(nil)
}

// copy writes a stream as it comes.
func (d *ordered) copy(s *stream) error {
	defer s.Close()
	buffer := make([]byte, min(s.end-s.at, 256<<10))
	for {
		n, err := s.Read(buffer)
		if err == io.EOF { //nolint:errorlint // a stream's own end
			return nil
		}
		if err != nil {
			return d.cause(err)
		}
		if err := d.write(buffer[:n]); err != nil {
			return err
		}
	}
}

func (d *ordered) write(data []byte) error {
	n, err := d.w.Write(data)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return writeError(err)
	}
	if d.sum != nil {
		d.sum.Write(data)
	}
	d.tell(len(data))
	return nil
}

func (d *ordered) verify() error {
	if d.sum == nil {
		return nil
	}
	if got := base64.StdEncoding.EncodeToString(d.sum.Sum(nil)); got != d.properties.MD5 {
		return fmt.Errorf("blob: GET %s: %w: MD5 %s instead of %s", d.blob.URL(), ErrChecksum, got, d.properties.MD5)
	}
	return nil
}

// fetch reads a range into its buffer.
func (p *part) fetch(cancel context.CancelCauseFunc) {
	defer close(p.done)
	if err := p.s.fill(p.data); err != nil {
		cancel(err)
	}
}

// fill reads a whole range, and sees that its checksum is right if there is to be one. A range that was resumed has a
// checksum of its last part alone: it is asked for from its beginning then.
func (s *stream) fill(data []byte) error {
	defer s.Close()
	from := s.at
	for try := 1; ; try++ {
		if s.body == nil {
			if err := s.open(); err != nil {
				return err
			}
		}
		opened := s.opened
		if _, err := io.ReadFull(s, data); err != nil {
			return err
		}
		why, sum := errCutShort, s.header.Get("X-Ms-Content-Crc64")
		switch {
		case !s.sums || opened == s.opened && sum == crcOf(data):
			return nil
		case opened == s.opened:
			why = fmt.Errorf("%w: CRC-64 %q", ErrChecksum, sum)
		}
		if try == barren {
			return fmt.Errorf("blob: GET %s, %d bytes from %d on: %w", s.shown(), len(data), from, why)
		}
		s.Close()
		s.at = from
	}
}

// work writes ranges where they belong, the first one that has begun already, until there are no more.
func (d *download) work(s *stream, w io.WriterAt) error {
	size := min(d.o.RangeSize, 256<<10)
	if d.o.Verify {
		size = d.o.RangeSize
	}
	buffer := make([]byte, size)
	for {
		if s == nil {
			if s = d.take(); s == nil {
				return nil
			}
		}
		if err := d.copyAt(s, w, buffer); err != nil {
			return err
		}
		s = nil
	}
}

// some reads what there is, or all if it is to be verified.
func (s *stream) some(buffer []byte) (int, error) {
	if !s.sums {
		return s.Read(buffer)
	}
	n := int(s.end - s.at)
	return n, s.fill(buffer[:n])
}

func (d *download) copyAt(s *stream, w io.WriterAt, buffer []byte) error {
	defer s.Close()
	for s.at < s.end {
		at := s.at
		n, err := s.some(buffer)
		if err != nil {
			return err
		}
		if written, err := w.WriteAt(buffer[:n], at-d.o.Offset); err != nil || written < n {
			if err == nil {
				err = io.ErrShortWrite
			}
			return writeError(err)
		}
		d.tell(n)
	}
	return nil
}

// cause is what ended the download first, or else err.
func (d *download) cause(err error) error {
	cause := context.Cause(d.ctx)
	switch {
	case cause == nil:
		return err
	case errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded):
		return fmt.Errorf("blob: GET %s: %w", d.blob.URL(), cause)
	}
	return cause
}
