package sandbox

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
)

// machine is a /proc with the given settings, and what every kernel has.
func machine(settings map[string]string) fs.FS {
	m := fstest.MapFS{}
	for _, kind := range []string{"user", "net", "mnt", "uts"} {
		m["proc/sys/user/max_"+kind+"_namespaces"] = &fstest.MapFile{Data: []byte("96365\n")}
		m["proc/self/ns/"+kind] = &fstest.MapFile{}
	}
	m["proc/self/status"] = &fstest.MapFile{Data: []byte("Name:\tx\nSeccomp:\t0\nSeccomp_filters:\t0\n")}
	for path, text := range settings {
		m["proc/"+path] = &fstest.MapFile{Data: []byte(text)}
		if text == "" {
			delete(m, "proc/"+path)
		}
	}
	return m
}

var (
	plainMachine = map[string]string{}
	debian       = map[string]string{"sys/kernel/unprivileged_userns_clone": "0\n"}
	ubuntu       = map[string]string{"sys/kernel/apparmor_restrict_unprivileged_userns": "1\n"}
	docker       = map[string]string{"self/status": "Seccomp:\t2\n"}
	noUser       = map[string]string{"sys/user/max_user_namespaces": "0\n"}
	noNet        = map[string]string{"sys/user/max_net_namespaces": "0\n"}
	noNamespace  = map[string]string{"self/ns/user": "", "sys/user/max_user_namespaces": ""}
)

func TestExplain(t *testing.T) {
	tests := []struct {
		name       string
		settings   map[string]string
		privileged bool
		err        error
		why, do    string // parts of them
	}{
		{"no user namespaces", noUser, false, syscall.ENOSPC, "user.max_user_namespaces is 0", "sysctl -w user.max_user_namespaces=10000"},
		{"no network namespaces", noNet, true, syscall.ENOSPC, "user.max_net_namespaces is 0", "sysctl -w user.max_net_namespaces=10000"},
		{"too many", plainMachine, false, syscall.ENOSPC, "32 levels", "user.max_*_namespaces"},
		{"Debian's switch", debian, false, syscall.EPERM, "unprivileged_userns_clone is 0", "unprivileged_userns_clone=1"},
		{"Debian's switch is not for root", debian, true, syscall.EPERM, "a reason the kernel keeps", "sudo"},
		{"Ubuntu's switch", ubuntu, false, syscall.EACCES, "AppArmor", "AppArmor profile"},
		{"container", docker, false, syscall.EPERM, "system call filter", "--cap-add SYS_ADMIN --cap-add NET_ADMIN"},
		{"container that may almost", docker, true, syscall.EPERM, "system call filter", "--cap-add"},
		{"old kernel", noNamespace, false, syscall.EINVAL, "without these namespaces: user", "another kernel"},
		{"something else", plainMachine, false, syscall.ENOENT, "", ""},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			k := readKernel(machine(tc.settings))
			k.privileged = tc.privileged
			e := explain("testing", &helperError{*newFailure("testing", tc.err)}, k)
			if !errors.Is(e, tc.err) {
				t.Errorf("%v is not %v", e, tc.err)
			}
			if !strings.Contains(e.Why, tc.why) || !strings.Contains(e.Do, tc.do) || (e.Why == "") != (tc.why == "") {
				t.Errorf("%q, %q; want %q, %q", e.Why, e.Do, tc.why, tc.do)
			}
			if e.Do != "" && !strings.Contains(e.Do, "linarite env") {
				t.Errorf("%q names no other way", e.Do)
			}
		})
	}
}

func TestFindings(t *testing.T) {
	tests := []struct {
		name       string
		settings   map[string]string
		privileged bool
		bad        string // name of the one finding that is not OK
	}{
		{"plain", plainMachine, false, ""},
		{"no user namespaces", noUser, false, "user.max_user_namespaces"},
		{"no user namespaces, root", noUser, true, ""},
		{"no network namespaces, root", noNet, true, "user.max_net_namespaces"},
		{"Debian's switch", debian, false, "kernel.unprivileged_userns_clone"},
		{"Debian's switch, root", debian, true, ""},
		{"Ubuntu's switch, which a profile may overrule", ubuntu, false, ""},
		{"container", docker, false, ""},
		{"old kernel", noNamespace, false, "namespaces"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			k := readKernel(machine(tc.settings))
			k.privileged = tc.privileged
			var bad []string
			for _, f := range k.findings() {
				if !f.OK {
					bad = append(bad, f.Name)
				}
				if f.Why == "" || f.OK != (f.Do == "") {
					t.Errorf("%+v: want a reason, and advice where it is not OK", f)
				}
			}
			if got := strings.Join(bad, " "); got != tc.bad {
				t.Errorf("not OK: %q, want %q", got, tc.bad)
			}
		})
	}
}

func TestSearchPath(t *testing.T) {
	for _, tc := range []struct {
		env  []string
		want string
	}{
		{nil, "/bin:/usr/bin"},
		{[]string{"PATHS=/a", "XPATH=/b"}, "/bin:/usr/bin"},
		{[]string{"A=1", "PATH=/one", "PATH=/two"}, "/one"},
		{[]string{"PATH="}, ""},
	} {
		if got := searchPath(tc.env); got != tc.want {
			t.Errorf("%q: %q, want %q", tc.env, got, tc.want)
		}
	}
}
