package blobstore

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
)

// Root is the container of blobs that a path of one segment names.
const Root = "$root"

// maxBlobName is the length of a blob's name in characters.
const maxBlobName = 1024

// CheckContainerName tells what is wrong with the name of a container (BLOB-COMMON-037,
// BLOB-COMMON-038).
func CheckContainerName(name string) error {
	switch name {
	case Root, "$web", "$logs", "$blobchangefeed":
		return nil
	}
	for i := range len(name) {
		switch b := name[i]; {
		case 'a' <= b && b <= 'z', '0' <= b && b <= '9':
		case b == '-' && i > 0 && i < len(name)-1 && name[i-1] != '-':
		default:
			return apierr.New(apierr.StorageResourceName)
		}
	}
	if len(name) < 3 || len(name) > 63 {
		return apierr.New(apierr.StorageInputRange)
	}
	return nil
}

// CheckBlobName tells what is wrong with the name of a blob in a container
// (BLOB-COMMON-039).
func CheckBlobName(container, name string) error {
	switch {
	case name == "", !utf8.ValidString(name), strings.ContainsFunc(name, isControl), utf8.RuneCountInString(name) > maxBlobName,
		container == Root && strings.Contains(name, "/"):
		return apierr.New(apierr.StorageURI)
	}
	return nil
}

// isControl tells control characters, most of which XML 1.0 cannot write: a blob's name has
// none ("Naming and Referencing Containers, Blobs, and Metadata").
func isControl(r rune) bool { return r < ' ' || r == '\u0081' }

// maxMetadata bounds names and values of all metadata together, in bytes.
const maxMetadata = 8 << 10

// CheckMetadata tells what is wrong with metadata (BLOB-COMMON-024 to BLOB-COMMON-027).
func CheckMetadata(items []state.MetadataItem) error {
	size := 0
	seen := make(map[string]bool, len(items))
	for _, item := range items {
		folded := strings.ToLower(item.Name)
		switch {
		case item.Name == "":
			return apierr.New(apierr.StorageMetadataEmpty)
		case !isIdentifier(item.Name) || seen[folded]:
			return apierr.New(apierr.StorageMetadataInvalid)
		}
		seen[folded] = true
		size += len(item.Name) + len(item.Value)
	}
	if size > maxMetadata {
		return apierr.New(apierr.StorageMetadataTooLarge)
	}
	return nil
}

// isIdentifier tells whether a name is an identifier of C#.
func isIdentifier(name string) bool {
	for i, r := range name {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return true
}
