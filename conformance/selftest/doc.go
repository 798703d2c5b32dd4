// Package selftest shows that the suite can fail. It plants faults: each breaks one rule, by
// altering answers on their way from a target that keeps it. The suite has to turn that rule
// red, and none that the fault does not name. On targets that are nothing at all, no rule may
// pass.
//
// A fault alters every answer that it matches, not those of one spec: as a target would that has
// the defect. A flow of the tutorial may break with any of its links: it kills, and is not held
// against a fault. Only specs that see such an answer can change, so only they run again.
package selftest
