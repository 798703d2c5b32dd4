// Package recordings reads exchanges with the real services that public SDKs recorded for their tests, in the form that
// they have beside the checkout: one JSON file a test, with its interactions in order and the secrets taken out.
//
// Recordings are evidence, and no part of this repository: whoever uses them says that they are absent where they are.
package recordings
