package blobstore

import (
	"strings"
	"unicode/utf8"

	"github.com/linarite/linarite/emulator/apierr"
)

// Limits of tags, "Set Blob Tags".
const (
	maxTags     = 10
	maxTagKey   = 128
	maxTagValue = 256
)

// CheckTags tells what is wrong with the tags of a blob (BLOB-PROP-004 to BLOB-PROP-007).
func CheckTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return apierr.New(apierr.StorageTagsTooLarge)
	}
	for key, value := range tags {
		switch {
		case key == "":
			return apierr.New(apierr.StorageTagEmpty)
		case utf8.RuneCountInString(key) > maxTagKey || utf8.RuneCountInString(value) > maxTagValue:
			return apierr.New(apierr.StorageTagsTooLarge)
		case !isTagText(key) || !isTagText(value):
			return apierr.New(apierr.StorageTagInvalid)
		}
	}
	return nil
}

func isTagText(s string) bool {
	for i := range len(s) {
		switch b := s[i]; {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', strings.IndexByte(" +-.:=_/", b) >= 0:
		default:
			return false
		}
	}
	return true
}
