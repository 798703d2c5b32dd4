package pages_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/linarite/linarite/clientlib/internal/pages"
)

// TestWalk: a list of any length comes whole, and one that comes back to any of its pages ends.
func TestWalk(t *testing.T) {
	for _, row := range []struct{ pages, back int }{{1, 0}, {2, 0}, {100, 0}, {1, 1}, {2, 1}, {3, 1}, {3, 2}, {7, 2}, {50, 30}, {100, 1}} {
		asked := 0
		var last error
		var got []int
		for item, err := range pages.Walk(func(by string) ([]int, string, error) {
			at := 0
			_, _ = fmt.Sscan(by, &at)
			if asked++; asked > 1000 {
				return nil, "", errors.New("it goes on for ever")
			}
			next := fmt.Sprint(at + 1)
			if at+1 >= row.pages {
				if next = ""; row.back > 0 {
					next = fmt.Sprint(row.pages - row.back)
				}
			}
			return []int{at}, next, nil
		}) {
			if last = err; err == nil {
				got = append(got, item)
			}
		}
		if row.back == 0 && (last != nil || len(got) != row.pages) || row.back > 0 && !errors.Is(last, pages.ErrStuck) {
			t.Errorf("%+v: %d items, %v", row, len(got), last)
		}
	}
}
