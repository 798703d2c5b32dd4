package identity

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/tidwall/btree"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/sabotage"
	"github.com/linarite/linarite/emulator/state"
)

// Times of a token, ENTRA-JWT rules.
const (
	// backdate is how far iat and nbf lie before the moment of issue.
	backdate = 5 * time.Minute
	// DefaultLife is how long a managed identity's token is good from now on.
	DefaultLife = 24 * time.Hour
	// refreshBelow is the life left at which a host's cached token is replaced:
	// clients treat a token with less as expired.
	refreshBelow = 5 * time.Minute
)

// Tokens issues and verifies the tokens of one world. It is safe for concurrent use.
type Tokens struct {
	cloud *cloud.Cloud
	ids   *ids.Source
	keys  *keyring

	verified *verifiedCache

	mu     sync.Mutex
	issued *btree.Map[string, Token] // the hosts' caches, by cacheKey
}

// New makes the token service of a world; the first key signs, all are published.
func New(c *cloud.Cloud, source *ids.Source, keys ...*Key) (*Tokens, error) {
	if len(keys) == 0 {
		return nil, errors.New("identity: a world needs a signing key")
	}
	return &Tokens{cloud: c, ids: source, keys: ownKeys(keys), verified: newVerifiedCache(), issued: new(btree.Map[string, Token])}, nil
}

// NewNeighbour is New for a world beside others that have the same keys under ids of their
// own (Key.WithID), or had: those that have ended, and those of an earlier process. A token
// under an id that this world does not know is recognised as one of theirs (OtherWorld).
func NewNeighbour(c *cloud.Cloud, source *ids.Source, keys ...*Key) (*Tokens, error) {
	t, err := New(c, source, keys...)
	if err == nil {
		t.keys.neighbours = true
	}
	return t, err
}

// NewShared makes the token service of one world among many in a process, which share
// their keys: making a key takes longer than making a world. Each world's tokens have key
// ids of its own, so that a token of another world is recognised as one (OtherWorld).
// Client libraries that cache tokens for the whole process offer such tokens.
func NewShared(c *cloud.Cloud, source *ids.Source, keys ...*Key) (*Tokens, error) {
	t, err := New(c, source, keys...)
	if err == nil {
		t.keys = sharedKeys(keys)
	}
	return t, err
}

// Shared tells whether other worlds of the process sign with the same keys.
func (t *Tokens) Shared() bool { return t.keys.shared }

// Keys lists the published keys, the signing one first.
func (t *Tokens) Keys() []JWK {
	var out []JWK
	for _, k := range t.keys.published() {
		out = append(out, k.Public())
	}
	return out
}

// Token is an access token with the facts that token answers repeat.
type Token struct {
	// Raw is the token itself: a secret.
	Raw string
	// Resource is the audience exactly as asked for.
	Resource string
	ClientID string
	// NotBefore and ExpiresOn are whole seconds.
	NotBefore time.Time
	ExpiresOn time.Time
	// Life is the whole life from the moment of issue on.
	Life time.Duration
}

// ExpiresIn is the life left at now in whole seconds, never negative. A fresh
// token of 24 hours shows 86399: Azure counts from the next second.
func (t Token) ExpiresIn(now time.Time) int64 {
	return max(0, t.ExpiresOn.Unix()-now.Unix()-1)
}

// ExtExpiresIn is ExpiresIn as it was at the moment of issue.
func (t Token) ExtExpiresIn() int64 { return int64(t.Life/time.Second) - 1 }

// Request says whom a token is for.
type Request struct {
	Principal state.Principal
	Tenant    state.Tenant
	// Resource is the audience, exactly as asked for.
	Resource string
	// HostID is the ARM id of the machine where a managed identity is used.
	HostID string
	// Life counts from now; zero means DefaultLife.
	Life time.Duration
	// Asserted tells that the client proved itself by an assertion, not by a secret.
	Asserted bool
}

