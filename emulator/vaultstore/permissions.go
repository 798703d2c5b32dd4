package vaultstore

import (
	"slices"
	"strings"
)

// Family is a kind of object that a vault keeps, in the word of access policies.
type Family string

// The families.
const (
	Keys         Family = "keys"
	Secrets      Family = "secrets"
	Certificates Family = "certificates"
	Storage      Family = "storage"
)

// all is the word that stands for every permission but purge (KV-AUTH-024).
const all = "all"

const purge = "purge"

// Permissions lists the words of a family in the service's spelling, sorted without
// regard to case.
//
// Source: Azure/azure-rest-api-specs Microsoft.KeyVault, KeyPermissions and its siblings.
func Permissions(f Family) []string {
	switch f {
	case Keys:
		return []string{all, "backup", "create", "decrypt", "delete", "encrypt", "get", "getrotationpolicy", "import", "list", purge,
			"recover", "release", "restore", "rotate", "setrotationpolicy", "sign", "unwrapKey", "update", "verify", "wrapKey"}
	case Secrets:
		return []string{all, "backup", "delete", "get", "list", purge, "recover", "restore", "set"}
	case Certificates:
		return []string{all, "backup", "create", "delete", "deleteissuers", "get", "getissuers", "import", "list", "listissuers",
			"managecontacts", "manageissuers", purge, "recover", "restore", "setissuers", "update"}
	case Storage:
		return []string{all, "backup", "delete", "deletesas", "get", "getsas", "list", "listsas", purge, "recover", "regeneratekey",
			"restore", "set", "setsas", "update"}
	}
	return nil
}

// Canonical spells the words of a family as the service does: any letter case goes in,
// each word comes out once, in the order given. unknown is the first word that the family
// does not have, and then the words are nil. Nil stays nil.
func Canonical(f Family, words []string) (canonical []string, unknown string) {
	if words == nil {
		return nil, ""
	}
	known := Permissions(f)
	canonical = make([]string, 0, len(words))
	for _, word := range words {
		i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, word) })
		if i < 0 {
			return nil, word
		}
		if !slices.Contains(canonical, known[i]) {
			canonical = append(canonical, known[i])
		}
	}
	return canonical, ""
}

// grants tells whether a list of words holds a permission.
func grants(words []string, permission string) bool {
	return slices.ContainsFunc(words, func(word string) bool {
		return strings.EqualFold(word, permission) || strings.EqualFold(word, all) && !strings.EqualFold(permission, purge)
	})
}
