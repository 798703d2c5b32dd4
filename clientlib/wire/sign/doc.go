// Package sign puts credentials on the requests of package wire: Shared Key and Shared Key Lite,
// shared access signatures of an account, a service and a user delegation, bearer tokens.
//
// Each is made in steps (values, string to sign, signature, header or query), and each step can
// be used alone or changed, so that a wrong signature is wrong in one thing only. Nothing is
// checked: what is signed is what was said.
//
// How Azure Storage signs is written here a second time. The emulator's verifier was written apart
// from it, and tests hold the two against one another, so that a mistake does not hide in both.
package sign
