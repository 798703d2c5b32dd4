// Package apierr is the one table of refusals: for each, the status, the code and
// the text that Azure answers, and the rule that says how that is known.
//
// A room refuses by returning one of these as a value; the plane's envelope turns
// it into bytes. No other place in the emulator chooses a status for an error. An
// error that is not in the table is a bug in Linarite and is answered as such.
package apierr
