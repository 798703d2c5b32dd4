package wire

import "encoding/json"

// ParseError stub.
func ParseError(a *Answer) (code, message, requestID string) {
	if c := a.Header.Get("x-ms-error-code"); c != "" {
		return c, "", ""
	}
	var j struct{ Error any }
	_ = json.Unmarshal(a.Body, &j)
	switch e := j.Error.(type) {
	case string:
		return e, "", ""
	case map[string]any:
		c, _ := e["code"].(string)
		m, _ := e["message"].(string)
		return c, m, ""
	}
	return "", "", ""
}
