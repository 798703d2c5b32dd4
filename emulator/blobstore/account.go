package blobstore

import "github.com/linarite/linarite/emulator/state"

// DefaultProperties gives an account the properties that the blob service of a new one
// has: metrics by the hour, kept for a week, and all else off (BLOB-CONT-016).
func DefaultProperties(a *state.StorageAccount) {
	a.HourMetrics = state.ServiceMetrics{Version: "1.0", Enabled: true, IncludeAPIs: true, RetentionDays: 7}
}
