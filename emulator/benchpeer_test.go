package emulator_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
)

// peer is a server to ask, by TLS where there is a configuration for it.
type peer struct {
	address string
	tls     *tls.Config
}

// serveBare serves a handler with the limits of Linarite's own sockets, and returns the
// address.
func serveBare(b *testing.B, h http.Handler, t *tls.Config) string {
	b.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := ln.Addr().String()
	if t != nil {
		ln = tls.NewListener(ln, t)
	}
	server := emulator.NewHTTPServer(h)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ln) }()
	b.Cleanup(func() {
		_ = server.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			b.Error(err)
		}
	})
	return address
}

// compare asks both peers the same, by one client and by several: each for itself, and
// both in turns for their ratio. In turns, what else the machine does meets both alike.
func compare(b *testing.B, request *http.Request, linarite, bare peer) {
	b.Helper()
	for _, clients := range []int{1, 8} {
		crowds := [2]crowd{gather(b, linarite, request, clients), gather(b, bare, request, clients)}
		if a, z := crowds[0][0].length, crowds[1][0].length; a != z {
			b.Fatalf("not the same answers: %d and %d bytes", a, z)
		}
		for i, name := range []string{"linarite", "bare"} {
			b.Run(fmt.Sprintf("clients=%d/%s", clients, name), func(b *testing.B) { crowds[i].ask(b, b.N) })
		}
		b.Run(fmt.Sprintf("clients=%d/ratio", clients), func(b *testing.B) { ratio(b, crowds[0], crowds[1]) })
	}
}

// ratio reports bare's time by Linarite's: the share of a bare handler's requests per
// second that Linarite reaches. It is the median over rounds.
func ratio(b *testing.B, linarite, bare crowd) {
	const round = 100
	var ratios []float64
	for b.Loop() {
		mine := linarite.ask(b, round)
		ratios = append(ratios, float64(bare.ask(b, round))/float64(mine))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
	b.ReportMetric(0, "ns/op") // of two servers together: nobody's
}

// crowd is clients that ask at the same time.
type crowd []*client

func gather(b *testing.B, p peer, request *http.Request, n int) crowd {
	b.Helper()
	all := make(crowd, n)
	for i := range all {
		all[i] = dial(b, p, request)
		if err := all[i].ask(); err != nil {
			b.Fatal(err)
		}
	}
	return all
}

// ask shares n questions among the clients and returns how long that took.
func (c crowd) ask(b *testing.B, n int) time.Duration {
	b.Helper()
	failed := make([]error, len(c))
	var wait sync.WaitGroup
	began := time.Now()
	for i, one := range c {
		wait.Go(func() {
			for k := i; k < n && failed[i] == nil; k += len(c) {
				failed[i] = one.ask()
			}
		})
	}
	wait.Wait()
	took := time.Since(began)
	if err := errors.Join(failed...); err != nil {
		b.Fatal(err)
	}
	return took
}

// client is one connection that asks one question again and again. It does as little as
// can be: what a client costs makes both peers look more alike than they are.
type client struct {
	conn     net.Conn
	in       *bufio.Reader
	question []byte
	length   int // of the last body
}

func dial(b *testing.B, p peer, request *http.Request) *client {
	b.Helper()
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	if p.tls != nil {
		conn = tls.Client(conn, p.tls)
	}
	var question bytes.Buffer
	if err := request.Write(&question); err != nil {
		b.Fatal(err)
	}
	return &client{conn: conn, in: bufio.NewReader(conn), question: question.Bytes()}
}

// ask sends the question and reads the answer, which must be a 200 with a length.
func (c *client) ask() error {
	if _, err := c.conn.Write(c.question); err != nil {
		return err
	}
	status, err := c.in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("not a 200: %s", status)
	}
	c.length = -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			break
		}
		if name, value, _ := bytes.Cut(line, []byte(": ")); string(name) == "Content-Length" {
			if c.length, err = strconv.Atoi(string(value)); err != nil {
				return err
			}
		}
	}
	if c.length < 0 {
		return errors.New("an answer without Content-Length")
	}
	_, err = c.in.Discard(c.length)
	return err
}
