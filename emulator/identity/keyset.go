package identity

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
)

// KeySet are the public keys of an issuer of tokens, as it publishes them: a JSON Web Key
// Set (RFC 7517). The zero KeySet is empty.
type KeySet struct{ keys []publicKey }

type publicKey struct {
	id string
	// thumbprint is the SHA-1 of the key's certificate, where the set names it.
	thumbprint []byte
	key        crypto.PublicKey
}

// maxModulus bounds the size of foreign RSA keys in bits: verifying costs more with each.
const maxModulus = 8192

// ParseKeySet reads a JSON Web Key Set. Keys that are not for signatures, or of a kind that
// is not RSA and not on a NIST curve, are passed over, as RFC 7517 has it (section 5). A set
// without any other key is an error.
func ParseKeySet(document []byte) (KeySet, error) {
	var in struct {
		Keys []foreignKey `json:"keys"`
	}
	if err := json.Unmarshal(document, &in); err != nil {
		return KeySet{}, fmt.Errorf("no JSON Web Key Set: %w", err)
	}
	var set KeySet
	for i, k := range in.Keys {
		if k.Use != "" && k.Use != "sig" {
			continue
		}
		key, err := k.public()
		if err != nil {
			return KeySet{}, fmt.Errorf("key %d of the JSON Web Key Set: %w", i+1, err)
		}
		if key == nil {
			continue
		}
		thumbprint, err := lenient(k.X5T)
		if err != nil {
			return KeySet{}, fmt.Errorf("key %d of the JSON Web Key Set: x5t: %w", i+1, err)
		}
		set.keys = append(set.keys, publicKey{id: k.KID, thumbprint: thumbprint, key: key})
	}
	if len(set.keys) == 0 {
		return KeySet{}, errors.New("no JSON Web Key Set: it has no key for signatures under \"keys\", of kty RSA or EC")
	}
	return set, nil
}

// foreignKey is a key of a set, its members as far as they are looked at.
type foreignKey struct {
	KTY string `json:"kty"`
	Use string `json:"use"`
	KID string `json:"kid"`
	X5T string `json:"x5t"`
	N   string `json:"n"`
	E   string `json:"e"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	Y   string `json:"y"`
}

// public is the key itself, nil for a kind that is not known.
func (k foreignKey) public() (crypto.PublicKey, error) {
	switch k.KTY {
	case "RSA":
		return k.rsa()
	case "EC":
		return k.ec()
	}
	return nil, nil
}

func (k foreignKey) rsa() (crypto.PublicKey, error) {
	n, err := number("n", k.N)
	if err != nil {
		return nil, err
	}
	e, err := number("e", k.E)
	if err != nil {
		return nil, err
	}
	switch {
	case n.BitLen() < 1024 || n.BitLen() > maxModulus:
		return nil, fmt.Errorf("n has %d bits: RSA keys have 1024 to %d", n.BitLen(), maxModulus)
	case e.BitLen() > 31 || e.Int64() < 3:
		return nil, errors.New("e is no exponent of RSA: 65537 is (AQAB)")
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
}

func (k foreignKey) ec() (crypto.PublicKey, error) {
	var curve elliptic.Curve
	switch k.Crv {
	case "P-256":
		curve = elliptic.P256()
	case "P-384":
		curve = elliptic.P384()
	case "P-521":
		curve = elliptic.P521()
	default:
		return nil, nil
	}
	point := []byte{4} // uncompressed, SEC 1 section 2.3.3
	for _, c := range [...]struct{ name, value string }{{"x", k.X}, {"y", k.Y}} {
		v, err := number(c.name, c.value)
		if err != nil {
			return nil, err
		}
		size := (curve.Params().BitSize + 7) / 8
		if v.BitLen() > 8*size {
			return nil, fmt.Errorf("%s is longer than the curve %s", c.name, k.Crv)
		}
		point = append(point, v.FillBytes(make([]byte, size))...)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, fmt.Errorf("x and y are no point of %s", k.Crv)
	}
	return key, nil
}

func number(name, text string) (*big.Int, error) {
	raw, err := lenient(text)
	if err != nil || len(raw) == 0 {
		return nil, fmt.Errorf("%s is missing, or not in base64url", name)
	}
	return new(big.Int).SetBytes(raw), nil
}

// lenient decodes base64 in either alphabet, with or without padding: clients write
// thumbprints in all of these forms.
func lenient(text string) ([]byte, error) {
	clean := bytes.TrimRight([]byte(text), "=")
	for i, c := range clean {
		switch c {
		case '+':
			clean[i] = '-'
		case '/':
			clean[i] = '_'
		}
	}
	return base64.RawURLEncoding.DecodeString(string(clean))
}

// find returns the key that an assertion names by its key id, or else by its thumbprint.
func (s KeySet) find(a Assertion) (crypto.PublicKey, bool) {
	for _, k := range s.keys {
		if a.keyID != "" && k.id == a.keyID {
			return k.key, true
		}
	}
	for _, k := range s.keys {
		if len(a.thumbprint) > 0 && bytes.Equal(k.thumbprint, a.thumbprint) {
			return k.key, true
		}
	}
	return nil, false
}
