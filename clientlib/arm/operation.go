package arm

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/internal/redact"
)

// Operation is a write that Resource Manager may still be busy with: "Track asynchronous Azure operations", Microsoft
// documentation. Its three styles are a status document (Azure-AsyncOperation), an address that answers in the end
// (Location), and properties.provisioningState of the resource itself. It is for one goroutine at a time.
type Operation struct {
	c          *Client
	method, id string
	// status, location and body are where to ask next; all empty once done.
	status, location, body string
	wait                   time.Duration
	// result is what the end said. Where that was nothing, final is where the result is read; "" where there is none.
	result []byte
	final  string
	// failed is how it ended, if not well.
	failed error
}

// URL is where the operation tells how it goes, for Resume; "" once it is done.
func (o *Operation) URL() string { return cmp.Or(o.status, o.location, o.body) }

// Done tells whether Resource Manager is finished with it, as far as is known.
func (o *Operation) Done() bool { return o.URL() == "" }

// OperationError is an operation that was begun and did not succeed.
type OperationError struct {
	// Method and ID are of what was asked for; ID is "" if Resume was not told.
	Method, ID string
	// Status is Resource Manager's: Failed or Canceled.
	Status string
	// Code and Message say why, as far as was said.
	Code, Message string
	// RequestID is of the answer that told.
	RequestID string
}

func (e *OperationError) Error() string {
	text := e.Method + " " + e.ID + ": the operation has ended as " + e.Status
	if e.Code != "" {
		text += ": " + redact.Text(e.Code)
	}
	if e.Message != "" {
		text += ": " + redact.Text(e.Message)
	}
	if e.RequestID != "" {
		text += " (request id " + e.RequestID + ")"
	}
	return text
}

// GoString is Error: what Resource Manager says may quote what was sent.
func (e *OperationError) GoString() string {
	return "&arm.OperationError{" + strconv.Quote(e.Error()) + "}"
}

// MarshalText is Error, for logs of JSON.
func (e *OperationError) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// begin sends a write and looks where it can be followed.
func (c *Client) begin(ctx context.Context, method, id, version string, body any) (*Operation, error) {
	address, err := c.address(id, "", version)
	if err != nil {
		return nil, err
	}
	var text json.RawMessage
	resp, err := c.pipeline.JSON(ctx, method, address, body, &text)
	if err != nil {
		return nil, err
	}
	o := &Operation{c: c, method: method, id: id, result: text}
	if method == http.MethodPut || method == http.MethodPatch {
		o.final = address
	}
	if err := o.follow(resp, text); err != nil {
		return nil, err
	}
	return o, nil
}

// follow takes from the first answer where the operation can be followed.
func (o *Operation) follow(resp *http.Response, text []byte) (err error) {
	o.wait = o.asked(resp)
	if link := resp.Header.Get("Azure-AsyncOperation"); link != "" {
		if o.status, err = o.c.own(link); err != nil {
			return err
		}
	}
	link := resp.Header.Get("Location")
	if link != "" && (resp.StatusCode == http.StatusAccepted || o.status != "") {
		if o.location, err = o.c.own(link); err != nil {
			return err
		}
	}
	if o.URL() != "" {
		return nil
	}
	state := provisioning(text)
	switch {
	case resp.StatusCode == http.StatusAccepted && o.final == "":
		return errors.New("arm: the request was accepted, and nothing says where to follow it")
	case resp.StatusCode == http.StatusAccepted || !terminal(state):
		o.body = o.final
	case failed(state):
		return o.failure(resp, state)
	}
	return nil
}

// failure is the error of an operation that ended as a state.
func (o *Operation) failure(resp *http.Response, state string) *OperationError {
	return &OperationError{Method: o.method, ID: o.id, Status: state, RequestID: resp.Header.Get("X-Ms-Request-Id")}
}

// ended is the end of the operation: Wait says the same from now on.
func (o *Operation) ended(result []byte, err error) error {
	o.status, o.location, o.body, o.result, o.failed = "", "", "", result, err
	return err
}

// terminal tells whether a state is an end; none is one.
func terminal(state string) bool {
	switch strings.ToLower(state) {
	case "", "succeeded", "failed", "canceled", "cancelled":
		return true
	}
	return false
}

// failed tells whether a state is an end that is no success.
func failed(state string) bool {
	return terminal(state) && state != "" && !strings.EqualFold(state, "Succeeded")
}

func provisioning(text []byte) string {
	var said struct {
		Properties struct{ ProvisioningState string }
	}
	_ = json.Unmarshal(text, &said) // what is not of this form has no state
	return said.Properties.ProvisioningState
}

