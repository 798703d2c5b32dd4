package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/wire"
)

// maxBody bounds bodies: the longest are rules of faults.
const maxBody = 64 << 10

func read(c *wire.Call) ([]byte, error) {
	data, err := c.ReadBody(maxBody)
	if errors.Is(err, wire.ErrTooLarge) {
		return nil, wire.Refuse(apierr.ControlTooLarge, maxBody)
	}
	return data, err
}

// decode reads the body into a struct. It is strict.
func decode(c *wire.Call, into any) error {
	data, err := read(c)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return wire.Refuse(apierr.ControlBody, readable(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return wire.Refuse(apierr.ControlBody, "there is text after the end of the object")
	}
	return nil
}

// readable says what encoding/json says without its name and those of our types.
func readable(err error) string {
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return "it is empty, and an object is wanted"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends in the middle of the object"
	case errors.As(err, &kind) && kind.Field == "":
		return "an object is wanted, not a " + kind.Value
	case errors.As(err, &kind):
		return fmt.Sprintf("%s is no %s", kind.Field, kind.Value)
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// nothing reads the body of an operation that wants none: it may be an empty object.
func nothing(c *wire.Call) error {
	if c.Request.ContentLength == 0 {
		return nil
	}
	return decode(c, &struct{}{})
}
