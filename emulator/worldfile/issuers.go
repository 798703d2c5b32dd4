package worldfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/fixtures/world"
)

// maxKeySet bounds an issuer's key set, in bytes: those of clusters are below two kilobytes.
const maxKeySet = 1 << 20

func (a *applier) issuers() error {
	for i := range a.w.Issuers {
		issuer := &a.w.Issuers[i]
		if cloud.IsEntraIssuer(issuer.URL) {
			return at(issuer.PosOf("url"), fmt.Errorf("%s is Entra ID itself, which signs with the world's own keys", issuer.URL))
		}
		keys, key, err := a.keySet(issuer)
		if err == nil {
			_, err = identity.ParseKeySet([]byte(keys))
		}
		if err != nil {
			return at(issuer.PosOf(key), err)
		}
		a.tx.Issuers.Put(state.Issuer{URL: issuer.URL, Keys: keys})
	}
	return nil
}

// keySet returns the text of an issuer's keys, and which key of the file gave it.
func (a *applier) keySet(issuer *world.Issuer) (text, key string, err error) {
	if issuer.File == "" {
		return issuer.JWKS, "jwks", nil
	}
	if a.o.Files == nil {
		return "", "file", errors.New("a world that is not a file has no files beside it: give the issuer's jwks")
	}
	text, err = readFile(a.o.Files, issuer.File)
	return text, "file", err
}

func readFile(files fs.FS, name string) (string, error) {
	f, err := files.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKeySet+1))
	if err == nil && len(data) > maxKeySet {
		err = errors.New("too long for a key set: it has more than a mebibyte")
	}
	return string(data), err
}