// Wait follows the operation to its end, and reads its result into out unless that is nil: the resource of a Put or a
// Patch, the answer of an action. It asks as often as Resource Manager says, every ten minutes at least, else every two seconds at first and every
// thirty in the end. When ctx ends, the operation goes on: Wait may be called again, or Resume elsewhere.
func (o *Operation) Wait(ctx context.Context, out any) error {
	const first, longest = 2 * time.Second, 30 * time.Second
	for wait := first; !o.Done(); wait = min(wait*3/2, longest) {
		if err := clientlib.Sleep(ctx, o.c.pipeline.Options().Clock, cmp.Or(o.wait, wait)); err != nil {
			return fmt.Errorf("arm: waiting for %s %s: %w", o.method, o.id, err)
		}
		if err := o.Poll(ctx); err != nil {
			return err
		}
	}
	if o.failed != nil || out == nil {
		return o.failed
	}
	if len(o.result) == 0 && o.final != "" {
		var text json.RawMessage
		if _, err := o.c.pipeline.JSON(ctx, http.MethodGet, o.final, nil, &text); err != nil {
			return err
		}
		o.result = text
	}
	if len(o.result) == 0 {
		return nil
	}
	if err := json.Unmarshal(o.result, out); err != nil {
		return fmt.Errorf("arm: the result is not what was expected: %w", err)
	}
	return nil
}

// Poll asks once how the operation goes. Its error is that of asking, or how the operation ended.
func (o *Operation) Poll(ctx context.Context) error {
	if o.Done() {
		return o.failed
	}
	var text json.RawMessage
	resp, err := o.c.pipeline.JSON(ctx, http.MethodGet, o.URL(), nil, &text)
	if err != nil {
		return err
	}
	return o.heard(resp, text)
}

// asked is how long an answer asks to wait until the next poll, at most as long as is waited before a request is tried again.
func (o *Operation) asked(resp *http.Response) time.Duration {
	return min(clientlib.RetryAfter(resp.Header, o.c.pipeline.Options().Clock.Now()), longestAsked)
}

// heard takes in an answer about how it goes.
func (o *Operation) heard(resp *http.Response, text []byte) (err error) {
	o.wait = o.asked(resp)
	if o.status != "" {
		return o.document(resp, text)
	}
	state := provisioning(text)
	switch {
	case o.location != "" && resp.StatusCode == http.StatusAccepted:
		if link := resp.Header.Get("Location"); link != "" {
			link, err = o.c.own(link)
			o.location = cmp.Or(link, o.location)
		}
		return err
	case !terminal(state):
		return nil
	case failed(state):
		return o.ended(nil, o.failure(resp, state))
	}
	return o.ended(text, nil)
}

// document reads a status document.
func (o *Operation) document(resp *http.Response, text []byte) error {
	var said struct {
		Status string
		Error  struct{ Code, Message string }
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return fmt.Errorf("arm: the status of an operation is not what was expected: %w", err)
	}
	switch {
	case said.Status == "":
		return errors.New("arm: an operation does not say its status")
	case !terminal(said.Status):
		return nil
	case failed(said.Status):
		e := o.failure(resp, said.Status)
		e.Code, e.Message = said.Error.Code, said.Error.Message
		return o.ended(nil, e)
	}
	if o.method != http.MethodDelete {
		o.final = cmp.Or(o.final, o.location)
	}
	return o.ended(nil, nil)
}

// Resume takes an operation up again that another process began: url is its URL, resource the id of what is made or
// changed, and version its api-version, both "" for an action or a deletion.
func (c *Client) Resume(ctx context.Context, url, resource, version string) (*Operation, error) {
	link, err := c.own(url)
	if err != nil {
		return nil, err
	}
	o := &Operation{c: c, method: http.MethodPost, id: resource}
	if resource != "" {
		o.method = http.MethodPut
		if o.final, err = c.address(resource, "", version); err != nil {
			return nil, err
		}
	}
	var text json.RawMessage
	resp, err := c.pipeline.JSON(ctx, http.MethodGet, link, nil, &text)
	if err != nil {
		return nil, err
	}
	var said struct{ Status string }
	_ = json.Unmarshal(text, &said) // a resource has no status at its top
	switch {
	case said.Status != "":
		o.status = link
	case resp.StatusCode == http.StatusAccepted:
		o.location = link
	default:
		o.body = link
	}
	return o, o.heard(resp, text)
}

// String tells how it stands, for a log.
func (o *Operation) String() string {
	if o.Done() {
		return o.method + ": done"
	}
	return o.method + ": in progress, next in " + strconv.Itoa(int(o.wait.Seconds())) + " s"
}
