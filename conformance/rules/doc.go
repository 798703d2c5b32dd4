// Package rules holds what Linarite knows about the behaviour of Azure, one observable fact a row, with the evidence
// for it. Specs assert rules, product code and known differences cite them, reports count them.
//
// The rows are in *.json, one file for each area: IMDS-TOKEN in imds-token.json. Their form is in schema.json (JSON
// Schema 2020-12), their rules are:
//
//   - An id is PLANE-AREA-NNN. Numbers are given once, in steps of one, and neither moved nor given again.
//   - A rule that turned out wrong is retired: it stays, with the reason and the rule that replaces it.
//   - A text is one sentence about one fact. The wording of a message is a rule of its own.
//   - Evidence is public: a document, a specification, a recording, an issue, the source of a client.
//
// Features, the parts of Azure that a target may lack, are in features.json.
package rules
