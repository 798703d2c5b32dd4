package blobstore

import (
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/state"
)

// tick is the unit of modification times: the service counts 100 ns from the year 1.
const tick = 100 * time.Nanosecond

// unixTicks is 1970 in ticks.
const unixTicks = 621_355_968_000_000_000

// ETag is the entity tag of a modification, without quotes (BLOB-COMMON-012).
func ETag(modified time.Time) string {
	ticks := modified.Unix()*int64(time.Second/tick) + int64(modified.Nanosecond())/int64(tick) + unixTicks
	return "0x" + strings.ToUpper(strconv.FormatInt(ticks, 16))
}

// stamp is the instant of a modification of something that was last modified at previous:
// later than that, and than all others of the same moment (BLOB-COMMON-014).
func stamp(tx *state.Tx, now, previous time.Time) time.Time {
	at := tx.Stamp(now)
	if !at.After(previous) {
		at = previous.Add(tick)
	}
	return at
}
