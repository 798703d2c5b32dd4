//go:build !linux

package main

// sudoMain is nobody's: sealed worlds need Linux.
func sudoMain() {}
