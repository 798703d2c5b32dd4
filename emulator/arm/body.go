package arm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"reflect"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/wire"
)

// maxBody bounds request bodies, as the service's documented limit does.
const maxBody = 4 << 20

// decode reads a JSON body into the value that v points to. An empty body is the empty
// object. Members that v does not have are refused, naming what the service calls the
// type: a misspelt member must not be lost.
func decode(c *wire.Call, typeName string, v any) error {
	body, err := c.ReadBody(maxBody)
	if errors.Is(err, wire.ErrTooLarge) {
		return wire.Refuse(apierr.ARMContentTooLarge, maxBody)
	}
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	given := c.Request.Header.Get("Content-Type")
	if kind, _, err := mime.ParseMediaType(given); err != nil || !isJSON(kind) {
		if given == "" {
			given = "<null>"
		}
		return wire.Refuse(apierr.ARMMediaType, given)
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return wire.Refuse(apierr.ARMContentInvalid, deserializer(err, typeName, body))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		line, column := position(body, dec.InputOffset())
		return wire.Refuse(apierr.ARMContentInvalid, fmt.Sprintf("Additional text encountered after finished reading JSON content. Path '', line %d, position %d", line, column))
	}
	return nil
}

func isJSON(kind string) bool { return kind == "application/json" || kind == "text/json" }

// deserializer says what is wrong with a body in the words of the service's JSON library.
func deserializer(err error, typeName string, body []byte) string {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	const unknown = "json: unknown field "
	switch {
	case strings.HasPrefix(err.Error(), unknown):
		name := strings.Trim(strings.TrimPrefix(err.Error(), unknown), `"`)
		line, column := position(body, int64(bytes.Index(body, []byte(`"`+name+`"`))+len(name)+3))
		return fmt.Sprintf("Could not find member '%s' on object of type '%s'. Path '%s', line %d, position %d", name, typeName, name, line, column)
	case errors.As(err, &kind):
		line, column := position(body, kind.Offset)
		return fmt.Sprintf("Error converting value of type '%s' to type '%s'. Path '%s', line %d, position %d", kind.Value, jsonType(kind.Type), kind.Field, line, column)
	case errors.As(err, &syntax):
		line, column := position(body, syntax.Offset)
		return fmt.Sprintf("Unexpected character encountered while parsing value. Path '', line %d, position %d", line, column)
	}
	return "Unexpected end when reading JSON. Path ''"
}

// jsonType names a type in the terms of JSON: our own names mean nothing to a caller.
func jsonType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return jsonType(t.Elem())
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Slice, reflect.Array:
		return "array"
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	}
	return "number"
}

// position counts lines from 1 and columns from 0, as the service's library does.
func position(body []byte, offset int64) (line, column int) {
	before := body[:max(0, min(int(offset), len(body)))]
	return bytes.Count(before, []byte("\n")) + 1, len(before) - (bytes.LastIndexByte(before, '\n') + 1)
}
