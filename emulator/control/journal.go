package control

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/wire"
)

// wanted is what somebody wants of the journal.
type wanted struct {
	filter journal.Filter
	// limit is how many of the newest entries, -1 for all.
	limit  int
	follow bool
	har    bool
}

func readWanted(q wire.Query) (w wanted, err error) {
	w.limit = -1
	w.filter = journal.Filter{Plane: q.Get("plane"), Operation: q.Get("operation"), Principal: q.Get("principal"), Machine: q.Get("machine"), Text: q.Get("text")}
	number := func(name string, into *int) {
		if v := q.Get(name); v != "" && err == nil {
			if n, wrong := strconv.ParseUint(v, 10, 31); wrong == nil {
				*into = int(n)
			} else {
				err = fmt.Errorf("%s=%s: want a number", name, v)
			}
		}
	}
	truth := func(name string, into *bool) {
		if v := q.Get(name); v != "" && err == nil {
			if *into = v == "true"; !*into && v != "false" {
				err = fmt.Errorf("%s=%s: want true or false", name, v)
			}
		}
	}
	number("limit", &w.limit)
	number("status", &w.filter.Status)
	truth("refused", &w.filter.Refused)
	truth("follow", &w.follow)
	if v := q.Get("after"); v != "" && err == nil {
		if w.filter.After, err = strconv.ParseUint(v, 10, 64); err != nil {
			err = fmt.Errorf("after=%s: want the number of an entry", v)
		}
	}
	w.har = q.Get("format") == "har"
	switch s, f := w.filter.Status, q.Get("format"); {
	case err != nil:
	case s != 0 && (s > 5 && s < 100 || s > 599):
		err = fmt.Errorf("status=%d: want a status such as 403, or its class from 1 to 5", s)
	case f != "" && f != "ndjson" && !w.har:
		err = fmt.Errorf("format=%s: want ndjson or har", f)
	case w.har && w.follow:
		err = fmt.Errorf("an archive has an end: leave out follow=true or format=har")
	}
	return w, err
}

func (a *api) journal(c *wire.Call) (wire.Response, error) {
	w, err := readWanted(c.Query)
	if err != nil {
		return wire.Response{}, wire.Refuse(apierr.ControlQuery, err.Error())
	}
	j := c.World.Journal
	if w.follow {
		return streamed("application/x-ndjson", a.follow(c.Request.Context(), j, w)), nil
	}
	entries := newest(j, w)
	if w.har {
		return streamed("application/json; charset=utf-8", func(out io.Writer) error {
			return journal.WriteHAR(out, a.Version, slices.Values(entries))
		}), nil
	}
	return streamed("application/x-ndjson", func(out io.Writer) error { return journal.WriteNDJSON(out, slices.Values(entries)) }), nil
}

// newest are the last entries that are wanted, oldest first.
func newest(j *journal.Journal, w wanted) []journal.Entry {
	if w.limit == 0 {
		return nil
	}
	entries := j.Select(w.filter)
	if w.limit > 0 && len(entries) > w.limit {
		entries = entries[len(entries)-w.limit:]
	}
	return entries
}

// missed stands in a stream where entries were dropped before they could be sent.
type missed struct {
	Missed uint64 `json:"missed"`
}

// follow writes entries as they come, until the client has left or the world is closed.
func (a *api) follow(client context.Context, j *journal.Journal, w wanted) func(io.Writer) error {
	from := w.filter
	if w.limit == 0 {
		from.After = max(from.After, j.Last())
	} else if tail := newest(j, w); w.limit == len(tail) {
		from.After = tail[0].Seq - 1
	}
	return func(out io.Writer) error {
		ctx, cancel := context.WithCancel(client)
		defer cancel()
		go func() {
			select {
			case <-a.Closed:
				cancel()
			case <-ctx.Done():
			}
		}()
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		for e, lost := range j.Follow(ctx, from) {
			if lost > 0 {
				if err := enc.Encode(missed{lost}); err != nil {
					return err
				}
			}
			if err := enc.Encode(e); err != nil {
				return err
			}
			if err := out.(*body).flush(); err != nil {
				return err
			}
		}
		return nil
	}
}

// streamed is an answer that is written as it comes.
func streamed(contentType string, write func(io.Writer) error) wire.Response {
	return wire.Response{Body: wire.Stream{Size: -1, From: stream(write)}, ContentType: contentType}
}

type stream func(io.Writer) error

// WriteTo implements io.WriterTo.
func (s stream) WriteTo(w io.Writer) (int64, error) {
	out := &body{to: w, buffer: bufio.NewWriterSize(w, 16<<10)}
	err := s(out)
	if err == nil {
		err = out.buffer.Flush()
	}
	return out.n, err
}

// body counts what is written, and sends it when it is told to.
type body struct {
	to     io.Writer
	buffer *bufio.Writer
	n      int64
}

func (b *body) Write(p []byte) (int, error) {
	n, err := b.buffer.Write(p)
	b.n += int64(n)
	return n, err
}

func (b *body) flush() error {
	if err := b.buffer.Flush(); err != nil {
		return err
	}
	return http.NewResponseController(b.to.(http.ResponseWriter)).Flush()
}
