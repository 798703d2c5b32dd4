package foreign

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/linarite/linarite/conformance/truth"
)

// exchange is a line of validate.js.
type exchange struct {
	Plane, Method, URL string
	Status             int
	// Undescribed says why no description of the exchange was found.
	Undescribed string
	Findings    []finding
}

type finding struct {
	Side, Code, Message string
	At                  []string
}

// Traffic reads what validate.js printed. Exchanges of the same kind count once: tests send many.
func Traffic(file string) (truth.Found, error) {
	f, err := os.Open(file)
	if err != nil {
		return truth.Found{}, err
	}
	defer f.Close()
	found := truth.Found{Scores: map[string]truth.Score{}, Left: map[string]int{}}
	seen := map[string]bool{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var x exchange
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			return truth.Found{}, fmt.Errorf("%s: %w", file, err)
		}
		if x.Status == http.StatusUnauthorized {
			continue // challenges: whose token is offered first depends on timing
		}
		what, version := x.kind()
		if one := fmt.Sprint(x.Plane, " ", what, " ", version, " ", x.Status); !seen[one] {
			seen[one] = true
			x.count(&found, what, version)
		}
	}
	if lines.Err() == nil && len(seen) == 0 {
		return truth.Found{}, fmt.Errorf("%s: no exchanges: did the tests and the validator run?", file)
	}
	found.Differences = unique(found.Differences)
	return found, lines.Err()
}

func (x exchange) count(found *truth.Found, what, version string) {
	score := found.Scores[x.Plane]
	defer func() { found.Scores[x.Plane] = score }()
	if x.Undescribed != "" {
		found.Left[x.Plane+", no description: "+about(x.Plane, what, version)] = 1
		return
	}
	score.Sent++
	status, all := true, true
	for _, f := range x.Findings {
		all = false
		status = status && f.Code != "INVALID_RESPONSE_CODE"
		at := ""
		if len(f.At) > 0 {
			at = index.ReplaceAllString(f.At[0], "/[]")
		}
		found.Differences = append(found.Differences, truth.Difference{
			Of: x.Plane + " " + what, At: x.Status, What: f.Side + " " + f.Code, Want: guid.ReplaceAllString(f.Message, "GUID"), Got: at,
		})
	}
	if status {
		score.Status++
	}
	if all {
		score.All++
	}
}

var (
	index = regexp.MustCompile(`/\d+\b`)
	guid  = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`)
	long  = regexp.MustCompile(`/[A-Za-z0-9_-]{40,}`)
)

// kind is what an exchange is of, without what differs from run to run, and its version.
func (x exchange) kind() (what, version string) {
	u, err := url.Parse(x.URL)
	if err != nil {
		return x.Method + " " + x.URL, ""
	}
	q := u.Query()
	version = q.Get("api-version")
	q.Del("api-version")
	for name := range q {
		if !slices.Contains([]string{"comp", "restype", "include", "delimiter"}, name) {
			q.Set(name, "*")
		}
	}
	what = x.Method + " " + long.ReplaceAllString(guid.ReplaceAllString(u.Path, "GUID"), "/TOKEN")
	if len(q) > 0 {
		what += "?" + strings.ReplaceAll(q.Encode(), "%2A", "*")
	}
	return what, version
}

// about says of what a description is missing: of a provider, a version, or one operation.
func about(plane, what, version string) string {
	_, path, _ := strings.Cut(what, " ")
	if _, provider, ok := strings.Cut(path, "/providers/"); plane == "arm" && ok {
		name, _, _ := strings.Cut(provider, "/")
		return name + " " + version
	}
	if plane == "vault" && version == "7.4" {
		return what
	}
	return version
}

func unique(all []truth.Difference) []truth.Difference {
	seen := map[truth.Difference]bool{}
	return slices.DeleteFunc(all, func(d truth.Difference) bool {
		again := seen[d]
		seen[d] = true
		return again
	})
}
