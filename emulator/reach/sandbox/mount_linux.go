package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// stage is where the sources of bind mounts are prepared: a tmpfs over a
// directory that is there on every Linux system, for as long as only the helper
// lives in the mount namespace. (A memfd would need no place, but a file without
// a mount in the namespace cannot be bound.)
const stage = "/proc"

// bundles are the files in which systems and their TLS libraries keep trusted
// roots, as in Go's crypto/x509/root_linux.go, OpenSSL's default directories
// and the ca-certificates packages of Debian, Fedora, SUSE, Arch and Alpine.
func bundles() []string {
	return []string{
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/ssl/certs/ca-bundle.crt",
		"/etc/ssl/ca-bundle.pem",
		"/etc/ssl/cert.pem",
		"/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/pki/tls/cert.pem",
		"/etc/pki/tls/cacert.pem",
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
		"/etc/ca-certificates/extracted/tls-ca-bundle.pem",
		"/var/lib/ca-certificates/ca-bundle.pem",
		"/usr/lib/ssl/cert.pem",
	}
}

// resolvers are the directories with the sockets of name service daemons: unix
// sockets pass between network namespaces, and lead round resolv.conf.
func resolvers() []string {
	return []string{"/run/nscd", "/var/run/nscd", "/run/systemd/resolve"}
}

// mounts makes the mounts of one world.
type mounts struct {
	staged int             // entries of the stage, for their names
	ours   map[string]bool // directories that are a tmpfs of this world
}

// mount gives the command its own view of a few files.
func (w *world) mount() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	// The contents must be readable whatever the user's umask is.
	defer unix.Umask(unix.Umask(0o022))
	if err := mountTmpfs(stage); err != nil {
		return err
	}
	m := mounts{ours: map[string]bool{}}
	if len(w.Bundle) > 0 {
		if err := m.coverAll(bundles(), w.Bundle); err != nil {
			return err
		}
	}
	for _, f := range w.Files {
		if err := m.put(f); err != nil {
			return err
		}
	}
	for _, dir := range resolvers() {
		if err := m.hideSockets(dir); err != nil {
			return err
		}
	}
	// Detached, because the mounts made from it go on using it.
	if err := unix.Unmount(stage, unix.MNT_DETACH); err != nil {
		return fmt.Errorf("unmounting %s: %w", stage, err)
	}
	return nil
}

// coverAll puts content over those of the files that exist, each once, however
// many names it has.
func (m *mounts) coverAll(paths []string, content []byte) error {
	done := map[string]bool{}
	for _, path := range paths {
		target, err := filepath.EvalSymlinks(path)
		if err != nil || done[target] {
			continue // absent, or out of this user's sight and so of no use to it
		}
		done[target] = true
		if err := m.cover(target, content); err != nil {
			return err
		}
	}
	return nil
}

// put makes a path show a content, whether there is a file or not.
func (m *mounts) put(f file) error {
	target, err := filepath.EvalSymlinks(f.Path)
	switch {
	case err == nil && f.Yields:
		return nil
	case err == nil:
		return m.cover(target, f.Content)
	case errors.Is(err, fs.ErrNotExist):
		return m.add(f.Path, f.Content)
	}
	return err
}

// cover binds a file with the content over an existing one.
func (m *mounts) cover(path string, content []byte) error {
	source := m.source()
	if err := os.WriteFile(source, content, 0o644); err != nil {
		return err
	}
	return bind(source, path)
}

// add makes a file appear where there is none, or a link that leads nowhere.
// Only what exists can be mounted over, so the directory itself is replaced by
// a tmpfs that shows all the directory had, and the new file.
func (m *mounts) add(path string, content []byte) error {
	dir, missing := filepath.Dir(path), filepath.Base(path)
	for {
		target, err := filepath.EvalSymlinks(dir)
		if err == nil {
			dir = target
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		dir, missing = filepath.Dir(dir), filepath.Join(filepath.Base(dir), missing)
	}
	if dir == "/" {
		return fmt.Errorf("cannot add %s: make its directory first", path)
	}
	first, _, _ := strings.Cut(missing, "/")
	if err := m.rebuild(dir, func(e fs.DirEntry) bool { return e.Name() != first }); err != nil {
		return err
	}
	path = filepath.Join(dir, missing)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}

// hideSockets replaces a directory, where it exists, by one with its plain
// files only: /etc/resolv.conf is often a link to one of them.
func (m *mounts) hideSockets(dir string) error {
	target, err := filepath.EvalSymlinks(dir)
	if err != nil || m.ours[target] {
		return nil //nolint:nilerr // absent or out of this user's reach; or two names of one directory
	}
	return m.rebuild(target, func(e fs.DirEntry) bool { return e.Type().IsRegular() || e.Type() == fs.ModeSymlink })
}

// rebuild mounts a tmpfs over a directory and shows in it those of its former
// entries that keep wants. In a directory that is ours already, it removes
// those that keep does not want.
func (m *mounts) rebuild(dir string, keep func(fs.DirEntry) bool) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrPermission) { // without permission none is kept
		return err
	}
	if m.ours[dir] {
		for _, e := range entries {
			if !keep(e) {
				if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
					return err
				}
			}
		}
		return nil
	}
	former := m.source()
	if err := os.Mkdir(former, 0o755); err != nil {
		return err
	}
	if err := bind(dir, former); err != nil {
		return err
	}
	if err := mountTmpfs(dir); err != nil {
		return err
	}
	m.ours[dir] = true
	for _, e := range entries {
		if keep(e) {
			if err := show(filepath.Join(former, e.Name()), filepath.Join(dir, e.Name()), e.Type()); err != nil {
				return err
			}
		}
	}
	return nil
}

// show makes an entry of a former directory appear in the new one.
func show(former, path string, kind fs.FileMode) error {
	var err error
	switch {
	case kind == fs.ModeSymlink:
		target, err := os.Readlink(former)
		if err != nil {
			return err
		}
		return os.Symlink(target, path)
	case kind.IsDir():
		err = os.Mkdir(path, 0o755)
	default:
		err = os.WriteFile(path, nil, 0o644)
	}
	if err != nil {
		return err
	}
	return bind(former, path)
}

// source is a new name on the stage.
func (m *mounts) source() string {
	m.staged++
	return filepath.Join(stage, strconv.Itoa(m.staged))
}

// bind makes source appear at target. It is recursive because a mount that came
// from a more privileged namespace must not be parted from those below it.
func bind(source, target string) error {
	if err := unix.Mount(source, target, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("covering %s: %w", target, err)
	}
	return nil
}

func mountTmpfs(dir string) error {
	if err := unix.Mount("tmpfs", dir, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=0755"); err != nil {
		return fmt.Errorf("tmpfs on %s: %w", dir, err)
	}
	return nil
}
