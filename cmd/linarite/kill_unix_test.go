//go:build unix

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A world with --data is killed while it is written to, again and again: what it has
// acknowledged is there afterwards, whole, and of what it has not, all or nothing.
//
// LINARITE_KILL_ROUNDS is how often (5), LINARITE_KILL_SEED repeats a run; see make soak.
func TestKilledWhileWriting(t *testing.T) {
	rounds, seed := setting(t, "LINARITE_KILL_ROUNDS", 5), setting(t, "LINARITE_KILL_SEED", time.Now().UnixNano())
	t.Logf("LINARITE_KILL_SEED=%d", seed)
	chance := rand.New(rand.NewPCG(uint64(seed), 0))
	home, data := t.TempDir(), filepath.Join(t.TempDir(), "data")
	writers := make([]*writer, 6)
	for i := range writers {
		writers[i] = newWriter(i, rand.New(rand.NewPCG(uint64(seed), uint64(i+1))))
	}
	killed := 0
	for round := range int(rounds) {
		if round%4 == 0 { // while it begins, which the first time makes the folder
			killed += killBeginning(t, home, data, chance)
		}
		s := startKept(t, home, data)
		for _, w := range writers {
			w.check(t, s.client, round == int(rounds)-1)
		}
		if t.Failed() {
			s.end(t)
			t.Fatalf("in round %d", round)
		}
		began := killAmid(s, writers, chance)
		killed++
		_ = s.cmd.Wait()
		if began == 0 {
			t.Errorf("round %d: nothing was written", round)
		}
	}
	s := startKept(t, home, data)
	acknowledged := 0
	for _, w := range writers {
		w.check(t, s.client, true)
		acknowledged += w.acknowledged
	}
	s.end(t)
	t.Logf("killed %d times, %d writes acknowledged", killed, acknowledged)
}

func setting(t *testing.T, name string, otherwise int64) int64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// killAmid has the writers write until a request that chance names begins, and a moment
// more that chance names too; then it kills. It returns how many requests began.
func killAmid(s *keptServe, writers []*writer, chance *rand.Rand) int64 {
	var begun atomic.Int64
	var once sync.Once
	last, moment := int64(1+chance.IntN(150)), time.Duration(chance.IntN(3000))*time.Microsecond
	killed := make(chan struct{})
	s.client.begin = func() {
		if begun.Add(1) == last {
			once.Do(func() {
				time.AfterFunc(moment, func() {
					_ = s.cmd.Process.Kill()
					close(killed)
				})
			})
		}
	}
	var wg sync.WaitGroup
	for _, w := range writers {
		wg.Go(func() {
			for w.write(s.client) {
			}
		})
	}
	wg.Wait()
	<-killed
	return begun.Load()
}

// killBeginning kills a program that is just starting, and returns 1 where that was so.
func killBeginning(t *testing.T, home, data string, chance *rand.Rand) int {
	t.Helper()
	cmd := linarite(t, home, "serve", "--data", data, "--port", "0", "--https-port", "0", "--blob-port", "0", "--log", "none")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(time.Duration(chance.IntN(80))*time.Millisecond, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait()
	if cmd.ProcessState.Success() {
		t.Fatal("it ended by itself")
	}
	return 1
}

// keptServe is a serving program with a data folder.
type keptServe struct {
	cmd    *exec.Cmd
	client *keptClient
	stderr *strings.Builder
}

func startKept(t *testing.T, home, data string) *keptServe {
	t.Helper()
	return startKeptBy(t, home, data, func(*exec.Cmd) {})
}

// startKeptBy is startKept for a command that wrap has changed.
func startKeptBy(t *testing.T, home, data string, wrap func(*exec.Cmd)) *keptServe {
	t.Helper()
	ready := filepath.Join(t.TempDir(), "ready")
	cmd := linarite(t, home, "serve", "--data", data, "--port", "0", "--https-port", "0", "--blob-port", "0", "--ready-file", ready, "--log", "none")
	wrap(cmd)
	stderr := &strings.Builder{}
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	info, err := waitReady(ready)
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		t.Fatalf("%v: %s", err, stderr)
	}
	return &keptServe{cmd, newKeptClient(t, home, info), stderr}
}

// end ends the program as a person does.
func (s *keptServe) end(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	if code := waitExit(t, s.cmd); code != 0 || s.stderr.String() != "" {
		t.Errorf("exit code %d, %s", code, s.stderr)
	}
}

// fate is what is known of one thing: what it was when the last change of it was
// acknowledged, and what it may have become by one that was not.
type fate struct {
	known string
	next  string
	open  bool
}

// try tells of a change that is about to be asked for.
func (f *fate) try(next string) { f.next, f.open = next, true }

// done tells that it was acknowledged.
func (f *fate) done() { f.known, f.open = f.next, false }

// saw checks what is there after a kill, and goes on from that.
func (f *fate) saw(t *testing.T, what, got string) {
	t.Helper()
	switch {
	case got == f.known:
	case f.open && got == f.next:
	case f.open:
		t.Errorf("%s is %s: it was %s, and was becoming %s", what, brief(got), brief(f.known), brief(f.next))
	default:
		t.Errorf("%s is %s: acknowledged was %s", what, brief(got), brief(f.known))
	}
	f.known, f.open = got, false
}

// absent is the fate of what is not there.
const absent = ""

func brief(s string) string {
	if s == absent {
		return "not there"
	}
	return fmt.Sprintf("%d bytes beginning %.24q", len(s), s)
}
