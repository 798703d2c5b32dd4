package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// inContainer runs a shell script as a container's root: in a network namespace with a
// loopback interface and a mount namespace where /etc/resolv.conf is a mount of its own. The
// script has $capless, which runs a command without CAP_SYS_ADMIN, as containers are.
func inContainer(t *testing.T, resolver, script string) (code int, stdout, stderr string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("missing: root, to be a container's; run it with sudo")
	}
	for _, name := range []string{"setpriv", "sh", "curl", "ip", "mount", "mkfifo"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip("missing: the program " + name)
		}
	}
	// Without the namespace, this would take the real address: make sure of it.
	const surroundings = `set -e
test "$(ip -o link | wc -l)" = 1
ip link set lo up
mount --bind "$RESOLVER" /etc/resolv.conf
capless="setpriv --bounding-set -sys_admin"
`
	c := exec.Command("sh", "-c", surroundings+script)
	c.Dir = t.TempDir()
	c.Env = append(os.Environ(), "RESOLVER="+resolver, "LINARITE_HOME="+t.TempDir(), "GORACE="+raceExit)
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Unshareflags: syscall.CLONE_NEWNS} // the latter makes mounts private
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), out.String(), errs.String()
}

const containersResolver = "# by the engine\nnameserver 192.0.2.53\nsearch example\n"

// asEngine writes the resolv.conf of a container.
func asEngine(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(path, []byte(containersResolver), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// askHere is what a command under --here finds: a token, a service by name and TLS.
const askHere = `sh -c "curl -s -H Metadata:true 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/' | cut -c1-15
curl -s -o /dev/null -w '%{http_code}\n' 'https://management.azure.com/subscriptions?api-version=2022-12-01'
grep ^nameserver /etc/resolv.conf; grep ^search /etc/resolv.conf; exit 3"
`

const foundHere = "{\"access_token\"\n401\nnameserver 127.0.0.1\nsearch example\n"

func TestRunHere(t *testing.T) {
	for name, prefix := range map[string]string{"with mounts": "", "with edits": "$capless "} {
		t.Run(name, func(t *testing.T) {
			resolver := asEngine(t)
			code, stdout, stderr := inContainer(t, resolver, "set +e\n"+prefix+"linarite run --quiet --here -- "+askHere+"echo $?; ip -o -4 addr show lo; cat /etc/resolv.conf")
			if want := foundHere + "3\n"; code != 0 || !strings.HasPrefix(stdout, want) || !strings.HasSuffix(stdout, containersResolver) {
				t.Errorf("%d %q, want %q first and the resolver's file last; %s", code, stdout, want, stderr)
			}
			if strings.Contains(stdout, "169.254.169.254/") || strings.Contains(stdout, "198.18.0.1/") {
				t.Errorf("the addresses are there after the end: %s", stdout)
			}
			if strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "--here is no sealed world") {
				t.Errorf("on stderr %q", stderr)
			}
		})
	}
}

// A run that is killed leaves the file and the addresses; the next one mends both.
func TestRunHereMends(t *testing.T) {
	resolver := asEngine(t)
	const script = `mkfifo up
$capless linarite run --here -- sh -c 'echo >up; exec sleep 1000' & 
read line <up
! $capless linarite run --here -- echo second
kill -KILL $!
wait $! || true
cat /etc/resolv.conf
ip -o -4 addr show lo | grep -c 169.254.169.254/
set +e
$capless linarite run --quiet --here -- ` + askHere + `ip -o -4 addr show lo | grep -c 169.254.169.254/
cat /etc/resolv.conf
`
	code, stdout, stderr := inContainer(t, resolver, script)
	left, rest, _ := strings.Cut(stdout, "\n1\n")
	if !strings.HasPrefix(left, "# linarite run --here") || !strings.Contains(left, "\n#:nameserver 192.0.2.53\n") {
		t.Errorf("a run that was killed left %q", left)
	}
	if want := foundHere + "0\n" + containersResolver; code != 0 || rest != want {
		t.Errorf("%d %q, want %q; %s", code, rest, want, stderr)
	}
	if !strings.Contains(stderr, "somebody answers at 169.254.169.254:80") {
		t.Errorf("a second run beside the first: %s", stderr)
	}
}

// What may be a machine's own is left alone.
func TestRunHereRefuses(t *testing.T) {
	for script, want := range map[string]string{
		"setpriv --bounding-set -net_admin linarite run --here -- echo ran":                                                              "docker run --cap-add NET_ADMIN",
		"ip link add br0 type bridge\nlinarite run --here -- echo ran":                                                                   "br0 is a bridge",
		"umount /etc/resolv.conf\nmount -t tmpfs none /etc\ncp \"$RESOLVER\" /etc/resolv.conf\n$capless linarite run --here -- echo ran": "looks like a machine's own",
		"linarite run --here --publish 0:80 -- echo ran":                                                                                 "leave --publish and --reach out",
		"linarite run --here --sealed-only -- echo ran":                                                                                  "--here is no sealed world",
		"ip link add d0 type veth peer name d1\nlinarite run --here -- true; ip -o link | grep -c d0; echo >&2 ok":                       "ok",
	} {
		t.Run(want, func(t *testing.T) {
			resolver := asEngine(t)
			_, stdout, stderr := inContainer(t, resolver, script)
			if strings.Contains(stdout, "ran") || !strings.Contains(stderr, want) {
				t.Errorf("%q %q, want %q", stdout, stderr, want)
			}
			if after, err := os.ReadFile(resolver); err != nil || string(after) != containersResolver {
				t.Errorf("the resolver's file is %q (%v)", after, err)
			}
		})
	}
}

// A run that may not have its ports gives back the addresses that it has taken, and leaves
// the resolver's file alone.
func TestRunHereGivesBack(t *testing.T) {
	for name, script := range map[string]string{
		"port 80 refused":  `setpriv --bounding-set -net_bind_service linarite run --here -- echo ran`,
		"port 4280 in use": `linarite serve --port 4280 --https-port -1 --blob-port -1 --log none --detach >/dev/null` + "\n" + `linarite run --here -- echo ran`,
	} {
		t.Run(name, func(t *testing.T) {
			resolver := asEngine(t)
			code, stdout, stderr := inContainer(t, resolver, "set +e\n"+script+"\necho $?\nlinarite stop >/dev/null 2>&1\nip -o -4 addr show lo; cat /etc/resolv.conf")
			if code != 0 || !strings.HasPrefix(stdout, "1\n") || !strings.HasSuffix(stdout, containersResolver) || stderr == "" {
				t.Errorf("%d %q, want no command and the resolver's file last; %s", code, stdout, stderr)
			}
			if strings.Contains(stdout, "169.254.169.254/") || strings.Contains(stdout, "198.18.0.1/") {
				t.Errorf("the addresses are still there: %s", stdout)
			}
		})
	}
}
