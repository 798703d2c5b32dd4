package env_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/reach/env"
)

func TestDisplaced(t *testing.T) {
	o := env.ProxyOptions{URL: "http://127.0.0.1:4280", User: "a."}
	for _, row := range []struct {
		environ []string
		want    []string // a part of each line
	}{
		{nil, nil},
		{[]string{"http_proxy=", "NO_PROXY="}, nil},
		{[]string{"http_proxy=http://127.0.0.1:4280", "https_proxy=http://b.web:linarite@127.0.0.1:4280/"}, nil},
		{[]string{"HTTP_PROXY=http://u:s3cr3t@corp:3128", "https_proxy=http://corp:3128"}, []string{"had, http://corp:3128, is"}},
		{[]string{"http_proxy=u:s3cr3t@corp:3128", "ALL_PROXY=socks5://u:s3cr3t@other:1"}, []string{"had, corp:3128 and socks5://other:1, is"}},
		{[]string{"http_proxy=http://u:s3cr3t%zz@corp:3128"}, []string{"had, corp:3128, is"}},
		{[]string{"no_proxy=169.254.169.254,.corp"}, []string{"no_proxy was 169.254.169.254,.corp and is emptied"}},
		{[]string{"HTTPS_PROXY=http://corp:3128", "NO_PROXY=*"}, []string{"http://corp:3128", "NO_PROXY was * and"}},
	} {
		got := env.Displaced(row.environ, o)
		if len(got) != len(row.want) || strings.Contains(strings.Join(got, "\n"), "s3cr3t") {
			t.Errorf("%q: %q", row.environ, got)
			continue
		}
		for i, part := range row.want {
			if !strings.Contains(got[i], part) {
				t.Errorf("%q: %q lacks %q", row.environ, got[i], part)
			}
		}
	}
}

// TestBundleOfFolders: what clients trust by SSL_CERT_DIR they trust by the bundle too, and
// what each variable named besides.
func TestBundleOfFolders(t *testing.T) {
	dir := t.TempDir()
	one, two, three, ours := string(certificate(1)), string(certificate(2)), string(certificate(3)), certificate(4)
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	for path, content := range map[string]string{first + "/a.pem": one, first + "/readme": "nothing", second + "/b.0": two, dir + "/git.pem": three} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(first+"/folder", 0o700); err != nil {
		t.Fatal(err)
	}
	read := func(path string) ([]byte, error) {
		if !strings.HasPrefix(path, dir) { // the system's own stays out of it
			return nil, os.ErrNotExist
		}
		return os.ReadFile(path)
	}
	environ := []string{"SSL_CERT_DIR=" + strings.Join([]string{first, dir + "/none", second}, string(filepath.ListSeparator)), "GIT_SSL_CAINFO=" + dir + "/git.pem"}
	got := string(env.Bundle(environ, read, ours))
	if want := three + one + two + string(ours); got != want {
		t.Errorf("the bundle is\n%s", got)
	}
}
