package pki

import "io/fs"

// tooOpen is false: Windows has no such bits, and its profile folders are private.
func tooOpen(fs.FileInfo) bool { return false }
