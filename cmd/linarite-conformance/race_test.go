//go:build race

package main

// stride is how many of many alike there are to one that runs under the race detector, which takes
// ten times as long and looks for something else.
const stride = 7
