package clientlib

import (
	"log/slog"
	"net/http"

	"github.com/linarite/linarite/internal/redact"
)

// shown is the URL of a request without its secrets.
func shown(req *http.Request) string { return redact.URL(req.URL) }

// log tells of one try.
func (p *Pipeline) log(req *http.Request, a attempt) {
	if p.options.Log == nil {
		return
	}
	ctx, level := req.Context(), slog.LevelDebug
	if a.wait > 0 {
		level = slog.LevelWarn
	}
	if !p.options.Log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("service", p.service.Name), slog.String("method", req.Method), slog.String("url", shown(req)),
		slog.Int("try", a.try), slog.Duration("took", p.options.Clock.Now().Sub(a.began)),
	}
	if a.status != 0 {
		attrs = append(attrs, slog.Int("status", a.status))
	}
	if a.refused != nil {
		attrs = append(attrs, slog.String("code", redact.Text(a.refused.Code)), slog.String("request_id", redact.Text(a.refused.RequestID)))
	}
	if a.err != nil {
		attrs = append(attrs, slog.String("error", redact.Text(a.err.Error())))
	}
	if a.wait > 0 {
		attrs = append(attrs, slog.Duration("wait", a.wait))
	}
	p.options.Log.LogAttrs(ctx, level, "request", attrs...)
}
