package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/blob"
	"github.com/linarite/linarite/emulator/fault"
)

// What goes wrong on the way down does not show: by every way, all bytes come, once.
func TestDownloadsRecover(t *testing.T) {
	scenario := func(name string) []fault.Rule {
		s, ok := fault.ScenarioNamed(name)
		if !ok {
			t.Fatal(name)
		}
		return s.Rules
	}
	get := fault.Match{Plane: "blob", Operation: "Blob_Download"}
	faults := map[string][]fault.Rule{
		"partition moving": scenario("storage-partition-moving"),
		"cut":              scenario("download-cut"),
		"cut often":        {{Match: get, Effect: fault.Effect{Cut: fault.CutInBody, CutAfter: 999}, Times: 9}},
		"cut at the head":  {{Match: get, Effect: fault.Effect{Cut: fault.CutAfterHead}, Times: 4}},
		"no head":          {{Match: get, Effect: fault.Effect{Cut: fault.CutBeforeHead}, Times: 4}},
		"stalled":          {{Match: get, Effect: fault.Effect{SlowBytes: 2000, SlowEvery: time.Hour}}},
		"slow":             {{Match: get, Effect: fault.Effect{SlowBytes: 500, SlowEvery: 25 * time.Second}}},
		"too long":         {{Match: get, Effect: fault.Effect{LengthOff: 5}}},
		"too short":        {{Match: get, Effect: fault.Effect{LengthOff: -5}, Times: 3}},
		"answers late":     {{Match: get, Effect: fault.Effect{Delay: 2 * time.Minute}, Times: 2}},
	}
	for name, rules := range faults {
		for _, o := range []blob.DownloadOptions{{}, {RangeSize: 4000, Parallel: 2}, {Parallel: 1}, {RangeSize: 3000, Parallel: 3, Verify: true}} {
			if o.Verify && (name == "cut often" || name == "stalled" || name == "too short") {
				continue // no range comes as a whole: see TestVerify
			}
			t.Run(fmt.Sprintf("%s/%d-%d", name, o.RangeSize, o.Parallel), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					emu, c := tutorial(t)
					want := pattern(10_000)
					emu.StorageAccount(store).Container("files").Upload("b", want)
					for _, r := range rules {
						emu.Faults().Add(r)
					}
					var got bytes.Buffer
					began := time.Now()
					if _, err := c.Container("files").Blob("b").Download(t.Context(), &got, &o); err != nil || !bytes.Equal(got.Bytes(), want) {
						t.Errorf("%d bytes, %v", got.Len(), err)
					}
					if emu.Faults().Rules()[0].Acted == 0 {
						t.Error("no fault has acted")
					}
					if passed := time.Since(began); passed > 20*time.Minute { // by the clock of the bubble
						t.Errorf("it has waited %v", passed)
					}
					emu.Faults().Clear()
					for _, r := range rules {
						emu.Faults().Add(r)
					}
					var place at
					if _, err := c.Container("files").Blob("b").DownloadAt(t.Context(), &place, &o); err != nil || !bytes.Equal(place.data, want) {
						t.Errorf("at places: %d bytes, %v", len(place.data), err)
					}
				})
			})
		}
	}
}

// A download of which nothing comes any more ends, and says why.
func TestDownloadsGiveUp(t *testing.T) {
	for _, o := range []blob.DownloadOptions{{}, {RangeSize: 1000, Parallel: 2}, {RangeSize: 1000, Verify: true}} {
		synctest.Test(t, func(t *testing.T) {
			emu, c := tutorial(t)
			emu.StorageAccount(store).Container("files").Upload("b", pattern(10_000))
			emu.Faults().Add(fault.Rule{Match: fault.Match{Operation: "Blob_Download"}, Effect: fault.Effect{Cut: fault.CutAfterHead}})
			began := time.Now()
			_, err := c.Container("files").Blob("b").Download(t.Context(), io.Discard, &o)
			var gaveUp *clientlib.TransportError
			if !errors.As(err, &gaveUp) || gaveUp.Tries != 6 || time.Since(began) > time.Minute {
				t.Errorf("%v after %v", err, time.Since(began))
			}
		})
	}
}

