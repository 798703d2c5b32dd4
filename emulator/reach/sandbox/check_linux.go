package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// unknown is the value of a setting that this kernel does not have.
const unknown = -1

// kernel is what decides about namespaces here.
type kernel struct {
	privileged bool     // needs no user namespace
	limits     []limit  // user.max_*_namespaces (namespaces(7))
	userns     int      // kernel.unprivileged_userns_clone, Debian's and Arch's: 0 forbids
	apparmor   int      // kernel.apparmor_restrict_unprivileged_userns, Ubuntu's: 1 forbids
	seccomp    bool     // a system call filter is in force, as in most containers
	missing    []string // kinds of namespaces that the kernel is built without
}

// limit is how many namespaces of a kind a user may have.
type limit struct {
	name string // sysctl
	max  int
}

// readKernel reads the facts from the file system at root.
func readKernel(root fs.FS) kernel {
	k := kernel{
		privileged: privileged(),
		userns:     readInt(root, "proc/sys/kernel/unprivileged_userns_clone"),
		apparmor:   readInt(root, "proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
	}
	for _, kind := range []string{"user", "net", "mnt", "uts"} {
		name := "max_" + kind + "_namespaces"
		k.limits = append(k.limits, limit{"user." + name, readInt(root, "proc/sys/user/"+name)})
		if _, err := fs.Lstat(root, "proc/self/ns/"+kind); errors.Is(err, fs.ErrNotExist) {
			k.missing = append(k.missing, kind)
		}
	}
	status, _ := fs.ReadFile(root, "proc/self/status")
	for line := range strings.Lines(string(status)) {
		if mode, ok := strings.CutPrefix(line, "Seccomp:"); ok {
			k.seccomp = strings.TrimSpace(mode) == "2" // SECCOMP_MODE_FILTER
		}
	}
	return k
}

// readInt reads a file with one number in it.
func readInt(root fs.FS, name string) int {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return unknown
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return unknown
	}
	return n
}

// privileged tells whether this thread may make mount and network namespaces
// as it is. It is not enough to be root: a container's root often may not.
func privileged() bool { return effective(unix.CAP_SYS_ADMIN) && effective(unix.CAP_NET_ADMIN) }

// explain adds to what the system said what it most likely means.
func explain(op string, err error, k kernel) *Error {
	e := &Error{Op: op, Err: err}
	switch {
	case errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EUSERS):
		e.Why, e.Do = "a limit on namespaces is reached, or they are nested too deep (32 levels)", "raise the sysctls user.max_*_namespaces"
		if l, found := k.zeroLimit(); found {
			e.Why, e.Do = l.why(), l.do()
		}
	case errors.Is(err, unix.EINVAL) && len(k.missing) > 0:
		e.Why, e.Do = k.missingWhy(), "use another kernel"
	case errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES):
		e.Why, e.Do = k.whyForbidden()
	}
	if e.Do != "" {
		e.Do += ", or " + otherWays
	}
	return e
}

// whyForbidden finds the reason of an EPERM or EACCES.
func (k kernel) whyForbidden() (why, do string) {
	switch {
	case !k.privileged && k.userns == 0:
		return usernsWhy, usernsDo
	case !k.privileged && k.apparmor == 1:
		return apparmorWhy, apparmorDo
	case k.seccomp:
		return "a system call filter is in force, as in containers",
			"start the container with --cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt apparmor=unconfined"
	}
	return "this user may not, for a reason the kernel keeps to itself (a security module, a chroot)", "try it with sudo"
}

const (
	usernsWhy   = "kernel.unprivileged_userns_clone is 0"
	usernsDo    = "run sudo sysctl -w kernel.unprivileged_userns_clone=1, or use sudo"
	apparmorWhy = "AppArmor forbids user namespaces to ordinary users (kernel.apparmor_restrict_unprivileged_userns is 1)"
	apparmorDo  = "run sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, give the program an AppArmor profile with the userns rule, or use sudo"
)

// zeroLimit finds a limit that forbids a world.
func (k kernel) zeroLimit() (limit, bool) {
	for _, l := range k.limits {
		if l.max == 0 {
			return l, true
		}
	}
	return limit{}, false
}

