package selftest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/linarite/linarite/clientlib/wire"
)

// Status gives an answer another status, and leaves the rest.
func Status(status int) func(a *wire.Answer) {
	return func(a *wire.Answer) { a.Status, a.Reason = status, http.StatusText(status) }
}

// Code gives an error another code, wherever the plane has it.
func Code(code string) func(a *wire.Answer) {
	return func(a *wire.Answer) {
		old, _, _ := wire.ParseError(a)
		if a.Header.Has("x-ms-error-code") {
			a.Header.Set("x-ms-error-code", code)
		}
		if old != "" {
			a.Body = bytes.ReplaceAll(a.Body, []byte(old), []byte(code))
		}
	}
}

// Answer makes it another answer altogether, of JSON.
func Answer(status int, body string) func(a *wire.Answer) {
	return func(a *wire.Answer) {
		Status(status)(a)
		a.Body = []byte(body)
		a.Header.Del("x-ms-error-code")
		a.Header.Set("Content-Type", "application/json")
	}
}

// Header gives a header field another value.
func Header(name, value string) func(a *wire.Answer) {
	return func(a *wire.Answer) { a.Header.Set(name, value) }
}

// NoHeader takes a header field away.
func NoHeader(name string) func(a *wire.Answer) {
	return func(a *wire.Answer) { a.Header.Del(name) }
}

// Replace replaces what an expression finds in the body; $1 and so on are its groups.
func Replace(expression, by string) func(a *wire.Answer) {
	return func(a *wire.Answer) { a.Body = regexp.MustCompile(expression).ReplaceAll(a.Body, []byte(by)) }
}

// ReplaceHeader replaces what an expression finds in a header field.
func ReplaceHeader(name, expression, by string) func(a *wire.Answer) {
	return func(a *wire.Answer) {
		a.Header.Set(name, regexp.MustCompile(expression).ReplaceAllString(a.Header.Get(name), by))
	}
}

// Body makes it another body.
func Body(body string) func(a *wire.Answer) {
	return func(a *wire.Answer) { a.Body = []byte(body) }
}

// JSON gives a member of a JSON body another value: names and places joined by dots.
func JSON(path string, value any) func(a *wire.Answer) {
	return func(a *wire.Answer) { edit(a, path, func(in map[string]any, name string) { in[name] = value }) }
}

// NoJSON takes a member of a JSON body away.
func NoJSON(path string) func(a *wire.Answer) {
	return func(a *wire.Answer) { edit(a, path, func(in map[string]any, name string) { delete(in, name) }) }
}

// edit changes the object that the last name of a path stands in.
func edit(a *wire.Answer, path string, change func(in map[string]any, name string)) {
	var body any
	if json.Unmarshal(a.Body, &body) != nil {
		return
	}
	names := strings.Split(path, ".")
	at := body
	for _, name := range names[:len(names)-1] {
		switch in := at.(type) {
		case map[string]any:
			at = in[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(in) {
				return
			}
			at = in[i]
		}
	}
	in, ok := at.(map[string]any)
	if !ok {
		return
	}
	change(in, names[len(names)-1])
	text, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("a fault made no JSON: %v", err))
	}
	a.Body = text
}

// XML gives the first element of a name another text.
func XML(name, text string) func(a *wire.Answer) {
	return Replace("(<"+name+`(?:\s[^>]*)?>)[^<]*(</`+name+">)", "${1}"+text+"${2}")
}

// NoXML takes the elements of a name away, with what is in them.
func NoXML(name string) func(a *wire.Answer) {
	return Replace("(?s)<"+name+`(\s[^>]*)?(/>|>.*?</`+name+">)", "")
}

// Both does one after the other.
func Both(all ...func(a *wire.Answer)) func(a *wire.Answer) {
	return func(a *wire.Answer) {
		for _, do := range all {
			do(a)
		}
	}
}
