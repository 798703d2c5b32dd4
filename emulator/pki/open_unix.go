//go:build !windows

package pki

import (
	"io/fs"
	"os"
	"syscall"
)

// tooOpen tells that others than its owner may read a secret file.
func tooOpen(info fs.FileInfo) bool {
	owner := os.Geteuid()
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		owner = int(stat.Uid)
	}
	return info.Mode().Perm()&forbidden(owner, os.Geteuid()) != 0
}

// forbidden is the bits that a secret file must not have. A file of root's is given to who is
// not root by way of a group, so that group may read it: Kubernetes mounts a Secret so for a
// pod with fsGroup. (PostgreSQL takes the keys of its server by the same rule.)
func forbidden(owner, self int) fs.FileMode {
	if owner == 0 && self != 0 {
		return 0o037
	}
	return 0o077
}
