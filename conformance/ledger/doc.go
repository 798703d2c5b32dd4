// Package ledger keeps a file of what was made on a target, so that it can be taken away again,
// even after the program that made it was killed.
package ledger
