package persist

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
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

// maxOpen bounds what may be open at once in a part: the YAML parser recurses, and takes
// memory without bound for "[[[[" or "- - - -".
const maxOpen = 100

// tooDeep is the line of a part's token that opens too much, or 0.
func tooDeep(tokens token.Tokens) int {
	brackets, marks := 0, 0
	for _, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets--
			marks = 0
		case token.SequenceEntryType, token.MappingKeyType:
			marks++
		default:
			marks = 0
		}
		if brackets > maxOpen || marks > maxOpen {
			return t.Position.Line
		}
	}
	return 0
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
	tokens := lexer.Tokenize(string(part))
	if at := tooDeep(tokens); at > 0 {
		return fail(at, "lists or mappings stand in one another more than %d deep: no state is written so", maxOpen)
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
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
