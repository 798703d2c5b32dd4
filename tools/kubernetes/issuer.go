package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"time"
)

// issuer is who signs the tokens of service accounts: the API server of a cluster.
type issuer struct {
	key *rsa.PrivateKey
	url string
	id  string
}

func newIssuer(url string) (*issuer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(public)
	return &issuer{key: key, url: url, id: base64.RawURLEncoding.EncodeToString(sum[:])}, nil
}

// keys is what `kubectl get --raw /openid/v1/jwks` prints.
func (i *issuer) keys() (string, error) {
	text := func(n *big.Int) string { return base64.RawURLEncoding.EncodeToString(n.Bytes()) }
	data, err := json.Marshal(map[string]any{"keys": []any{map[string]string{
		"use": "sig", "kty": "RSA", "kid": i.id, "alg": "RS256", "n": text(i.key.N), "e": text(big.NewInt(int64(i.key.E))),
	}}})
	return string(data), err
}

// account is whose token is wanted.
type account struct {
	namespace, name, pod string
	audience             string
	from                 time.Time
	seconds              int64
}

// sign makes a token with the claims that Kubernetes gives to a projected one.
func (i *issuer) sign(a account) (string, error) {
	header := map[string]string{"alg": "RS256", "kid": i.id}
	claims := map[string]any{
		"iss": i.url, "sub": "system:serviceaccount:" + a.namespace + ":" + a.name, "aud": []string{a.audience},
		"iat": a.from.Unix(), "nbf": a.from.Unix(), "exp": a.from.Unix() + a.seconds, "jti": "5b8f4f2a-0d9c-4c7e-9e59-3b1f5a0d7c11",
		"kubernetes.io": map[string]any{
			"namespace": a.namespace, "serviceaccount": map[string]string{"name": a.name}, "pod": map[string]string{"name": a.pod},
		},
	}
	text := ""
	for _, part := range []any{header, claims} {
		data, err := json.Marshal(part)
		if err != nil {
			return "", err
		}
		if text != "" {
			text += "."
		}
		text += base64.RawURLEncoding.EncodeToString(data)
	}
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), err
}
