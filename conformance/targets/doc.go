// Package targets says what the conformance suite runs against: a file in YAML that names the
// kind of target, its endpoints, where credentials come from, which parts of Azure it lacks,
// and the limits that a run keeps to. A file never holds a secret.
package targets