// A blob that is written while it is read is not mixed.
func TestVersionsDoNotMix(t *testing.T) {
	for _, o := range []blob.DownloadOptions{{Parallel: 1}, {RangeSize: 1000, Parallel: 1, Verify: true}, {RangeSize: 1000, Parallel: 4}} {
		for _, then := range []string{"written", "deleted", "as it was before"} {
			emu, _ := tutorial(t)
			files := emu.StorageAccount(store).Container("files")
			files.Upload("b", pattern(9_000))
			if then == "as it was before" {
				emu.Faults().Add(fault.Rule{Match: fault.Match{Nth: 2}, Effect: fault.Effect{Stale: true}})
				files.Upload("b", pattern(9_000))
			}
			emu.Faults().Add(fault.Rule{Match: fault.Match{Operation: "Blob_Download", Nth: 1}, Effect: fault.Effect{Cut: fault.CutInBody}})
			first := true
			c := keyed(t, emu, clientlib.Options{Transport: seen(emu.Client(), func(*http.Request) {
				if first {
					first = false
					return
				}
				switch then {
				case "written":
					files.Upload("b", pattern(10_000))
				case "deleted":
					files.Upload("b", pattern(9_000)) // the same again is another
				}
			})})
			var got bytes.Buffer
			_, err := c.Container("files").Blob("b").Download(t.Context(), &got, &o)
			if !errors.Is(err, blob.ErrChanged) || !bytes.HasPrefix(pattern(9_000), got.Bytes()) {
				t.Errorf("%s, %+v: %d bytes, %v", then, o, got.Len(), err)
			}
		}
	}
}

// damaged is a transport that changes a byte of each body that a test is true for.
func damaged(to clientlib.Transport, which func() bool) clientlib.Transport {
	return clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
		resp, err := to.Do(req)
		if err == nil && req.Method == http.MethodGet && which() {
			body, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if len(body) > 0 { // the call may have ended meanwhile
				body[len(body)/2] ^= 1
			}
			resp.Body = io.NopCloser(bytes.NewReader(body))
		}
		return resp, err
	})
}

func TestVerify(t *testing.T) {
	emu, _ := tutorial(t)
	want := pattern(10_000)
	emu.StorageAccount(store).Container("files").Upload("b", want)
	left := 3
	var mu sync.Mutex
	few := func() bool {
		mu.Lock()
		defer mu.Unlock()
		left--
		return left >= 0
	}
	o := &blob.DownloadOptions{Verify: true, RangeSize: 3000, IgnoreMD5: true}
	b := keyed(t, emu, clientlib.Options{Transport: damaged(emu.Client(), few)}).Container("files").Blob("b")
	var got bytes.Buffer
	if must(b.Download(t.Context(), &got, o))(t); !bytes.Equal(got.Bytes(), want) {
		t.Error("damaged")
	}
	var place at
	left = 3
	if must(b.DownloadAt(t.Context(), &place, o))(t); !bytes.Equal(place.data, want) {
		t.Error("damaged at places")
	}
	always := keyed(t, emu, clientlib.Options{Transport: damaged(emu.Client(), func() bool { return true })}).Container("files").Blob("b")
	for _, o := range []*blob.DownloadOptions{o, nil} {
		if _, err := always.Download(t.Context(), io.Discard, o); !errors.Is(err, blob.ErrChecksum) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := always.Download(t.Context(), io.Discard, &blob.DownloadOptions{IgnoreMD5: true}); err != nil {
		t.Error("nobody was to look:", err)
	}
}

// Uploads get through what passes.
func TestUploadsRecover(t *testing.T) {
	faults := map[string]fault.Rule{
		"busy":            {Match: fault.Match{Plane: "blob"}, Effect: fault.Effect{Status: 503}, Times: 3},
		"internal":        {Match: fault.Match{Plane: "blob"}, Effect: fault.Effect{Status: 500, RetryAfter: 3 * time.Second}, Times: 2},
		"answers lost":    {Match: fault.Match{Plane: "blob", Share: 0.4, Seed: "a"}, Effect: fault.Effect{Cut: fault.CutBeforeHead}},
		"answers cut":     {Match: fault.Match{Plane: "blob"}, Effect: fault.Effect{Cut: fault.CutAfterHead}, Times: 3},
		"answers delayed": {Match: fault.Match{Plane: "blob"}, Effect: fault.Effect{Delay: 3 * time.Minute}, Times: 3},
	}
	for name, rule := range faults {
		for _, size := range []int{100, 10_000} {
			for _, conditions := range []blob.Conditions{{}, {IfNoneMatch: "*"}} {
				t.Run(fmt.Sprintf("%s/%d%s", name, size, conditions.IfNoneMatch), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						emu, c := tutorial(t)
						emu.Faults().Add(rule)
						want := pattern(size)
						w := must(c.Container("files").Blob("b").Upload(t.Context(), bytes.NewReader(want), &blob.UploadOptions{BlockSize: 1000, Conditions: conditions}))(t)
						if emu.Faults().Rules()[0].Acted == 0 {
							t.Error("no fault has acted")
						}
						emu.Faults().Clear()
						if got := emu.StorageAccount(store).Container("files").Download("b"); !bytes.Equal(got, want) {
							t.Errorf("%d bytes", len(got))
						}
						if p := must(c.Container("files").Blob("b").Properties(t.Context(), nil))(t); p.ETag != w.ETag {
							t.Errorf("%q is there, %q was told", p.ETag, w.ETag)
						}
					})
				})
			}
		}
	}
}

