// Package front takes every request that a carrier brings and finds where it belongs:
// by host, path and caller to a plane and a machine. It is the one place that knows
// which hosts are served.
package front
