package arm

import (
	"testing"
	"time"
)

// What Azure's list lacks is refused, but for versions that are younger than the list.
func TestFrontDoorAccepts(t *testing.T) {
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for version, want := range map[string]bool{
		"2024-11-01": true, "2016-09-01": true, "2014-04": true, "2024-06-01-PREVIEW": true,
		"2025-04-01": true, "2026-05-01": true, "2026-04-01-preview": true,
		"2026-05-02": false, "2099-01-01": false, "2016-10-01": false, "2000-01-01": false, "2025": false, "2025-04-01x": false, "latest": false, "": false,
	} {
		if frontDoorAccepts(frontDoorVersions(), version, now) != want {
			t.Errorf("%s: %v", version, !want)
		}
	}
}
