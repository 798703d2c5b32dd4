package apply

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/linarite/linarite/fixtures/world"
)

// Naming says where a world goes and what its things are called there.
type Naming struct {
	// Name is the world's own, which is in the tag.
	Name string
	// Suffix ends the names of storage accounts and vaults, which are unique in all of a cloud.
	Suffix string
	// Subscription stands for that of the world, which has no more than one then. "" leaves the world's own.
	Subscription string
	// Application is the client id of who applies, the only application whose object id is known; "" for others.
	Application string
	// Azure tells that the target is real: there, soft delete cannot be turned off.
	Azure bool
}

// Step is one thing to be made.
type Step struct {
	// Kind and Name are what a person calls it: "storage account", "tutorialstore".
	Kind, Name string

	do func(ctx context.Context, r *run) (Outcome, error)
}

func (s Step) String() string { return s.Kind + " " + s.Name }

// Outcome is what a step came to.
type Outcome string

// The outcomes of a step that did not fail.
const (
	Made    Outcome = "made"
	There   Outcome = "is there already"
	Changed Outcome = "changed"
)

// Impossible is a part of a world that Apply leaves out.
type Impossible struct{ What, Why string }

// Plan is what applying a world means.
type Plan struct {
	Naming
	Steps []Step
	// Not are the parts of the world that cannot be made, in its order.
	Not []Impossible

	world    *world.World
	machines []machineRef
	names    []nameRef
}

// machineRef is a machine that has to be there.
type machineRef struct {
	place world.Place
	m     *world.Machine
}

// nameRef is an account or a vault, whose name has to be free or its own.
type nameRef struct {
	place   world.Place
	account *world.StorageAccount
	vault   *world.Vault
}

// New makes the plan of a world. Its errors say what to change in the arguments.
func New(w *world.World, n Naming) (*Plan, error) {
	p := &Plan{Naming: n, world: w}
	if n.Name == "" {
		return nil, errors.New("a world that is applied has a name, for the tags of what is made")
	}
	if strings.IndexFunc(n.Name, func(r rune) bool { return r < ' ' || r > '~' }) >= 0 || len(n.Name) > 128 {
		return nil, fmt.Errorf("the name %q goes into tags and metadata: give the file a name of at most 128 characters, of ASCII", n.Name)
	}
	if n.Subscription != "" && len(w.Subscriptions) > 1 {
		return nil, fmt.Errorf("the world has %d subscriptions, and one cannot stand for them all: leave the subscription to the world file", len(w.Subscriptions))
	}
	for i := range w.Subscriptions {
		if n.Subscription == "" && w.Subscriptions[i].ID == "" {
			return nil, errors.New("the world file does not say which subscription it means: name one by --subscription")
		}
	}
	if !regexp.MustCompile(`^[a-z0-9]*$`).MatchString(n.Suffix) {
		return nil, fmt.Errorf("the suffix %q: names of storage accounts take lower-case letters and digits", n.Suffix)
	}
	p.groups()
	p.roles()
	p.issuers()
	p.identities()
	p.machineIdentities()
	p.accounts()
	p.vaults()
	p.grants()
	p.tenant()
	return p, p.tooLong()
}

// tooLong says which names the suffix makes longer than Azure takes them.
func (p *Plan) tooLong() error {
	const most = 24
	for _, n := range p.names {
		name := n.name(p)
		if len(name) > most {
			return fmt.Errorf("%s has %d characters, and names of storage accounts and vaults have %d at most: give a shorter --suffix", name, len(name), most)
		}
	}
	return nil
}

func (n nameRef) name(p *Plan) string {
	if n.account != nil {
		return p.global(n.account.Name)
	}
	return p.global(n.vault.Name)
}

// global is what an account or a vault of the world is called on the target.
func (p *Plan) global(name string) string { return name + p.Suffix }

func (p *Plan) add(kind, name string, do func(ctx context.Context, r *run) (Outcome, error)) {
	p.Steps = append(p.Steps, Step{kind, name, do})
}

func (p *Plan) not(what, why string) {
	p.Not = append(p.Not, Impossible{what, why})
}

// places are the resource groups in the order of the world.
func (p *Plan) places(each func(world.Place)) {
	for i := range p.world.Subscriptions {
		s := &p.world.Subscriptions[i]
		for j := range s.Groups {
			each(world.Place{Subscription: s, Group: &s.Groups[j]})
		}
	}
}

// perStep is how many requests a step sends at most, but for waiting.
const perStep = 8

// Cost is an upper bound in US dollars of making the world, in whole cents: accounts, standard vaults, identities and
// roles cost nothing by themselves; 10,000 operations cost under 0.06 on blobs and 0.03 on vaults ("Azure Storage
// blobs pricing", "Key Vault pricing", both in 2026).
func (p *Plan) Cost() float64 {
	operations := len(p.Steps) * perStep
	return float64((operations*9+9999)/10000) / 100
}

// Print writes the plan for a person.
func (p *Plan) Print(w io.Writer) {
	fmt.Fprintf(w, "world         %s; it is in the tag %s of what is made\n", p.Name, Tag)
	for i, s := range p.Steps {
		fmt.Fprintf(w, "%-13s %s\n", word(i == 0, "makes"), s)
	}
	for i, n := range p.Not {
		fmt.Fprintf(w, "%-13s %s: %s\n", word(i == 0, "cannot make"), n.What, n.Why)
	}
	if p.Azure {
		fmt.Fprintf(w, "%-13s at most %.2f US dollars for the requests; then what is stored and read: 0.02 a GB and month, 0.03 per 10,000 secrets read\n", "cost", p.Cost())
	}
}

func word(first bool, text string) string {
	if first {
		return text
	}
	return ""
}

func list(words []string) string { return strings.Join(words, ", ") }
