package truststore

import (
	"path/filepath"
)

// Options choose among the stores of a machine.
type Options struct {
	// AllUsers chooses the administrator's store on macOS and Windows, where each user has one too.
	AllUsers bool
}

// A gap is a store that is there but cannot be worked.
type gap struct{ title, why, do string }

// detect finds the stores of a machine.
func detect(m Machine, o Options) (stores []Store, gaps []gap) {
	switch m.OS() {
	case "darwin":
		stores = append(stores, keychain(m, o))
	case "windows":
		stores = append(stores, Store{Kind: "windows", Path: "Root", Title: "Windows", Root: o.AllUsers})
	default:
		found, missing := systemFolder(m)
		stores, gaps = append(stores, found...), append(gaps, missing...)
	}
	found, missing := nss(m)
	stores, gaps = append(stores, found...), append(gaps, missing...)
	found, missing = java(m)
	return append(stores, found...), append(gaps, missing...)
}

func keychain(m Machine, o Options) Store {
	if o.AllUsers {
		return Store{Kind: "macos", Path: "/Library/Keychains/System.keychain", Title: "macOS, all users", Root: true}
	}
	return Store{Kind: "macos", Path: m.Getenv("HOME") + "/Library/Keychains/login.keychain-db", Title: "macOS, this user"}
}

// systemFolder is the first folder that is there with its program. Some systems have another's folder, empty.
func systemFolder(m Machine) ([]Store, []gap) {
	var without []string
	for _, f := range folders() {
		if len(m.Glob(f.store.Path)) == 0 {
			continue
		}
		if _, err := m.LookPath(f.add[0]); err == nil {
			return []Store{f.store}, nil
		}
		without = append(without, f.add[0])
	}
	if len(without) > 0 {
		return nil, []gap{{"the system", "there is a folder for certificates, but no " + without[0], "install the package ca-certificates"}}
	}
	return nil, []gap{{"the system", "no store that is known here", "install the package ca-certificates, or give programs the file that linarite ca path names"}}
}

// nss finds the databases of Firefox's profiles and of Chromium. Windows' browsers read them too, but NSS's certutil is not
// to be told from Windows' there.
func nss(m Machine) (stores []Store, gaps []gap) {
	home := m.Getenv("HOME")
	if home == "" || m.OS() == "windows" {
		return nil, nil
	}
	var dirs []string
	for _, pattern := range []string{
		".pki/nssdb", "snap/chromium/current/.pki/nssdb",
		".mozilla/firefox/*", ".config/mozilla/firefox/*", "snap/firefox/common/.mozilla/firefox/*", "Library/Application Support/Firefox/Profiles/*",
	} {
		for _, file := range m.Glob(home + "/" + pattern + "/cert9.db") {
			dirs = append(dirs, filepath.ToSlash(filepath.Dir(file)))
		}
	}
	if len(dirs) == 0 {
		return nil, nil
	}
	if _, err := m.LookPath("certutil"); err != nil {
		return nil, []gap{{"browsers (NSS)", "there are databases, but no certutil", "install libnss3-tools, nss-tools or mozilla-nss-tools (macOS: brew install nss)"}}
	}
	for _, dir := range dirs {
		stores = append(stores, Store{Kind: "nss", Path: dir, Title: "a browser (NSS)"})
	}
	return stores, nil
}

// java is the store of the Java that JAVA_HOME names.
func java(m Machine) ([]Store, []gap) {
	home := m.Getenv("JAVA_HOME")
	if home == "" {
		return nil, nil
	}
	for _, below := range []string{"lib", "jre/lib"} {
		path := filepath.ToSlash(filepath.Join(home, below, "security", "cacerts"))
		if len(m.Glob(path)) == 0 {
			continue
		}
		s := Store{Kind: "java", Path: path, Title: "Java", Root: !m.Writable(path)}
		if _, err := m.LookPath(s.keytool()); err != nil {
			return nil, []gap{{"Java", "there is no " + s.keytool(), "name a whole Java by JAVA_HOME"}}
		}
		return []Store{s}, nil
	}
	return nil, []gap{{"Java", "JAVA_HOME names no Java with a trust store: " + home, "mend or unset JAVA_HOME"}}
}
