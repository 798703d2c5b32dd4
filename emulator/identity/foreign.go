package identity

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Foreign is what a token of another issuer says: the token that Kubernetes projects into a
// pod, say, or that GitHub hands to a workflow.
type Foreign struct {
	Issuer, Subject, Audience string
	// Life counts from the moment of signing.
	Life time.Duration
}

// foreignClaims are the claims of a projected service account token, in its order.
type foreignClaims struct {
	Audience  []string `json:"aud"`
	Expires   int64    `json:"exp"`
	IssuedAt  int64    `json:"iat"`
	Issuer    string   `json:"iss"`
	ID        string   `json:"jti"`
	NotBefore int64    `json:"nbf"`
	Subject   string   `json:"sub"`
}

// SignForeign signs a token in the name of another issuer, for a world that stands in for it.
// The key is the world's own: OwnKeys verifies it.
func (t *Tokens) SignForeign(f Foreign, now time.Time) (raw string, expires time.Time, err error) {
	expires = time.Unix(now.Add(f.Life).Unix(), 0).UTC()
	body, err := json.Marshal(foreignClaims{
		Audience: []string{f.Audience}, Expires: expires.Unix(), IssuedAt: now.Unix(), Issuer: f.Issuer,
		ID: t.ids.GUID(), NotBefore: now.Unix(), Subject: f.Subject,
	})
	if err != nil {
		return "", time.Time{}, err
	}
	key := t.keys.signing()
	head, err := json.Marshal(struct {
		Alg   string `json:"alg"`
		KeyID string `json:"kid"`
	}{jwt.SigningMethodRS256.Alg(), key.id})
	if err != nil {
		return "", time.Time{}, err
	}
	raw, err = signed(head, body, key)
	return raw, expires, err
}

// signed joins header, payload and signature.
func signed(head, body []byte, key *Key) (string, error) {
	text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(body)
	signature, err := jwt.SigningMethodRS256.Sign(text, key.private)
	if err != nil {
		return "", err
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// OwnKeys are the keys that this world signs with, for what SignForeign has signed.
func (t *Tokens) OwnKeys() KeySet {
	var set KeySet
	for _, k := range t.keys.published() {
		set.keys = append(set.keys, publicKey{id: k.id, key: &k.private.PublicKey})
	}
	return set
}

// VerifyExchanged checks the signature of an assertion that this token service issued itself,
// to a managed identity. Client libraries keep such tokens for the whole process and offer
// them to each of its worlds; there is no challenge at a token endpoint, so worlds that share
// keys (NewShared) take each other's: what they say is judged by this one.
func (t *Tokens) VerifyExchanged(a Assertion) error {
	key, own := t.keys.find(a.keyID)
	if key == nil || !own && !t.keys.shared {
		return ErrAssertionKey
	}
	return a.signedWith(&key.private.PublicKey)
}
