package targets

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib/cloud"
)

// Schema is what a target file says of itself in its first line.
const Schema = "linarite.conformance/target/1"

// Kind says what a target is.
type Kind string

// The kinds. An emulator, azurite, vault or replay target answers on loopback only.
const (
	Emulator Kind = "emulator" // Linarite, or another emulator of the whole chain
	Azurite  Kind = "azurite"  // Blob storage alone, by an account's key
	Vault    Kind = "vault"    // Key Vault alone
	Azure    Kind = "azure"    // a cloud of Azure's
	Replay   Kind = "replay"   // recorded answers of the real services
)

// File is a target file.
type File struct {
	Schema       string            `yaml:"schema"`
	Name         string            `yaml:"name"`
	Kind         Kind              `yaml:"kind"`
	Cloud        string            `yaml:"cloud"`
	Tenant       string            `yaml:"tenant"`
	Subscription string            `yaml:"subscription"`
	Location     string            `yaml:"location"`
	Endpoints    Endpoints         `yaml:"endpoints"`
	Credentials  Credentials       `yaml:"credentials"`
	Versions     Versions          `yaml:"versions"`
	Capabilities map[string]bool   `yaml:"capabilities"`
	Absent       map[string]string `yaml:"absent"` // feature: why; the same as false under capabilities, with a reason
	Limits       Limits            `yaml:"limits"`
	Names        Names             `yaml:"names"`
	// Profile is the one that runs where the caller names none.
	Profile string `yaml:"profile"`
	// Via is a forward proxy on loopback that every connection goes through, as `linarite serve`
	// has one: Azure's own names lead into it. CA is a file with the certificates to trust then.
	Via string `yaml:"via"`
	CA  string `yaml:"ca"`
	// Recordings is the folder that a target of kind replay answers from.
	Recordings string `yaml:"recordings"`
}

// Endpoints are base URLs without a path; an empty one is the cloud's own. Blob may have the
// account as its path, as emulators of storage on an IP address do.
type Endpoints struct {
	IMDS       string `yaml:"imds"`
	Login      string `yaml:"login"`
	ARM        string `yaml:"arm"`
	Graph      string `yaml:"graph"`
	Blob       string `yaml:"blob"`
	Vault      string `yaml:"vault"`
	AppService string `yaml:"appservice"`
}

// Credentials say where each credential comes from:
//
//	imds                    the machine's own identity, from its metadata service
//	imds:CLIENT-ID          a user-assigned identity of the machine
//	env:PREFIX              an application; PREFIX_CLIENT_ID and PREFIX_CLIENT_SECRET
//	key:ACCOUNT:VARIABLE    a storage account and the variable that holds its key (account only)
type Credentials struct {
	// Deployer makes and deletes what a run needs.
	Deployer string `yaml:"deployer"`
	// Application is one that may ask Entra for tokens by a secret; it needs no rights.
	Application string `yaml:"application"`
	// Certificate is an application, env:PREFIX, that may ask Entra for tokens by a certificate:
	// PREFIX_CLIENT_ID, and PREFIX_CLIENT_CERTIFICATE with the certificate and its key, PEM.
	Certificate string `yaml:"certificate"`
	// Account is used where there is no Resource Manager to make one.
	Account string `yaml:"account"`
	// AppService names the variable with the secret that App Service gives its workers.
	AppService string `yaml:"appservice"`
}

// Versions are the service versions that specs ask for where the rule has no version of its
// own; empty ones are the suite's.
type Versions struct {
	Blob    string `yaml:"blob"`
	Vault   string `yaml:"vault"`
	Storage string `yaml:"storage"`
	// BlobNewest is the newest version of Blob storage that the target knows; empty means any.
	// Rules that begin later are excluded.
	BlobNewest string `yaml:"blobNewest"`
}

// Limits hold a run within bounds. Money is in US dollars, 0 allows reads only on real Azure.
type Limits struct {
	Money    float64 `yaml:"money"`
	Minutes  int     `yaml:"minutes"`
	Requests int     `yaml:"requests"`
	Bytes    string  `yaml:"bytes"`
	Parallel int     `yaml:"parallel"`
	// Spec and Settle are the longest times of one spec, and of waiting for something
	// granted or made to count.
	Spec   Duration `yaml:"spec"`
	Settle Duration `yaml:"settle"`
}

// Names say how what a run makes is called.
type Names struct {
	// Prefix begins the run's id, and with it every name.
	Prefix string `yaml:"prefix"`
	// Group is used instead of making one, and is never deleted.
	Group string `yaml:"group"`
	// Machine is the resource id of the virtual machine that the suite runs on, to which
	// second identities are given; empty where there is none.
	Machine string `yaml:"machine"`
	// Spare is the resource id of another virtual machine, whose identities the suite may all
	// take away; empty where there is none.
	Spare string `yaml:"spare"`
}

// Duration is a time as Go writes it: 5s, 10m.
type Duration time.Duration

