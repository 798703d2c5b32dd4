package emulator_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/storageauth"
)

// accountKey is the base64 of a key that a test makes up.
func accountKey(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestDevAccounts(t *testing.T) {
	one, two := []byte("the first key"), []byte("the second")
	for text, want := range map[string][]emulator.DevAccount{
		"account1:" + accountKey("the first key"):                                                                        {{Name: "account1", Key1: one}},
		" account1:" + accountKey("the first key") + ":" + accountKey("the second") + " ;":                               {{Name: "account1", Key1: one, Key2: two}},
		"abc:" + strings.TrimRight(accountKey("the first key"), "=") + ":;;devstoreaccount1:" + accountKey("the second"): {{Name: "abc", Key1: one}, {Name: "devstoreaccount1", Key1: two}},
		"account1:key1": {{Name: "account1", Key1: []byte{0x91, 0xec, 0xb5}}}, // what its documentation has
	} {
		got, err := emulator.ParseDevAccounts(text)
		if err != nil || len(got) != len(want) {
			t.Errorf("%s: %v %v", text, got, err)
			continue
		}
		for i := range want {
			if got[i].Name != want[i].Name || !bytes.Equal(got[i].Key1, want[i].Key1) || !bytes.Equal(got[i].Key2, want[i].Key2) {
				t.Errorf("%s: %q, want %q", text, got[i], want[i])
			}
		}
	}
	for text, want := range map[string]string{
		"":                       "it names no account: want account1:key1",
		" ; ;":                   "it names no account",
		"account1":               "account 1: it has 1 parts between colons: want name:key1 or name:key1:key2",
		"a11:c2VjcmV0;a22:a:b:c": "account 2: it has 4 parts",
		"My-Account:c2VjcmV0":    `account 1: name "My-Account": want 3 to 24 lower-case letters and digits`,
		"ab:c2VjcmV0":            `name "ab"`,
		"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0:account1": "account 1: the name, which comes first, is too long",
		"a11:":                     "a11: key 1 is no base64",
		"a11:c2VjcmV0:s e c r e t": "a11: key 2 is no base64",
		"a11:c2VjcmV0;a11:dHdv":    "account 2: it stands there twice; two keys of one account are written name:key1:key2",
	} {
		_, err := emulator.ParseDevAccounts(text)
		if !errors.Is(err, emulator.ErrUsage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		} else if strings.Contains(err.Error(), "c2VjcmV0") || strings.Contains(err.Error(), "s e c r e t") {
			t.Errorf("%q: a key is said: %v", text, err)
		}
	}
}

// listed is the status of a list of an account's containers, signed with a key.
func listed(t *testing.T, base, account, key string) int {
	t.Helper()
	req := portRequest(t, "GET", base+"/"+account+"?comp=list", "")
	req.Header.Set("x-ms-date", time.Now().UTC().Format(http.TimeFormat))
	req.Header.Set("x-ms-version", "2021-12-02")
	sign := storageauth.Request{
		Method: "GET", Account: strings.TrimSuffix(account, "-secondary"), Path: "/" + account, PathStyle: true, Query: storageauth.ParseQuery("comp=list"), Header: req.Header, Version: "2021-12-02",
	}
	a := storageauth.Authorization{
		Scheme: storageauth.SharedKey, Account: sign.Account, Signature: storageauth.Sign([]byte(key), sign.StringToSign(storageauth.SharedKey)),
	}
	req.Header.Set("Authorization", a.String())
	resp, _ := askPort(t, req)
	return resp.StatusCode
}

// servedWith opens a world with accounts and serves its storage.
func servedWith(t *testing.T, o emulator.Options) (*emulator.Emulator, string, error) {
	t.Helper()
	emu, err := emulator.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = emu.Close() })
	s, err := emu.Serve(emulator.ServeOptions{Port: emulator.NoPort, HTTPSPort: emulator.NoPort})
	if err != nil {
		return emu, "", err
	}
	return emu, s.BlobURL, nil
}

// Accounts that somebody chose are there in place of the well-known one, by both keys, and
// read at their secondary endpoints.
func TestChosenDevAccounts(t *testing.T) {
	emu, blob, err := servedWith(t, emulator.Options{DevAccounts: []emulator.DevAccount{
		{Name: "mine", Key1: []byte("one"), Key2: []byte("two")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		account, key string
		want         int
	}{
		{"mine", "one", 200}, {"mine", "two", 200}, {"mine", "three", 403}, {"mine-secondary", "one", 200},
		{"devstoreaccount1", string(decodedKey(t)), 421},
	} {
		if got := listed(t, blob, row.account, row.key); got != row.want {
			t.Errorf("%s by %q: %d, want %d", row.account, row.key, got, row.want)
		}
	}
	if err := emu.Reset(); err != nil {
		t.Fatal(err)
	}
	if got := listed(t, blob, "mine", "one"); got != 200 {
		t.Errorf("after a reset: %d", got)
	}
}

// What a data folder keeps of a chosen account are its blobs, not the keys of last time.
func TestChosenDevAccountsOfADataFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "kept")
	for _, key := range []string{"first", "second"} {
		emu, blob, err := servedWith(t, emulator.Options{Data: folder, DevAccounts: []emulator.DevAccount{{Name: "mine", Key1: []byte(key)}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := listed(t, blob, "mine", key); got != 200 {
			t.Errorf("%s: %d", key, got)
		}
		if key == "second" && listed(t, blob, "mine", "first") != 403 {
			t.Error("the first key is still good")
		}
		if err := emu.Reset(); err != nil {
			t.Fatal(err)
		}
		if got := listed(t, blob, "mine", key); got != 200 {
			t.Errorf("%s, after a reset: %d", key, got)
		}
		if err := emu.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNoDevAccounts(t *testing.T) {
	mine := []emulator.DevAccount{{Name: "mine", Key1: []byte("one")}}
	_, blob, err := servedWith(t, emulator.Options{NoWellKnown: true, DevAccounts: mine})
	if err != nil {
		t.Fatal(err)
	}
	if got := listed(t, blob, "mine", "one"); got != 421 {
		t.Error(got)
	}
	bare := filepath.Join(t.TempDir(), "bare.yaml")
	if err := os.WriteFile(bare, []byte("schema: linarite/world/1\ntenant: {id: aaaabbbb-0000-cccc-1111-dddd2222eeee}\nsubscriptions:\n  - {id: aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := servedWith(t, emulator.Options{World: bare, DevAccounts: mine}); !errors.Is(err, emulator.ErrUsage) || !strings.Contains(err.Error(), "no resource group that the storage account mine could be in") {
		t.Error(err)
	}
	if _, _, err := servedWith(t, emulator.Options{World: bare}); err != nil {
		t.Error(err)
	}
}
