package wire

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/linarite/linarite/emulator/cloud"
)

// Published reads what Blob storage of this world gives to anybody at a URL: so one service
// of Azure reads what the user has published. Nothing but the world itself is ever asked;
// other hosts are an error, as is any answer but 200, or one longer than limit bytes.
func (w *World) Published(ctx context.Context, target string, limit int) ([]byte, error) {
	ctx = WithOrigin(ctx, Origin{Scheme: "https"})
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return nil, err
	}
	if service, _, ok := w.Cloud.Resolve(r.URL.Host); !ok || service != cloud.Blob || r.URL.Scheme != "https" {
		return nil, fmt.Errorf("the world has no host %s, and nothing is sent anywhere else", r.URL.Host)
	}
	r.RequestURI = r.URL.RequestURI()
	got := &recorder{limit: limit}
	dropped := serve(w.Inside, got, r)
	switch {
	case dropped:
		return nil, fmt.Errorf("%s: the connection was dropped", target)
	case got.status != http.StatusOK:
		return nil, fmt.Errorf("%s answers %d", target, got.status)
	case got.over:
		return nil, fmt.Errorf("%s is longer than %d bytes", target, limit)
	}
	return got.body.Bytes(), nil
}

// serve has h answer, and tells whether it dropped the connection, as a planned fault does:
// net/http's way is a panic.
func serve(h http.Handler, w http.ResponseWriter, r *http.Request) (dropped bool) {
	defer func() {
		switch bug := recover(); bug {
		case nil:
		case http.ErrAbortHandler:
			dropped = true
		default:
			panic(bug)
		}
	}()
	h.ServeHTTP(w, r)
	return false
}

// recorder is a http.ResponseWriter that keeps the answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
	limit  int
	over   bool
}

func (r *recorder) Header() http.Header {
	if r.header == nil {
		r.header = http.Header{}
	}
	return r.header
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK {
		r.status = status
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	if r.over = r.over || r.body.Len()+len(p) > r.limit; r.over {
		return 0, fmt.Errorf("the answer is longer than %d bytes", r.limit)
	}
	return r.body.Write(p)
}
