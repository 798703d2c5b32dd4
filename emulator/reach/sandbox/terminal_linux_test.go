package sandbox_test

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A terminal is a pseudo-terminal with a test at the keyboard.
type terminal struct {
	t        *testing.T
	keyboard *os.File // the master side
	line     *os.File // the side of the programs
	screen   string   // what has not been looked at
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	master, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Skipf("missing: a pseudo-terminal (/dev/ptmx): %v", err)
	}
	keyboard := os.NewFile(uintptr(master), "ptmx")
	t.Cleanup(func() { keyboard.Close() })
	if err := unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(master, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	line, err := os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { line.Close() })
	return &terminal{t: t, keyboard: keyboard, line: line}
}

// start starts a program as the terminal's session.
func (tty *terminal) start(c *exec.Cmd) {
	tty.t.Helper()
	c.Stdin, c.Stdout, c.Stderr = tty.line, tty.line, tty.line
	if c.SysProcAttr == nil {
		c.SysProcAttr = &syscall.SysProcAttr{}
	}
	c.SysProcAttr.Setsid, c.SysProcAttr.Setctty = true, true
	if err := c.Start(); err != nil {
		tty.t.Fatal(err)
	}
	tty.t.Cleanup(func() {
		if c.ProcessState == nil {
			_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) // the driver as well, and so its command
			_ = c.Wait()
		}
	})
}

func (tty *terminal) typeKeys(keys string) {
	tty.t.Helper()
	if _, err := tty.keyboard.WriteString(keys); err != nil {
		tty.t.Fatal(err)
	}
}

// expect reads until a text appears, and gives what came before it.
func (tty *terminal) expect(text string) (before string) {
	tty.t.Helper()
	_ = tty.keyboard.SetReadDeadline(time.Now().Add(30 * time.Second)) // a hang, not a measure
	for buf := make([]byte, 4096); ; {
		if before, after, found := strings.Cut(tty.screen, text); found {
			tty.screen = after
			return before
		}
		n, err := tty.keyboard.Read(buf)
		if err != nil {
			tty.t.Fatalf("%q never appeared, but %q: %v", text, tty.screen, err)
		}
		tty.screen += string(buf[:n])
	}
}

func (tty *terminal) settings() string {
	tty.t.Helper()
	settings, err := unix.IoctlGetTermios(int(tty.line.Fd()), unix.TCGETS)
	if err != nil {
		tty.t.Fatal(err)
	}
	return fmt.Sprintf("%+v", *settings)
}

// program copies the test binary to where every user can execute it.
func program(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	openToAll(t, dir)
	path := dir + "/driver"
	if err := os.WriteFile(path, text, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestInteractiveShell has a shell with job control in the world, and a script
// outside that goes on reading from the terminal when the shell has ended.
func TestInteractiveShell(t *testing.T) {
	needs(t, "bash")
	binary := program(t)
	forEverybody(t, func(t *testing.T, w who) {
		tty := newTerminal(t)
		before := tty.settings()
		env := append(plainEnv(), "PS1=prompt> ", "TERM=dumb", "HISTFILE=/dev/null")
		c := w.driver(t, spec{Command: []string{"bash", "--norc", "--noprofile", "-i"}, Env: env})
		c.Path, c.Args = "/bin/sh", []string{"sh", "-c", binary + `; code=$?; read word; echo "after: $code $word"`}
		tty.start(c)
		if greeting := tty.expect("prompt> "); strings.Contains(greeting, "job control") {
			t.Errorf("the shell complains: %q", greeting)
		}
		tty.typeKeys(roleVariable + "=tool " + binary + " resume\r")
		tty.expect("ready\r\n")
		tty.typeKeys("\x1a") // ^Z
		tty.expect("Stopped")
		tty.typeKeys("fg\r")
		tty.expect("continued\r\n")
		tty.typeKeys("\x03") // ^C
		tty.expect("prompt> ")
		tty.typeKeys("echo code: $? jobs left: $(jobs | wc -l)\r")
		tty.expect("code: 130 jobs left: 0")
		tty.typeKeys("exit 7\r")
		tty.expect("exit\r\n") // said by the shell, or echoed; in both cases the line is the next reader's
		tty.typeKeys("word\r")
		tty.expect("after: 7 word")
		if err := c.Wait(); err != nil {
			t.Fatal(err)
		}
		if after := tty.settings(); after != before {
			t.Errorf("terminal settings %s, before %s", after, before)
		}
	})
}

// TestInterruptKey presses ^C: the terminal tells the command, and so the driver
// must not tell it again.
func TestInterruptKey(t *testing.T) {
	forEverybody(t, func(t *testing.T, w who) {
		for key, sig := range map[string]syscall.Signal{"\x03": syscall.SIGINT, "\x1c": syscall.SIGQUIT} {
			tty := newTerminal(t)
			c := w.driver(t, spec{Command: toolCommand("signals"), Env: toolEnv()})
			tty.start(c)
			tty.expect("ready")
			tty.expect("\n")
			tty.typeKeys(key)
			tty.expect(sig.String() + "\r\n")
			if err := c.Process.Signal(syscall.SIGUSR2); err != nil {
				t.Fatal(err)
			}
			if between := tty.expect(syscall.SIGUSR2.String() + "\r\n"); between != "" {
				t.Errorf("%v came a second time: %q", sig, between)
			}
			_ = c.Wait()
			if code := c.ProcessState.ExitCode(); code != 9 {
				t.Errorf("code %d, want 9", code)
			}
		}
	})
}
