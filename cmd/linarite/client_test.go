package main

import (
	"net"
	"strings"
	"testing"
)

// A port where somebody else sits, who takes a connection and says nothing, is told of in
// words that say what to do.
func TestNoAnswer(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	for _, args := range [][]string{{"status"}, {"env"}, {"token"}, {"clock", "now"}} {
		root := newRoot()
		root.SetArgs(append(args, "--home", t.TempDir(), "--url", "http://"+ln.Addr().String()))
		err := root.ExecuteContext(t.Context())
		if err == nil || !strings.Contains(err.Error(), ln.Addr().String()+" gives no answer: ") || !strings.HasSuffix(err.Error(), "linarite doctor tells who has the ports") {
			t.Errorf("%s: %v", args, err)
		}
	}
}
