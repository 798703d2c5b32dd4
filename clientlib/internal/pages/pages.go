// Package pages walks through lists that come in pages.
package pages

import (
	"errors"
	"iter"
)

// ErrStuck is a page that names one that came before as the next: they would come for ever.
var ErrStuck = errors.New("the list does not go on: its next page is one that came before")

// Walk yields what the pages of a list have. page returns one of them and what the next is asked for by: at first it is
// called with "", and it is called no more once it returns that. After an error, which is yielded behind what came with
// it, the list ends. It may be walked again.
func Walk[T any](page func(by string) (items []T, next string, err error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		// A circle of any length comes back to a page that is kept for long enough (Brent's algorithm).
		mark, left, span := "", 1, 1
		for by := ""; ; {
			items, next, err := page(by)
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			switch {
			case err != nil:
			case next == "":
				return
			case next == by || next == mark:
				err = ErrStuck
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			if left--; left == 0 {
				span *= 2
				mark, left = next, span
			}
			by = next
		}
	}
}
