package entra

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// jwtBearer is the type of client assertions (RFC 7523, section 2.2).
const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// object is a part of a token.
type object map[string]any

// with is the object with members changed; a nil value takes one out.
func (o object) with(changes object) object {
	out := object{}
	for _, from := range []object{o, changes} {
		for name, value := range from {
			out[name] = value
			if value == nil {
				delete(out, name)
			}
		}
	}
	return out
}

func segment(t *suite.T, part object) string {
	text, err := json.Marshal(part)
	if err != nil {
		t.Broken("a part of a token: %v", err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// signed is a token signed with RS256.
func signed(t *suite.T, key *rsa.PrivateKey, head, claims object) string {
	text := segment(t, head.with(object{"alg": "RS256", "typ": "JWT"})) + "." + segment(t, claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Broken("signing a token: %v", err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// unsigned is a token that says of itself that nobody signed it.
func unsigned(t *suite.T, claims object) string {
	return segment(t, object{"alg": "none", "typ": "JWT"}) + "." + segment(t, claims) + "."
}

// tampered is a token whose signature is another's.
func tampered(token string) string {
	at := strings.LastIndexByte(token, '.') + 1
	return token[:at] + strings.Repeat("A", len(token)-at)
}

// cluster is an issuer of tokens that publishes its keys in a public container, as clusters do
// that people run themselves, with an identity that trusts one of its service accounts.
type cluster struct {
	t         *suite.T
	key       *rsa.PrivateKey
	who       suite.Who
	container string
	issuer    string
}

const (
	firstKey    = "first-key"
	podSubject  = "system:serviceaccount:default:pod"
	podAudience = "api://AzureADTokenExchange"
)

// federatedNeeds are the features that a spec with a cluster leans on.
func federatedNeeds() []string { return []string{"arm.msi.federated", "blob.auth.anonymous"} }

// newCluster makes one, and its identity trusts it.
func newCluster(ctx context.Context, t *suite.T) *cluster {
	c := &cluster{t: t, key: t.Signer(), who: t.Identity(ctx), container: t.Container(ctx, "x-ms-blob-public-access", "blob")}
	c.issuer = strings.TrimSuffix(t.World.Blob, "/") + "/" + c.container + "/"
	c.publish(ctx, firstKey)
	c.put(ctx, ".well-known/openid-configuration", object{
		"issuer": c.issuer, "jwks_uri": c.issuer + "openid/v1/jwks", "response_types_supported": []string{"id_token"},
		"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
	})
	c.trust(ctx, "pod", c.issuer)
	return c
}

// publish puts the key set in place, the one key under each of the ids.
func (c *cluster) publish(ctx context.Context, ids ...string) {
	keys := []object{}
	for _, id := range ids {
		keys = append(keys, object{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": id, "n": base64.RawURLEncoding.EncodeToString(c.key.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(c.key.E)).Bytes()),
		})
	}
	c.put(ctx, "openid/v1/jwks", object{"keys": keys})
}

func (c *cluster) put(ctx context.Context, name string, document object) {
	text, err := json.Marshal(document)
	if err != nil {
		c.t.Broken("a document: %v", err)
	}
	c.t.PutBlob(ctx, c.container+"/"+name, string(text), "Content-Type", "application/json")
}

// trust gives the identity a credential for the pod's subject. It goes with the identity.
func (c *cluster) trust(ctx context.Context, name, issuer string) {
	id := c.who.ID + "/federatedIdentityCredentials/" + name
	a := c.t.Send(ctx, c.t.ARM("PUT", id+"?api-version="+suite.IdentityVersion).JSON(object{"properties": object{
		"issuer": issuer, "subject": podSubject, "audiences": []string{podAudience},
	}}))
	c.t.Require(a, match.Status(201), "a federated credential")
}

// claims are those of the pod's token.
func (c *cluster) claims() object {
	now := c.t.Now()
	return object{
		"iss": c.issuer, "sub": podSubject, "aud": podAudience, "jti": suite.GUID(),
		"iat": now.Unix(), "nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
	}
}

// token is the pod's, with claims changed.
func (c *cluster) token(changes object) string {
	return signed(c.t, c.key, object{"kid": firstKey}, c.claims().with(changes))
}

// asks asks for a token of the identity by an assertion; more changes the form.
func (c *cluster) asks(assertion string, more ...string) *suite.Request {
	return asserts(c.t, c.who.ClientID, assertion, more...)
}

func asserts(t *suite.T, clientID, assertion string, more ...string) *suite.Request {
	t.Hide(assertion)
	changes := append([]string{"client_secret", "", "client_id", clientID, "client_assertion_type", jwtBearer, "client_assertion", assertion}, more...)
	return v2().ask(t, scope(bare(t)), changes...)
}

// ready waits until the credential counts, and returns the answer.
func (c *cluster) ready(ctx context.Context) *wire.Answer {
	var a *wire.Answer
	c.t.Settle(ctx, "the federated credential", func(ctx context.Context) bool {
		a = c.t.Send(ctx, c.asks(c.token(nil)))
		return a.Status < 400
	})
	return a
}

// code is the number of Entra ID's refusal, 0 for none.
func code(a *wire.Answer) float64 {
	n, _ := match.Value(a, "error_codes.0").(float64)
	return n
}

// refusedAs holds an answer to a refusal of Entra ID.
func refusedAs(t *suite.T, rule string, a *wire.Answer, status any, name string, number int, about ...string) {
	t.Rule(rule).Expect(a, about...).To(match.Status(status))
	t.Rule(rule).Expect(a, about...).To(match.JSON("error", name))
	t.Rule(rule).Expect(a, about...).To(match.JSON("error_codes.0", number))
}