func (l limit) why() string { return fmt.Sprintf("%s is %d", l.name, l.max) }

func (l limit) do() string { return "run sudo sysctl -w " + l.name + "=10000" }

func (k kernel) missingWhy() string {
	return "the kernel is built without these namespaces: " + strings.Join(k.missing, ", ")
}

// Check reports, for `linarite doctor`, what sealed worlds depend on, each
// thing that the kernel has a say in, and at the end whether one could be made:
// it makes one, without a command, and lets it go. It needs no privilege and
// changes nothing. Where none can be made, it looks at what Run does instead: Options.Sudo and
// Options.Here. The program that calls Check calls Child first thing in main.
func Check() []Finding {
	list, world := readKernel(os.DirFS("/")).findings(), tryWorld()
	if list = append(list, world); world.OK {
		return list
	}
	if os.Geteuid() != 0 {
		f := Finding{Name: "sudo -n", OK: true, Why: "linarite run makes a sealed world by it; the command runs as you all the same"}
		if err := probeSudo(); err != nil {
			f.OK, f.Why, f.Do = false, "linarite run cannot make a sealed world by it: "+err.Error(), "let sudo run this program without a password"
		}
		list = append(list, f)
	}
	f := Finding{Name: "--here", OK: true, Why: "linarite run --here can use the network of this container, which is no sealed world"}
	var e *Error
	if _, err := ownLoopback(); errors.As(err, &e) {
		f.OK, f.Why, f.Do = false, "linarite run --here cannot use this network: "+e.reason(), e.Do
	}
	return append(list, f)
}

// findings judges the facts one by one.
func (k kernel) findings() []Finding {
	var list []Finding
	add := func(name string, ok bool, why, do string) {
		f := Finding{Name: name, OK: ok, Why: why}
		if !ok {
			f.Do = do + ", or " + otherWays
		}
		list = append(list, f)
	}
	if k.privileged {
		add("privilege", true, "this process may make namespaces without a user namespace", "")
	} else {
		add("privilege", true, "this process is not privileged and depends on user namespaces", "")
	}
	if len(k.missing) > 0 {
		add("namespaces", false, k.missingWhy(), "use another kernel")
	} else {
		add("namespaces", true, "the kernel has user, network, mount and host name namespaces", "")
	}
	for _, l := range k.limits {
		if l.max != unknown {
			add(l.name, l.max > 0 || k.privileged && l.name == "user.max_user_namespaces", l.why(), l.do())
		}
	}
	if k.userns != unknown {
		add("kernel.unprivileged_userns_clone", k.privileged || k.userns != 0,
			fmt.Sprintf("kernel.unprivileged_userns_clone is %d", k.userns), usernsDo)
	}
	switch {
	case k.apparmor == 1 && !k.privileged:
		// Not a failure by itself: a profile may allow it to this program.
		add("apparmor", true, apparmorWhy+"; a profile of this program may allow them", "")
	case k.apparmor != unknown:
		add("apparmor", true, fmt.Sprintf("kernel.apparmor_restrict_unprivileged_userns is %d", k.apparmor), "")
	}
	if k.seccomp {
		add("seccomp", true, "a system call filter is in force, as in containers; it may forbid namespaces", "")
	}
	return list
}

// tryWorld makes a world like a real one and ends it before there is a command.
func tryWorld() Finding {
	f := Finding{Name: WorldFinding, OK: true, Why: "one could be made"}
	o := Options{Command: []string{"true"}, ResolvConf: []byte("nameserver 127.0.0.1\n"), Hostname: "doctor"}
	err := o.validate()
	if err == nil {
		err = o.try()
	}
	if err != nil {
		f.OK, f.Why = false, err.Error()
	}
	var e *Error
	if errors.As(err, &e) {
		f.Why, f.Do = e.reason(), e.Do
	}
	return f
}

// try builds the world of the options and abandons it.
func (o *Options) try() error {
	runtime.LockOSThread() // as in Run
	defer runtime.UnlockOSThread()
	h, err := start(o)
	if err != nil {
		return err
	}
	_, err = h.build(o)
	h.control.Close() // on which the helper ends
	_, waitErr := h.wait()
	return errors.Join(err, waitErr)
}
