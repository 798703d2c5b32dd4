package foreign

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/linarite/linarite/conformance/truth"
)

// Blob reads the differences that the replayer of Blob requests wrote, and the table that it printed.
func Blob(differences, table string) (truth.Found, error) {
	data, err := os.ReadFile(differences)
	if err != nil {
		return truth.Found{}, err
	}
	var all []struct {
		File, Method, URI, What, Want, Got string
		N                                  int
	}
	if err := json.Unmarshal(data, &all); err != nil {
		return truth.Found{}, fmt.Errorf("%s: %w", differences, err)
	}
	text, err := os.ReadFile(table)
	if err != nil {
		return truth.Found{}, err
	}
	scores, err := blobScores(string(text))
	if err != nil {
		return truth.Found{}, fmt.Errorf("%s: %w", table, err)
	}
	found := truth.Found{Scores: scores}
	for _, d := range all {
		one := truth.Difference{Of: strings.TrimSuffix(d.File, ".json"), At: d.N, What: d.What, Want: short(d.Want), Got: short(d.Got)}
		if d.What == "xml elements" {
			found.Differences = append(found.Differences, elements(one, d.Want, d.Got)...)
		} else {
			found.Differences = append(found.Differences, one)
		}
	}
	return found, nil
}

// short mends an error code that stands in the answer twice: in the header and in the body.
func short(text string) string {
	status, code, _ := strings.Cut(strings.TrimSpace(text), " ")
	if half := len(code) / 2; half > 0 && code[:half] == code[half:] {
		code = code[:half]
	}
	return strings.TrimSpace(status + " " + code)
}

// elements makes one difference of each element that only one of two lists has, without those inside of it.
func elements(d truth.Difference, want, got string) (out []truth.Difference) {
	a, b := strings.Fields(want), strings.Fields(got)
	for _, element := range topmost(a, b) {
		d.What, d.Want, d.Got = "xml element missing", element, ""
		out = append(out, d)
	}
	for _, element := range topmost(b, a) {
		d.What, d.Want, d.Got = "xml element of ours", "", element
		out = append(out, d)
	}
	return out
}

// topmost lists the elements that only these have, without those inside of another one.
func topmost(these, those []string) (out []string) {
	for _, element := range these {
		above := element[:max(0, strings.LastIndexByte(element, '/'))]
		if !slices.Contains(those, element) && (above == "" || slices.Contains(those, above)) {
			out = append(out, element)
		}
	}
	return out
}

// blobScores reads rows of a family with its counts: sent, skip | status, code, headers, xml | all.
func blobScores(table string) (map[string]truth.Score, error) {
	scores := map[string]truth.Score{}
	for line := range strings.Lines(table) {
		field := strings.Fields(strings.ReplaceAll(line, "|", " "))
		if len(field) != 8 || field[0] == "total" {
			continue
		}
		var n [7]int
		var err error
		for i := range n {
			if n[i], err = strconv.Atoi(field[i+1]); err != nil {
				break // the heading
			}
		}
		if err == nil {
			scores[field[0]] = truth.Score{Sent: n[0], Skipped: n[1], Status: n[2], All: n[6]}
		}
	}
	if len(scores) == 0 {
		return nil, fmt.Errorf("no scores in the replayer's table: did it run?")
	}
	return scores, nil
}
