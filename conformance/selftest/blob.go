package selftest

import "slices"

func blobFaults() []Fault {
	return slices.Concat(blobContainerFaults(), blobPutFaults(), blobGetFaults(), blobListFaults(),
		blobPropertyFaults(), blobConditionFaults(), blobEnvelopeFaults(), blobCommonFaults(), blobAuthFaults())
}

func blobWithoutSpec() []Uncovered {
	return append(blobAuthWithoutSpec(), []Uncovered{
		{"BLOB-CONT-005", "Linarite frees the name at once (docs/divergences.md), so that nothing here would show the spec green"},
		{"BLOB-PUT-015", "it shows after a week"},
		{"BLOB-PUT-016", "it takes 100,000 requests, which cost time and money on real Azure"},
		{"BLOB-COMMON-048", "only a service in trouble answers so"},
		{"BLOB-COMMON-049", "only a service in trouble answers so"},
		{"BLOB-COMMON-050", "only a service in trouble answers so"},
	}...)
}

func blobWithoutFault() []Uncovered { return blobAuthWithoutFault() }