// Where the answer was lost, what is there decides.
func TestLostAnswers(t *testing.T) {
	writes := func(req *http.Request) bool {
		return req.Method == http.MethodPut && req.URL.Query().Get("comp") != "block" || req.Method == http.MethodDelete
	}
	for _, size := range []int{100, 10_000} {
		for _, condition := range []string{"IfNoneMatch", "IfMatch"} {
			for _, other := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					emu, c := tutorial(t)
					o := &blob.UploadOptions{BlockSize: 1000, Metadata: map[string]string{"fooBar": " x"}}
					if condition == "IfMatch" {
						o.Conditions.IfMatch = must(c.Container("files").Blob("b").Upload(t.Context(), strings.NewReader("before"), nil))(t).ETag
					} else {
						o.Conditions.IfNoneMatch = "*"
					}
					c = keyed(t, emu, clientlib.Options{Transport: lost(emu.Client(), func(req *http.Request) bool {
						if writes(req) && other {
							_, _ = keyed(t, emu, clientlib.Options{}).Container("files").Blob("b").Upload(t.Context(), bytes.NewReader(make([]byte, size)), &blob.UploadOptions{Metadata: o.Metadata})
						}
						return writes(req)
					})})
					_, err := c.Container("files").Blob("b").Upload(t.Context(), bytes.NewReader(pattern(size)), o)
					switch {
					case !other && err != nil:
						t.Errorf("%d bytes, %s: %v", size, condition, err)
					case other && !clientlib.HasCode(err, "BlobAlreadyExists", "ConditionNotMet"):
						t.Errorf("%d bytes, %s, and another has written: %v", size, condition, err)
					}
				})
			}
		}
	}
	synctest.Test(t, func(t *testing.T) {
		emu, _ := tutorial(t)
		c := keyed(t, emu, clientlib.Options{Transport: lost(emu.Client(), writes)})
		if err := c.Container("files").Blob("hello_world.txt").Delete(t.Context(), nil); err != nil {
			t.Error(err)
		}
		c = keyed(t, emu, clientlib.Options{Transport: lost(emu.Client(), writes)})
		if err := c.Container("files").Delete(t.Context(), nil); err != nil {
			t.Error(err)
		}
	})
}

// failing is a source that fails after so many bytes.
type failing struct {
	left int
	err  error
	then func()
}

func (f *failing) Read(p []byte) (int, error) {
	if f.left == 0 {
		if f.then != nil {
			f.then()
		}
		return 0, f.err
	}
	n := min(f.left, len(p))
	f.left -= n
	return n, nil
}

// What cannot be sent as a whole leaves the blob as it was, and nothing behind: the bubble would not end otherwise.
func TestUploadsThatFail(t *testing.T) {
	broken := errors.New("the disk is broken")
	for _, size := range []int{0, 10, 1000, 2500, 9_999} {
		for name, try := range map[string]struct {
			source failing
			size   int64
			want   error
		}{
			"fails":     {failing{err: broken}, 0, broken},
			"cut off":   {failing{err: io.ErrUnexpectedEOF}, 0, io.ErrUnexpectedEOF},
			"short":     {failing{err: io.EOF}, int64(size) + 1, io.ErrUnexpectedEOF},
			"long":      {failing{err: io.EOF}, int64(size) - 1, nil},
			"cancelled": {failing{err: io.EOF}, 0, context.Canceled},
		} {
			if name == "long" && size < 2 {
				continue
			}
			synctest.Test(t, func(t *testing.T) {
				emu, c := tutorial(t)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				source := try.source
				source.left = size
				if name == "cancelled" {
					source.then = cancel
				}
				_, err := c.Container("files").Blob("hello_world.txt").Upload(ctx, &source, &blob.UploadOptions{BlockSize: 1000, Parallel: 2, Size: try.size})
				if err == nil || try.want != nil && !errors.Is(err, try.want) {
					t.Errorf("%s after %d bytes: %v", name, size, err)
				}
				if got := emu.StorageAccount(store).Container("files").Download("hello_world.txt"); string(got) != "Hello world! :)" {
					t.Errorf("%s after %d bytes: %d bytes have been written", name, size, len(got))
				}
			})
		}
	}
	synctest.Test(t, func(t *testing.T) { // the first failure is the error, not what it ends
		emu, c := tutorial(t)
		emu.Faults().Add(fault.Rule{Match: fault.Match{Operation: "BlockBlob_StageBlock", Nth: 3}, Effect: fault.Effect{Status: 403, Code: "AuthorizationFailure"}})
		_, err := c.Container("files").Blob("b").Upload(t.Context(), bytes.NewReader(pattern(20_000)), &blob.UploadOptions{BlockSize: 1000})
		code(t, err, "AuthorizationFailure")
	})
}

