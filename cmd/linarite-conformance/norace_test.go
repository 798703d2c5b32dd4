//go:build !race

package main

// stride: all run.
const stride = 1
