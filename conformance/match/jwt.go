package match

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/linarite/linarite/clientlib/wire"
)

// Claim is a claim of the token in the member access_token of an answer. Numbers come as float64.
// One that is not there matches only Absent().
func Claim(name string, want any) types.GomegaMatcher {
	return of("the claim "+name, want, func(a *wire.Answer) (any, error) { return partOf(a, 1, name) })
}

// TokenHeader is a member of the head of the token in the member access_token of an answer.
func TokenHeader(name string, want any) types.GomegaMatcher {
	return of("the token's "+name, want, func(a *wire.Answer) (any, error) { return partOf(a, 0, name) })
}

func partOf(a *wire.Answer, part int, name string) (any, error) {
	parts := strings.Split(Text(a, "access_token"), ".")
	if len(parts) != 3 {
		return nil, errors.New("the answer has no access_token of three parts")
	}
	members, err := objectIn(parts[part])
	if err != nil {
		return nil, err
	}
	if v, ok := members[name]; ok {
		return v, nil
	}
	return absent{}, nil
}

func objectIn(part string) (map[string]any, error) {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return nil, fmt.Errorf("a part of the token is no base64url: %w", err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, fmt.Errorf("a part of the token is no JSON: %w", err)
	}
	return members, nil
}

// SignedBy is a token in the member access_token whose signature is of RS256 and verifies with
// the key of a key set that the token's kid names.
func SignedBy(keySet *wire.Answer) types.GomegaMatcher {
	return of("the signature of the token", "good", func(a *wire.Answer) (any, error) {
		if err := verify(Text(a, "access_token"), keySet); err != nil {
			return nil, err
		}
		return "good", nil
	})
}

// verify follows RFC 7515, section 5.2, and RFC 7518, section 3.3.
func verify(token string, keySet *wire.Answer) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errors.New("the answer has no access_token of three parts")
	}
	head, err := objectIn(parts[0])
	if err != nil {
		return err
	}
	if head["alg"] != "RS256" {
		return fmt.Errorf("alg is %v, not RS256", head["alg"])
	}
	key, err := keyOf(keySet, head["kid"])
	if err != nil {
		return err
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return fmt.Errorf("the signature is no base64url: %w", err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature)
}

func keyOf(keySet *wire.Answer, kid any) (*rsa.PublicKey, error) {
	var set struct{ Keys []struct{ Kid, N, E string } }
	if err := json.Unmarshal(keySet.Body, &set); err != nil {
		return nil, fmt.Errorf("the key set is no JSON: %w", err)
	}
	for _, k := range set.Keys {
		if k.Kid != kid {
			continue
		}
		n, err1 := base64.RawURLEncoding.DecodeString(k.N)
		e, err2 := base64.RawURLEncoding.DecodeString(k.E)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("the key %v is no base64url: %w", kid, err)
		}
		exponent := new(big.Int).SetBytes(e)
		if len(n) == 0 || !exponent.IsInt64() {
			return nil, fmt.Errorf("the key %v has no modulus, or an exponent that is too large", kid)
		}
		return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent.Int64())}, nil
	}
	return nil, fmt.Errorf("no key %v among %d", kid, len(set.Keys))
}
