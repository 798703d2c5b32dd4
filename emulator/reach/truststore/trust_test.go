package truststore

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/pki"
)

// fake is a machine of a table: what is there, and what its programs did.
type fake struct {
	os       string
	env      map[string]string
	root     bool
	files    map[string][]byte // also what Glob finds
	programs []string
	// stores are the entries of databases: "DATABASE ENTRY".
	stores map[string]bool
	// refuse makes a program fail.
	refuse string
	ran    []string
}

func (f *fake) OS() string                { return f.os }
func (f *fake) Getenv(name string) string { return f.env[name] }
func (f *fake) IsRoot() bool              { return f.root }
func (f *fake) Writable(path string) bool { return strings.HasPrefix(path, f.env["HOME"]) }

func (f *fake) ReadFile(path string) ([]byte, error) {
	if data, found := f.files[path]; found {
		return data, nil
	}
	return nil, os.ErrNotExist
}

func (f *fake) Glob(pattern string) []string {
	var found []string
	for path := range f.files {
		if ok, _ := filepath.Match(pattern, path); ok {
			found = append(found, path)
		}
	}
	slices.Sort(found)
	return found
}

func (f *fake) LookPath(name string) (string, error) {
	if slices.Contains(f.programs, name) {
		return name, nil
	}
	return "", os.ErrNotExist
}

// Run does what the programs do, as far as has and remove can see it.
func (f *fake) Run(_ context.Context, args []string) ([]byte, error) {
	line := strings.Join(args, " ")
	if args[0] == "sudo" {
		args = args[2:]
	}
	after := func(flag string) string {
		if i := slices.Index(args, flag); i >= 0 && i+1 < len(args) {
			return args[i+1]
		}
		return ""
	}
	asks := slices.Contains(args, "find-certificate") || slices.Contains(args, "-store") || slices.Contains(args, "-L") || slices.Contains(args, "-list")
	if !asks {
		f.ran = append(f.ran, line)
	}
	if f.refuse != "" && strings.Contains(line, f.refuse) {
		return nil, errors.New("exit status 1: a password is required")
	}
	key := after("-keystore") + after("-d") + " " + after("-n") + after("-alias")
	switch {
	case args[0] == "install":
		data, err := os.ReadFile(args[3])
		if err != nil {
			return nil, err
		}
		f.files[args[4]] = data
	case args[0] == "rm":
		delete(f.files, args[2])
	case slices.Contains(args, "add-trusted-cert"):
		f.stores[after("-k")] = true
	case slices.Contains(args, "delete-certificate"):
		delete(f.stores, args[len(args)-1])
	case slices.Contains(args, "find-certificate"):
		if f.stores[args[len(args)-1]] {
			return []byte("SHA-1 hash: " + theSHA1), nil
		}
	case slices.Contains(args, "-addstore"):
		f.stores["Root"] = true
	case slices.Contains(args, "-delstore"):
		delete(f.stores, "Root")
	case slices.Contains(args, "-store"):
		if !f.stores["Root"] || args[len(args)-1] != theSHA1 {
			return nil, errors.New("exit status 1: not found")
		}
	case slices.Contains(args, "-A"), slices.Contains(args, "-importcert"):
		f.stores[key] = true
	case slices.Contains(args, "-D"), slices.Contains(args, "-delete"):
		delete(f.stores, key)
	case asks && !f.stores[key]:
		return nil, errors.New("exit status 1: not found")
	}
	return nil, nil
}

// theSHA1 is that of the fixed certificate below.
const theSHA1 = "3A299F322C6788F43A383E27BFDBA0B46D37E921"