// UnmarshalYAML reads a duration.
func (d *Duration) UnmarshalYAML(text []byte) error {
	v, err := time.ParseDuration(strings.Trim(strings.TrimSpace(string(text)), `"'`))
	if err != nil || v <= 0 {
		return fmt.Errorf("%s is no duration: write 30s or 10m", text)
	}
	*d = Duration(v)
	return nil
}

// An Error is a target that cannot be used: the file and what is wrong in it.
type Error struct {
	File string
	Err  error
}

// Error names the file first; errors of the form have line and column.
func (e *Error) Error() string { return "target " + e.File + ": " + e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

//go:embed *.yaml
var embedded embed.FS

// Embedded returns the names of the targets that come with the suite.
func Embedded() []string {
	entries, _ := embedded.ReadDir(".") // of an embedded folder: cannot fail
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// Load reads the target of a name, or a file. Its errors are *Error.
func Load(nameOrFile string) (File, error) {
	text, err := embedded.ReadFile(nameOrFile + ".yaml")
	if err != nil {
		if !strings.ContainsAny(nameOrFile, `./\`) {
			return File{}, &Error{nameOrFile, fmt.Errorf("no such target: there are %s, or name a file", strings.Join(Embedded(), ", "))}
		}
		if text, err = os.ReadFile(filepath.Clean(nameOrFile)); err != nil {
			return File{}, &Error{nameOrFile, err}
		}
	}
	return Parse(nameOrFile, text)
}

// expand gives the values that are a variable's name, "$NAME" as a whole, that variable's. One that
// is not set is an error: what a run may touch is never guessed.
func (f *File) expand(getenv func(string) string) error {
	for _, at := range []struct {
		key string
		to  *string
	}{
		{"cloud", &f.Cloud}, {"tenant", &f.Tenant}, {"subscription", &f.Subscription}, {"location", &f.Location},
		{"names.group", &f.Names.Group}, {"names.machine", &f.Names.Machine}, {"via", &f.Via}, {"ca", &f.CA}, {"recordings", &f.Recordings},
		{"endpoints.blob", &f.Endpoints.Blob}, {"endpoints.vault", &f.Endpoints.Vault},
	} {
		variable, ok := strings.CutPrefix(*at.to, "$")
		if !ok {
			continue
		}
		if *at.to = getenv(variable); *at.to == "" {
			return wrong{at.key, fmt.Sprintf("is not known: set %s, or copy the file and write the value there", variable)}
		}
	}
	return nil
}

// KeyOf is the storage account that the target names, and the variable with its key; false where
// it names none.
func (f File) KeyOf() (account, variable string, ok bool) {
	parts := strings.Split(f.Credentials.Account, ":")
	if len(parts) != 3 {
		return "", "", false
	}
	return parts[1], parts[2], true
}

// fill gives what is left out its usual value.
func (f *File) fill() {
	if f.Names.Prefix == "" {
		f.Names.Prefix = "lzc"
	}
	if f.Cloud == "" && f.Kind == Azure {
		f.Cloud = "public"
	}
	set := func(at *string, usual string) {
		if *at == "" {
			*at = usual
		}
	}
	set(&f.Versions.Blob, "2021-12-02")
	set(&f.Versions.Vault, "7.4")
	set(&f.Versions.Storage, "2023-01-01")
	if f.Limits.Parallel == 0 {
		f.Limits.Parallel = 4
	}
	times := map[Kind][2]time.Duration{Azure: {2 * time.Minute, 10 * time.Minute}, Emulator: {20 * time.Second, 5 * time.Second}}
	usual, ok := times[f.Kind]
	if !ok {
		usual = [2]time.Duration{30 * time.Second, 10 * time.Second}
	}
	if f.Limits.Spec == 0 {
		f.Limits.Spec = Duration(usual[0])
	}
	if f.Limits.Settle == 0 {
		f.Limits.Settle = Duration(usual[1])
	}
}

// MaxBytes is the most that a run may send and receive, 0 for no limit.
func (l Limits) MaxBytes() int64 {
	n, _ := l.bytes() // checked when the file was read
	return n
}

func (l Limits) bytes() (int64, error) {
	if l.Bytes == "" {
		return 0, nil
	}
	for unit, size := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		if number, ok := strings.CutSuffix(l.Bytes, unit); ok {
			n, err := strconv.ParseInt(number, 10, 32)
			if err != nil || n < 0 {
				break
			}
			return n * size, nil
		}
	}
	return 0, wrong{"limits.bytes", fmt.Sprintf("is %q: write 500MiB", l.Bytes)}
}

// In is the target in another cloud, where its file leaves that open.
func (f File) In(name string) (File, error) {
	if _, ok := cloud.ByName(name); !ok {
		return f, fmt.Errorf("cloud is %q: want public, china or usgov", name)
	}
	f.Cloud = strings.ToLower(name)
	return f, nil
}

// HasARM tells whether the target is of a kind that has a Resource Manager, where the run makes what it needs.
func (f File) HasARM() bool { return f.Kind == Emulator || f.Kind == Azure }
