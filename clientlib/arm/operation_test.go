package arm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/clientlib/cloud"
)

// step is an answer of a script.
type step struct {
	status int
	header string // "Name: value", several by line
	body   string
}

// scripted is a client whose requests are answered in turn; it fails the test over one too many.
func scripted(t *testing.T, cl cloud.Cloud, steps ...step) (*arm.Client, *[]string) {
	var asked []string
	c, err := arm.New("sub", fixed("canary-token"), clientlib.Options{Cloud: cl, Transport: clientlib.TransportFunc(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.Method+" "+r.URL.String())
		if len(asked) > len(steps) {
			t.Fatalf("nobody expected %s", asked[len(asked)-1])
		}
		s := steps[len(asked)-1]
		resp := &http.Response{StatusCode: s.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(s.body))}
		for line := range strings.SplitSeq(s.header, "\n") {
			if name, value, ok := strings.Cut(line, ": "); ok {
				resp.Header.Set(name, value)
			}
		}
		return resp, nil
	})})
	check(t, err)
	return c, &asked
}

const ops = "https://management.azure.com/ops/1?t=2"

// TestOperations follows operations of all styles to their end.
func TestOperations(t *testing.T) {
	type end struct{ result, failed string }
	const id = "/subscriptions/sub/resourceGroups/g/providers/A.B/c/d"
	put := func(ctx context.Context, c *arm.Client) (*arm.Operation, error) {
		return c.Put(ctx, id, "1", map[string]string{})
	}
	del := func(ctx context.Context, c *arm.Client) (*arm.Operation, error) { return c.Delete(ctx, id, "1") }
	post := func(ctx context.Context, c *arm.Client) (*arm.Operation, error) {
		return c.Begin(ctx, id+"/act", "1", nil)
	}
	for name, row := range map[string]struct {
		begin  func(ctx context.Context, c *arm.Client) (*arm.Operation, error)
		steps  []step
		want   end
		waited time.Duration
	}{
		"at once":      {put, []step{{200, "", `{"name":"d"}`}}, end{result: "d"}, 0},
		"nothing said": {del, []step{{204, "", ""}}, end{}, 0},
		"body": {put, []step{
			{201, "Retry-After: 7", `{"name":"d","properties":{"provisioningState":"Creating"}}`},
			{200, "", `{"properties":{"provisioningState":"RegisteringDns"}}`},
			{200, "", `{"name":"e","properties":{"provisioningState":"Succeeded"}}`},
		}, end{result: "e"}, 10 * time.Second},
		"body failed": {put, []step{
			{201, "", `{"properties":{"provisioningState":"Creating"}}`},
			{200, "", `{"properties":{"provisioningState":"Failed"}}`},
		}, end{failed: "Failed"}, 2 * time.Second},
		"status document": {put, []step{
			{202, "Azure-AsyncOperation: " + ops + "\nLocation: https://management.azure.com/never", ""},
			{200, "Retry-After: 11", `{"status":"InProgress"}`},
			{200, "", `{"status":"Succeeded"}`},
			{200, "", `{"name":"d"}`},
		}, end{result: "d"}, 13 * time.Second},
		"status document failed": {put, []step{
			{200, "Azure-AsyncOperation: " + ops, `{"properties":{"provisioningState":"Updating"}}`},
			{200, "", `{"status":"Failed","error":{"code":"Quota","message":"none left"}}`},
		}, end{failed: "Failed: Quota: none left"}, 2 * time.Second},
		"location": {post, []step{
			{202, "Location: " + ops + "\nRetry-After: 15", ""},
			{202, "Location: https://management.azure.com/ops/2", ""},
			{200, "", `{"name":"d"}`},
		}, end{result: "d"}, 18 * time.Second},
		"deletion": {del, []step{{202, "Location: /ops/3", ""}, {204, "", ""}}, end{}, 2 * time.Second},
		"no place": {post, []step{{202, "", ""}}, end{failed: "nothing says where"}, 0},
		"location without the thing": {put, []step{
			{202, "Location: " + ops, ""}, {200, "", ""}, {200, "", `{"name":"d"}`},
		}, end{result: "d"}, 2 * time.Second},
		"location before its end": {put, []step{
			{202, "Location: " + ops, ""}, {200, "", `{"properties":{"provisioningState":"Updating"}}`}, {200, "", `{"name":"d"}`},
		}, end{result: "d"}, 5 * time.Second},
		"location failed": {put, []step{
			{202, "Location: " + ops, ""}, {200, "X-Ms-Request-Id: r-1", `{"properties":{"provisioningState":"Canceled"}}`},
		}, end{failed: "PUT " + id + ": the operation has ended as Canceled (request id r-1)"}, 2 * time.Second},
		"empty at once":     {put, []step{{200, "", ""}, {200, "", `{"name":"d"}`}}, end{result: "d"}, 0},
		"foreign":           {del, []step{{202, "Location: https://evil.example/ops", ""}}, end{failed: "evil.example"}, 0},
		"foreign status":    {put, []step{{202, "Azure-AsyncOperation: //evil.example/ops", ""}}, end{failed: "evil.example"}, 0},
		"foreign port":      {del, []step{{202, "Location: https://management.azure.com:8443/", ""}}, end{failed: "another host"}, 0},
		"plain":             {del, []step{{202, "Location: http://management.azure.com/x", ""}}, end{failed: "another host"}, 0},
		"later foreign":     {del, []step{{202, "Location: /ops/3", ""}, {202, "Location: https://evil.example/", ""}}, end{failed: "evil.example"}, 2 * time.Second},
		"no status":         {put, []step{{202, "Azure-AsyncOperation: " + ops, ""}, {200, "", `{}`}}, end{failed: "does not say its status"}, 2 * time.Second},
		"refused while out": {del, []step{{202, "Location: /ops/3", ""}, {404, "", `{"error":{"code":"Gone"}}`}}, end{failed: "Gone"}, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, asked := scripted(t, cloud.Cloud{}, row.steps...)
				began := time.Now()
				op, err := row.begin(t.Context(), c)
				var out struct{ Name string }
				if err == nil {
					err = op.Wait(t.Context(), &out)
				}
				if out.Name != row.want.result || (err != nil) != (row.want.failed != "") || err != nil && !strings.Contains(err.Error(), row.want.failed) {
					t.Errorf("%q, %v", out.Name, err)
				}
				if len(*asked) != len(row.steps) {
					t.Errorf("asked %q", *asked)
				}
				if waited := time.Since(began); waited != row.waited { // a bubble's time is exact
					t.Errorf("waited %s", waited)
				}
			})
		})
	}
}

