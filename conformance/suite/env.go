package suite

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/targets"
)

// Env is one process's way to a target: the world on it, the transport, and the credentials.
type Env struct {
	Target targets.File
	World  World
	// Transport carries every request of the specs.
	Transport wire.Transport
	// Now is the suite's clock: dates in requests come from it.
	Now func() time.Time
	// Getenv has the secrets that the target file names variables of.
	Getenv func(name string) string
	// Ledger, where there is one, is told of every resource before it is made.
	Ledger Ledger

	// credentials carries the suite's own asking for tokens and keys.
	credentials wire.Transport

	// signer makes the key that specs sign tokens with, once.
	signer func() (*rsa.PrivateKey, error)

	mu     sync.Mutex
	tokens map[string]held
	key    []byte
	gates  chan struct{} // one identity is given to the machine at a time
	spare  chan struct{} // one spec has the spare machine at a time
}

// Ledger keeps the ids of what a run makes.
type Ledger interface {
	// Making is called before the request that makes the resource, and Made when it is known to
	// have another id than was foreseen. An error stops the making.
	Making(kind, id string) error
	// Gone is called when the resource is known to be deleted.
	Gone(id string) error
}

// held is a token with the time it ends.
type held struct {
	token string
	ends  time.Time
}

// Setup makes an Env of the world that was made for the run, in this process or another.
func Setup(target targets.File, world World, transport wire.Transport, now func() time.Time, getenv func(string) string, ledger Ledger) *Env {
	if getenv == nil {
		getenv = func(string) string { return "" }
	}
	return &Env{
		Target: target, World: world, Transport: transport, Now: now, Getenv: getenv, Ledger: ledger, credentials: transport,
		signer: sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) }),
		tokens: map[string]held{}, gates: make(chan struct{}, 1), spare: make(chan struct{}, 1),
	}
}

// With is the same world and credentials by another transport.
func (e *Env) With(transport wire.Transport) *Env {
	other := Setup(e.Target, e.World, transport, e.Now, e.Getenv, e.Ledger)
	other.gates, other.spare, other.signer = e.gates, e.spare, e.signer
	return other
}

// Behind is the same world by another transport, with the credentials asked for as before: what
// stands in the way of the specs' requests does not stand in the way of the suite's own.
func (e *Env) Behind(transport wire.Transport) *Env {
	other := e.With(transport)
	other.credentials = e.credentials
	return other
}

// Resolve is the world of a target before anything is made on it: the endpoints alone.
func Resolve(f targets.File) World {
	c, ok := cloud.ByName(f.Cloud)
	if !ok {
		c = cloud.Public()
	}
	w := World{
		Cloud: c.Name, Tenant: f.Tenant, Subscription: f.Subscription, Location: f.Location, Group: f.Names.Group, Machine: f.Names.Machine, Spare: f.Names.Spare,
		IMDS: "http://169.254.169.254", Login: c.Login, ARM: c.ARM, Graph: c.Graph, VaultURL: "https://%s." + c.VaultSuffix,
	}
	for _, at := range []struct {
		given string
		to    *string
	}{{f.Endpoints.IMDS, &w.IMDS}, {f.Endpoints.Login, &w.Login}, {f.Endpoints.ARM, &w.ARM}, {f.Endpoints.Graph, &w.Graph}, {f.Endpoints.Blob, &w.Blob},
		{f.Endpoints.Vault, &w.VaultURL}, {f.Endpoints.AppService, &w.AppService}} {
		if at.given != "" {
			*at.to = strings.TrimSuffix(at.given, "/")
		}
	}
	if w.Location == "" {
		w.Location = c.Location
	}
	if name, _, ok := f.KeyOf(); ok {
		w.Account = name
	}
	return w
}

// Cloud is the cloud that the world is in.
func (e *Env) Cloud() cloud.Cloud { return e.World.CloudData() }

// TokenFrom asks for a token, or has one that is good for five more minutes. The source is as
// in a target file: imds, imds:CLIENT-ID, env:PREFIX.
func (e *Env) TokenFrom(ctx context.Context, source, audience string) (string, error) {
	at := source + "\x00" + audience
	e.mu.Lock()
	h, ok := e.tokens[at]
	e.mu.Unlock()
	if ok && e.Now().Add(5*time.Minute).Before(h.ends) {
		return h.token, nil
	}
	h, err := e.askToken(ctx, source, audience)
	if err != nil {
		return "", err
	}
	e.mu.Lock()
	e.tokens[at] = h
	e.mu.Unlock()
	return h.token, nil
}

