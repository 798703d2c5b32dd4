package sign_test

import "time"

var (
	epoch = time.Date(2026, 11, 21, 19, 55, 54, 0, time.UTC)
	key   = []byte("key")
)
