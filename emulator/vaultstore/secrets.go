package vaultstore

import (
	"iter"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/sabotage"
	"github.com/linarite/linarite/emulator/state"
)

// Limits of a secret, KV-SECRET-006 and KV-SECRET-010 ff.
const (
	maxName        = 127
	maxValue       = 25 << 10 // bytes
	maxContentType = 255      // UTF-16 units, as all lengths below
	maxTags        = 15
	maxTag         = 512
)

// CheckName refuses what is no name of an object in a vault.
func CheckName(name string) error {
	ok := name != "" && len(name) <= maxName
	for i := 0; ok && i < len(name); i++ {
		b := name[i]
		ok = b == '-' || '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'
	}
	if !ok {
		return apierr.New(apierr.VaultObjectName, name)
	}
	return nil
}

// check refuses what a secret must not hold.
func check(s *state.Secret) error {
	switch {
	case len(s.Value) > maxValue:
		return apierr.New(apierr.VaultProperty, "") // the service names no property here
	case units(s.ContentType) > maxContentType:
		return apierr.New(apierr.VaultProperty, "contentType")
	case len(s.Tags) > maxTags:
		return apierr.New(apierr.VaultProperty, "tags")
	}
	for name, value := range s.Tags {
		if units(name) > maxTag || units(value) > maxTag {
			return apierr.New(apierr.VaultProperty, "tags")
		}
	}
	return nil
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// SecretID is the id of a secret in the vault with a host, of a version where one is given.
func SecretID(host, name, version string) string {
	id := "https://" + host + "/secrets/" + name
	if version != "" {
		id += "/" + version
	}
	return id
}

// SetSecret stores a new version of a secret and makes it the current one. Of s it takes
// Name, Version, Value, ContentType, Tags, Enabled, NotBefore and Expires. The first set
// decides how the name is spelt.
func SetSecret(tx *state.Tx, v state.Vault, s state.Secret, now time.Time) (state.Secret, error) {
	if err := CheckName(s.Name); err != nil {
		return state.Secret{}, err
	}
	if err := check(&s); err != nil {
		return state.Secret{}, err
	}
	if mark, ok := markOf(tx, v, s.Name, now); ok {
		if settling(tx, mark, now) {
			return state.Secret{}, apierr.New(apierr.VaultSecretBeingDeleted, s.Name, " and cannot be re-created; retry later")
		}
		return state.Secret{}, apierr.New(apierr.VaultSecretDeleted, s.Name)
	}
	forgetPurged(tx, v, s.Name)
	if last, ok := find(tx, v, s.Name, ""); ok {
		s.Name, s.Seq = last.Name, last.Seq+1
	}
	s.Vault = state.VaultKey(v.Name)
	s.Version = strings.ToLower(s.Version)
	s.Created = now.Truncate(time.Second)
	s.Updated = s.Created
	tx.Secrets.Put(s)
	return s, nil
}

// Secret returns a version of a secret that is not deleted; an empty version is the
// current one.
func Secret(tx *state.Tx, v state.Vault, name, version string) (state.Secret, error) {
	if err := CheckName(name); err != nil {
		return state.Secret{}, err
	}
	if !tx.DeletedSecrets.Has(state.DeletedSecretKey(v.Name, name)) || sabotage.On(sabotage.VaultDeleted) {
		if s, ok := find(tx, v, name, version); ok {
			return s, nil
		}
	}
	asked := name
	if version != "" {
		asked += "/" + version
	}
	return state.Secret{}, apierr.New(apierr.VaultSecretNotFound, asked)
}

// ReadSecret is Secret for whoever wants the value: a disabled one is refused, while the
// dates it is meant to be used between are the reader's to heed (KV-SECRET-021).
func ReadSecret(tx *state.Tx, v state.Vault, name, version string) (state.Secret, error) {
	s, err := Secret(tx, v, name, version)
	if err == nil && sabotage.On(sabotage.VaultDates) && !s.Expires.IsZero() {
		return state.Secret{}, apierr.New(apierr.VaultSecretDisabled)
	}
	if err == nil && !s.Enabled && !sabotage.On(sabotage.VaultDisabled) {
		return state.Secret{}, apierr.New(apierr.VaultSecretDisabled)
	}
	return s, err
}

// Change is what UpdateSecret changes; what is nil stays.
type Change struct {
	Enabled            *bool
	NotBefore, Expires *time.Time
	ContentType        *string
	// Tags replace all tags.
	Tags map[string]string
}

// UpdateSecret changes what is told about a version of a secret, never its value.
func UpdateSecret(tx *state.Tx, v state.Vault, name, version string, change Change, now time.Time) (state.Secret, error) {
	s, err := Secret(tx, v, name, version)
	if err != nil {
		return state.Secret{}, err
	}
	if change.Enabled != nil {
		s.Enabled = *change.Enabled
	}
	if change.NotBefore != nil {
		s.NotBefore = *change.NotBefore
	}
	if change.Expires != nil {
		s.Expires = *change.Expires
	}
	if change.ContentType != nil {
		s.ContentType = *change.ContentType
	}
	if change.Tags != nil {
		s.Tags = change.Tags
	}
	if err := check(&s); err != nil {
		return state.Secret{}, err
	}
	s.Updated = now.Truncate(time.Second)
	tx.Secrets.Put(s)
	return s, nil
}

// Current yields, in the order of names, the current version of each secret that is not
// deleted and whose name comes after a given one.
func Current(tx *state.Tx, v state.Vault, after string) iter.Seq[state.Secret] {
	return func(yield func(state.Secret) bool) {
		for s := range newest(tx, v, after) {
			if !tx.DeletedSecrets.Has(state.DeletedSecretKey(v.Name, s.Name)) && !yield(s) {
				return
			}
		}
	}
}

// Versions yields the versions of a secret, in the order of their ids and not of their
// birth, after a given one; none where there is no such secret.
func Versions(tx *state.Tx, v state.Vault, name, after string) iter.Seq[state.Secret] {
	if tx.DeletedSecrets.Has(state.DeletedSecretKey(v.Name, name)) {
		return func(func(state.Secret) bool) {}
	}
	prefix := state.VersionsOf(v.Name, name)
	if after == "" {
		return tx.Secrets.Prefix(prefix)
	}
	return tx.Secrets.From(prefix, prefix+after+"\x00")
}

// newest yields the current version of each secret, deleted ones too.
func newest(tx *state.Tx, v state.Vault, after string) iter.Seq[state.Secret] {
	return func(yield func(state.Secret) bool) {
		prefix, from := state.SecretsOf(v.Name), ""
		if after != "" {
			from = prefix + strings.ToLower(after) + "\x01" // behind all its versions
		}
		var last state.Secret
		for s := range tx.Secrets.From(prefix, from) {
			switch {
			case last.Name == "" || strings.EqualFold(s.Name, last.Name):
				if last.Name == "" || s.Seq > last.Seq {
					last = s
				}
			case !yield(last):
				return
			default:
				last = s
			}
		}
		if last.Name != "" {
			yield(last)
		}
	}
}

// find finds a version whether the secret is deleted or not; an empty version is the
// current one.
func find(tx *state.Tx, v state.Vault, name, version string) (state.Secret, bool) {
	if version != "" {
		return tx.Secrets.Get(state.SecretKey(v.Name, name, strings.ToLower(version)))
	}
	var last state.Secret
	for s := range tx.Secrets.Prefix(state.VersionsOf(v.Name, name)) {
		if last.Version == "" || s.Seq > last.Seq {
			last = s
		}
	}
	return last, last.Version != ""
}
