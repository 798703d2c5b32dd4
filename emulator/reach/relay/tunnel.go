package relay

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// patience is how long another end has to take a connection.
const patience = 30 * time.Second

// Tunnel dials the proxy at an address, host:port, and asks it for a tunnel to target. user,
// where set, is named to it (Basic, any password). The error of a refusal has its words.
func Tunnel(proxy, user, target string) Dial {
	return func(ctx context.Context) (net.Conn, error) {
		conn, err := (&net.Dialer{Timeout: patience}).DialContext(ctx, "tcp", proxy)
		if err != nil {
			return nil, err
		}
		defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
		tunnel, err := ask(conn, user, target)
		if err != nil {
			_ = conn.Close()
			return nil, err
		}
		return tunnel, nil
	}
}

func ask(conn net.Conn, user, target string) (net.Conn, error) {
	login := ""
	if user != "" {
		login = "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":linarite")) + "\r\n"
	}
	slow := time.AfterFunc(patience, func() { _ = conn.Close() })
	defer slow.Stop()
	if _, err := fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", target, target, login); err != nil {
		return nil, err
	}
	reader := bufio.NewReader(conn)
	resp, err := http.ReadResponse(reader, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return nil, fmt.Errorf("the answer to CONNECT: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		words, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<10))
		return nil, fmt.Errorf("%s to CONNECT: %s", resp.Status, strings.TrimSpace(string(words)))
	}
	early, _ := reader.Peek(reader.Buffered())
	return &begun{TCPConn: conn.(*net.TCPConn), early: bytes.NewReader(bytes.Clone(early))}, nil
}

// begun is a connection of which the beginning has been read already.
type begun struct {
	*net.TCPConn
	early *bytes.Reader
}

func (c *begun) Read(p []byte) (int, error) {
	if c.early.Len() > 0 {
		return c.early.Read(p)
	}
	return c.TCPConn.Read(p)
}

// WriteTo hides the one of TCPConn, which would leave the beginning out.
func (c *begun) WriteTo(w io.Writer) (int64, error) {
	n, err := c.early.WriteTo(w)
	if err != nil {
		return n, err
	}
	m, err := io.Copy(w, c.TCPConn)
	return n + m, err
}
