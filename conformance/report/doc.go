// Package report turns the results of a run into what people and programs read: report.json
// (schema linarite.conformance/report/1), junit.xml, matrix.md, report.html and badge.json; and
// compares two reports. Secrets were taken out when the results were recorded.
package report
