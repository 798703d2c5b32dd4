package persist

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxPart is the size in bytes of a part of a file that the YAML parser is given at once.
// It takes quadratic time on some texts, and a world may have a hundred thousand blobs:
// so the file is cut where a line begins a key or an element of the whole, and each part
// is parsed by itself.
const maxPart = 16 << 20

// readYAML reads a file that is one block mapping, and calls each with every key, its line
// and its value, element by element where that is a list.
func readYAML(data []byte, each func(key string, line int, value *node) error) error {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	var key string
	keyLine := 0
	for line := 1; len(data) > 0; {
		part, rest := cut(data)
		found, value, err := parsePart(part, line, key)
		if err != nil {
			return err
		}
		if found != "" {
			key, keyLine = found, line
		}
		if value != nil {
			values := []*node{value}
			if value.kind == list {
				values = value.items
			}
			for _, v := range values {
				if err := each(key, keyLine, v); err != nil {
					return err
				}
			}
		}
		line += bytes.Count(part, []byte("\n"))
		data = rest
	}
	return nil
}

// cut splits a text before its second line that begins neither with a blank nor a comment.
func cut(data []byte) (part, rest []byte) {
	end, begun := 0, false
	for end < len(data) {
		c := data[end]
		if c != ' ' && c != '#' && c != '\n' && c != '\r' && c != '\t' {
			if begun {
				break
			}
			begun = true
		}
		next := bytes.IndexByte(data[end:], '\n')
		if next < 0 {
			return data, nil
		}
		end += next + 1
	}
	return data[:end], data[end:]
}

// maxBrackets bounds what may be open at once in a part: the YAML parser recurses, and takes
// memory without bound for "[[[[" or "- - - -".
const maxBrackets = 100

// tooDeep is the line, from 1, on which a part gets too deep, or 0. It counts brackets in
// texts too, where they rarely stand unclosed a hundred times: those of one value written in
// quotes or as a block are left out.
func tooDeep(part []byte) int {
	depth, quote, line := 0, byte(0), 1
	block := -1 // the indentation of the line that began a text in a block
	for len(part) > 0 {
		row, rest, _ := bytes.Cut(part, []byte("\n"))
		part = rest
		indent := len(row) - len(bytes.TrimLeft(row, " "))
		if block >= 0 && quote == 0 {
			if indent > block || len(bytes.TrimSpace(row)) == 0 {
				line++
				continue
			}
			block = -1
		}
		if quote == 0 && dashes(row) > maxBrackets {
			return line
		}
		for i := 0; i < len(row); i++ {
			c := row[i]
			switch {
			case quote == '"' && c == '\\':
				i++
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case (c == '"' || c == '\'') && begins(row, i):
				quote = c
			case c == '#' && (i == 0 || row[i-1] == ' '):
				i = len(row)
			case c == '[' || c == '{':
				if depth++; depth > maxBrackets {
					return line
				}
			case (c == ']' || c == '}') && depth > 0:
				depth--
			}
		}
		if quote == 0 && depth == 0 && blockHead.Match(row) {
			block = indent
		}
		line++
	}
	return 0
}

// blockHead ends a line after which a text in a block stands.
var blockHead = regexp.MustCompile(`(^|[ :-])[|>][-+0-9]*\s*(#.*)?$`)

// begins tells whether a value may begin at i, so that a quote there opens one.
func begins(row []byte, i int) bool {
	return i == 0 || bytes.IndexByte([]byte(" \t[{,:"), row[i-1]) >= 0
}

// dashes counts the elements that begin on one line.
func dashes(row []byte) int {
	n := 0
	for _, c := range row {
		switch c {
		case '-', '?', ':':
			n++
		case ' ', '\t':
		default:
			return n
		}
	}
	return n
}

// parsePart parses "key: value", "key:" or "- element"; an element belongs to the key
// before. value is nil where there is none.
func parsePart(part []byte, line int, before string) (key string, value *node, err error) {
	fail := func(at int, format string, args ...any) (string, *node, error) {
		return "", nil, &problem{line + at - 1, fmt.Sprintf(format, args...)}
	}
	if len(part) > maxPart {
		return fail(1, "what begins here is longer than %d MiB", maxPart>>20)
	}
	if at := tooDeep(part); at > 0 {
		return fail(at, "brackets open within brackets more than %d deep, or so many dashes stand on one line: no state is written so", maxBrackets)
	}
	file, err := parser.ParseBytes(part, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) && syntax.Token != nil {
			return fail(syntax.Token.Position.Line, "this is not YAML: %s", syntax.Message)
		}
		return fail(1, "this is not YAML: %v", err)
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return "", nil, nil
	}
	if len(file.Docs) > 1 || file.Docs[0].Start != nil || file.Docs[0].End != nil {
		return fail(1, "a state is one document: remove this line")
	}
	switch body := file.Docs[0].Body.(type) {
	case *ast.CommentGroupNode:
		return "", nil, nil
	case *ast.MappingNode:
		if len(body.Values) != 1 || body.IsFlowStyle {
			return fail(1, "each key begins a line of its own")
		}
		name, ok := body.Values[0].Key.(*ast.StringNode)
		if !ok {
			return fail(1, "a key is plain text")
		}
		if _, none := body.Values[0].Value.(*ast.NullNode); none && body.Values[0].Value.GetToken().Type != token.NullType {
			return name.Value, nil, nil // its elements are the parts that follow
		}
		value, err = fromAST(body.Values[0].Value, line-1)
		return name.Value, value, err
	case *ast.SequenceNode:
		if before == "" {
			return fail(1, "the file begins with an element of a list: it begins with schema: %s", Schema)
		}
		value, err = fromAST(body, line-1)
		return "", value, err
	}
	return fail(1, "this is neither a key nor an element of a list")
}

// fromAST turns a syntax tree into nodes. Its lines count from one behind offset.
func fromAST(n ast.Node, offset int) (*node, error) {
	out := &node{line: offset + n.GetToken().Position.Line}
	switch n := n.(type) {
	case *ast.StringNode:
		out.kind, out.text = text, n.Value
	case *ast.LiteralNode:
		out.kind, out.text = text, n.Value.Value
	case *ast.BoolNode:
		out.kind, out.text = literal, strconv.FormatBool(n.Value)
	case *ast.IntegerNode:
		out.kind, out.text = literal, n.Token.Value
	case *ast.SequenceNode:
		out.kind = list
		for _, element := range n.Values {
			item, err := fromAST(element, offset)
			if err != nil {
				return nil, err
			}
			out.items = append(out.items, item)
		}
	case *ast.MappingNode:
		out.kind = mapping
		for _, entry := range n.Values {
			key, ok := entry.Key.(*ast.StringNode)
			if !ok {
				return nil, wrong(out, "a key is plain text, such as name")
			}
			item, err := fromAST(entry.Value, offset)
			if err != nil {
				return nil, err
			}
			out.set(key.Value, item)
		}
	case *ast.NullNode:
		return nil, wrong(out, "there is no value here: give one, or remove the key")
	default:
		return nil, wrong(out, "%s has no place in a state: write the value out, in quotes if it is text", n.GetToken().Value)
	}
	return out, nil
}
