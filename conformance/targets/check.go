package targets

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib/cloud"
)

// form is how a value has to look, which may be empty.
type form struct {
	path, value string
	expression  *regexp.Regexp
	want        string
}

func (f *File) forms() []form {
	word := regexp.MustCompile(`^[\w.-]+$`)
	machine := regexp.MustCompile(`(?i)^/subscriptions/[\w.-]+/resourceGroups/[^/]+/providers/Microsoft\.Compute/virtualMachines/[^/]+$`)
	const id = "the resource id of a virtual machine, /subscriptions/…/virtualMachines/NAME"
	return []form{
		{"subscription", f.Subscription, word, "a GUID"}, {"tenant", f.Tenant, word, "a GUID"}, {"location", f.Location, word, "the name of a region, such as westus"},
		{"names.group", f.Names.Group, regexp.MustCompile(`^[\p{L}\p{N}_.()-]{0,89}[\p{L}\p{N}_()-]$`), "the name of a group, not its id"},
		// Names of accounts and vaults, of 24 characters at most, begin with it.
		{"names.prefix", f.Names.Prefix, regexp.MustCompile(`^[a-z][a-z0-9]{0,2}$`), "a letter and up to two letters or digits, in lower case"},
		{"names.machine", f.Names.Machine, machine, id}, {"names.spare", f.Names.Spare, machine, id},
	}
}

func (f *File) check() error {
	switch {
	case f.Schema != Schema:
		return wrong{"schema", fmt.Sprintf("is %q, want %s", f.Schema, Schema)}
	case f.Name == "":
		return wrong{"name", "is missing"}
	case !slices.Contains([]Kind{Emulator, Azurite, Vault, Azure, Replay}, f.Kind):
		return wrong{"kind", fmt.Sprintf("is %q: want emulator, azurite, vault, azure or replay", f.Kind)}
	case f.Kind == Azure && (f.Subscription == "" || f.Names.Group == ""):
		return errors.New("subscription and names.group are the only ones that a run on real Azure may touch: write both")
	}
	if f.Cloud != "" {
		if _, ok := cloud.ByName(f.Cloud); !ok {
			return wrong{"cloud", fmt.Sprintf("is %q: want public, china or usgov", f.Cloud)}
		}
	}
	for feature := range f.Absent {
		if f.Capabilities[feature] {
			return fmt.Errorf("%s is both present and absent", feature)
		}
	}
	for _, v := range f.forms() {
		if v.value != "" && !v.expression.MatchString(v.value) {
			return wrong{v.path, fmt.Sprintf("is %q: want %s", v.value, v.want)}
		}
	}
	for _, check := range []func() error{f.checkEndpoints, f.Limits.check, f.Credentials.check} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) checkEndpoints() error {
	if f.Kind == Azure && f.Via != "" {
		return wrong{"via", "is for targets on this machine: real Azure is reached directly"}
	}
	all := f.Endpoints.all()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if why := f.wrongEndpoint(all[name]); why != "" {
			return wrong{"endpoints." + name, why}
		}
	}
	if why := f.wrongEndpoint(f.Via); why != "" {
		return wrong{"via", why}
	}
	if f.Via != "" && f.CA == "" && f.asksHTTPS() {
		return wrong{"via", "leads to https endpoints: name under ca the file with the certificates to trust there"}
	}
	return nil
}

// asksHTTPS tells whether a plane that is not absent is asked by https: by the address that is given, or by the
// cloud's own.
func (f *File) asksHTTPS() bool {
	for plane, base := range map[string]string{
		"entra": f.Endpoints.Login, "entra.graph": f.Endpoints.Graph, "arm": f.Endpoints.ARM, "blob": f.Endpoints.Blob, "vault": f.Endpoints.Vault,
	} {
		root, _, _ := strings.Cut(plane, ".")
		if !f.Lacks(plane) && !f.Lacks(root) && !strings.HasPrefix(base, "http://") {
			return true
		}
	}
	return false
}

// Lacks tells whether the file says that a feature is not there.
func (f *File) Lacks(feature string) bool {
	if _, ok := f.Absent[feature]; ok {
		return true
	}
	present, said := f.Capabilities[feature]
	return said && !present
}

func (e Endpoints) all() map[string]string {
	return map[string]string{
		"imds": e.IMDS, "login": e.Login, "arm": e.ARM, "graph": e.Graph, "blob": e.Blob, "vault": e.Vault, "appservice": e.AppService,
	}
}

// wrongEndpoint holds everything that is not Azure to loopback, where Azure's own names may lead to as well:
// whoever joins a target gives the dialer. It says what is wrong, or nothing.
func (f *File) wrongEndpoint(base string) string {
	if base == "" {
		return ""
	}
	u, err := url.Parse(base)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Sprintf("is %q, which is no URL of http or https", base)
	case f.Kind == Azure:
		return ""
	}
	if address, err := netip.ParseAddr(u.Hostname()); err == nil && address.IsLoopback() || u.Hostname() == "localhost" {
		return ""
	}
	return fmt.Sprintf("is at %s, which is not on loopback, as a target of kind %s has to be", u.Host, f.Kind)
}

// shortest is the least time that anything is given, for an answer from this machine.
const shortest = Duration(100 * time.Millisecond)

func (l Limits) check() error {
	for _, v := range []struct {
		path string
		ok   bool
		why  string
	}{
		{"limits.money", l.Money >= 0 && !math.IsInf(l.Money, 0), "is to be a sum of US dollars, 0 or more"}, // NaN is neither
		{"limits.minutes", l.Minutes >= 0, "is to be 0, for no limit, or more"},
		{"limits.requests", l.Requests >= 0, "is to be 0, for no limit, or more"},
		{"limits.parallel", l.Parallel >= 0 && l.Parallel <= 64, "is to be 64 at most"},
		{"limits.spec", l.Spec == 0 || l.Spec >= shortest, "is shorter than 100ms, in which nothing is answered: write 20s or 2m"},
		{"limits.settle", l.Settle == 0 || l.Settle >= shortest, "is shorter than 100ms, in which nothing settles: write 5s or 10m"},
	} {
		if !v.ok {
			return wrong{v.path, v.why}
		}
	}
	_, err := l.bytes()
	return err
}

func (c Credentials) check() error {
	for name, from := range map[string]string{"deployer": c.Deployer, "application": c.Application} {
		scheme, rest, _ := strings.Cut(from, ":")
		if from != "" && scheme != "imds" && (scheme != "env" || rest == "") {
			return wrong{"credentials." + name, fmt.Sprintf("is %q: want imds, imds:CLIENT-ID or env:PREFIX", from)}
		}
	}
	if prefix, ok := strings.CutPrefix(c.Certificate, "env:"); c.Certificate != "" && (!ok || prefix == "") {
		return wrong{"credentials.certificate", fmt.Sprintf("is %q: want env:PREFIX", c.Certificate)}
	}
	if c.Account != "" && (!strings.HasPrefix(c.Account, "key:") || strings.Count(c.Account, ":") != 2) {
		return wrong{"credentials.account", fmt.Sprintf("is %q: want key:ACCOUNT:VARIABLE", c.Account)}
	}
	return nil
}
