package vaultstore

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
)

var start = time.Date(2024, 5, 6, 7, 8, 9, 123456789, time.UTC)

const (
	tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
	v1     = "00000000000000000000000000000001"
	v2     = "00000000000000000000000000000002"
)

func vault(soft bool) state.Vault {
	return state.Vault{ID: "/v", Name: "Vault1", SubscriptionID: "sub", TenantID: tenant, Location: "westus", SoftDelete: soft, RetentionDays: 7}
}

// within runs f in one transaction over a store with the vault.
func within(t *testing.T, v state.Vault, f func(*state.Tx)) {
	t.Helper()
	err := state.New().Update(func(tx *state.Tx) error {
		tx.Vaults.Put(v)
		f(tx)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, tx *state.Tx, v state.Vault, name, version, value string) state.Secret {
	t.Helper()
	s, err := SetSecret(tx, v, state.Secret{Name: name, Version: version, Value: value, Enabled: true}, start)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// refused checks kind and message of a refusal.
func refused(t *testing.T, what string, err error, kind apierr.Kind, message string) {
	t.Helper()
	var e *apierr.Error
	if !errors.As(err, &e) || e.Kind != kind || !strings.Contains(e.Message, message) {
		t.Errorf("%s: %v, want %s %q", what, err, kind, message)
	}
}

func TestCanonical(t *testing.T) {
	for _, row := range []struct {
		family    Family
		in, out   []string
		unknown   string
		nilOutput bool
	}{
		{Keys, []string{"WRAPKEY", "get", "unwrapkey", "Get"}, []string{"wrapKey", "get", "unwrapKey"}, "", false},
		{Secrets, []string{"All", "PURGE"}, []string{"all", "purge"}, "", false},
		{Secrets, []string{"get", "sign"}, nil, "sign", true},
		{Certificates, []string{"ManageIssuers"}, []string{"manageissuers"}, "", false},
		{Storage, []string{"GetSAS", "regenerateKey"}, []string{"getsas", "regeneratekey"}, "", false},
		{Secrets, []string{}, []string{}, "", false},
		{Secrets, nil, nil, "", true},
		{"other", []string{"get"}, nil, "get", true},
	} {
		got, unknown := Canonical(row.family, row.in)
		if !slices.Equal(got, row.out) || unknown != row.unknown || (got == nil) != row.nilOutput {
			t.Errorf("%s %v: %v %q", row.family, row.in, got, unknown)
		}
	}
	for _, f := range []Family{Keys, Secrets, Certificates, Storage} {
		if !slices.IsSortedFunc(Permissions(f), func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }) {
			t.Errorf("%s is out of order", f)
		}
	}
}

func TestJudge(t *testing.T) {
	v := vault(true)
	v.Policies = []state.AccessPolicy{
		{TenantID: tenant, ObjectID: "me", Secrets: []string{"Get", "list"}, Keys: []string{"sign"}},
		{TenantID: tenant, ObjectID: "group", Secrets: []string{"all"}},
		{TenantID: tenant, ObjectID: "behalf", ApplicationID: "app", Secrets: []string{"get"}},
		{TenantID: "other", ObjectID: "stranger", Secrets: []string{"get"}},
		{TenantID: tenant, ObjectID: "both", Secrets: []string{"list"}},
		{TenantID: tenant, ObjectID: "both", ApplicationID: "app", Secrets: []string{"get"}},
	}
	for _, row := range []struct {
		object, permission string
		groups             []string
		family             Family
		want               Verdict
	}{
		{"me", "get", nil, Secrets, Granted},
		{"ME", "GET", nil, Secrets, Granted},
		{"me", "set", nil, Secrets, Lacking},
		{"me", "set", []string{"Group"}, Secrets, Granted},
		{"me", "purge", []string{"group"}, Secrets, Lacking},
		{"me", "get", nil, Keys, Lacking},
		{"me", "sign", nil, Keys, Granted},
		{"me", "sign", nil, Certificates, Lacking},
		{"nobody", "get", nil, Secrets, Unlisted},
		{"m", "get", nil, Secrets, Unlisted},
		{"behalf", "get", nil, Secrets, OnBehalf},
		{"behalf", "set", nil, Secrets, Lacking},
		{"both", "get", nil, Secrets, OnBehalf},
		{"both", "list", nil, Secrets, Granted},
		{"stranger", "get", nil, Secrets, Unlisted},
	} {
		if got := Judge(v, Principal{TenantID: tenant, ObjectID: row.object, Groups: row.groups}, row.family, row.permission); got != row.want {
			t.Errorf("%+v: %v", row, got)
		}
	}
}

func TestRecoveryLevel(t *testing.T) {
	for _, row := range []struct {
		soft, protected, custom bool
		days                    int
		want                    string
		wantDays                int
	}{
		{false, false, true, 90, "Purgeable", 0},
		{true, false, true, 90, "Recoverable+Purgeable", 90},
		{true, false, true, 0, "Recoverable+Purgeable", 90},
		{true, false, true, 7, "CustomizedRecoverable+Purgeable", 7},
		{true, true, true, 7, "CustomizedRecoverable", 7},
		{true, true, true, 90, "Recoverable", 90},
		{true, false, false, 7, "Recoverable+Purgeable", 7},
	} {
		v := state.Vault{SoftDelete: row.soft, PurgeProtection: row.protected, RetentionDays: row.days}
		if level, days := RecoveryLevel(v, row.custom), RetentionDays(v); level != row.want || days != row.wantDays {
			t.Errorf("%+v: %s, %d days", row, level, days)
		}
	}
}

func TestNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"a": true, "A-9": true, "-": true, strings.Repeat("x", 127): true, strings.Repeat("x", 128): false, "": false,
		"a_b": false, "a.b": false, "a/b": false, "ä": false, "a b": false, "a\x00": false,
	} {
		if err := CheckName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		} else if !ok {
			refused(t, name, err, apierr.VaultObjectName, "The request URI contains an invalid name: "+name)
		}
	}
}

