package wire

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"strings"
)

// ParseError reads what a service says about a refusal, whichever envelope it has: the object
// "error" of Resource Manager, Key Vault and Graph, the members of Entra and of the metadata service,
// App Service's object, or the XML of Storage, whose code stands in x-ms-error-code where there is no
// body. What is not said is "". The lines at a message's end that tell one request from another
// (RequestId, Time, Trace ID, Correlation ID, Timestamp) are no part of it.
func ParseError(a *Answer) (code, message, requestID string) {
	body := bytes.TrimPrefix(a.Body, []byte("\ufeff"))
	var traced string
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); bytes.HasPrefix(trimmed, []byte("<")) {
		code, message = storageError(trimmed)
	} else {
		code, message, traced = objectError(trimmed)
	}
	message, said := sentences(message)
	code = cmp.Or(code, a.Header.Get("x-ms-error-code"))
	requestID = cmp.Or(a.Header.Get("x-ms-request-id"), a.Header.Get("request-id"), traced, said)
	return code, message, requestID
}

func storageError(body []byte) (code, message string) {
	var said struct {
		XMLName xml.Name `xml:"Error"`
		Code    string   `xml:"Code"`
		Message string   `xml:"Message"`
	}
	if xml.Unmarshal(body, &said) != nil {
		return "", ""
	}
	return said.Code, said.Message
}

func objectError(body []byte) (code, message, traced string) {
	var said struct {
		Error       json.RawMessage `json:"error"`
		Description string          `json:"error_description"`
		Trace       string          `json:"trace_id"`
		Message     string          `json:"message"` // App Service
	}
	if json.Unmarshal(body, &said) != nil {
		return "", "", ""
	}
	var nested struct{ Code, Message string }
	switch {
	case json.Unmarshal(said.Error, &code) == nil && code != "":
		return code, said.Description, said.Trace
	case json.Unmarshal(said.Error, &nested) == nil:
		return nested.Code, nested.Message, said.Trace
	}
	return "", said.Message, said.Trace
}

// sentences is a message without the lines about the one request, and the request's id if one of
// them says it.
func sentences(message string) (text, requestID string) {
	var kept []string
	for line := range strings.SplitSeq(message, "\n") {
		name, value, _ := strings.Cut(strings.TrimRight(line, "\r"), ":")
		switch name {
		case "RequestId", "Trace ID":
			requestID = strings.TrimSpace(value)
		case "Time", "Correlation ID", "Timestamp":
		default:
			kept = append(kept, line)
		}
	}
	text = strings.Join(kept, "\n")
	if text != message {
		text = strings.TrimSuffix(text, "\r")
	}
	return text, requestID
}
