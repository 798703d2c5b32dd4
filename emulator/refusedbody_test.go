package emulator_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
)

// A client that writes all of a large body before it reads gets its refusal, and may go
// on with the connection.
func TestARefusedBodyIsRead(t *testing.T) { onConnections(t, checkARefusedBodyIsRead) }

func checkARefusedBodyIsRead(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	conn, answers := r.connect()
	const size = 8 << 20
	for range 2 {
		fmt.Fprintf(conn, "PUT /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n", size)
		if _, err := io.Copy(conn, io.LimitReader(zeros{}, size)); err != nil {
			t.Fatal(err)
		}
		if resp, err := http.ReadResponse(answers, nil); err != nil || resp.StatusCode != 404 {
			t.Fatalf("%v %v", resp, err)
		} else if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
	}
}

// A refusal does not wait for a body that does not come.
func TestARefusalIsNotHeldBack(t *testing.T) { onConnections(t, checkARefusalIsNotHeldBack) }

func checkARefusalIsNotHeldBack(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	conn, answers := r.connect()
	if _, err := io.WriteString(conn, "PUT /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\na"); err != nil {
		t.Fatal(err)
	}
	if resp, err := http.ReadResponse(answers, nil); err != nil || resp.StatusCode != 404 {
		t.Fatalf("%v %v", resp, err)
	}
}

// onConnections runs a test over the carriers that have connections.
func onConnections(t *testing.T, test func(t *testing.T, open opener)) {
	t.Run("socket", func(t *testing.T) { test(t, open) })
	t.Run("pipe", func(t *testing.T) { test(t, openPipe) })
}

// connect opens a bare connection to the front door.
func (r *rig) connect() (net.Conn, *bufio.Reader) {
	r.Helper()
	conn, err := r.dial()
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		r.Fatal(err)
	}
	return conn, bufio.NewReader(conn)
}

// zeros is an endless body.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