// TestWaitEnds: a wait that its context ends can be taken up again, here and elsewhere.
func TestWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := scripted(t, cloud.Cloud{},
			step{202, "Azure-AsyncOperation: " + ops, ""}, step{200, "", `{"status":"InProgress"}`},
			step{200, "", `{"status":"Accepted"}`}, step{200, "", `{"status":"Succeeded"}`}, step{200, "", `{"name":"d"}`})
		op := must[*arm.Operation](t)(c.Put(t.Context(), "/a/b", "1", nil))
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := op.Wait(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the wait ended with %v", err)
		}
		again := must[*arm.Operation](t)(c.Resume(t.Context(), op.URL(), "/a/b", "1"))
		var out struct{ Name string }
		check(t, again.Wait(t.Context(), &out))
		if out.Name != "d" || !again.Done() {
			t.Errorf("resumed: %q", out.Name)
		}
	})
	c, _ := scripted(t, cloud.Cloud{})
	if _, err := c.Resume(t.Context(), "https://evil.example/", "", ""); !errors.Is(err, arm.ErrForeignLink) {
		t.Errorf("resuming elsewhere: %v", err)
	}
}

// TestWaitTwice: the end of an operation is the same however often it is asked for, and the result is read once more
// where reading it failed.
func TestWaitTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := scripted(t, cloud.Cloud{}, step{202, "Azure-AsyncOperation: " + ops, ""},
			step{200, "", `{"status":"Failed","error":{"code":"Quota","message":"none left, see https://x.example/?sig=canary"}}`})
		op := must[*arm.Operation](t)(c.Put(t.Context(), "/a/b", "1", nil))
		for range 2 {
			var e *arm.OperationError
			err := op.Wait(t.Context(), nil)
			shown, _ := json.Marshal(err)
			if text := fmt.Sprintf("%#v %s", err, shown); !strings.Contains(text, "Quota") || strings.Contains(text, "canary") {
				t.Errorf("the end is shown as %s", text)
			}
			if !errors.As(err, &e) || e.Code != "Quota" || e.ID != "/a/b" || strings.Contains(err.Error(), "canary") {
				t.Errorf("the end is %v", err)
			}
			if err := op.Poll(t.Context()); !errors.As(err, &e) {
				t.Errorf("asked once more, the end is %v", err)
			}
		}
		c, _ = scripted(t, cloud.Cloud{}, step{200, "Azure-AsyncOperation: " + ops, `{"name":"old"}`}, step{200, "", `{"status":"Succeeded"}`},
			step{403, "", `{"error":{"code":"AuthorizationFailed"}}`}, step{200, "", `{"name":"new"}`})
		op = must[*arm.Operation](t)(c.Patch(t.Context(), "/a/b", "1", nil))
		var out struct{ Name string }
		if err := op.Wait(t.Context(), &out); !clientlib.HasCode(err, "AuthorizationFailed") {
			t.Errorf("reading the result: %v", err)
		}
		check(t, op.Wait(t.Context(), &out))
		if out.Name != "new" {
			t.Errorf("the result is %q", out.Name)
		}
	})
}

