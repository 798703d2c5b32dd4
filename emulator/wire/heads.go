package wire

import (
	"bytes"
	"strconv"
	"strings"
	"sync"
)

// Bounds of what is looked at: a head that is longer is refused by net/http too, and no
// client pipelines more.
const (
	maxHead  = 80 << 10
	maxHeads = 256
)

// head is one request's, as far as it is of interest.
type head struct {
	method, target string
	// names are those that net/http would write otherwise.
	names []string
}

// heads reads the bytes that clients send (RFC 9112) for the heads of requests, in the
// way of net/http. It decides nothing: where it loses the thread it falls silent, and the
// names of headers are those of net/http.
type heads struct {
	mu    sync.Mutex
	queue []head

	// The rest is used by feed alone.
	in   part
	buf  []byte // the head so far, or the line of a chunk's size
	line int    // where the current line begins in buf
	left uint64 // bytes of the body, or of the chunk, still to come
}

// part is where in a request the next byte lies.
type part int

const (
	inHead part = iota
	inBody
	inChunkSize
	inChunk
	inChunkEnd
	inTrailer
	lost
)

// feed takes the next bytes of the connection.
func (h *heads) feed(p []byte) {
	for len(p) > 0 && h.in != lost {
		switch h.in {
		case inBody, inChunk:
			n := min(h.left, uint64(len(p)))
			p = p[n:]
			if h.left -= n; h.left == 0 {
				h.in = map[part]part{inBody: inHead, inChunk: inChunkEnd}[h.in]
			}
		default:
			i := bytes.IndexByte(p, '\n')
			if i < 0 {
				h.keep(p)
				return
			}
			h.keep(p[:i+1])
			p = p[i+1:]
			if h.in != lost {
				h.endLine()
			}
		}
	}
}

// keep adds to the buffer, which has a bound.
func (h *heads) keep(p []byte) {
	if len(h.buf)+len(p) > maxHead {
		h.buf, h.in = nil, lost
		return
	}
	h.buf = append(h.buf, p...)
}

// endLine is called at the end of each line.
func (h *heads) endLine() {
	line := bytes.TrimRight(h.buf[h.line:], "\r\n")
	switch h.in {
	case inHead:
		h.headLine(line)
	case inChunkSize:
		h.chunkSize(string(line))
	case inChunkEnd:
		h.next(inChunkSize)
	case inTrailer:
		if len(line) == 0 {
			h.next(inHead)
		} else {
			h.next(inTrailer)
		}
	}
}

// next goes on to a part whose lines are not kept.
func (h *heads) next(in part) {
	h.in, h.line, h.buf = in, 0, h.buf[:0]
	if cap(h.buf) > 4<<10 {
		h.buf = nil // an idle connection holds no more than it must
	}
}

func (h *heads) headLine(line []byte) {
	switch {
	case len(line) > 0:
		h.line = len(h.buf)
	case h.line == 0: // empty lines before a request are passed over
		h.buf = h.buf[:0]
	default:
		h.endHead()
	}
}

// chunkSize reads the size of a chunk, without its extensions.
func (h *heads) chunkSize(line string) {
	digits, _, _ := strings.Cut(line, ";")
	size, err := strconv.ParseUint(strings.TrimSpace(digits), 16, 63)
	switch {
	case err != nil:
		h.next(lost)
	case size == 0:
		h.next(inTrailer)
	default:
		h.left = size
		h.next(inChunk)
	}
}

// endHead reads a whole head and finds out how its body is framed.
func (h *heads) endHead() {
	lines := strings.Split(string(h.buf), "\n")
	method, rest, _ := strings.Cut(strings.TrimRight(lines[0], "\r"), " ")
	target, proto, ok := strings.Cut(rest, " ")
	if !ok {
		h.next(lost)
		return
	}
	one := head{method: method, target: target}
	length, chunked := "", false
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ":")
		if !ok || line[0] == ' ' || line[0] == '\t' { // a line that continues another
			continue
		}
		switch {
		case strings.EqualFold(name, "Content-Length"):
			length = strings.TrimSpace(value)
		case strings.EqualFold(name, "Transfer-Encoding"):
			chunked = chunked || proto != "HTTP/1.0"
		case isMetadata(name):
			one.names = append(one.names, name)
		}
	}
	h.add(one)
	switch {
	case method == "CONNECT": // what follows is no HTTP
		h.next(lost)
	case chunked:
		h.next(inChunkSize)
	case length == "":
		h.next(inHead)
	default:
		n, err := strconv.ParseUint(length, 10, 63)
		h.left = n
		h.next(map[bool]part{true: inBody, false: inHead}[n > 0])
		if err != nil {
			h.next(lost)
		}
	}
}

// metaName begins the names of metadata, the only ones whose case matters.
const metaName = "x-ms-meta-"

func isMetadata(name string) bool {
	return len(name) > len(metaName) && strings.EqualFold(name[:len(metaName)], metaName)
}

func (h *heads) add(one head) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.queue) < maxHeads {
		h.queue = append(h.queue, one)
	}
}

// take returns the names of the request that a handler has begun with, and forgets it and
// those before it, which no handler was asked about.
func (h *heads) take(method, target string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, one := range h.queue {
		if one.method == method && one.target == target {
			h.queue = append(h.queue[:0], h.queue[i+1:]...)
			return one.names
		}
	}
	return nil
}
