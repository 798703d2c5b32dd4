package blob_test

import (
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/blob"
)

// meter counts bytes that have been taken and not yet given, and keeps the most there were.
type meter struct {
	mu        sync.Mutex
	now, most int64
}

func (m *meter) add(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now += n
	m.most = max(m.most, m.now)
}

// metered counts what is read of a source.
type metered struct {
	io.Reader
	meter *meter
}

func (r *metered) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.meter.add(int64(n))
	return n, err
}

// What an upload holds of its source, and a download of the blob, is as much as it was told, however slow the other
// side is.
func TestMemoryIsBounded(t *testing.T) {
	const size, block, parallel = 3 << 20, 100 << 10, 3
	emu, _ := tutorial(t)
	files := emu.StorageAccount(store).Container("files")

	up := &meter{}
	slow := clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
		resp, err := emu.Client().Do(req)
		if req.URL.Query().Get("comp") == "block" {
			up.add(-req.ContentLength)
		}
		return resp, err
	})
	c := keyed(t, emu, clientlib.Options{Transport: slow})
	source := &metered{&pieces{pattern(1000), size}, up}
	must(c.Container("files").Blob("b").Upload(t.Context(), source, &blob.UploadOptions{BlockSize: block, Parallel: parallel}))(t)
	if up.now != 0 || up.most > parallel*block+1 || up.most < 2*block { // a byte more of the source tells that there is more
		t.Errorf("the upload has held %d bytes, %d are still there", up.most, up.now)
	}
	if got := len(files.Download("b")); got != size {
		t.Errorf("%d bytes", got)
	}

	down := &meter{}
	c = keyed(t, emu, clientlib.Options{Transport: clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
		resp, err := emu.Client().Do(req)
		if err == nil {
			down.add(resp.ContentLength)
		}
		return resp, err
	})})
	for _, verify := range []bool{false, true} {
		*down = meter{}
		o := &blob.DownloadOptions{RangeSize: block, Parallel: parallel, Verify: verify, IgnoreMD5: true}
		must(c.Container("files").Blob("b").Download(t.Context(), writer(func(p []byte) (int, error) {
			down.add(-int64(len(p)))
			return len(p), nil
		}), o))(t)
		if down.now != 0 || down.most > (parallel+1)*block || down.most < 2*block { // the first range goes by without being held
			t.Errorf("the download has held %d bytes, %d are still there", down.most, down.now)
		}
	}
}
