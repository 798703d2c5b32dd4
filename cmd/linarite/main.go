// Command linarite is a small, faithful Azure for code that gets its access through a
// managed identity. See `linarite --help`.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/reach/sandbox"
)

// Exit codes, beside those of a command that `run` ran.
const (
	exitFailed = 1
	exitUsage  = 2
)

// exitError is an error that carries the exit code and has said everything already.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit %d", int(e)) }

func main() {
	sandbox.Child()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code := execute(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

func execute(ctx context.Context, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var said exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &said):
		return int(said)
	}
	message := err.Error()
	code := exitFailed
	if errors.Is(err, emulator.ErrUsage) {
		message, code = strings.ReplaceAll(message, emulator.ErrUsage.Error()+": ", ""), exitUsage
	}
	fmt.Fprintln(os.Stderr, "linarite: "+message)
	return code
}
