package selftest

import (
	"regexp"

	"github.com/linarite/linarite/clientlib/wire"
)

// where does something to answers that have a header field.
func where(name string, do func(a *wire.Answer)) func(a *wire.Answer) {
	return func(a *wire.Answer) {
		if a.Header.Has(name) {
			do(a)
		}
	}
}

// without does something to answers that lack a header field.
func without(name string, do func(a *wire.Answer)) func(a *wire.Answer) {
	return func(a *wire.Answer) {
		if !a.Header.Has(name) {
			do(a)
		}
	}
}

// swapNames swaps the first name of a list with the second, the third with the fourth and so on.
func swapNames() func(a *wire.Answer) {
	return Replace(`(?s)<Name>([^<]*)</Name>(.*?)<Name>([^<]*)</Name>`, "<Name>$3</Name>$2<Name>$1</Name>")
}

// rename renames header fields whose names an expression matches.
func rename(expression string, by func(name string) string) func(a *wire.Answer) {
	return func(a *wire.Answer) {
		match := regexp.MustCompile(expression)
		for i, f := range a.Header {
			if match.MatchString(f.Name) {
				a.Header[i].Name = by(f.Name)
			}
		}
	}
}