// A download whose destination fails, or that is cancelled, ends with that, and leaves nothing behind.
func TestDownloadsThatFail(t *testing.T) {
	full := errors.New("the disk is full")
	for _, o := range []blob.DownloadOptions{{}, {RangeSize: 1000, Parallel: 3}, {RangeSize: 1000, Verify: true}} {
		synctest.Test(t, func(t *testing.T) {
			emu, c := tutorial(t)
			emu.StorageAccount(store).Container("files").Upload("b", pattern(10_000))
			b := c.Container("files").Blob("b")
			if _, err := b.Download(t.Context(), writer(func(p []byte) (int, error) { return 0, full }), &o); !errors.Is(err, full) {
				t.Error(err)
			}
			if _, err := b.Download(t.Context(), writer(func(p []byte) (int, error) { return len(p) - 1, nil }), &o); !errors.Is(err, io.ErrShortWrite) {
				t.Error(err)
			}
			if _, err := b.DownloadAt(t.Context(), writerAt(func([]byte, int64) (int, error) { return 0, full }), &o); !errors.Is(err, full) {
				t.Error(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			emu.Faults().Add(fault.Rule{Match: fault.Match{Operation: "Blob_Download", Nth: 1}, Effect: fault.Effect{SlowBytes: 100, SlowEvery: time.Second}})
			_, err := b.Download(ctx, writer(func(p []byte) (int, error) { cancel(); return len(p), nil }), &o)
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}

// All requests but the first ask for the version that the first one had.
func TestRangesAreOfOneVersion(t *testing.T) {
	emu, _ := tutorial(t)
	emu.StorageAccount(store).Container("files").Upload("b", pattern(10_000))
	var tags []string
	c := keyed(t, emu, clientlib.Options{Transport: seen(emu.Client(), func(req *http.Request) { tags = append(tags, req.Header.Get("If-Match")) })})
	p := must(c.Container("files").Blob("b").Download(t.Context(), io.Discard, &blob.DownloadOptions{RangeSize: 3000}))(t)
	if got, want := strings.Join(tags, " "), " "+strings.Join([]string{p.ETag, p.ETag, p.ETag}, " "); got != want {
		t.Errorf("%q instead of %q", got, want)
	}
	// What does not heed that is found out all the same.
	n := 0
	c = keyed(t, emu, clientlib.Options{Retry: clientlib.Retry{Tries: 1}, Transport: clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
		resp, err := emu.Client().Do(req)
		if n++; err == nil && n > 1 {
			resp.Header.Set("Etag", `"0x1"`)
		}
		return resp, err
	})})
	if _, err := c.Container("files").Blob("b").Download(t.Context(), io.Discard, &blob.DownloadOptions{RangeSize: 6000, Parallel: 2}); !errors.Is(err, blob.ErrChanged) {
		t.Error(err)
	}
}

// Once an upload is over, nobody reads what it sent any more: the bytes may be others by then.
func TestBodiesAreTakenBack(t *testing.T) {
	var late io.ReadCloser
	o := clientlib.Options{Transport: clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
		late = req.Body
		return answer(req, 201, ""), nil
	})}
	b := must(blob.New("https://acct.blob.core.windows.net", nil, o))(t).Container("c").Blob("b")
	must(b.Upload(t.Context(), strings.NewReader("hello"), nil))(t)
	if text, err := io.ReadAll(late); err == nil || len(text) > 0 {
		t.Errorf("%q, %v", text, err)
	}
}

// A list whose next page is the page that was asked for does not go on forever.
func TestListThatDoesNotGoOn(t *testing.T) {
	page := step{want: "GET /ccc?restype=container&comp=list", status: 200, body: "<EnumerationResults><Blobs/><NextMarker>x</NextMarker></EnumerationResults>"}
	again := page
	again.want += "&marker=x"
	for item, err := range script(t, page, again).Container("ccc").List(t.Context(), nil) {
		if err == nil || !strings.Contains(err.Error(), "does not go on") {
			t.Error(item, err)
		}
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

type writerAt func([]byte, int64) (int, error)

func (w writerAt) WriteAt(p []byte, off int64) (int, error) { return w(p, off) }
