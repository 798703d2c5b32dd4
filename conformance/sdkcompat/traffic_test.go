package sdkcompat

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing/iotest"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// trafficVariable names a file that gets all that the clients here send and are answered, one exchange a line, in the
// form that the validator of published descriptions reads. Secrets stand in it: it is for a folder that is thrown away.
const trafficVariable = "LINARITE_TRAFFIC"

// recorded is a transport that writes its traffic down where the environment asks for it.
func recorded(next policy.Transporter) policy.Transporter {
	file := os.Getenv(trafficVariable)
	if file == "" {
		return next
	}
	return recorder{next, file}
}

type recorder struct {
	next policy.Transporter
	file string
}

// exchange has the member names of oav's live validation.
type exchange struct {
	Request  liveRequest  `json:"liveRequest"`
	Response liveResponse `json:"liveResponse"`
}

type liveRequest struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Query   map[string]string `json:"query"`
	Body    json.RawMessage   `json:"body,omitempty"`
}

type liveResponse struct {
	Status  string            `json:"statusCode"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body,omitempty"`
	// Text is a body of XML, which oav does not read and the check of Blob storage does.
	Text string `json:"text,omitempty"`
}

func (r recorder) Do(req *http.Request) (*http.Response, error) {
	var sent []byte
	if req.Body != nil {
		var err error
		if sent, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		_ = req.Body.Close()
		req.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := r.next.Do(req)
	if err != nil {
		return nil, err
	}
	got, cut := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(got))
	if cut != nil { // a planned fault: the client finds the end where it is
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(got), iotest.ErrReader(cut)))
		return resp, nil
	}
	query := map[string]string{}
	for name, values := range req.URL.Query() {
		query[name] = values[0]
	}
	line, err := json.Marshal(exchange{
		liveRequest{req.Method, req.URL.String(), flat(req.Header), query, object(sent)},
		liveResponse{strconv.Itoa(resp.StatusCode), flat(resp.Header), object(got), text(resp, got)},
	})
	if err != nil {
		return nil, err
	}
	return resp, appendLine(r.file, line)
}

// appendLine writes a line in one piece, so that clients that run at the same time do not mix theirs.
func appendLine(file string, line []byte) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

// flat has the first value of each header, by its name in lower case.
func flat(h http.Header) map[string]string {
	out := map[string]string{}
	for name, values := range h {
		out[strings.ToLower(name)] = values[0]
	}
	return out
}

func text(resp *http.Response, body []byte) string {
	if resp.Header.Get("Content-Type") != "application/xml" {
		return ""
	}
	return string(body)
}

// object is a body of JSON; others are left out.
func object(body []byte) json.RawMessage {
	if !json.Valid(body) {
		return nil
	}
	return body
}
