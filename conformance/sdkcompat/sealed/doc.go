// Package sealed holds a test binary that takes no transport: it runs itself inside a sealed
// world by emulator.Main, and is otherwise code that was written for Azure.
package sealed
