package blob

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"github.com/linarite/linarite/clientlib/internal/pages"
)

// ListOptions are of Container.List and Client.Containers. The zero value lists all.
type ListOptions struct {
	// Prefix is how the names begin.
	Prefix string
	// Delimiter makes a hierarchy: names that have it behind the prefix are listed once for each beginning up to it, as
	// an Item whose IsPrefix is true. "" lists all blobs, flat. Containers have none.
	Delimiter string
	// Metadata asks for metadata too.
	Metadata bool
	// PageSize is how many entries a request asks for, up to 5000; 0 is 5000.
	PageSize int
}

func (o *ListOptions) query(marker string) query {
	q := query{{"comp", "list"}}
	add := func(name, value string) {
		if value != "" {
			q = append(q, [2]string{name, value})
		}
	}
	add("prefix", o.Prefix)
	add("delimiter", o.Delimiter)
	if o.Metadata {
		add("include", "metadata")
	}
	if o.PageSize > 0 {
		add("maxresults", strconv.Itoa(o.PageSize))
	}
	add("marker", marker)
	return q
}

// Item is a blob of a list, or what blobs have in common.
type Item struct {
	// Name is the blob's, or with IsPrefix what names begin with: it ends with the delimiter.
	Name string
	// IsPrefix tells that this stands for all blobs whose names begin so. It has no properties.
	IsPrefix bool
	Properties
}

// List lists the blobs of the container in the order of their names ("List Blobs"), page by page as they are wanted. An
// error is the last thing it yields. Nil options are none.
func (c *Container) List(ctx context.Context, o *ListOptions) iter.Seq2[Item, error] {
	if o == nil {
		o = &ListOptions{}
	}
	return pages.Walk(func(marker string) ([]Item, string, error) {
		req, err := c.request(ctx, http.MethodGet, o.query(marker))
		if err != nil {
			return nil, "", err
		}
		return read(c.client, req, parseBlobs)
	})
}

// ContainerItem is a container of a list.
type ContainerItem struct {
	Name string
	ContainerProperties
}

// Containers lists the containers of the account in the order of their names ("List Containers"), as Container.List
// does blobs. Nil options are none.
func (c *Client) Containers(ctx context.Context, o *ListOptions) iter.Seq2[ContainerItem, error] {
	if o == nil {
		o = &ListOptions{}
	}
	return pages.Walk(func(marker string) ([]ContainerItem, string, error) {
		req, err := c.request(ctx, http.MethodGet, "", "", o.query(marker))
		if err != nil {
			return nil, "", err
		}
		return read(c, req, parseContainers)
	})
}

func read[T any](c *Client, req *http.Request, parse func([]byte) ([]T, string, error)) ([]T, string, error) {
	_, body, err := c.pipeline.Read(req)
	if err != nil {
		return nil, "", err
	}
	items, next, err := parse(body)
	if err != nil {
		return nil, "", fmt.Errorf("blob: %s %s: the list that came is not as expected: %w", req.Method, req.URL.Redacted(), err)
	}
	return items, next, nil
}

func parseBlobs(body []byte) (items []Item, next string, err error) {
	s := scanner{rest: body}
	for s.next() {
		if !s.closing { // what is read of an element is read at its end, when its text is there
			if s.at("EnumerationResults", "Blobs", "Blob") || s.at("EnumerationResults", "Blobs", "BlobPrefix") {
				items = append(items, Item{IsPrefix: s.name() == "BlobPrefix"})
			}
			continue
		}
		if s.at("EnumerationResults", "NextMarker") {
			next = s.text()
		}
		if len(s.path) < 4 || s.path[1] != "Blobs" || len(items) == 0 {
			continue
		}
		item := &items[len(items)-1]
		switch {
		case len(s.path) == 4 && s.name() == "Name":
			if item.Name, err = s.decoded(); err != nil {
				return nil, "", err
			}
		case len(s.path) == 5 && s.path[3] == "Properties":
			item.read(s.name(), s.text())
		case len(s.path) == 5 && s.path[3] == "Metadata":
			if item.Metadata == nil {
				item.Metadata = map[string]string{}
			}
			item.Metadata[s.name()] = s.text()
		}
	}
	return items, next, s.failed("EnumerationResults")
}

// read takes a property as the list writes it.
func (p *Properties) read(name, text string) {
	switch name {
	case "Content-Length":
		p.Size, _ = strconv.ParseInt(text, 10, 64)
	case "Etag":
		p.ETag = quoted(text)
	case "Last-Modified":
		p.Modified = parseTime(text)
	case "Creation-Time":
		p.Created = parseTime(text)
	case "Content-MD5":
		p.MD5 = text
	case "BlobType":
		p.Type = text
	case "AccessTier":
		p.Tier = text
	case "LeaseState":
		p.LeaseState = text
	case "Content-Type":
		p.ContentType = text
	case "Content-Encoding":
		p.ContentEncoding = text
	case "Content-Language":
		p.ContentLanguage = text
	case "Content-Disposition":
		p.ContentDisposition = text
	case "Cache-Control":
		p.CacheControl = text
	}
}

// quoted is an ETag as headers have it; the list of blobs leaves out the quotation marks.
func quoted(etag string) string {
	if etag == "" || etag[0] == '"' {
		return etag
	}
	return `"` + etag + `"`
}

func parseContainers(body []byte) (items []ContainerItem, next string, err error) {
	s := scanner{rest: body}
	for s.next() {
		if !s.closing {
			if s.at("EnumerationResults", "Containers", "Container") {
				items = append(items, ContainerItem{})
			}
			continue
		}
		if s.at("EnumerationResults", "NextMarker") {
			next = s.text()
		}
		if len(s.path) < 4 || s.path[1] != "Containers" || len(items) == 0 {
			continue
		}
		item := &items[len(items)-1]
		switch {
		case len(s.path) == 4 && s.name() == "Name":
			item.Name = s.text()
		case len(s.path) == 5 && s.path[3] == "Metadata":
			if item.Metadata == nil {
				item.Metadata = map[string]string{}
			}
			item.Metadata[s.name()] = s.text()
		case len(s.path) == 5 && s.path[3] == "Properties":
			switch s.name() {
			case "Etag":
				item.ETag = quoted(s.text())
			case "Last-Modified":
				item.Modified = parseTime(s.text())
			case "PublicAccess":
				item.Public = s.text()
			case "LeaseState":
				item.LeaseState = s.text()
			}
		}
	}
	return items, next, s.failed("EnumerationResults")
}

// decoded is the text of a name: one that XML cannot write comes escaped as in a URL, and says so.
func (s *scanner) decoded() (string, error) {
	if !s.encoded {
		return s.text(), nil
	}
	return url.PathUnescape(s.text())
}
