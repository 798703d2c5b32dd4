package apply

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/conformance/ledger"
	"github.com/linarite/linarite/fixtures/world"
)

// Tag is the tag of what Apply made; its value is the world's name. ExpiresTag is when it may be taken away.
const (
	Tag        = "linarite-apply"
	ExpiresTag = "linarite-expires"
)

// Ledger is what is told before a thing is made, and when it is known to be gone.
type Ledger interface {
	Making(kind, id string) error
	Gone(id string) error
}

// Options say how a plan is carried out. Client options are those of all clients: cloud, transport, clock.
type Options struct {
	clientlib.Options
	Credential clientlib.Credential
	// Location is the region of what the world gives none; "" is that of the group, or the cloud's own.
	Location string
	// Expires is written into a tag of what is made, unless it is zero.
	Expires time.Time
	// Ledger may be nil; Held is what it said before.
	Ledger Ledger
	Held   []ledger.Entry
	// Files has the files that blobs name: the folder of the world file.
	Files fs.FS
	// Out is told of each step; nil is nobody.
	Out io.Writer
}

// Deployer is who applies, by the claims of a token.
type Deployer struct {
	ObjectID      string `json:"oid"`
	ApplicationID string `json:"appid"`
	TenantID      string `json:"tid"`
	User          string `json:"upn"`
}

func (d Deployer) String() string {
	who := "application " + d.ApplicationID
	if d.User != "" {
		who = d.User
	}
	return fmt.Sprintf("%s (object id %s) of tenant %s", who, d.ObjectID, d.TenantID)
}

// Who asks for a token and reads who it is for.
func Who(ctx context.Context, cred clientlib.Credential, o clientlib.Options) (Deployer, error) {
	var d Deployer
	token, err := cred.Token(ctx, clientlib.TokenRequest{Audience: o.Resolve().Cloud.ARMAudience})
	if err != nil {
		return d, err
	}
	parts := strings.Split(token.Value, ".")
	if len(parts) != 3 {
		return d, errors.New("the token for Resource Manager is not a JSON Web Token, so that nobody knows whose it is")
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(claims, &d)
	}
	if err != nil {
		return d, errors.New("the token for Resource Manager has claims that cannot be read")
	}
	return d, nil
}

// ErrDiffers tells that something is there which is not ours and not as the world says. It is never changed.
var ErrDiffers = errors.New("it is there, was not made by linarite apply, and is not changed")

// ErrIncomplete tells that steps failed which others could do without; each was told of.
var ErrIncomplete = errors.New("the world is not complete")

// run is a plan that is being carried out.
type run struct {
	plan *Plan
	o    Options
	me   Deployer

	clients    map[string]*arm.Client
	locations  map[string]string // of groups, by id
	principals map[string]string // object ids, by the id of the resource
	oursBy     map[string]bool   // accounts, vaults and containers that are ours, by id
	held       map[string]bool   // what the ledger holds, by id
	stores     map[string]*store
	undo       []ledger.Entry // rights of the deployer's that end with the run
	roleIDs    map[string]string
	sleep      func(d time.Duration) error // ends early when the run is to stop
}

func newRun(ctx context.Context, p *Plan, o Options) (*run, error) {
	o.Options = o.Resolve()
	r := &run{
		plan: p, o: o, clients: map[string]*arm.Client{}, locations: map[string]string{}, principals: map[string]string{},
		oursBy: map[string]bool{}, held: map[string]bool{}, stores: map[string]*store{}, roleIDs: map[string]string{},
	}
	if r.o.Out == nil {
		r.o.Out = io.Discard
	}
	for _, e := range o.Held {
		if e.Run != p.Name {
			continue
		}
		r.held[strings.ToLower(e.ID)] = true
		if isRight(e.Kind) && odd(e) == "" {
			r.undo = append(r.undo, e)
		}
	}
	r.sleep = func(d time.Duration) error { return clientlib.Sleep(ctx, r.o.Clock, d) }
	var err error
	r.me, err = Who(ctx, o.Credential, o.Options)
	return r, err
}