func TestLimits(t *testing.T) {
	v := vault(false)
	tags := func(n int) map[string]string {
		m := map[string]string{}
		for i := range n {
			m[strings.Repeat("t", i+1)] = ""
		}
		return m
	}
	long := strings.Repeat("é", 512)
	within(t, v, func(tx *state.Tx) {
		for name, row := range map[string]struct {
			s    state.Secret
			fail string
		}{
			"value":            {state.Secret{Value: strings.Repeat("x", 25600)}, ""},
			"value too long":   {state.Secret{Value: strings.Repeat("x", 25601)}, "Property  has invalid value\r\n"},
			"type":             {state.Secret{ContentType: strings.Repeat("é", 255)}, ""},
			"type too long":    {state.Secret{ContentType: strings.Repeat("x", 256)}, "Property contentType has"},
			"tags":             {state.Secret{Tags: tags(15)}, ""},
			"too many tags":    {state.Secret{Tags: tags(16)}, "Property tags has"},
			"long tag":         {state.Secret{Tags: map[string]string{long: long}}, ""},
			"tag too long":     {state.Secret{Tags: map[string]string{long + "x": ""}}, "Property tags has"},
			"tag of 513 units": {state.Secret{Tags: map[string]string{"a": long + "x"}}, "Property tags has"},
		} {
			row.s.Name, row.s.Version = "limits", v1
			_, err := SetSecret(tx, v, row.s, start)
			if row.fail != "" {
				refused(t, name, err, apierr.VaultProperty, row.fail)
			} else if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// Versions follow each other by birth, not by id; the first set spells the name.
func TestVersions(t *testing.T) {
	v := vault(true)
	within(t, v, func(tx *state.Tx) {
		put(t, tx, v, "MyName", v2, "old")
		put(t, tx, v, "Mine", v1, "another")
		put(t, tx, v, "my-name", v1, "another")
		s := put(t, tx, v, "MYNAME", v1, "new")
		if s.Name != "MyName" || !s.Created.Equal(start.Truncate(time.Second)) || !s.Updated.Equal(s.Created) {
			t.Errorf("%+v", s)
		}
		for version, want := range map[string]string{"": "new", v1: "new", v2: "old"} {
			if s, err := ReadSecret(tx, v, "myname", version); err != nil || s.Value != want {
				t.Errorf("%q: %v %v", version, s, err)
			}
		}
		_, err := Secret(tx, v, "myname", "3")
		refused(t, "unknown version", err, apierr.VaultSecretNotFound, "A secret with (name/id) myname/3 was not found")
		names := func(after string) (out []string) {
			for s := range Current(tx, v, after) {
				out = append(out, s.Name+"="+s.Value)
			}
			return out
		}
		if got := names(""); !slices.Equal(got, []string{"Mine=another", "my-name=another", "MyName=new"}) {
			t.Error(got)
		}
		if got := names("MINE"); !slices.Equal(got, []string{"my-name=another", "MyName=new"}) {
			t.Error(got)
		}
		for range Current(tx, v, "") {
			break
		}
		var versions []string
		for s := range Versions(tx, v, "MyName", "") {
			versions = append(versions, s.Version)
		}
		if !slices.Equal(versions, []string{v1, v2}) {
			t.Error(versions)
		}
		if got := slices.Collect(Versions(tx, v, "MyName", v1)); len(got) != 1 || got[0].Version != v2 {
			t.Error(got)
		}
		if got := slices.Collect(Versions(tx, v, "absent", "")); len(got) != 0 {
			t.Error(got)
		}
	})
}

func TestUpdate(t *testing.T) {
	v := vault(true)
	within(t, v, func(tx *state.Tx) {
		s, err := SetSecret(tx, v, state.Secret{
			Name: "s", Version: v1, Value: "x", Enabled: true, ContentType: "text", NotBefore: start, Tags: map[string]string{"a": "b"},
		}, start)
		if err != nil {
			t.Fatal(err)
		}
		off, later := false, start.Add(time.Hour)
		changed, err := UpdateSecret(tx, v, "S", "", Change{Enabled: &off, Expires: &later}, later)
		want := s
		want.Enabled, want.Expires, want.Updated = false, later, later.Truncate(time.Second)
		if err != nil || !reflect.DeepEqual(changed, want) {
			t.Errorf("%+v %v\nwant %+v", changed, err, want)
		}
		_, err = ReadSecret(tx, v, "s", "")
		refused(t, "disabled", err, apierr.VaultSecretDisabled, "Operation get is not allowed on a disabled secret.")
		changed, err = UpdateSecret(tx, v, "s", v1, Change{Tags: map[string]string{}}, later)
		if err != nil || changed.Tags == nil || len(changed.Tags) != 0 || changed.ContentType != "text" {
			t.Errorf("%+v %v", changed, err)
		}
		_, err = UpdateSecret(tx, v, "absent", "", Change{}, later)
		refused(t, "absent", err, apierr.VaultSecretNotFound, "absent was not found")
	})
}

func TestWithoutSoftDelete(t *testing.T) {
	v := vault(false)
	within(t, v, func(tx *state.Tx) {
		put(t, tx, v, "s", v1, "x")
		put(t, tx, v, "s", v2, "y")
		put(t, tx, v, "s2", v1, "z")
		d, err := DeleteSecret(tx, v, "S", start)
		if err != nil || d.Version != v2 || d.Mark.Name != "" {
			t.Errorf("%+v %v", d, err)
		}
		if tx.Secrets.Len() != 1 || tx.DeletedSecrets.Len() != 0 {
			t.Error("something is left, or too much gone")
		}
		put(t, tx, v, "s", v1, "again")
		_, err = DeletedSecret(tx, v, "s", start)
		refused(t, "get", err, apierr.VaultNoSoftDelete, `Operation "get" is not enabled for this vault.`)
		_, err = DeletedSecrets(tx, v, "", start)
		refused(t, "list", err, apierr.VaultNoSoftDelete, `Operation "list"`)
		_, err = RecoverSecret(tx, v, "s", start)
		refused(t, "recover", err, apierr.VaultNoSoftDelete, `Operation "recover"`)
		refused(t, "purge", PurgeSecret(tx, v, "s", start), apierr.VaultNoSoftDelete, `Operation "purge"`)
	})
}

func TestSoftDelete(t *testing.T) {
	v := vault(true)
	within(t, v, func(tx *state.Tx) {
		put(t, tx, v, "Keep", v1, "k")
		put(t, tx, v, "s", v2, "x")
		put(t, tx, v, "s", v1, "y")
		d, err := DeleteSecret(tx, v, "s", start)
		if err != nil || d.Version != v1 || !d.Mark.Purge.Equal(start.Truncate(time.Second).Add(7*24*time.Hour)) {
			t.Fatalf("%+v %v", d, err)
		}
		_, err = Secret(tx, v, "s", v2)
		refused(t, "get", err, apierr.VaultSecretNotFound, "s/"+v2)
		_, err = DeleteSecret(tx, v, "s", start)
		refused(t, "delete twice", err, apierr.VaultSecretNotFound, "s was not found")
		_, err = SetSecret(tx, v, state.Secret{Name: "S", Version: v1}, start)
		refused(t, "set", err, apierr.VaultSecretDeleted, "Secret S is currently in a deleted but recoverable state")
		if got := slices.Collect(Current(tx, v, "")); len(got) != 1 || len(slices.Collect(Versions(tx, v, "s", ""))) != 0 {
			t.Errorf("a deleted secret is listed: %v", got)
		}
		all, _ := DeletedSecrets(tx, v, "", start)
		if got := slices.Collect(all); len(got) != 1 || got[0].Value != "y" {
			t.Error(got)
		}
		all, _ = DeletedSecrets(tx, v, "S", start)
		if got := slices.Collect(all); len(got) != 0 {
			t.Error(got)
		}
		if s, err := RecoverSecret(tx, v, "S", start); err != nil || s.Value != "y" || len(slices.Collect(Versions(tx, v, "s", ""))) != 2 {
			t.Errorf("%v %v", s, err)
		}
		_, err = RecoverSecret(tx, v, "s", start)
		refused(t, "recover what is there", err, apierr.VaultSecretNotFound, "A secret with (name/id) s was not found")
		refused(t, "purge what is there", PurgeSecret(tx, v, "s", start), apierr.VaultDeletedSecretNotFound, "Deleted Secret not found: s")

		_, _ = DeleteSecret(tx, v, "s", start)
		protected := v
		protected.PurgeProtection = true
		refused(t, "protected", PurgeSecret(tx, protected, "s", start), apierr.VaultPurgeProtected, "retention period has passed.\r\nVault: Vault1;location=westus")
		if err := PurgeSecret(tx, v, "s", start); err != nil {
			t.Error(err)
		}
		if tx.Secrets.Len() != 1 || tx.DeletedSecrets.Len() != 0 {
			t.Error("a purge leaves something, or takes too much")
		}
	})
}

// What is past its time is gone, and does not come back with a new secret of its name.
func TestScheduledPurge(t *testing.T) {
	v := vault(true)
	within(t, v, func(tx *state.Tx) {
		put(t, tx, v, "s", v2, "x")
		d, _ := DeleteSecret(tx, v, "s", start)
		_, err := DeletedSecret(tx, v, "s", d.Mark.Purge.Add(-time.Second))
		if err != nil {
			t.Error(err)
		}
		_, err = DeletedSecret(tx, v, "s", d.Mark.Purge)
		refused(t, "past its time", err, apierr.VaultDeletedSecretNotFound, "s")
		all, _ := DeletedSecrets(tx, v, "", d.Mark.Purge)
		if got := slices.Collect(all); len(got) != 0 {
			t.Error(got)
		}
		if _, err := SetSecret(tx, v, state.Secret{Name: "S", Version: v1, Enabled: true}, d.Mark.Purge); err != nil {
			t.Error(err)
		}
		if got := slices.Collect(Versions(tx, v, "s", "")); len(got) != 1 || got[0].Version != v1 || got[0].Name != "S" {
			t.Error(got)
		}
	})
}

func TestDeletionTakesItsTime(t *testing.T) {
	v := vault(true)
	within(t, v, func(tx *state.Tx) {
		tx.SetSwitches(state.Switches{EventualDelete: 10 * time.Second})
		put(t, tx, v, "s", v1, "x")
		d, _ := DeleteSecret(tx, v, "s", start)
		soon, later := d.Mark.Deleted.Add(9*time.Second), d.Mark.Deleted.Add(10*time.Second)
		_, err := DeletedSecret(tx, v, "s", soon)
		refused(t, "get", err, apierr.VaultDeletedSecretNotFound, "s")
		_, err = RecoverSecret(tx, v, "s", soon)
		refused(t, "recover", err, apierr.VaultSecretBeingDeleted, "Secret s is currently being deleted.")
		refused(t, "purge", PurgeSecret(tx, v, "s", soon), apierr.VaultSecretBeingDeleted, "Secret s is currently being deleted.")
		_, err = SetSecret(tx, v, state.Secret{Name: "s"}, soon)
		refused(t, "set", err, apierr.VaultSecretBeingDeleted, "Secret s is currently being deleted and cannot be re-created; retry later.")
		if _, err := DeletedSecret(tx, v, "s", later); err != nil {
			t.Error(err)
		}
	})
}

func TestBackup(t *testing.T) {
	v, other := vault(true), vault(true)
	other.Name = "Vault2"
	nonce := []byte("123456789012")
	within(t, v, func(tx *state.Tx) {
		put(t, tx, v, "s", v2, "x")
		put(t, tx, v, "s", v1, "y")
		versions, err := BackupSecret(tx, v, "S")
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := SealBackup(versions, "Sub", nonce)
		if err != nil || !strings.HasPrefix(string(sealed), "\x29AzureKeyVaultSecretBackupV1.microsoft.com") || strings.Count(string(sealed[42:]), ".") != 4 {
			t.Fatalf("%q %v", sealed, err)
		}
		opened, err := OpenBackup(sealed, "sUB")
		if err != nil || !reflect.DeepEqual(opened, versions) {
			t.Errorf("%v %v", opened, err)
		}
		_, err = OpenBackup(sealed, "elsewhere")
		refused(t, "another subscription", err, apierr.VaultBackupMalformed, "Backup blob contains invalid or corrupt version.")
		for i := range sealed {
			broken := slices.Clone(sealed)
			broken[i] ^= 4
			if _, err := OpenBackup(broken, "sub"); err == nil {
				t.Fatalf("byte %d changed, and nobody noticed", i)
			}
		}
		_, err = RestoreSecret(tx, v, opened, "vault1.vault.azure.net", start)
		refused(t, "in use", err, apierr.VaultRestoreConflict, "restoring the secret 'https://vault1.vault.azure.net/secrets/s/"+v1+"'. This can happen")
		_, _ = DeleteSecret(tx, v, "s", start)
		_, err = RestoreSecret(tx, v, opened, "h", start)
		refused(t, "deleted", err, apierr.VaultRestoreConflict, "conflict")
		if s, err := RestoreSecret(tx, v, opened, "h", start.Add(8*24*time.Hour)); err != nil || s.Version != v1 {
			t.Errorf("after its time: %v %v", s, err)
		}
		if s, err := RestoreSecret(tx, other, opened, "h", start); err != nil || s.Version != v1 || len(slices.Collect(Versions(tx, other, "s", ""))) != 2 {
			t.Errorf("%v %v", s, err)
		}
		_, err = BackupSecret(tx, v, "absent")
		refused(t, "absent", err, apierr.VaultSecretNotFound, "absent")
	})
}

// A vault that goes takes with it what is its own, not what lies in a vault whose name
// begins alike.
func TestClear(t *testing.T) {
	v, longer := vault(true), vault(true)
	longer.Name = "Vault10"
	within(t, v, func(tx *state.Tx) {
		for _, x := range []state.Vault{v, longer} {
			tx.Vaults.Put(x)
			put(t, tx, x, "a", v1, "x")
			put(t, tx, x, "b", v1, "x")
			_, _ = DeleteSecret(tx, x, "a", start)
		}
		Clear(tx, "VAULT1")
		if tx.Secrets.Len() != 2 || tx.DeletedSecrets.Len() != 1 {
			t.Errorf("%d secrets, %d deleted", tx.Secrets.Len(), tx.DeletedSecrets.Len())
		}
		if _, err := Secret(tx, longer, "b", ""); err != nil {
			t.Error(err)
		}
		_, err := Find(tx, "vault2")
		refused(t, "find", err, apierr.FrontVault, "no vault called 'vault2': in Azure, the name would not resolve. It has Vault1, Vault10.")
	})
}

func FuzzOpenBackup(f *testing.F) {
	sealed, _ := SealBackup([]state.Secret{{Name: "s", Version: v1}}, "sub", []byte("123456789012"))
	f.Add(sealed)
	f.Add([]byte(backupTag + "a..b.c.d"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, backup []byte) {
		if versions, err := OpenBackup(backup, "sub"); err == nil && len(versions) == 0 {
			t.Error("opened, and empty")
		}
	})
}
