package blob

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"net/http"
	"strconv"
	"sync"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
)

// key is an account's key. It stands behind a pointer wherever it is kept, so that no %v shows it.
type key struct {
	account string
	value   []byte
	spare   sync.Pool // of *signer
}

// signer is what a signature is made with, used again for the next.
type signer struct {
	mac    hash.Hash
	text   []byte
	fields wire.Header
}

func newKey(account string, value []byte) *key {
	k := &key{account: account, value: value}
	k.spare.New = func() any { return &signer{mac: hmac.New(sha256.New, k.value)} }
	return k
}

// policy signs each try by Shared Key ("Authorize with Shared Key"), with the time as it is then.
func (k *key) policy(clock clientlib.Clock) clientlib.Policy {
	return func(req *http.Request, next clientlib.Next) (*http.Response, error) {
		req.Header["X-Ms-Date"] = []string{sign.Date(clock.Now())}
		req.Header["Authorization"] = []string{"SharedKey " + k.account + ":" + k.sign(req)}
		return next(req)
	}
}

func (k *key) sign(req *http.Request) string {
	s := k.spare.Get().(*signer) // nothing else is put there
	defer k.spare.Put(s)
	s.fields = s.fields[:0]
	for name, values := range req.Header {
		for _, v := range values {
			s.fields = append(s.fields, wire.Field{Name: name, Value: v})
		}
	}
	if req.ContentLength > 0 {
		s.fields = append(s.fields, wire.Field{Name: "Content-Length", Value: strconv.FormatInt(req.ContentLength, 10)})
	}
	m := sign.Message{Method: req.Method, Path: req.URL.EscapedPath(), Query: req.URL.RawQuery, Header: s.fields}
	s.text = m.Append(s.text[:0], k.account, false)
	s.mac.Reset()
	s.mac.Write(s.text)
	clear(s.fields)
	return base64.StdEncoding.EncodeToString(s.mac.Sum(s.text[:0]))
}
