package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/linarite/linarite/emulator"
)

// client asks a running world.
type client struct {
	cmd *cobra.Command
	// base is the front door without a user; user is MACHINE, WORLD. or WORLD.MACHINE, and
	// empty for the served world and its default machine.
	base, user string
	// err is what is wrong with the URL that was given.
	err error
}

const (
	// answerTime is how long a world has for the head of an answer, workTime where it
	// reads or writes a folder first.
	answerTime = 30 * time.Second
	workTime   = 30 * time.Minute
	// maxAnswer bounds an answer that is kept whole.
	maxAnswer = 16 << 20
)

func control(cmd *cobra.Command) client {
	given, _ := cmd.Flags().GetString("url")
	return clientOf(cmd, given, "--url")
}

// clientOf is the client of the world at a URL, which a flag has given.
func clientOf(cmd *cobra.Command, given, flag string) client {
	c := client{cmd: cmd, base: strings.TrimSuffix(given, "/")}
	u, err := url.Parse(c.base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		c.err = fmt.Errorf("%w: %s %s: give it as in %s, with a user as in http://team-a.web-1@127.0.0.1:4280 for another world or machine", emulator.ErrUsage, flag, c.base, emulator.DefaultURL)
		return c
	}
	if u.User != nil {
		c.user, u.User = u.User.Username(), nil
		c.base = u.String()
	}
	return c
}

// door is a path of the front door, for the client's world and machine.
func (c client) door(path string) string {
	if c.user == "" {
		return path
	}
	return "/~" + url.PathEscape(c.user) + path
}

// ask makes a request of the front door and returns the answer with its body open. It
// goes there directly, whatever proxy the environment names: that proxy may be the world
// itself.
func (c client) ask(method, path string, header http.Header, body []byte, wait time.Duration) (*http.Response, error) {
	if c.err != nil {
		return nil, c.err
	}
	req, err := http.NewRequestWithContext(c.cmd.Context(), method, c.base+c.door(path), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	direct := &http.Client{Transport: &http.Transport{Proxy: nil, ResponseHeaderTimeout: wait, DisableKeepAlives: true}}
	resp, err := direct.Do(req)
	if op := new(net.OpError); errors.As(err, &op) && op.Op == "dial" && !errors.Is(err, context.Canceled) {
		return nil, fmt.Errorf("nothing answers at %s: start a world by linarite serve, or name another by --url", c.base)
	}
	if err != nil && c.cmd.Context().Err() == nil {
		return nil, fmt.Errorf("%s gives no answer: %w: is it Linarite? linarite doctor tells who has the ports", c.base, err)
	}
	return resp, err
}

// get fetches a path of the front door, whatever its status.
func (c client) get(path string, header http.Header) ([]byte, int, error) {
	resp, err := c.ask(http.MethodGet, path, header, nil, answerTime)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return body, resp.StatusCode, err
}

const controlPath = "/_linarite/v1/"

// open makes a request of the control API and returns a good answer with its body open; in
// is sent as JSON, nil sends nothing.
func (c client) open(method, name string, in any, wait time.Duration) (*http.Response, error) {
	var body []byte
	header := http.Header{}
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return nil, err
		}
		header.Set("Content-Type", "application/json")
	}
	resp, err := c.ask(method, controlPath+name, header, body, wait)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < http.StatusMultipleChoices {
		return resp, nil
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	return nil, c.refused(controlPath+name, resp.StatusCode, said)
}

// refused puts a refusal of the control API into words.
func (c client) refused(path string, status int, body []byte) error {
	var said struct {
		Error struct{ Code, Message string }
	}
	if json.Unmarshal(body, &said) != nil || said.Error.Message == "" || said.Error.Code == "PathNotServed" {
		path, _, _ = strings.Cut(path, "?")
		return fmt.Errorf("%s answers %d to %s: is it Linarite, with its control API open? %s", c.base, status, path, firstLine(body))
	}
	err := &refusal{status, strings.TrimSpace(said.Error.Message)}
	if status == http.StatusBadRequest { // what was asked for cannot be, in this world
		return usage(err)
	}
	return err
}

// refusal is what the control API says where it does not do what was asked.
type refusal struct {
	status int
	words  string
}

func (r *refusal) Error() string { return r.words }

// hasStatus returns the refusal that an error wraps, where it has a status.
func hasStatus(err error, status int) (*refusal, bool) {
	var r *refusal
	ok := errors.As(err, &r) && r.status == status
	return r, ok
}

// call makes a request of the control API; out is read from the answer, nil reads nothing.
func (c client) call(method, name string, in, out any) error {
	return c.callFor(answerTime, method, name, in, out)
}

func (c client) callFor(wait time.Duration, method, name string, in, out any) error {
	resp, err := c.open(method, name, in, wait)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if out == nil {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("%s does not answer as Linarite does: %w", c.base, err)
	}
	return nil
}

// control fetches what the control API has under a name.
func (c client) control(name string) ([]byte, error) {
	resp, err := c.open(http.MethodGet, name, nil, answerTime)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
}

// getJSON reads an answer of the control API, and returns the URL that was asked.
func (c client) getJSON(name string, v any) (string, error) {
	return c.base, c.call(http.MethodGet, name, nil, v)
}

func firstLine(body []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(body)), "\n")
	if len(line) > 300 {
		line = line[:300] + "…"
	}
	return line
}

// printJSON writes a value for a machine.
func printJSON(cmd *cobra.Command, v any) error {
	enc := json.NewEncoder(cmd.OutOrStdout())
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
