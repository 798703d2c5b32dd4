package memory

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"sync"

	"github.com/linarite/linarite/emulator/wire"
)

// exchange is one request with its answer.
type exchange struct {
	codec   *Codec
	request *http.Request
	// ctx is the handler's: it ends with the client's, or when the client is done.
	ctx    context.Context
	cancel context.CancelFunc
	open   *Exchanges
	sent   *sentBody
	in     *bufio.Reader // the handler's
	answer *answer
	ended  sync.Once
}

func (c *Codec) newExchange(req *http.Request) *exchange {
	x := &exchange{codec: c, request: req, answer: newAnswer(req.Method)}
	x.ctx, x.cancel = context.WithCancel(req.Context())
	return x
}

// question is the request as a server gets it.
func (x *exchange) question(https bool) (*http.Request, error) {
	body, length, err := outgoing(x.request)
	if err != nil {
		return nil, err
	}
	head := x.codec.buffer()
	defer x.codec.buffers.Put(head) // read to its end by then
	if err := encodeHead(head, x.request, length); err != nil {
		return nil, err
	}
	x.sent = newSentBody(body, length)
	x.in = x.codec.reader(io.MultiReader(bytes.NewReader(head.Bytes()), x.sent)) // head itself would be touched once more later
	got, err := http.ReadRequest(x.in)
	if err != nil {
		return nil, fmt.Errorf("the request does not survive the wire: %w", err)
	}
	got.RemoteAddr = loopback
	if https {
		got.TLS = tlsState(x.request.URL.Hostname())
	}
	return wire.WithHeaderNames(got.WithContext(x.ctx), x.request.Header), nil
}

// errHead stops the writing of a request where its body begins.
var errHead = errors.New("memory: the head ends here")

// headOnly is a body that is never sent, and knows whether it was its turn.
type headOnly struct{ reached bool }

func (h *headOnly) Read([]byte) (int, error) {
	h.reached = true
	return 0, errHead
}

func (*headOnly) Close() error { return nil }

// encodeHead is the head of a request as net/http sends it. A length of -1 frames the
// body in chunks.
func encodeHead(to *bytes.Buffer, req *http.Request, length int64) error {
	r := *req
	r.Body, r.GetBody, r.ContentLength, r.TransferEncoding, r.Trailer, r.Close = nil, nil, length, nil, nil, false
	var body headOnly
	if length != 0 {
		r.Body = &body
	}
	if length < 0 {
		r.TransferEncoding = []string{"chunked"}
	}
	if err := r.Write(to); err != nil && !body.reached {
		return err
	}
	return nil
}

// serve lets the handler answer.
func (x *exchange) serve(h http.Handler, question *http.Request, onPanic func(error)) {
	defer func() {
		x.sent.Close()
		x.codec.free(x.in)
	}()
	defer func() {
		switch bug := recover(); {
		case bug == nil:
		case bug == http.ErrAbortHandler: //nolint:errorlint // a value to compare, not an error to look into
			x.answer.abort()
		default:
			if onPanic != nil {
				onPanic(fmt.Errorf("panic: %v\n%s", bug, debug.Stack()))
			}
			x.answer.abort()
		}
	}()
	h.ServeHTTP(x.answer, question)
	x.answer.finish()
}

// wait returns the answer as soon as its head is there.
func (x *exchange) wait() (*http.Response, error) {
	select {
	case <-x.answer.ready:
	case <-x.ctx.Done():
		err := canceled(x.request.Context())
		if err == nil {
			err = ErrClosed
		}
		x.sent.abort(err)
		return nil, err
	}
	if x.answer.aborted {
		if err := x.sent.failed(); err != nil {
			return nil, err
		}
		return nil, io.EOF // as from a connection that was closed without an answer
	}
	out := x.codec.reader(x.answer.reader())
	resp, err := http.ReadResponse(out, x.request)
	if err != nil {
		x.codec.free(out)
		return nil, err
	}
	if x.request.URL.Scheme == "https" {
		resp.TLS = tlsState(x.request.URL.Hostname())
	}
	if resp.Body == http.NoBody {
		x.codec.free(out)
		x.end()
		return resp, nil
	}
	stop := func() bool { return true }
	if x.answer.in != nil { // a read may wait for the handler
		stop = context.AfterFunc(x.request.Context(), func() { _ = x.answer.in.CloseWithError(canceled(x.request.Context())) })
	}
	resp.Body = &receivedBody{from: resp.Body, out: out, x: x, stop: stop}
	return resp, nil
}

// end is called when the client has, or wants, no more of the answer.
func (x *exchange) end() {
	x.ended.Do(func() {
		x.open.remove(x)
		x.cancel()
	})
}

// receivedBody is the body of an answer in the client's hands.
type receivedBody struct {
	from io.Reader
	out  *bufio.Reader // what from reads, nil once given back
	x    *exchange
	stop func() bool

	mu     sync.Mutex
	closed bool
	ended  error // what the last Read said
}

// giveBack lets another exchange have the reader.
func (b *receivedBody) giveBack() {
	if b.out != nil {
		b.x.codec.free(b.out)
		b.out, b.from = nil, nil
	}
}

func (b *receivedBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return 0, http.ErrBodyReadAfterClose
	case b.ended != nil:
		return 0, b.ended
	}
	if ctx := b.x.request.Context(); ctx.Err() != nil {
		return 0, canceled(ctx)
	}
	n, err := b.from.Read(p)
	if err != nil {
		err = broken(err)
		b.ended = err
		b.stop()
		b.x.end()
		b.giveBack()
	}
	return n, err
}

// leave lets go of the request too, where the answer has not come to its end: the handler
// may still be reading.
func (b *receivedBody) leave() {
	select {
	case <-b.x.ctx.Done(): // at its end
	default:
		_ = b.x.sent.fail(io.ErrClosedPipe)
		b.x.sent.Close()
	}
}

// Close lets go of the rest of the answer: the handler that still writes it finds nobody
// there.
func (b *receivedBody) Close() error {
	b.stop()
	b.leave()
	if in := b.x.answer.in; in != nil {
		_ = in.Close() // first, as a Read may be waiting
	}
	b.x.end()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.giveBack()
	return nil
}
