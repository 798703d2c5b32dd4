package blobstore

import (
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/sabotage"
	"github.com/linarite/linarite/emulator/state"
)

// Listing says what to list of a container.
type Listing struct {
	Account, Container string
	// Prefix is what names begin with.
	Prefix string
	// Delimiter rolls names up that have it behind the prefix; empty for none.
	Delimiter string
	// From is the name to begin at.
	From string
	// Limit is how many entries a page has at most.
	Limit int
	// Uncommitted lists also blobs that have only staged blocks.
	Uncommitted bool
	Now         time.Time
}

// Entry is a blob, or a prefix that stands for all names that begin with it.
type Entry struct {
	Blob state.Blob
	// Uncommitted tells that Blob has only staged blocks, and so little more than a name.
	Uncommitted bool
	// Prefix is empty for a blob.
	Prefix string
}

// ListBlobs is one page of a list, in the byte order of names. next is the name that the
// next page begins with, empty on the last.
func ListBlobs(tx *state.Tx, l Listing) (page []Entry, next string) {
	if sabotage.On(sabotage.BlobMarker) {
		l.From = ""
	}
	if sabotage.On(sabotage.BlobDelimiter) {
		l.Delimiter = ""
	}
	at := max(l.Prefix, l.From)
	for {
		e, ok := l.first(tx, at)
		if !ok {
			return page, ""
		}
		name := e.Blob.Name
		at = name + "\x00" // the least name that is greater
		if rest := name[len(l.Prefix):]; l.Delimiter != "" {
			if i := strings.Index(rest, l.Delimiter); i >= 0 {
				name = l.Prefix + rest[:i+len(l.Delimiter)]
				e = Entry{Prefix: name}
				at = name + "\xff" // behind all names with this prefix: none has this byte
			}
		}
		if len(page) == l.Limit {
			return page, name
		}
		page = append(page, e)
	}
}

// first is the first blob that is not before a name.
func (l Listing) first(tx *state.Tx, at string) (e Entry, ok bool) {
	below, from := state.BlobKey(l.Account, l.Container, l.Prefix), state.BlobKey(l.Account, l.Container, at)
	for b := range tx.Blobs.From(below, from) {
		e, ok = Entry{Blob: b}, true
		break
	}
	if !l.Uncommitted {
		return e, ok
	}
	for u := range tx.Uncommitted.From(below, from) {
		if ok && u.Name >= e.Blob.Name {
			break
		}
		if _, live := Staged(tx, u.Account, u.Container, u.Name, l.Now); live && !tx.Blobs.Has(state.BlobKey(u.Account, u.Container, u.Name)) {
			return Entry{Blob: state.Blob{Account: u.Account, Container: u.Container, Name: u.Name, Created: u.Created}, Uncommitted: true}, true
		}
	}
	return e, ok
}
