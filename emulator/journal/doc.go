// Package journal remembers what was asked of a world, what was decided and what
// was answered: the ground that explain, advise and the request log stand on.
//
// The journal is bounded, by entries and by bytes: it keeps the newest. Secrets never come out of
// it: the pipeline, which knows them, renders an exchange without them when somebody
// reads. It can be followed, filtered, and written as lines of JSON or as HTTP Archive
// 1.2 (the specification of Jan Odvarko, 2012), which browsers import.
package journal
