//go:build !race

package selftest

// stride: all run.
const stride = 1
