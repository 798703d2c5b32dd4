package wire

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/sabotage"
)

// Range is a range of bytes as Storage takes it: from First to Last, or to the end where
// Last is -1. There is one range, and none that counts from the end.
type Range struct{ First, Last int64 }

// ParseRange reads "bytes=a-b" or "bytes=a-".
func ParseRange(s string) (Range, bool) {
	spec, ok := strings.CutPrefix(strings.TrimSpace(s), "bytes=")
	first, last, dash := strings.Cut(spec, "-")
	if !ok || !dash {
		return Range{}, false
	}
	r := Range{Last: -1}
	if r.First, ok = number(first); !ok {
		return Range{}, false
	}
	if last != "" {
		if r.Last, ok = number(last); !ok || r.Last < r.First {
			return Range{}, false
		}
	}
	return r, true
}

// number reads digits, and nothing else.
func number(s string) (int64, bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// RangeOf is the range that a request asks for: x-ms-range wins, and must be well-formed;
// a Range that is not is ignored (BLOB-GET-004, BLOB-GET-010).
func RangeOf(h http.Header) (r Range, asked bool, err error) {
	if own := h.Get("x-ms-range"); own != "" {
		if r, asked = ParseRange(own); !asked {
			return r, false, HeaderValue("x-ms-range", own)
		}
		return r, true, nil
	}
	r, asked = ParseRange(h.Get("Range"))
	return r, asked, nil
}

// Within cuts the range at the end of something of a size; offset and n say what is left.
// A range that begins behind the end is refused (BLOB-GET-005, BLOB-GET-006).
func (r Range) Within(size int64) (offset, n int64, err error) {
	if r.First >= size {
		e := apierr.New(apierr.StorageRange)
		e.ContentRange = "bytes */" + strconv.FormatInt(size, 10)
		return 0, 0, e
	}
	last := size - 1
	if r.Last >= 0 {
		last = min(last, r.Last)
	}
	if sabotage.On(sabotage.BlobRangeShort) && last > r.First {
		last--
	}
	return r.First, last - r.First + 1, nil
}

// ContentRange is the value of Content-Range.
func ContentRange(offset, n, size int64) string {
	return "bytes " + strconv.FormatInt(offset, 10) + "-" + strconv.FormatInt(offset+n-1, 10) + "/" + strconv.FormatInt(size, 10)
}
