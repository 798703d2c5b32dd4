package clientlib

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// quick has a span of ten seconds and one try.
func quick(o *Options) { o.Retry.Answer, o.Retry.Tries = 10*time.Second, 1 }

// TestNoHead: a try whose head does not come is given up after a span, and tried again.
func TestNoHead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent, late := says(200), says(200)
		silent.wait, late.wait = time.Hour, 9*time.Second
		s := &script{steps: []step{silent, silent, late}}
		began := time.Now()
		if _, err := pipe(s, func(o *Options) { o.Retry.Answer = 10 * time.Second }).Do(request(t, "GET", "")); err != nil || s.count() != 3 {
			t.Errorf("%d requests: %v", s.count(), err)
		}
		if took := time.Since(began); took < 29*time.Second || took > 35*time.Second {
			t.Errorf("two spans and a bit took %s", took)
		}
		_, err := pipe(&script{steps: []step{silent}}, quick).Do(request(t, "GET", ""))
		if !errors.Is(err, errNoAnswer) {
			t.Error(err)
		}
		in(t, err, "no answer in time (10s)")
	})
}

// TestHeadAtTheLastMoment: an answer of a transport that does not heed its context is given up too, and closed.
func TestHeadAtTheLastMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{says(200).with("x")}}
		deaf := TransportFunc(func(req *http.Request) (*http.Response, error) {
			time.Sleep(11 * time.Second)
			return s.Do(req)
		})
		_, err := pipe(deaf, quick).Do(request(t, "GET", ""))
		if !errors.Is(err, errNoAnswer) || s.closed != 1 {
			t.Errorf("%v, %d closed", err, s.closed)
		}
	})
}

// TestStalled: a body that stands still is given up after one span, or two; one that moves is not, however long it takes.
func TestStalled(t *testing.T) {
	for name, row := range map[string]struct {
		status int
		body   drip
		want   string
		least  time.Duration
		most   time.Duration
	}{
		"moves":                 {200, drip{pieces: 100, every: 9 * time.Second, err: io.EOF}, "", 900 * time.Second, 900 * time.Second},
		"stands still":          {200, drip{pieces: 10, every: 9 * time.Second}, "no answer in time", 100 * time.Second, 110 * time.Second},
		"stands still at once":  {200, drip{}, "no answer in time", 10 * time.Second, 20 * time.Second},
		"breaks":                {200, drip{pieces: 2, every: time.Second, err: errReset}, "reset by peer", 2 * time.Second, 2 * time.Second},
		"an endless refusal":    {403, drip{pieces: 1 << 30, every: time.Second}, "403 Forbidden", 10 * time.Second, 20 * time.Second},
		"a refusal that stalls": {403, drip{pieces: 1}, "403 Forbidden", 10 * time.Second, 20 * time.Second},
		"a refusal that ends":   {403, drip{pieces: 5, every: time.Second, err: io.EOF}, "403 Forbidden", 5 * time.Second, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				_, text, err := pipe(dripping(row.status, func() *drip { d := row.body; return &d }), quick).Read(request(t, "GET", ""))
				if took := time.Since(began); took < row.least || took > row.most {
					t.Errorf("took %s", took)
				}
				if row.want == "" && (err != nil || len(text) != row.body.pieces) {
					t.Errorf("%d bytes, %v", len(text), err)
				}
				if row.want != "" {
					in(t, err, row.want)
				}
			})
		})
	}
}

// TestFloodOfRefusal: of a refusal no more is read than is of use.
func TestFloodOfRefusal(t *testing.T) {
	read := 0
	flood := TransportFunc(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 403, Body: io.NopCloser(readerFunc(func(p []byte) (int, error) {
			read += len(p)
			return len(p), nil
		}))}, nil
	})
	_, err := pipe(flood).Do(request(t, "GET", ""))
	in(t, err, "403 Forbidden")
	if read > 2*longestError {
		t.Errorf("%d bytes were read", read)
	}
}

// TestSlowReader: who takes time over what came is not hurried.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		resp, err := pipe(dripping(200, func() *drip { return &drip{pieces: 3, err: io.EOF} }), quick).Do(request(t, "GET", ""))
		if err != nil {
			t.Fatal(err)
		}
		piece := make([]byte, 1)
		for range 3 {
			time.Sleep(time.Hour)
			if n, err := resp.Body.Read(piece); n != 1 || err != nil {
				t.Errorf("%d, %v", n, err)
			}
		}
		time.Sleep(time.Hour)
		if _, err := resp.Body.Read(piece); err != io.EOF {
			t.Error(err)
		}
		_ = resp.Body.Close()
	})
}

