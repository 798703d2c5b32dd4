package emulator_test

import (
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
	if strings.HasPrefix(target, r.blobURL+"/") {
		client = r.direct
	}
	return r.send(client, req)
}
