package emulator

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/linarite/linarite/emulator/clock"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/pki"
)

// Home is what one installation keeps between runs: its certificate authority and the
// keys that sign its tokens. Neither is ever shipped.
type Home struct {
	// Dir is the folder.
	Dir  string
	CA   *pki.CA
	Keys []*identity.Key
}

// caLifetime is how long a new authority is good.
const caLifetime = 365 * 24 * time.Hour

// keysFile holds the signing keys, readable only by their owner.
const keysFile = "signing-keys.pem"

// DefaultHome is the folder used where none is named: $XDG_STATE_HOME/linarite, or
// ~/.local/state/linarite.
func DefaultHome() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "linarite"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("where to keep keys: %w: name a folder by --home", err)
	}
	return filepath.Join(home, ".local", "state", "linarite"), nil
}

// OpenHome reads the folder, and makes what is not there yet.
func OpenHome(dir string) (*Home, error) {
	ca, err := pki.LoadOrCreate(dir, CAOptions())
	if err != nil {
		return nil, err
	}
	signing, err := signingKeys(filepath.Join(dir, keysFile))
	if err != nil {
		return nil, err
	}
	return &Home{Dir: dir, CA: ca, Keys: signing}, nil
}

// CAOptions limit an authority to the names that a world can serve and to loopback.
func CAOptions() pki.CAOptions {
	o := pki.CAOptions{
		DNS: []string{"localhost"}, Lifetime: caLifetime, Now: clock.System,
		IPs: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
	}
	for _, c := range cloud.All() {
		o.DNS = append(o.DNS, c.Suffixes()...)
	}
	return o
}

func signingKeys(path string) ([]*identity.Key, error) {
	data, err := pki.ReadSecret(path)
	if err == nil {
		found, err := identity.ParseKeys(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w: remove the file to have new keys made", path, err)
		}
		return found, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var made []byte
	for range 2 { // Entra publishes several keys at all times, so does a world
		key, err := identity.NewKey()
		if err != nil {
			return nil, err
		}
		block, err := key.PEM()
		if err != nil {
			return nil, err
		}
		made = append(made, block...)
	}
	if made, err = pki.CreateSecret(path, made); err != nil {
		return nil, err
	}
	return identity.ParseKeys(made)
}

// EphemeralHome makes an authority and a key that are kept nowhere and end with the
// process.
func EphemeralHome() (*Home, error) {
	ca, err := pki.Create(CAOptions())
	if err != nil {
		return nil, err
	}
	key, err := identity.NewKey()
	if err != nil {
		return nil, err
	}
	return &Home{CA: ca, Keys: []*identity.Key{key}}, nil
}
