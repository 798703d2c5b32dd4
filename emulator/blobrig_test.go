package emulator_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// raw sends a request with headers in the case they have.
func (r *rig) raw(method, target, body string, h http.Header) answer {
	r.Helper()
	req, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		r.Fatal(err)
	}
	req.Header = h
	client := r.http
	if strings.HasPrefix(target, r.server.BlobURL+"/") {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		r.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(got)}
}
