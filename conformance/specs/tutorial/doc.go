// Package tutorial has the seven flows of the managed-identity tutorial, end to end, as specs.
package tutorial
