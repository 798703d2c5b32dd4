package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/explain"
	"github.com/linarite/linarite/emulator/journal"
)

// refusals are where the refused requests of a command are known.
type refusals interface {
	// refused lists them, the oldest first.
	refused() []journal.Entry
	explain(seq uint64) (explain.Explanation, error)
}

// ownJournal is that of a world which was the command's alone.
type ownJournal struct{ *emulator.Emulator }

func (j ownJournal) refused() []journal.Entry {
	return j.Journal().Select(journal.Filter{Refused: true})
}

func (j ownJournal) explain(seq uint64) (explain.Explanation, error) {
	return j.Explain(strconv.FormatUint(seq, 10))
}

// refusalsShown bounds what is said after a failure.
const refusalsShown = 5

// explainRefusals tells, after a command that failed, which of its requests the world
// refused, the newest first, and what mends them. A request that was refused several times
// in a row is told once.
func explainRefusals(out io.Writer, from refusals) {
	refused := from.refused()
	if len(refused) == 0 {
		return
	}
	said := "1 of its requests was refused"
	if len(refused) > 1 {
		said = fmt.Sprintf("%d of its requests were refused, the newest first", len(refused))
	}
	out, annotate := forWorkflow(out, os.Getenv)
	fmt.Fprintf(out, "linarite: the command failed; %s:\n", said)
	left := len(refused)
	for range refusalsShown {
		if left == 0 {
			break
		}
		newest := &refused[left-1]
		first := left - 1
		for first > 0 && sameRefusal(&refused[first-1], newest) {
			first--
		}
		x, err := from.explain(newest.Seq)
		if err != nil { // gone from the journal since
			break
		}
		short := x.Short()
		if times := left - first; times > 1 {
			short = strings.Replace(short, "\n", fmt.Sprintf(" (%d times)\n", times), 1)
		}
		fmt.Fprint(out, "  "+strings.ReplaceAll(strings.TrimSuffix(short, "\n"), "\n", "\n  ")+"\n")
		annotate(short)
		left = first
	}
	if left > 0 {
		fmt.Fprintf(out, "  %d more came before: linarite journal --refused and linarite explain, run beside the command in its world, tell of all\n", left)
	}
}

func sameRefusal(a, b *journal.Entry) bool {
	return a.Status == b.Status && a.Code == b.Code && a.Method == b.Method && a.URL == b.URL
}
