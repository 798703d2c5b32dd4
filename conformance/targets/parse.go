package targets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// Parse reads a target file strictly. The name is for its errors, which are *Error.
func Parse(name string, text []byte) (File, error) {
	var f File
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	if err := decoder.Decode(&f); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the file is empty")
		}
		return File{}, &Error{name, err}
	}
	err := errors.Join(oneDocument(text), secretIn(text))
	if err == nil {
		err = f.expand(os.Getenv)
	}
	if err == nil {
		err = f.check()
	}
	if err != nil {
		return File{}, &Error{name, located(err, text)}
	}
	f.fill()
	return f, nil
}

// oneDocument refuses a file of several: what stands in the others would not count.
func oneDocument(text []byte) error {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return err
	}
	for _, d := range file.Docs[1:] {
		if d.Body != nil {
			at := d.Body.GetToken().Position
			return fmt.Errorf("[%d:%d] here a second document begins: a target file has one", at.Line, at.Column)
		}
	}
	return nil
}

// A wrong value is at a path of the file, such as limits.spec.
type wrong struct{ path, why string }

func (w wrong) Error() string { return w.path + " " + w.why }

// located puts line and column before an error that knows the path of its value, where the file has that.
func located(err error, text []byte) error {
	var w wrong
	if !errors.As(err, &w) {
		return err
	}
	path, invalid := yaml.PathString("$." + w.path)
	if invalid != nil {
		return err
	}
	node, missing := path.ReadNode(bytes.NewReader(text))
	if missing != nil || node.GetToken() == nil {
		return err
	}
	at := node.GetToken().Position
	return fmt.Errorf("[%d:%d] %w", at.Line, at.Column, err)
}

// keyLike is what keys, signatures, tokens and client secrets look like.
var keyLike = regexp.MustCompile(`[A-Za-z0-9+/]{42,}=|eyJ[A-Za-z0-9_-]+\.|[?&]sig=|[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{20,}`)

// secretIn refuses a file that seems to hold a secret, without repeating it.
func secretIn(text []byte) error {
	for i, line := range bytes.Split(text, []byte("\n")) {
		if at := keyLike.FindIndex(line); at != nil {
			return fmt.Errorf("[%d:%d] this looks like a key or a token: target files hold none; name the environment variable that has it", i+1, at[0]+1)
		}
	}
	return nil
}
