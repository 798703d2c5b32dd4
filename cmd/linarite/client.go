package main

import (
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
	cmd  *cobra.Command
	base string
}

func control(cmd *cobra.Command) client {
	base, _ := cmd.Flags().GetString("url")
	return client{cmd, strings.TrimSuffix(base, "/")}
}

// get fetches a path of the front door. It goes there directly, whatever proxy the
// environment names: that proxy may be the world itself.
func (c client) get(path string, header http.Header) ([]byte, int, error) {
	u, err := url.Parse(c.base)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, 0, fmt.Errorf("%w: --url %s: give it as in %s", emulator.ErrUsage, c.base, emulator.DefaultURL)
	}
	req, err := http.NewRequestWithContext(c.cmd.Context(), http.MethodGet, c.base+path, nil)
	if err != nil {
		return nil, 0, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	direct := &http.Client{Transport: &http.Transport{Proxy: nil}, Timeout: 30 * time.Second}
	resp, err := direct.Do(req)
	if op := new(net.OpError); errors.As(err, &op) && op.Op == "dial" {
		return nil, 0, fmt.Errorf("nothing answers at %s: start a world by linarite serve, or name another by --url", c.base)
	}
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	return body, resp.StatusCode, err
}

const controlPath = "/_linarite/v1/"

func (c client) control(name string) ([]byte, error) {
	body, status, err := c.get(controlPath+name, nil)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("%s answers %d to %s: is it Linarite, with its control API open? %s", c.base, status, controlPath+name, firstLine(body))
	}
	return body, nil
}

// getJSON reads an answer of the control API, and returns the URL that was asked.
func (c client) getJSON(name string, v any) (string, error) {
	body, err := c.control(name)
	if err != nil {
		return "", err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return "", fmt.Errorf("%s does not answer as Linarite does: %w", c.base, err)
	}
	return c.base, nil
}

func firstLine(body []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(body)), "\n")
	if len(line) > 300 {
		line = line[:300] + "…"
	}
	return line
}