// TestWaitsAreBounded: a poll comes after ten minutes at least, whatever Resource Manager asks for.
func TestWaitsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := scripted(t, cloud.Cloud{}, step{202, "Azure-AsyncOperation: " + ops + "\nRetry-After: 86400", ""},
			step{200, "Retry-After: 86400", `{"status":"Running"}`}, step{200, "", `{"status":"Succeeded"}`})
		began := time.Now()
		check(t, must[*arm.Operation](t)(c.Delete(t.Context(), "/a/b", "1")).Wait(t.Context(), nil))
		if took := time.Since(began); took != 20*time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

// TestResume takes up operations that have ended meanwhile, in each of their ways.
func TestResume(t *testing.T) {
	for name, row := range map[string]struct {
		steps    []step
		resource string
		result   string
		failed   string
	}{
		"status":          {[]step{{200, "", `{"status":"Succeeded"}`}, {200, "", `{"name":"d"}`}}, "/a/b", "d", ""},
		"status failed":   {[]step{{200, "", `{"status":"Canceled"}`}}, "/a/b", "", "Canceled"},
		"location":        {[]step{{200, "", `{"name":"d"}`}}, "", "d", ""},
		"nothing left":    {[]step{{204, "", ""}}, "", "", ""},
		"resource":        {[]step{{200, "", `{"properties":{"provisioningState":"Updating"}}`}, {200, "", `{"name":"d"}`}}, "/a/b", "d", ""},
		"resource failed": {[]step{{200, "", `{"properties":{"provisioningState":"Failed"}}`}}, "/a/b", "", "Failed"},
		"no id":           {nil, "/a//b", "", "is no id"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, asked := scripted(t, cloud.Cloud{}, row.steps...)
				op, err := c.Resume(t.Context(), ops, row.resource, "1")
				var out struct{ Name string }
				if err == nil {
					err = op.Wait(t.Context(), &out)
				}
				if out.Name != row.result || (err != nil) != (row.failed != "") || err != nil && !strings.Contains(err.Error(), row.failed) {
					t.Errorf("%q, %v", out.Name, err)
				}
				if len(*asked) != len(row.steps) {
					t.Errorf("asked %q", *asked)
				}
			})
		})
	}
}
