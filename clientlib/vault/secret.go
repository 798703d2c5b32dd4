package vault

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"
)

// Secret is a version of a secret. Printing one does not show its value.
type Secret struct {
	// ID is https://VAULT/secrets/NAME/VERSION; Name and Version are parts of it. In lists of secrets, there is no
	// version.
	ID, Name, Version string
	// Value is only in what Set and Get return.
	Value string
	// ContentType is whatever somebody has said that the value is.
	ContentType string
	Tags        map[string]string
	Attributes
	// Deleted is of a secret that was deleted: when it was, and when it will be purged; zero for others, and in a vault
	// without soft delete.
	Deleted, Purges time.Time
}

// Attributes are what a secret has beside its value. Key Vault does not enforce NotBefore and Expires.
type Attributes struct {
	// Enabled is false for a secret whose value cannot be read.
	Enabled bool
	// NotBefore and Expires are zero where they are not set.
	NotBefore, Expires time.Time
	// Created and Updated are only read.
	Created, Updated time.Time
	// RecoveryLevel says what happens when it is deleted: Purgeable, Recoverable+Purgeable. Only read.
	RecoveryLevel string
}

// String hides the value.
func (s Secret) String() string {
	text := "secret " + s.Name
	if s.Version != "" {
		text += ", version " + s.Version
	}
	return text
}

// GoString hides the value.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the value.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the value: a log of JSON shows what is in a struct.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// bundle is a secret as Key Vault writes it.
type bundle struct {
	Value       *string           `json:"value,omitempty"`
	ContentType string            `json:"contentType,omitempty"`
	ID          string            `json:"id,omitempty"`
	Attributes  *attributes       `json:"attributes,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
	Deleted     int64             `json:"deletedDate,omitempty"`
	Purges      int64             `json:"scheduledPurgeDate,omitempty"`
}

type attributes struct {
	Enabled   *bool  `json:"enabled,omitempty"`
	NotBefore int64  `json:"nbf,omitempty"`
	Expires   int64  `json:"exp,omitempty"`
	Created   int64  `json:"created,omitempty"`
	Updated   int64  `json:"updated,omitempty"`
	Level     string `json:"recoveryLevel,omitempty"`
}

// UnmarshalJSON reads a secret as Key Vault writes it.
func (s *Secret) UnmarshalJSON(text []byte) error {
	var b bundle
	if err := json.Unmarshal(text, &b); err != nil {
		return err
	}
	*s = Secret{ID: b.ID, ContentType: b.ContentType, Tags: b.Tags, Deleted: moment(b.Deleted), Purges: moment(b.Purges)}
	if b.Value != nil {
		s.Value = *b.Value
	}
	s.Name, s.Version = parts(b.ID)
	if a := b.Attributes; a != nil {
		s.Attributes = Attributes{
			Enabled: a.Enabled == nil || *a.Enabled, NotBefore: moment(a.NotBefore), Expires: moment(a.Expires),
			Created: moment(a.Created), Updated: moment(a.Updated), RecoveryLevel: a.Level,
		}
	}
	return nil
}

// moment is a time of whole seconds; 0 is none.
func moment(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// parts are the name and the version in an id.
func parts(id string) (name, version string) {
	u, err := url.Parse(id)
	if err != nil {
		return "", ""
	}
	segments := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(segments) < 2 {
		return "", ""
	}
	if len(segments) > 2 {
		version = segments[2]
	}
	return segments[1], version
}

// Changes are what Set may say beside the value, and what Update changes. What is nil or zero stays as it is.
type Changes struct {
	ContentType string
	// Tags replaces all tags.
	Tags               map[string]string
	Enabled            *bool
	NotBefore, Expires time.Time
}

func (c *Changes) bundle() bundle {
	if c == nil {
		return bundle{}
	}
	b := bundle{ContentType: c.ContentType, Tags: c.Tags}
	if c.Enabled != nil || !c.NotBefore.IsZero() || !c.Expires.IsZero() {
		b.Attributes = &attributes{Enabled: c.Enabled, NotBefore: unix(c.NotBefore), Expires: unix(c.Expires)}
	}
	return b
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// checkName says what is wrong with the name of a secret; Key Vault would not say it of every wrong one, for some lead
// elsewhere.
func checkName(name string) error {
	const longest = 127
	bad := name == "" || len(name) > longest
	for _, r := range name {
		bad = bad || !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-')
	}
	if bad {
		return fmt.Errorf("vault: %q is no name of a secret: want 1 to %d letters, digits and hyphens", name, longest)
	}
	return nil
}

func checkVersion(version string) error {
	for _, r := range version {
		if !('a' <= r && r <= 'f' || 'A' <= r && r <= 'F' || '0' <= r && r <= '9') {
			return fmt.Errorf("vault: %q is no version of a secret: want hexadecimal digits, or nothing for the latest", version)
		}
	}
	return nil
}
