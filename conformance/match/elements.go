package match

import (
	"fmt"

	"github.com/onsi/gomega/types"

	"github.com/linarite/linarite/clientlib/wire"
)

// Root is the name of the root element of an XML body.
func Root(want any) types.GomegaMatcher {
	return of("the root element", want, func(a *wire.Answer) (any, error) {
		root, err := ParseXML(a.Body)
		if err != nil {
			return nil, fmt.Errorf("the body is no XML (%w)", err)
		}
		return root.Name, nil
	})
}

// Children is the names of the elements right below the one at a path of an XML body, as
// []string, in order; the empty path is the root.
func Children(path string, want any) types.GomegaMatcher {
	return of("the elements below "+path, want, func(a *wire.Answer) (any, error) {
		e, err := elementAt(a, path)
		if err != nil || e == nil {
			return absent{}, err
		}
		names := make([]string, 0, len(e.Children))
		for _, c := range e.Children {
			names = append(names, c.Name)
		}
		return names, nil
	})
}

// Attribute is an attribute of an element of an XML body. One that is not there matches only
// Absent().
func Attribute(path, name string, want any) types.GomegaMatcher {
	return of("the attribute "+name+" of "+path, want, func(a *wire.Answer) (any, error) {
		e, err := elementAt(a, path)
		if err != nil || e == nil {
			return absent{}, err
		}
		if value, ok := e.Attrs[name]; ok {
			return value, nil
		}
		return absent{}, nil
	})
}

func elementAt(a *wire.Answer, path string) (*Element, error) {
	root, err := ParseXML(a.Body)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the body is no XML (%w)", err)
	case path == "":
		return root, nil
	}
	return root.Find(path), nil
}