// TestLongUpload: an upload that moves is not given up, whether it says how long it is or not; one that stands still is.
func TestLongUpload(t *testing.T) {
	for name, row := range map[string]struct {
		length int64
		every  time.Duration // between the pieces that the network takes
		want   string
	}{
		"length known":          {1 << 20, 9 * time.Second, ""},
		"length unknown":        {-1, 9 * time.Second, ""},
		"length not said":       {0, 9 * time.Second, ""}, // as http.NewRequest leaves it for a reader it does not know
		"known, stands still":   {1 << 20, 21 * time.Second, "no answer in time"},
		"unknown, stands still": {-1, 21 * time.Second, "no answer in time"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sent := 0
				slow := TransportFunc(func(req *http.Request) (*http.Response, error) {
					piece := make([]byte, 64<<10)
					for {
						n, err := req.Body.Read(piece)
						sent += n
						if err == io.EOF {
							return &http.Response{StatusCode: 201, Body: http.NoBody}, nil
						}
						if err := pause(req.Context(), row.every); err != nil {
							return nil, err
						}
					}
				})
				req := request(t, "PUT", strings.Repeat("x", 1<<20))
				if req.ContentLength = row.length; row.length <= 0 {
					req.Body, req.GetBody = io.NopCloser(once(strings.Repeat("x", 1<<20))), nil
				}
				_, err := pipe(slow, quick).Do(req)
				if row.want == "" && (err != nil || sent != 1<<20) {
					t.Errorf("%d bytes, %v", sent, err)
				}
				if row.want != "" {
					in(t, err, row.want)
				}
			})
		})
	}
}

// TestResentByTheTransport: what http.Transport sends anew by itself counts as movement too.
func TestResentByTheTransport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, fails := range []bool{false, true} {
			anew := TransportFunc(func(req *http.Request) (*http.Response, error) {
				body, err := req.GetBody()
				if err != nil {
					return nil, err
				}
				piece := make([]byte, 128<<10)
				for range 3 {
					if err := pause(req.Context(), 9*time.Second); err != nil {
						return nil, err
					}
					_, _ = body.Read(piece)
				}
				return &http.Response{StatusCode: 201, Body: http.NoBody}, body.Close()
			})
			req := request(t, "PUT", strings.Repeat("x", longBody))
			if fails {
				req.GetBody = func() (io.ReadCloser, error) { return nil, errors.New("file closed") }
			}
			_, err := pipe(anew, quick).Do(req)
			if !fails && err != nil {
				t.Error(err)
			}
			if fails {
				in(t, err, "file closed")
			}
		}
	})
}

// TestNothingLeft: no try leaves a timer behind; in a bubble, goroutines that are left end the test.
func TestNothingLeft(t *testing.T) {
	ended := says(503)
	ended.wait = time.Second
	for name, transport := range map[string]Transport{
		"answered":    &script{steps: []step{says(200).with("x")}},
		"no body":     &script{steps: []step{says(200)}},
		"refused":     &script{steps: []step{says(403).with("x")}},
		"tried again": &script{steps: []step{ended, ended.with("x"), {err: errReset}, says(200).with("x")}},
		"broken":      &script{steps: []step{{err: errReset}}},
		"no answer":   &script{steps: []step{{wait: time.Hour}}},
		"cut":         dripping(200, func() *drip { return &drip{pieces: 1, err: errReset} }),
		"stalled":     dripping(200, func() *drip { return &drip{pieces: 1} }),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &counting{Clock: Options{}.Resolve().Clock}
				p := pipe(transport, func(o *Options) { o.Clock = c })
				resp, err := p.Do(request(t, "GET", ""))
				if err == nil {
					_, _ = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
				_, _, _ = p.Read(request(t, "GET", ""))
				if n := c.timers.Load(); n != 0 {
					t.Errorf("%d timers are left", n)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		c := &counting{Clock: Options{}.Resolve().Clock}
		p := pipe(dripping(200, func() *drip { return &drip{pieces: 9, err: io.EOF} }), func(o *Options) { o.Clock = c })
		resp, err := p.Do(request(t, "GET", ""))
		if err != nil || c.timers.Load() != 1 {
			t.Fatalf("%d timers while an answer is open: %v", c.timers.Load(), err)
		}
		_ = resp.Body.Close() // unread
		_ = resp.Body.Close()
		if n := c.timers.Load(); n != 0 {
			t.Errorf("%d timers are left", n)
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// counting is a clock that knows how many of its timers are set.
type counting struct {
	Clock
	timers atomic.Int64
}

func (c *counting) AfterFunc(d time.Duration, f func()) func() bool {
	c.timers.Add(1)
	stop := c.Clock.AfterFunc(d, func() {
		c.timers.Add(-1)
		f()
	})
	return func() bool {
		stopped := stop()
		if stopped {
			c.timers.Add(-1)
		}
		return stopped
	}
}
