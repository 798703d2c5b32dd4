package blob

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Tags asks for the index tags of the blob ("Get Blob Tags"), which needs the action tags/read, or t of a SAS. Nil
// conditions are none.
func (b *Blob) Tags(ctx context.Context, c *Conditions) (map[string]string, error) {
	req, err := b.request(ctx, http.MethodGet, query{{"comp", "tags"}})
	if err != nil {
		return nil, err
	}
	if c != nil {
		c.put(req.Header)
	}
	_, body, err := b.client().pipeline.Read(req)
	if err != nil {
		return nil, err
	}
	tags, err := parseTags(body)
	if err != nil {
		return nil, fmt.Errorf("blob: GET %s: the tags that came are not as expected: %w", req.URL.Redacted(), err)
	}
	return tags, nil
}

func parseTags(body []byte) (map[string]string, error) {
	tags, key := map[string]string{}, ""
	s := scanner{rest: body}
	for s.next() {
		if !s.closing {
			continue
		}
		if s.at("Tags", "TagSet", "Tag", "Key") {
			key = s.text()
		}
		if s.at("Tags", "TagSet", "Tag", "Value") {
			tags[key] = s.text()
		}
	}
	return tags, s.failed("Tags")
}

// tagsHeader is tags as a header of a write: a query string, with spaces as %20.
func tagsHeader(tags map[string]string) string {
	if len(tags) == 0 {
		return ""
	}
	values := url.Values{}
	for name, value := range tags {
		values.Set(name, value)
	}
	return strings.ReplaceAll(values.Encode(), "+", "%20")
}