// ForMachine is the token that a machine's IMDS hands out: the one it has cached
// for the identity and resource, or a fresh one. Resources that differ by a
// trailing slash have tokens of their own, because the audience differs.
func (t *Tokens) ForMachine(r Request, now time.Time) (Token, error) {
	key := cacheKey(r.HostID, r.Principal.ObjectID, r.Resource)
	t.mu.Lock()
	cached, ok := t.issued.Get(key)
	t.mu.Unlock()
	if ok && cached.ExpiresOn.Sub(now) > refreshBelow && !now.Before(cached.NotBefore) {
		return cached, nil
	}
	fresh, err := t.Issue(r, now)
	if err != nil {
		return Token{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.issued.Len() >= maxIssued {
		t.forgetExpired(now)
	}
	t.issued.Set(key, fresh)
	return fresh, nil
}

// maxIssued bounds the hosts' caches: what a caller names must not fill memory.
const maxIssued = 10_000

func (t *Tokens) forgetExpired(now time.Time) {
	kept := new(btree.Map[string, Token])
	t.issued.Scan(func(key string, token Token) bool {
		if kept.Len() < maxIssued/2 && token.ExpiresOn.After(now) {
			kept.Set(key, token)
		}
		return true
	})
	t.issued = kept
}

// cacheKey takes the ids as the state spells them.
func cacheKey(hostID, objectID, resource string) string {
	return hostID + "\x00" + objectID + "\x00" + resource
}

// Forget drops what a host has cached for an identity and resource.
func (t *Tokens) Forget(hostID, objectID, resource string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.issued.Delete(cacheKey(hostID, objectID, resource))
}

// Cache is what the hosts have cached, kept: part of a world's snapshot. The zero Cache is
// empty.
type Cache struct {
	mu     sync.Mutex
	issued *btree.Map[string, Token]
	// signed are the ids under which keys have signed tokens so far.
	signed []*Key
}

// Snapshot keeps the hosts' caches, and which tokens there are: whoever restores them
// accepts those.
func (t *Tokens) Snapshot() *Cache {
	t.mu.Lock()
	defer t.mu.Unlock()
	return &Cache{issued: t.issued.Copy(), signed: t.keys.turn()}
}

// Restore puts kept caches back. A world that restores what another has kept accepts the
// tokens that the other had issued until then, and none of its later ones.
func (t *Tokens) Restore(c *Cache) {
	c.mu.Lock()
	issued := new(btree.Map[string, Token])
	if c.issued != nil {
		issued = c.issued.Copy()
	}
	c.mu.Unlock()
	t.keys.accept(c.signed)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.issued = issued
}

// ErrUnknownResource tells that no application of the tenant has the asked resource as
// an identifier: Entra's AADSTS500011.
var ErrUnknownResource = errors.New("identity: unknown resource")

// Issue signs a fresh token, or returns ErrUnknownResource.
func (t *Tokens) Issue(r Request, now time.Time) (Token, error) {
	resource, ok := t.cloud.Audience(r.Resource)
	if !ok {
		return Token{}, ErrUnknownResource
	}
	life := r.Life
	if life <= 0 {
		life = DefaultLife
	}
	from := time.Unix(now.Add(-backdate).Unix(), 0).UTC()
	until := from.Add(backdate + life)
	c := t.claims(r, from, until)
	if resource.Version2() {
		t.version2(c, resource.AppID)
	}
	raw, err := t.sign(c)
	if err != nil {
		return Token{}, err
	}
	return Token{Raw: raw, Resource: r.Resource, ClientID: r.Principal.AppID, NotBefore: from, ExpiresOn: until, Life: life}, nil
}

func (t *Tokens) claims(r Request, from, until time.Time) *claims {
	p := r.Principal
	issuer := t.cloud.V1Issuer(r.Tenant.ID)
	c := &claims{
		Audience: r.Resource, Issuer: issuer,
		IssuedAt: from.Unix(), NotBefore: from.Unix(), Expires: until.Unix(),
		AIO: "E2Ng" + t.ids.Token(24), AppID: p.AppID, AppIDACR: "2", IDP: issuer, IDType: "app",
		ObjectID: p.ObjectID, RH: "1." + t.ids.Token(24) + ".", Subject: p.ObjectID,
		TenantID: r.Tenant.ID, UTI: t.ids.Token(16), Version: "1.0",
		ActFct: "3 9", FTD: t.ids.Token(32), IDRel: "7 4", RD: t.ids.Token(32), SubFct: "9 3",
		TenantAt: r.Tenant.CreatedAt.Unix(),
	}
	if p.Kind == state.PrincipalApplication {
		if !r.Asserted {
			c.AppIDACR = "1"
		}
		return c
	}
	// These two stand only in tokens for Microsoft's own services: all that a cloud knows are.
	c.MIRID = lowerGroups(p.ResourceID)
	if p.Kind == state.PrincipalUserAssigned {
		c.HostID = lowerGroups(r.HostID)
	}
	return c
}

// version2 makes claims those of a token of version 2.0.
func (t *Tokens) version2(c *claims, appID string) {
	c.Audience, c.Issuer, c.Version = appID, t.cloud.V2Issuer(c.TenantID), "2.0"
	c.AZP, c.AZPACR, c.AppID, c.AppIDACR = c.AppID, c.AppIDACR, "", ""
	c.IDP, c.RD, c.TenantAt = "", "", 0
}

// lowerGroups spells an ARM id as these claims do.
func lowerGroups(id string) string {
	return strings.Replace(id, "/resourceGroups/", "/resourcegroups/", 1)
}

// header is the JOSE header in Entra's member order; the library would sort it. Version 2.0
// has no x5t.
type header struct {
	Type  string `json:"typ"`
	Alg   string `json:"alg"`
	X5T   string `json:"x5t,omitempty"`
	KeyID string `json:"kid"`
}

func (t *Tokens) sign(c *claims) (string, error) {
	key := t.keys.signing()
	h := header{Type: "JWT", Alg: jwt.SigningMethodRS256.Alg(), X5T: key.id, KeyID: key.id}
	if c.AZP != "" {
		h.X5T = ""
	}
	head, err := json.Marshal(h)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	return signed(head, body, key)
}

// Failure is why a token was not accepted. Dates and names of the token are in the
// Caller returned beside it, but only where the signature was good.
type Failure string

// The failures of Verify, in the order in which they are looked for.
const (
	// Verified is no failure.
	Verified Failure = ""
	// Unverifiable: no token, not signed by this world's Entra with RS256, or of another cloud.
	Unverifiable Failure = "unverifiable"
	// OtherWorld: a good token of another world that has this one's keys (NewShared, NewNeighbour).
	OtherWorld Failure = "of another world"
	// Expired and NotYetValid are by the world's clock.
	Expired     Failure = "expired"
	NotYetValid Failure = "not yet valid"
	// Nameless: the token names no object.
	Nameless Failure = "nameless"
)

// Verify checks signature, algorithm, issuer form, dates and the presence of an
// object. The audience and the tenant are the asked service's to judge: AudienceIn
// and TenantID. The Caller is the zero one unless the failure is Verified.
func (t *Tokens) Verify(raw string, now time.Time) (Caller, Failure, time.Time) {
	c, ok := t.verified.get(raw)
	if !ok {
		var failure Failure
		if c, failure = t.parse(raw); failure != Verified {
			return Caller{}, failure, time.Time{}
		}
		t.verified.put(raw, c)
	}
	expires := time.Unix(c.Expires, 0).UTC()
	switch {
	case !now.Before(expires):
		return Caller{}, Expired, expires
	case now.Before(time.Unix(c.NotBefore, 0)):
		return Caller{}, NotYetValid, expires
	case c.ObjectID == "":
		return Caller{}, Nameless, expires
	}
	return Caller{claims: c}, Verified, expires
}

// maxToken bounds what is parsed: Azure's tokens are a few kilobytes.
const maxToken = 32 << 10

func (t *Tokens) parse(raw string) (*claims, Failure) {
	if len(raw) > maxToken {
		return nil, Unverifiable
	}
	if sabotage.On(sabotage.TokenSignature) {
		c := &claims{}
		_, _, err := jwt.NewParser().ParseUnverified(raw, c)
		if err != nil {
			return nil, Unverifiable
		}
		return c, Verified
	}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg()}), jwt.WithoutClaimsValidation())
	c := &claims{}
	var own bool
	_, err := parser.ParseWithClaims(raw, c, func(token *jwt.Token) (any, error) {
		id, _ := token.Header["kid"].(string)
		var key *Key
		if key, own = t.keys.find(id); key == nil {
			return nil, errors.New("unknown key")
		}
		return &key.private.PublicKey, nil
	})
	switch {
	case err != nil:
		return nil, Unverifiable
	case !own:
		return nil, OtherWorld
	case c.Issuer != t.cloud.V1Issuer(c.TenantID) && c.Issuer != t.cloud.V2Issuer(c.TenantID):
		// One installation's key serves every cloud, but a real cloud knows only its own keys.
		return nil, Unverifiable
	}
	return c, Verified
}

// ForgetVerified drops the cache of verified tokens.
func (t *Tokens) ForgetVerified() { t.verified.clear() }
