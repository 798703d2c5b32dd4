package wire

import (
	"net/http"
	"strconv"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/ids"
)

const jsonUTF8 = "application/json; charset=utf-8"

// IMDSIdentity is the envelope of the metadata service's identity category.
type IMDSIdentity struct{}

// Header adds the two headers that IMDS shows.
func (IMDSIdentity) Header(c *Call, h http.Header) {
	set(h, "Server", "IMDS/150.870.65.1854", "x-ms-request-id", c.RequestID)
}

// ContentType of all bodies.
func (IMDSIdentity) ContentType() string { return jsonUTF8 }

// Refusal has two members, or one where there is nothing to describe (IMDS-TOKEN-049,
// IMDS-TOKEN-054).
func (IMDSIdentity) Refusal(_ *Call, e *apierr.Error) Response {
	return Response{Status: e.Status, Body: struct {
		Error       string `json:"error"`
		Description string `json:"error_description,omitempty"`
	}{e.Code, e.Message}}
}

// AppService is the envelope of App Service's token endpoint.
type AppService struct{}

// Header adds nothing: the endpoint is a process on the host.
func (AppService) Header(*Call, http.Header) {}

// ContentType of all bodies.
func (AppService) ContentType() string { return jsonUTF8 }

// Refusal repeats the status in the body.
func (AppService) Refusal(_ *Call, e *apierr.Error) Response {
	return Response{Status: e.Status, Body: struct {
		StatusCode int    `json:"statusCode"`
		Message    string `json:"message"`
	}{e.Status, e.Message}}
}

// Entra is the envelope of the token service.
type Entra struct{}

// Header adds what every answer of the token service carries. Cookies are left out:
// no client reads them, and a cookie of a test server helps nobody.
func (Entra) Header(c *Call, h http.Header) {
	set(h,
		"Strict-Transport-Security", "max-age=31536000; includeSubDomains",
		"X-Content-Type-Options", "nosniff",
		"x-ms-request-id", c.RequestID,
		"x-ms-ests-server", "2.1.24228.4 - LINARITE",
		"P3P", `CP="DSP CUR OTPi IND OTRi ONL FIN"`,
	)
	if c.Request.Header.Get("Return-Client-Request-Id") == "true" {
		if id := c.Request.Header.Get("Client-Request-Id"); id != "" {
			set(h, "client-request-id", id)
		}
	}
	if h["Cache-Control"] == nil {
		set(h, "Cache-Control", "no-store, no-cache", "Pragma", "no-cache", "Expires", "-1")
	}
}

// ContentType of all bodies.
func (Entra) ContentType() string { return jsonUTF8 }

// Refusal renders Entra's seven members.
func (Entra) Refusal(c *Call, e *apierr.Error) Response {
	if e.Kind == apierr.EntraThrottled { // ENTRA-TOKEN-026; the type has not been seen
		return Response{Status: e.Status, Body: []byte(e.Message), ContentType: "text/plain; charset=utf-8"}
	}
	correlation := c.correlation()
	at := c.Now.Format(entraTime)
	return Response{Status: e.Status, Body: struct {
		Error         string `json:"error"`
		Description   string `json:"error_description"`
		Codes         []int  `json:"error_codes"`
		Timestamp     string `json:"timestamp"`
		TraceID       string `json:"trace_id"`
		CorrelationID string `json:"correlation_id"`
		URI           string `json:"error_uri"`
	}{
		e.Code, EntraText(c, e), []int{e.Number}, at, c.RequestID, correlation,
		"https://" + c.World.Cloud.Entra.LoginHosts[0] + "/error?code=" + strconv.Itoa(e.Number),
	}}
}

const entraTime = "2006-01-02 15:04:05Z"

// EntraText is an error's description with the lines that Entra adds to it. IMDS
// relays it whole.
func EntraText(c *Call, e *apierr.Error) string {
	return "AADSTS" + strconv.Itoa(e.Number) + ": " + e.Message +
		"\r\nTrace ID: " + c.RequestID + "\r\nCorrelation ID: " + c.correlation() +
		"\r\nTimestamp: " + c.Now.Format(entraTime)
}

// correlation is the caller's client-request-id where it is a GUID.
func (c *Call) correlation() string {
	if c.correlationID == "" {
		c.correlationID = c.RequestID
		for _, name := range []string{"Client-Request-Id", "X-Ms-Client-Request-Id"} {
			if id := c.Request.Header.Get(name); ids.IsGUID(id) {
				c.correlationID = id
				break
			}
		}
	}
	return c.correlationID
}
