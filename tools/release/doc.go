// Command release builds what a release of Linarite consists of, from a checkout and without Docker: archives of static
// programs for six platforms, a bill of materials for each, the container image as an OCI archive, and checksums.
//
// The same source, version and Go toolchain give the same bytes, wherever the checkout lies: paths are trimmed, times are
// the commit's, and owners are nobody. See docs/releasing.md, and `make release`, which runs it.
package main