func fresh(t *testing.T) *x509.Certificate {
	t.Helper()
	ca, err := pki.Create(pki.CAOptions{
		DNS: []string{"localhost"}, IPs: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Lifetime: time.Hour, Now: func() time.Time { return time.Unix(1800000000, 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return ca.Certificate()
}

func manage(t *testing.T, f *fake) (*Manager, *bytes.Buffer) {
	t.Helper()
	out := new(bytes.Buffer)
	if f.stores == nil {
		f.stores = map[string]bool{}
	}
	if f.files == nil {
		f.files = map[string][]byte{}
	}
	return &Manager{Machine: f, Home: t.TempDir(), Out: out}, out
}

func dir() []byte { return nil }

// TestPlans shows what is run on each system, in order, and that all of it is undone.
func TestPlans(t *testing.T) {
	tests := []struct {
		name    string
		machine fake
		all     bool
		install []string // F: the file, S: the short name, H: the SHA-1
		remove  []string
	}{
		{"Debian, as root", fake{os: "linux", root: true, files: map[string][]byte{"/usr/local/share/ca-certificates": dir()}, programs: []string{"update-ca-certificates"}}, false,
			[]string{"install -m 0644 F /usr/local/share/ca-certificates/S.crt", "update-ca-certificates"},
			[]string{"rm -f /usr/local/share/ca-certificates/S.crt", "update-ca-certificates --fresh"}},
		{"Fedora, as a user", fake{os: "linux", files: map[string][]byte{"/etc/pki/ca-trust/source/anchors": dir(), "/usr/local/share/ca-certificates": dir()}, programs: []string{"update-ca-trust"}}, false,
			[]string{"sudo -n install -m 0644 F /etc/pki/ca-trust/source/anchors/S.crt", "sudo -n update-ca-trust extract"},
			[]string{"sudo -n rm -f /etc/pki/ca-trust/source/anchors/S.crt", "sudo -n update-ca-trust extract"}},
		{"Arch", fake{os: "linux", root: true, files: map[string][]byte{"/etc/ca-certificates/trust-source/anchors": dir()}, programs: []string{"trust"}}, false,
			[]string{"install -m 0644 F /etc/ca-certificates/trust-source/anchors/S.crt", "trust extract-compat"},
			[]string{"rm -f /etc/ca-certificates/trust-source/anchors/S.crt", "trust extract-compat"}},
		{"SUSE", fake{os: "linux", root: true, files: map[string][]byte{"/etc/pki/trust/anchors": dir()}, programs: []string{"update-ca-certificates"}}, false,
			[]string{"install -m 0644 F /etc/pki/trust/anchors/S.crt", "update-ca-certificates"},
			[]string{"rm -f /etc/pki/trust/anchors/S.crt", "update-ca-certificates"}},
		{"macOS", fake{os: "darwin", env: map[string]string{"HOME": "/Users/u"}}, false,
			[]string{"security add-trusted-cert -r trustRoot -k /Users/u/Library/Keychains/login.keychain-db F"},
			[]string{"security remove-trusted-cert F", "security delete-certificate -Z H /Users/u/Library/Keychains/login.keychain-db"}},
		{"macOS, all users", fake{os: "darwin", env: map[string]string{"HOME": "/Users/u"}}, true,
			[]string{"sudo -n security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain F"},
			[]string{"sudo -n security remove-trusted-cert -d F", "sudo -n security delete-certificate -Z H /Library/Keychains/System.keychain"}},
		{"Windows", fake{os: "windows"}, false, []string{"certutil -user -addstore Root F"}, []string{"certutil -user -delstore Root H"}},
		{"Windows, all users", fake{os: "windows"}, true, []string{"certutil -addstore Root F"}, []string{"certutil -delstore Root H"}},
		{"browsers and Java alone", fake{os: "linux", env: map[string]string{"HOME": "/home/u", "JAVA_HOME": "/home/u/jdk"},
			files: map[string][]byte{"/home/u/.pki/nssdb/cert9.db": nil, "/home/u/.mozilla/firefox/x.default/cert9.db": nil, "/home/u/jdk/lib/security/cacerts": nil},
			// keytool stands in bin
			programs: []string{"certutil", "/home/u/jdk/bin/keytool"}}, false,
			[]string{"certutil -A -d sql:/home/u/.pki/nssdb -t C,, -n S -i F", "certutil -A -d sql:/home/u/.mozilla/firefox/x.default -t C,, -n S -i F",
				"/home/u/jdk/bin/keytool -importcert -noprompt -keystore /home/u/jdk/lib/security/cacerts -storepass changeit -alias S -file F"},
			[]string{"certutil -D -d sql:/home/u/.pki/nssdb -n S", "certutil -D -d sql:/home/u/.mozilla/firefox/x.default -n S",
				"/home/u/jdk/bin/keytool -delete -keystore /home/u/jdk/lib/security/cacerts -storepass changeit -alias S"}},
		{"the system's Java, as a user", fake{os: "linux", env: map[string]string{"HOME": "/home/u", "JAVA_HOME": "/usr/lib/jvm/8"},
			files: map[string][]byte{"/usr/lib/jvm/8/jre/lib/security/cacerts": nil}, programs: []string{"/usr/lib/jvm/8/bin/keytool"}}, false,
			[]string{"sudo -n /usr/lib/jvm/8/bin/keytool -importcert -noprompt -keystore /usr/lib/jvm/8/jre/lib/security/cacerts -storepass changeit -alias S -file F"},
			[]string{"sudo -n /usr/lib/jvm/8/bin/keytool -delete -keystore /usr/lib/jvm/8/jre/lib/security/cacerts -storepass changeit -alias S"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g, out := manage(t, &test.machine)
			g.Options.AllUsers = test.all
			cert, err := parse([]byte(fixedPEM))
			if err != nil {
				t.Fatal(err)
			}
			a := authority{cert: cert}
			a.file = filepath.Join(g.folder(), a.sum(), certFile)
			want := func(commands []string) {
				t.Helper()
				var wanted []string
				for _, c := range commands {
					words := strings.Fields(c)
					for i, w := range words {
						switch w = strings.ReplaceAll(w, "S.crt", a.short()+".crt"); w {
						case "F":
							w = a.file
						case "S":
							w = a.short()
						case "H":
							w = a.sha1()
						}
						words[i] = strings.ReplaceAll(w, "S.crt", a.short()+".crt")
					}
					wanted = append(wanted, strings.Join(words, " "))
				}
				if !slices.Equal(test.machine.ran, wanted) {
					t.Errorf("ran\n%s\nwant\n%s\nsaid\n%s", strings.Join(test.machine.ran, "\n"), strings.Join(wanted, "\n"), out)
				}
				test.machine.ran = nil
			}
			// --dry-run tells, and does nothing.
			g.DryRun = true
			if err := g.Install(t.Context(), cert); err != nil || !strings.Contains(out.String(), test.install[0][:7]) {
				t.Errorf("%v: %s", err, out)
			}
			want(nil)
			g.DryRun = false
			for i, commands := range [][]string{test.install, nil} { // the second time there is nothing to do
				if err := g.Install(t.Context(), cert); err != nil {
					t.Errorf("install %d: %v\n%s", i, err, out)
				}
				want(commands)
			}
			g.DryRun = true
			if err := g.Uninstall(t.Context()); err != nil {
				t.Error(err)
			}
			want(nil)
			g.DryRun = false
			for i, commands := range [][]string{test.remove, nil} {
				if err := g.Uninstall(t.Context()); err != nil {
					t.Errorf("uninstall %d: %v\n%s", i, err, out)
				}
				want(commands)
			}
			if left := entries(t, g.folder()); len(left) > 0 {
				t.Errorf("the installation still keeps %v", left)
			}
		})
	}
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func debian() *fake {
	return &fake{os: "linux", root: true, files: map[string][]byte{"/usr/local/share/ca-certificates": nil}, programs: []string{"update-ca-certificates"}}
}

const anchors = "/usr/local/share/ca-certificates/"

func TestAnotherAuthorityTakesThePlaceOfTheEarlier(t *testing.T) {
	f := debian()
	g, out := manage(t, f)
	first, second := fresh(t), fresh(t)
	f.files[anchors+"mine.crt"] = []byte("somebody else's")
	for _, cert := range []*x509.Certificate{first, second} {
		if err := g.Install(t.Context(), cert); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	name := func(cert *x509.Certificate) string { return anchors + authority{cert: cert}.short() + ".crt" }
	if _, there := f.files[name(first)]; there {
		t.Error("the earlier authority is still trusted")
	}
	if _, there := f.files[name(second)]; !there {
		t.Error("the present authority is not trusted")
	}
	if err := g.Uninstall(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(f.files) != 2 || f.files[anchors+"mine.crt"] == nil {
		t.Errorf("left: %v", f.files)
	}
}

func TestUninstallAfterRotate(t *testing.T) {
	f := debian()
	g, _ := manage(t, f)
	first, second := fresh(t), fresh(t)
	if err := g.Install(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	earlier := func() bool {
		return slices.ContainsFunc(Findings(t.Context(), f, g.Home, second), func(x Finding) bool {
			return !x.OK && strings.Contains(x.Why, first.Subject.CommonName) && strings.Contains(x.Do, "ca install")
		})
	}
	if !earlier() {
		t.Error("nobody says that the earlier authority is trusted still")
	}
	if err := g.Uninstall(t.Context()); err != nil {
		t.Fatal(err)
	}
	if earlier() || len(f.files) != 1 {
		t.Errorf("left: %v", f.files)
	}
}

func TestWithoutPasswordTheUserIsTold(t *testing.T) {
	f := debian()
	f.root, f.refuse = false, "sudo -n"
	g, out := manage(t, f)
	if err := g.Install(t.Context(), fresh(t)); !errors.Is(err, ErrUnfinished) {
		t.Errorf("%v", err)
	}
	for _, want := range []string{"sudo -n install -m 0644", "a password is required", "    sudo install -m 0644", "    sudo update-ca-certificates\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not said:\n%s", want, out)
		}
	}
	// What could not be taken out stays on record.
	f.refuse = ""
	if err := g.Install(t.Context(), fresh(t)); err != nil {
		t.Fatal(err)
	}
	f.refuse = "rm -f"
	if err := g.Uninstall(t.Context()); !errors.Is(err, ErrUnfinished) || len(entries(t, g.folder())) != 1 {
		t.Errorf("%v, on record: %v", err, entries(t, g.folder()))
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	for _, test := range []struct {
		name    string
		machine fake
		want    string
	}{
		{"no store", fake{os: "linux"}, "install the package ca-certificates"},
		{"no program", fake{os: "linux", files: map[string][]byte{"/etc/pki/trust/anchors": nil}}, "no update-ca-certificates"},
		{"no certutil", fake{os: "linux", env: map[string]string{"HOME": "/h"}, files: map[string][]byte{"/h/.pki/nssdb/cert9.db": nil}}, "libnss3-tools"},
		{"wrong JAVA_HOME", fake{os: "linux", env: map[string]string{"JAVA_HOME": "/nowhere"}}, "JAVA_HOME names no Java"},
		{"no keytool", fake{os: "linux", env: map[string]string{"JAVA_HOME": "/j"}, files: map[string][]byte{"/j/lib/security/cacerts": nil}}, "there is no /j/bin/keytool"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g, out := manage(t, &test.machine)
			err := g.Install(t.Context(), fresh(t))
			if !errors.Is(err, ErrUnfinished) || !strings.Contains(out.String(), test.want) {
				t.Errorf("%v: %s", err, out)
			}
			if list := Findings(t.Context(), &test.machine, g.Home, fresh(t)); !slices.ContainsFunc(list, func(f Finding) bool { return !f.OK && strings.Contains(f.Why+f.Do, test.want) }) {
				t.Errorf("%+v", list)
			}
		})
	}
}

func TestFindings(t *testing.T) {
	f := debian()
	g, _ := manage(t, f)
	cert := fresh(t)
	if list := Findings(t.Context(), f, g.Home, cert); len(list) != 1 || !strings.HasPrefix(list[0].Why, "not by") {
		t.Errorf("%+v", list)
	}
	if err := g.Install(t.Context(), cert); err != nil {
		t.Fatal(err)
	}
	if list := Findings(t.Context(), f, g.Home, cert); len(list) != 1 || !strings.HasPrefix(list[0].Why, "yes") {
		t.Errorf("%+v", list)
	}
	// A file of that name with something else in it is not trust.
	for path := range f.files {
		f.files[path] = []byte("nonsense")
	}
	if list := Findings(t.Context(), f, g.Home, cert); !strings.HasPrefix(list[0].Why, "not by") {
		t.Errorf("%+v", list)
	}
}

func TestBrokenRecordIsAnError(t *testing.T) {
	f := debian()
	g, _ := manage(t, f)
	if err := g.Install(t.Context(), fresh(t)); err != nil {
		t.Fatal(err)
	}
	dir := entries(t, g.folder())[0]
	for _, name := range []string{storesFile, certFile} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := g.Uninstall(t.Context()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("a broken %s: %v", name, err)
		}
	}
	if fmt.Sprint(Findings(t.Context(), f, g.Home, fresh(t))) == "" {
		t.Error("no finding")
	}
}

func TestQuote(t *testing.T) {
	if got := quote([]string{"install", "a b", "it's", "", "/x-1.crt"}); got != `install 'a b' 'it'\''s' '' /x-1.crt` {
		t.Error(got)
	}
}

// fixedPEM is a certificate whose fingerprints do not change.
const fixedPEM = `-----BEGIN CERTIFICATE-----
MIIBvjCCAWWgAwIBAgIUPYInBZk01WQ7Z7f/DX8O8iiQtBQwCgYIKoZIzj0EAwIw
NDERMA8GA1UECgwITGluYXJpdGUxHzAdBgNVBAMMFkxpbmFyaXRlIGxvY2FsIENB
IHRlc3QwIBcNMjYxMTI4MTM0MjQzWhgPMjEyNjExMDQxMzQyNDNaMDQxETAPBgNV
BAoMCExpbmFyaXRlMR8wHQYDVQQDDBZMaW5hcml0ZSBsb2NhbCBDQSB0ZXN0MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9xXOi7u0pX2r/o3QXfDQHU/K9cFDBH4Z
mUDMIIm6idvfe8R/ebIkpgI/dm54FZHP/nBsnC8F3vqQIXuOV24Y/KNTMFEwHQYD
VR0OBBYEFGIHuXWLA1ATEUbU3EWA5G5iALV1MB8GA1UdIwQYMBaAFGIHuXWLA1AT
EUbU3EWA5G5iALV1MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIg
cMjZrGugD7iE6NX9wCosvUhsXMtCzI4xJ/eppFuPY7wCIGXDV5xQKItKFKWVEmHe
Q4EnDamVhhUfdjersj1BpY6r
-----END CERTIFICATE-----
`
