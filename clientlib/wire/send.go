package wire

import (
	"strconv"
	"time"
)

// writeGrace is how long an answer may take that comes although the request could not be sent
// to its end: a server that has seen enough may answer and close.
const writeGrace = time.Second

// finishGrace is how long a request may take to go out to its end when the answer is there. The
// rule is that it has gone out, and its sender is about to say so.
const finishGrace = 50 * time.Millisecond

// sender writes a request beside the reading of its answer.
type sender struct {
	exchange *exchange
	proceed  chan bool // one word: whether the part that is held back goes out

	done  chan struct{} // closed when it writes no more
	err   error         // after done
	whole bool          // after done: all went out
}

// let tells what becomes of the part that is held back; the first word counts.
func (s *sender) let(proceed bool) {
	select {
	case s.proceed <- proceed:
	default:
	}
}

func (s *sender) send() {
	defer close(s.done)
	x := s.exchange
	head, body := x.head, x.body
	cut := x.request.CutAfter > 0 && x.request.CutAfter <= len(head)+len(body)
	if cut {
		head = head[:min(len(head), x.request.CutAfter)]
		body = body[:x.request.CutAfter-len(head)]
	}
	held := x.request.Expect100 && x.request.Raw == nil && len(body) > 0
	if !held && len(body) <= 64<<10 { // a small message in one piece
		head, body = append(head[:len(head):len(head)], body...), nil
	}
	if s.write(head); s.err == nil && len(body) > 0 {
		if held && !<-s.proceed {
			return
		}
		s.write(body)
	}
	if s.err == nil && x.request.CutAfter > 0 {
		s.err = x.conn.Conn.(halfCloser).CloseWrite()
	}
	s.whole = s.err == nil && !cut
	if s.err != nil {
		time.AfterFunc(writeGrace, x.conn.kill)
	}
}

// finish waits for the sender, and tells whether it came to its end.
func (s *sender) finish() bool {
	timer := time.NewTimer(finishGrace)
	defer timer.Stop()
	select {
	case <-s.done:
		return true
	case <-timer.C:
		return false
	}
}

func (s *sender) write(part []byte) {
	_, s.err = s.exchange.conn.Write(part)
}

// halfCloser can end what the server reads, and leave what it writes.
type halfCloser interface{ CloseWrite() error }

// misframed tells whether the request's own fields may announce another body than goes out, so
// that the server takes a later request for a part of it.
func (r *Request) misframed() bool {
	lengths := r.Header.Values("Content-Length")
	return r.NoLength || r.Header.Has("Transfer-Encoding") || len(lengths) > 1 ||
		len(lengths) == 1 && (r.Chunks != nil || lengths[0] != strconv.Itoa(len(r.Body)))
}
