// Package specs lists the specs of every plane. Each plane has a package of its own below this
// one, with one file a family of rules; a spec's body speaks to the target through suite.T alone.
package specs