// Apply carries out the plan, step by step, and prints a line for each. It stops after the step in hand when ctx ends,
// and at the first request that fails; a second Apply goes on from there.
func (p *Plan) Apply(ctx context.Context, o Options) (err error) {
	working := context.WithoutCancel(ctx)
	r, err := newRun(ctx, p, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.giveBack(working)) }()
	failed := 0
	for i, s := range p.Steps {
		if ctx.Err() != nil {
			return fmt.Errorf("stopped before %s, after %d of %d steps: apply again to go on", s, i, len(p.Steps))
		}
		outcome, err := s.do(working, r)
		switch {
		case errors.Is(err, ErrDiffers):
			failed++
			fmt.Fprintf(r.o.Out, "%s: %v\n", s, err)
		case err != nil:
			return fmt.Errorf("%s: %w\n%s", s, err, r.next(err))
		default:
			fmt.Fprintf(r.o.Out, "%s %s\n", s, outcome)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%w: %d of %d steps found something else there: change the world file, or give another --suffix or group", ErrIncomplete, failed, len(p.Steps))
	}
	return nil
}

// next says what to do about an error.
func (r *run) next(err error) string {
	again := "apply again to go on from here, or sweep the ledger to take away what was made"
	switch {
	case clientlib.HasCode(err, "AuthorizationFailed", "LinkedAuthorizationFailed"):
		return "give " + r.me.String() + " the roles Contributor and User Access Administrator there, then " + again
	case clientlib.HasCode(err, "AuthorizationPermissionMismatch"):
		return "give " + r.me.String() + " the role Storage Blob Data Owner on the account, which takes no keys, then " + again
	case clientlib.HasCode(err, "ObjectIsDeletedButRecoverable"):
		return "a secret of that name is deleted and keeps its name: recover or purge it (az keyvault secret purge), then " + again
	}
	return again
}

// client is the client of a subscription of the world.
func (r *run) client(s *world.Subscription) (*arm.Client, error) {
	return r.clientOf(r.plan.subscription(s))
}

func (r *run) clientOf(id string) (*arm.Client, error) {
	if c := r.clients[id]; c != nil {
		return c, nil
	}
	c, err := arm.New(id, r.o.Credential, r.o.Options)
	if err == nil {
		r.clients[id] = c
	}
	return c, err
}

// subscription is the id that a subscription of the world has on the target.
func (p *Plan) subscription(s *world.Subscription) string {
	if p.Subscription != "" {
		return p.Subscription
	}
	return s.ID
}

// making writes the ledger before it makes a thing, and takes the line back where the service surely did not make it.
func (r *run) making(kind, id string, do func() error) error {
	known := r.held[strings.ToLower(id)]
	if r.o.Ledger != nil && !known {
		if err := r.o.Ledger.Making(kind, id); err != nil {
			return fmt.Errorf("the ledger, before anything was made: %w", err)
		}
	}
	r.held[strings.ToLower(id)] = true
	err := do()
	if refused := new(clientlib.Error); errors.As(err, &refused) && refused.Tries <= 1 && refused.Status < 500 && !known {
		delete(r.held, strings.ToLower(id))
		if r.o.Ledger != nil {
			err = errors.Join(err, r.o.Ledger.Gone(id))
		}
	}
	return err
}

func (r *run) tags() map[string]string {
	tags := map[string]string{Tag: r.plan.Name}
	if !r.o.Expires.IsZero() {
		tags[ExpiresTag] = r.o.Expires.UTC().Format(time.RFC3339)
	}
	return tags
}

func (r *run) ours(tags map[string]string) bool { return tags[Tag] == r.plan.Name }

// location is the region of a thing: its own, or its group's.
func (r *run) location(at world.Place, said string) string {
	if said != "" {
		return said
	}
	return r.locations[r.groupID(at)]
}

func (r *run) groupID(at world.Place) string {
	return strings.ToLower(arm.ID("subscriptions", r.plan.subscription(at.Subscription), "resourceGroups", at.Group.Name))
}

// missing tells whether an error says that a resource is not there.
func missing(err error) bool {
	return clientlib.HasStatus(err, 404) && !clientlib.HasCode(err, "SubscriptionNotFound") // that is another place's
}

// differs is the error of something that is not as the world says.
func differs(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDiffers, fmt.Sprintf(format, args...))
}

// elsewhere is the difference between regions, "" where there is none. Regions are written with spaces too: West US.
func elsewhere(is, want string) string {
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, " ", "")) }
	if want == "" || plain(is) == plain(want) {
		return ""
	}
	return fmt.Sprintf("it is in %s, and not in %s", is, want)
}

func sorted(words []string) []string {
	slices.Sort(words)
	return words
}
