package foreign

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/linarite/linarite/conformance/truth"
	"github.com/linarite/linarite/conformance/truth/blobspec"
)

// recordedExchange is a line of the traffic that the SDK tests record.
type recordedExchange struct {
	Request struct {
		Method  string            `json:"method"`
		URL     string            `json:"url"`
		Headers map[string]string `json:"headers"`
	} `json:"liveRequest"`
	Response struct {
		Status  string            `json:"statusCode"`
		Headers map[string]string `json:"headers"`
		Text    string            `json:"text"`
	} `json:"liveResponse"`
}

// BlobTraffic holds what is of Blob storage in recorded traffic against a description of one version.
func BlobTraffic(file string, spec blobspec.Spec, version string) (truth.Found, error) {
	f, err := os.Open(file)
	if err != nil {
		return truth.Found{}, err
	}
	defer f.Close()
	found := truth.Found{Scores: map[string]truth.Score{}, Left: map[string]int{}}
	seen := map[string]bool{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var x recordedExchange
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			return truth.Found{}, fmt.Errorf("%s: %w", file, err)
		}
		status, err := strconv.Atoi(x.Response.Status)
		u, errURL := url.Parse(x.Request.URL)
		if err != nil || errURL != nil || !strings.Contains(u.Host, ".blob.") || status == http.StatusUnauthorized {
			continue
		}
		if asked := x.Request.Headers["x-ms-version"]; asked != version {
			found.Left["blob, no description: "+asked] = 1
			continue
		}
		what, _ := exchange{Method: x.Request.Method, URL: x.Request.URL}.kind()
		if one := what + x.Response.Status; !seen[one] {
			seen[one] = true
			x.hold(spec, what, status, &found)
		}
	}
	if lines.Err() == nil && len(seen) == 0 {
		return truth.Found{}, fmt.Errorf("%s: nothing of Blob storage's version %s: did the sweep run?", file, version)
	}
	found.Differences = unique(found.Differences)
	return found, lines.Err()
}

func (x recordedExchange) hold(spec blobspec.Spec, what string, status int, found *truth.Found) {
	operation, findings, known := spec.Check(blobspec.Answer{
		Method: x.Request.Method, URL: x.Request.URL, Header: x.Request.Headers, Status: status, ResponseHeader: x.Response.Headers, Body: []byte(x.Response.Text),
	})
	if !known {
		found.Left["blob, no description: "+what] = 1
		return
	}
	score := truth.Score{Sent: 1, Status: 1, All: 1}
	for _, f := range findings {
		score.All = 0
		if f.What == "status not described" {
			score.Status = 0
		}
		found.Differences = append(found.Differences, truth.Difference{Of: "blob " + operation, At: status, What: f.What, Want: f.Name, Got: f.Got})
	}
	score.Add(found.Scores["blob"])
	found.Scores["blob"] = score
}
