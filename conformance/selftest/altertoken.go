package selftest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
)

// Claim gives a claim of the token in access_token another value; nil takes it away. The
// signature is not good any longer.
func Claim(name string, value any) func(a *wire.Answer) {
	return alterToken(1, func(members map[string]any) { put(members, name, value) })
}

// ClaimTo makes a claim's value of all that the token claims.
func ClaimTo(name string, value func(claims map[string]any) any) func(a *wire.Answer) {
	return alterToken(1, func(members map[string]any) { members[name] = value(maps.Clone(members)) })
}

// TokenHeader gives a member of the token's head another value; nil takes it away.
func TokenHeader(name string, value any) func(a *wire.Answer) {
	return alterToken(0, func(members map[string]any) { put(members, name, value) })
}

func put(members map[string]any, name string, value any) {
	if value == nil {
		delete(members, name)
		return
	}
	members[name] = value
}

// alterToken changes one part of the token of an answer, where there is one.
func alterToken(part int, change func(members map[string]any)) func(a *wire.Answer) {
	return func(a *wire.Answer) {
		parts := strings.Split(match.Text(a, "access_token"), ".")
		if len(parts) != 3 {
			return
		}
		old := strings.Join(parts, ".")
		text, err := base64.RawURLEncoding.DecodeString(parts[part])
		if err != nil {
			return
		}
		var members map[string]any
		if json.Unmarshal(text, &members) != nil {
			return
		}
		change(members)
		if text, err = json.Marshal(members); err != nil {
			panic(fmt.Sprintf("a fault made no JSON: %v", err))
		}
		parts[part] = base64.RawURLEncoding.EncodeToString(text)
		a.Body = []byte(strings.Replace(string(a.Body), old, strings.Join(parts, "."), 1))
	}
}

// trimClaim takes the slash off the end of a claim.
func trimClaim(name string) func(a *wire.Answer) {
	return ClaimTo(name, func(claims map[string]any) any {
		text, _ := claims[name].(string)
		return strings.TrimSuffix(text, "/")
	})
}
