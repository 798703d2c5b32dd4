//go:build !windows

package pki

import (
	"io/fs"
	"testing"
)

// A Secret of Kubernetes' is root's, and readable by the group of the pod; any other file is
// closed to its group.
func TestForbidden(t *testing.T) {
	for _, test := range []struct {
		owner, self int
		mode        fs.FileMode
		want        bool
	}{
		{1000, 1000, 0o600, false},
		{1000, 1000, 0o640, true},
		{0, 0, 0o640, true},
		{0, 65532, 0o440, false},
		{0, 65532, 0o640, false},
		{0, 65532, 0o460, true},
		{0, 65532, 0o444, true},
		{1000, 65532, 0o440, true},
	} {
		if got := test.mode&forbidden(test.owner, test.self) != 0; got != test.want {
			t.Errorf("a file of %d's, mode %04o, read by %d: refused %t, want %t", test.owner, test.mode, test.self, got, test.want)
		}
	}
}
