package storageauth

import (
	"strings"
	"time"
)

// isVersion tells whether s is a service version: a date, yyyy-mm-dd.
func isVersion(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// ParseTime reads a time of a shared access signature: a date alone, or with hours and
// minutes, seconds, up to seven decimals, and "Z" or an offset, which may be left out
// ("Formatting DateTime values", BLOB-SAS-022). The result is in UTC.
func ParseTime(s string) (time.Time, bool) {
	day, clock, timed := strings.Cut(s, "T")
	if !timed {
		t, err := time.Parse(time.DateOnly, day)
		return t, err == nil
	}
	clock, offset := cutZone(clock)
	layout := time.DateOnly + "T15:04"
	if len(clock) > len("15:04") {
		layout += ":05"
	}
	// time.Parse takes any number of decimals that the layout does not have, and a comma
	// before them.
	if len(clock) > len("15:04:05.1234567") || len(clock) > len("15:04:05") && clock[8] != '.' {
		return time.Time{}, false
	}
	if len(offset) == len("+hh:mm") && (offset[1:] > "23:59" || offset[4] > '5') {
		return time.Time{}, false
	}
	t, err := time.Parse(layout+"Z07:00", day+"T"+clock+offset)
	// Hours of one digit are taken by time.Parse, not by the service.
	return t.UTC(), err == nil && len(clock) >= len("15:04") && clock[2] == ':'
}

// cutZone cuts the zone off a time of day; without one it is UTC.
func cutZone(clock string) (rest, zone string) {
	if at := strings.IndexAny(clock, "Z+-"); at >= 0 {
		return clock[:at], clock[at:]
	}
	return clock, "Z"
}
