package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// inside becomes the process of a spec. It runs in the pod's network namespace, in a mount namespace of its own.
func inside(path string) error {
	runtime.LockOSThread() // what follows is of this thread, which becomes the process
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var s spec
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	if err := s.mount(); err != nil {
		return fmt.Errorf("the root of the container: %w", err)
	}
	if err := s.drop(); err != nil {
		return fmt.Errorf("the user of the container: %w", err)
	}
	program, err := s.program()
	if err != nil {
		return err
	}
	return unix.Exec(program, s.Args, s.Env)
}

func (s *spec) mount() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	var err error
	if s.Image != "" {
		err = unix.Mount(s.Image, s.Root, "", unix.MS_BIND, "")
	} else {
		err = s.machine()
	}
	if err != nil {
		return err
	}
	for _, m := range slices.Concat([]mount{{From: "/dev", To: "/dev"}, {From: "/proc", To: "/proc"}}, s.etc(), s.Mounts) {
		if err := s.bind(m); err != nil {
			return fmt.Errorf("%s: %w", m.To, err)
		}
	}
	if s.ReadOnlyRoot {
		flags := uintptr(unix.MS_REMOUNT | unix.MS_BIND | unix.MS_RDONLY)
		if err := unix.Mount("", s.Root, "", flags, ""); err != nil {
			return err
		}
	}
	return errors.Join(unix.Chroot(s.Root), unix.Chdir("/"))
}

// etc are the files of /etc that are the pod's.
func (s *spec) etc() []mount {
	return []mount{{From: filepath.Join(s.Etc, "resolv.conf"), To: "/etc/resolv.conf"}, {From: filepath.Join(s.Etc, "hosts"), To: "/etc/hosts"}}
}

// machine makes a root of the machine's own folders, for programs that are in no image here. Its /etc is links, so that
// some files can be others; /run and /var are empty, and /tmp is what an emptyDir would be there.
func (s *spec) machine() error {
	if err := unix.Mount("none", s.Root, "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	entries, err := os.ReadDir("/")
	if err != nil {
		return err
	}
	for _, e := range entries {
		at, own := filepath.Join(s.Root, e.Name()), []string{"dev", "proc", "sys", "etc", "tmp", "run", "var"}
		switch {
		case slices.Contains(own, e.Name()):
			err = os.Mkdir(at, 0o755)
		case e.Type()&os.ModeSymlink != 0:
			var to string
			if to, err = os.Readlink("/" + e.Name()); err == nil {
				err = os.Symlink(to, at)
			}
		case e.IsDir() && open("/"+e.Name()):
			err = s.bind(mount{From: "/" + e.Name(), To: "/" + e.Name()})
		case e.IsDir(): // such as /root: what of it is wanted is mounted there
			err = os.Mkdir(at, 0o755)
		}
		if err != nil {
			return err
		}
	}
	if err := errors.Join(unix.Mount("none", filepath.Join(s.Root, "tmp"), "tmpfs", 0, "mode=1777"), s.bind(mount{From: "/etc", To: "/.etc"})); err != nil {
		return err
	}
	files, err := os.ReadDir("/etc")
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Name() == "resolv.conf" || f.Name() == "hosts" {
			continue
		}
		if err := os.Symlink("/.etc/"+f.Name(), filepath.Join(s.Root, "etc", f.Name())); err != nil {
			return err
		}
	}
	return nil
}

// open tells that everybody may enter a folder.
func open(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.Mode().Perm()&0o5 == 0o5
}

func (s *spec) bind(m mount) error {
	at := filepath.Join(s.Root, m.To)
	info, err := os.Stat(m.From)
	if err != nil {
		return err
	}
	if info.IsDir() {
		err = os.MkdirAll(at, 0o755)
	} else if err = os.MkdirAll(filepath.Dir(at), 0o755); err == nil && !exists(at) {
		err = os.WriteFile(at, nil, 0o644) //nolint:gosec // a place to mount on
	}
	if err == nil {
		err = unix.Mount(m.From, at, "", unix.MS_BIND|unix.MS_REC, "")
	}
	if err == nil && m.ReadOnly {
		err = unix.Mount("", at, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, "")
	}
	return err
}

// drop takes away what the container does not get. A process of root's that is executed has what the bounding set leaves.
func (s *spec) drop() error {
	for c := 0; c <= unix.CAP_LAST_CAP; c++ {
		if slices.Contains(s.Capabilities, c) {
			continue
		}
		// EINVAL: a capability that this kernel does not know.
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(c), 0, 0, 0); err != nil && !errors.Is(err, unix.EINVAL) {
			return err
		}
	}
	if err := errors.Join(unix.Setgroups(s.Groups), unix.Setresgid(s.GID, s.GID, s.GID)); err != nil {
		return err
	}
	if err := unix.Setresuid(s.UID, s.UID, s.UID); err != nil {
		return err
	}
	return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
}

// program finds the program by the PATH of the container.
func (s *spec) program() (string, error) {
	name := s.Args[0]
	if strings.Contains(name, "/") {
		return name, nil
	}
	for _, e := range s.Env {
		path, ok := strings.CutPrefix(e, "PATH=")
		for dir := range strings.SplitSeq(path, ":") {
			if ok && unix.Access(filepath.Join(dir, name), unix.X_OK) == nil {
				return filepath.Join(dir, name), nil
			}
		}
	}
	return "", fmt.Errorf("%s is not there", name)
}