func (e *Env) askToken(ctx context.Context, source, audience string) (held, error) {
	scheme, rest, _ := strings.Cut(source, ":")
	var r *wire.Request
	switch scheme {
	case "imds":
		u := e.World.IMDS + "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" + url.QueryEscape(audience)
		if rest != "" {
			u += "&client_id=" + rest
		}
		r = &wire.Request{Method: "GET", URL: u, Header: wire.Header{{Name: "Metadata", Value: "true"}}}
	case "env":
		id, secret := e.Getenv(rest+"_CLIENT_ID"), e.Getenv(rest+"_CLIENT_SECRET")
		if id == "" || secret == "" {
			return held{}, fmt.Errorf("no credential: %s_CLIENT_ID and %s_CLIENT_SECRET are to be set", rest, rest)
		}
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}, "scope": {strings.TrimSuffix(audience, "/") + "/.default"}}
		r = &wire.Request{Method: "POST", URL: e.World.Login + "/" + e.World.Tenant + "/oauth2/v2.0/token",
			Header: wire.Header{{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}}, Body: []byte(form.Encode())}
	default:
		return held{}, fmt.Errorf("no credential: the target names none")
	}
	a, err := e.credentials.Send(ctx, r)
	if err != nil {
		return held{}, err
	}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if a.Status != 200 || json.Unmarshal(a.Body, &token) != nil || token.AccessToken == "" {
		return held{}, fmt.Errorf("no token for %s: %d %.300s", audience, a.Status, a.Body)
	}
	claims, err := ClaimsOf(token.AccessToken)
	if err != nil {
		return held{}, err
	}
	ends, _ := claims["exp"].(float64)
	return held{token.AccessToken, time.Unix(int64(ends), 0)}, nil
}

// ClaimsOf reads the claims of a token without verifying it.
func ClaimsOf(token string) (map[string]any, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("a token without three parts")
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, fmt.Errorf("a token whose claims are not base64: %w", err)
	}
	var claims map[string]any
	if err := json.Unmarshal(text, &claims); err != nil {
		return nil, fmt.Errorf("a token whose claims are not JSON: %w", err)
	}
	return claims, nil
}

// AccountKey is the key of the world's storage account: from the variable that the target
// names, or from Resource Manager.
func (e *Env) AccountKey(ctx context.Context) ([]byte, error) {
	e.mu.Lock()
	key := e.key
	e.mu.Unlock()
	if key != nil {
		return key, nil
	}
	text, err := e.askKey(ctx)
	if err != nil {
		return nil, err
	}
	if key, err = sign.DecodeKey(text); err != nil {
		return nil, err
	}
	e.mu.Lock()
	e.key = key
	e.mu.Unlock()
	return key, nil
}

func (e *Env) askKey(ctx context.Context) (string, error) {
	if _, variable, ok := e.Target.KeyOf(); ok {
		if key := e.Getenv(variable); key != "" {
			return key, nil
		}
		return "", fmt.Errorf("no credential: %s is to hold the account's key", variable)
	}
	token, err := e.TokenFrom(ctx, e.Target.Credentials.Deployer, e.Cloud().ARMAudience)
	if err != nil {
		return "", err
	}
	a, err := e.credentials.Send(ctx, &wire.Request{
		Method: "POST", URL: e.World.ARM + e.World.AccountID() + "/listKeys?api-version=" + e.Target.Versions.Storage,
		Header: wire.Header{{Name: "Authorization", Value: "Bearer " + token}}, Body: []byte{},
	})
	if err != nil {
		return "", err
	}
	var answer struct {
		Keys []struct{ Value string }
	}
	if a.Status != 200 || json.Unmarshal(a.Body, &answer) != nil || len(answer.Keys) == 0 {
		return "", fmt.Errorf("listKeys: %d %.300s", a.Status, a.Body)
	}
	return answer.Keys[0].Value, nil
}

// Unique is a name nobody else has, letters in lower case and digits: the prefix, the run's id,
// and eight characters by chance.
func (t *T) Unique(prefix string) string {
	return prefix + t.World.RunID + strings.ToLower(rand.Text()[:8])
}

// NewRunID is the id of a run: the prefix, the time in seconds, and four characters by chance. It
// fits, with a letter more, into the names of accounts and vaults.
func NewRunID(prefix string, now time.Time) string {
	return prefix + strconv.FormatInt(now.Unix(), 36) + strings.ToLower(rand.Text()[:4])
}

// GUID is a new one, of version 4.
func GUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
