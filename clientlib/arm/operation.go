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
)

// Operation is a write that Resource Manager may still be busy with: "Track asynchronous Azure operations", Microsoft
// documentation. Its three styles are a status document (Azure-AsyncOperation), an address that answers in the end
// (Location), and properties.provisioningState of the resource itself.
type Operation struct {
	c      *Client
	method string
	// resource is where the result is read when a status document says that it is there; "" where there is none.
	resource string
	// status, location and body are where to ask next; all empty once done.
	status, location, body string
	wait                   time.Duration
	result                 []byte
}

// URL is where the operation tells how it goes, for Resume; "" once it is done.
func (o *Operation) URL() string { return cmp.Or(o.status, o.location, o.body) }

// Done tells whether Resource Manager is finished with it, as far as is known.
func (o *Operation) Done() bool { return o.URL() == "" }

// OperationError is an operation that was begun and did not succeed.
type OperationError struct {
	// Status is Resource Manager's: Failed or Canceled.
	Status string
	// Code and Message say why, as far as was said.
	Code, Message string
}

func (e *OperationError) Error() string {
	text := "the operation has ended as " + e.Status
	if e.Code != "" {
		text += ": " + e.Code
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

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
	o := &Operation{c: c, method: method, result: text}
	if method == http.MethodPut || method == http.MethodPatch {
		o.resource = address
	}
	return o, o.follow(resp, text)
}

// follow takes from the first answer where the operation can be followed.
func (o *Operation) follow(resp *http.Response, text []byte) (err error) {
	o.wait = clientlib.RetryAfter(resp.Header, o.c.pipeline.Options().Clock.Now())
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
	case resp.StatusCode == http.StatusAccepted && o.resource == "":
		return errors.New("arm: the request was accepted, and nothing says where to follow it")
	case resp.StatusCode == http.StatusAccepted || !terminal(state):
		o.body = o.resource
	case state != "" && !strings.EqualFold(state, succeeded):
		return &OperationError{Status: state}
	}
	return nil
}

const succeeded = "Succeeded"

// terminal tells whether a state is an end; none is one.
func terminal(state string) bool {
	switch strings.ToLower(state) {
	case "", "succeeded", "failed", "canceled", "cancelled":
		return true
	}
	return false
}

func provisioning(text []byte) string {
	var said struct {
		Properties struct{ ProvisioningState string }
	}
	_ = json.Unmarshal(text, &said) // what is not of this form has no state
	return said.Properties.ProvisioningState
}

// Wait follows the operation to its end, and reads its result into out unless that is nil: the resource of a Put or a
// Patch, the answer of an action. It asks as often as Resource Manager says, else every two seconds at first and every
// thirty in the end. When ctx ends, the operation goes on: Wait may be called again, or Resume elsewhere.
func (o *Operation) Wait(ctx context.Context, out any) error {
	const first, longest = 2 * time.Second, 30 * time.Second
	for wait := first; !o.Done(); wait = min(wait*3/2, longest) {
		if err := clientlib.Sleep(ctx, o.c.pipeline.Options().Clock, cmp.Or(o.wait, wait)); err != nil {
			return fmt.Errorf("arm: waiting for %s: %w", strings.ToLower(o.method), err)
		}
		if err := o.Poll(ctx); err != nil {
			return err
		}
	}
	if out == nil || len(o.result) == 0 {
		return nil
	}
	if err := json.Unmarshal(o.result, out); err != nil {
		return fmt.Errorf("arm: the result is not what was expected: %w", err)
	}
	return nil
}

// Poll asks once how the operation goes.
func (o *Operation) Poll(ctx context.Context) error {
	if o.Done() {
		return nil
	}
	var text json.RawMessage
	resp, err := o.c.pipeline.JSON(ctx, http.MethodGet, o.URL(), nil, &text)
	if err != nil {
		return err
	}
	o.wait = clientlib.RetryAfter(resp.Header, o.c.pipeline.Options().Clock.Now())
	switch {
	case o.status != "":
		return o.document(ctx, text)
	case o.location != "":
		if link := resp.Header.Get("Location"); resp.StatusCode == http.StatusAccepted {
			if link != "" {
				o.location, err = o.c.own(link)
			}
			return err
		}
	default:
		if !terminal(provisioning(text)) {
			return nil
		}
	}
	o.status, o.location, o.body, o.result = "", "", "", text
	if state := provisioning(text); state != "" && !strings.EqualFold(state, succeeded) && terminal(state) {
		return &OperationError{Status: state}
	}
	return nil
}

// document reads a status document, and the result where it says that there is one.
func (o *Operation) document(ctx context.Context, text []byte) error {
	var said struct {
		Status string
		Error  struct{ Code, Message string }
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return fmt.Errorf("arm: the status of an operation is not what was expected: %w", err)
	}
	if said.Status == "" {
		return errors.New("arm: an operation does not say its status")
	}
	if !terminal(said.Status) {
		return nil
	}
	last := cmp.Or(o.resource, o.location)
	o.status, o.location, o.body = "", "", ""
	if !strings.EqualFold(said.Status, succeeded) {
		return &OperationError{Status: said.Status, Code: said.Error.Code, Message: said.Error.Message}
	}
	if last == "" || o.method == http.MethodDelete {
		o.result = nil
		return nil
	}
	var result json.RawMessage
	if _, err := o.c.pipeline.JSON(ctx, http.MethodGet, last, nil, &result); err != nil {
		return err
	}
	o.result = result
	return nil
}

// Resume takes an operation up again that another process began: url is its URL, resource the id of what is made or
// changed, and version its api-version, both "" for an action or a deletion.
func (c *Client) Resume(ctx context.Context, url, resource, version string) (*Operation, error) {
	link, err := c.own(url)
	if err != nil {
		return nil, err
	}
	var text json.RawMessage
	resp, err := c.pipeline.JSON(ctx, http.MethodGet, link, nil, &text)
	if err != nil {
		return nil, err
	}
	o := &Operation{c: c, method: http.MethodPost, result: text}
	if resource != "" {
		o.method = http.MethodPut
		if o.resource, err = c.address(resource, "", version); err != nil {
			return nil, err
		}
	}
	o.wait = clientlib.RetryAfter(resp.Header, c.pipeline.Options().Clock.Now())
	var said struct{ Status string }
	_ = json.Unmarshal(text, &said) // a resource has no status at its top
	switch {
	case resp.StatusCode == http.StatusAccepted && said.Status == "":
		o.location = link
	case said.Status != "":
		o.status = link
		if terminal(said.Status) {
			return o, o.document(ctx, text)
		}
	case !terminal(provisioning(text)):
		o.body = link
	}
	return o, nil
}

// String tells how it stands, for a log.
func (o *Operation) String() string {
	if o.Done() {
		return o.method + ": done"
	}
	return o.method + ": in progress, next in " + strconv.Itoa(int(o.wait.Seconds())) + " s"
}
