package sandbox_test

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/linarite/linarite/emulator/reach/sandbox"
)

func TestCheckHere(t *testing.T) {
	forEverybody(t, func(t *testing.T, w who) {
		r := w.run(t, spec{})
		if r.code != 0 || !strings.HasSuffix(r.stdout, "sealed world|true|one could be made|\n") {
			t.Errorf("%+v, want a sealed world at the end", r)
		}
	})
}

// TestNoMoreNamespaces sets a limit, in a user namespace of its own, and wants
// it named by both Run and Check.
func TestNoMoreNamespaces(t *testing.T) {
	for _, kind := range []string{"user", "net", "mnt", "uts"} {
		name := "max_" + kind + "_namespaces"
		w := everybody()[0]
		inside := func(s spec) *exec.Cmd {
			s.Setup = []string{"write /proc/sys/user/" + name + " 0"}
			s.UserNamespace = sandbox.Always
			c := w.driver(t, s)
			c.SysProcAttr = &syscall.SysProcAttr{
				Cloneflags:  syscall.CLONE_NEWUSER,
				UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: w.uid, Size: 1}},
				GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: w.gid(), Size: 1}},
			}
			return c
		}
		t.Run(kind, func(t *testing.T) {
			text, err := inside(spec{Command: []string{"true"}, Env: plainEnv(), Hostname: "vm"}).CombinedOutput()
			want := "run: no sealed world: creating the namespaces: no space left on device: user." + name +
				" is 0; run sudo sysctl -w user." + name + "=10000, or use `linarite env` (proxy) or a container\n"
			if err == nil || string(text) != want {
				t.Errorf("%v, said %q, want %q", err, text, want)
			}
			text, err = inside(spec{}).Output()
			if err != nil || kind != "user" && !strings.Contains(string(text), "user."+name+"|false|") {
				t.Errorf("doctor (%v) does not name the limit: %s", err, text)
			}
			if kind == "net" && (!strings.Contains(string(text), "\n--here|") || w.uid != 0 && !strings.Contains(string(text), "\nsudo -n|")) {
				t.Errorf("doctor does not name the other ways: %s", text)
			}
		})
	}
}

// TestNever has an ordinary user ask for what he may not.
func TestNever(t *testing.T) {
	needsRoot(t)
	r := who{"ordinary user", ordinary, sandbox.Never}.run(t, spec{Command: []string{"true"}, Env: plainEnv()})
	if r.code != exitNoWorld || !strings.Contains(r.stderr, "creating the namespaces: operation not permitted") {
		t.Errorf("%+v", r)
	}
}
