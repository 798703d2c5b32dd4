package blob

import (
	"net/http"
	"slices"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/blobstore"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

func setMetadata(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	b, err := writable(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	b.Metadata = metadataOf(c)
	if b, err = blobstore.UpdateBlob(tx, b, c.Now); err != nil {
		return wire.Response{}, err
	}
	h := modified(b.Modified)
	addEncrypted(c, h)
	return wire.Response{Header: h}, nil
}

// setProperties replaces the six properties of the content: one that is not sent is
// cleared, where any is (BLOB-PROP-001).
func setProperties(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	b, err := writable(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	if given := contentHeadersOf(c.Request.Header, false); given != (state.ContentHeaders{}) {
		b.ContentHeaders = given
	}
	if b, err = blobstore.UpdateBlob(tx, b, c.Now); err != nil {
		return wire.Response{}, err
	}
	return wire.Response{Header: modified(b.Modified)}, nil
}

func setTier(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	b, found, err := target(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	if !found {
		return wire.Response{}, wire.Refuse(apierr.StorageBlobNotFound)
	}
	tier, err := tierOf(c.Request.Header)
	switch {
	case err != nil:
		return wire.Response{}, err
	case tier == "":
		return wire.Response{}, missingHeader("x-ms-access-tier")
	}
	if blobstore.SetTier(tx, b, tier, c.Now) { // BLOB-PROP-009
		return wire.Response{Status: http.StatusAccepted}, nil
	}
	return wire.Response{}, nil
}

func deleteBlob(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	switch which := c.Request.Header.Get("x-ms-delete-snapshots"); {
	case which == "" || which == "include":
	case which == "only":
		return deleteSnapshots(c, tx)
	default:
		return wire.Response{}, wire.HeaderValue("x-ms-delete-snapshots", which)
	}
	r := of(c)
	_, found, err := conditional(c, tx, false)
	if err != nil {
		return wire.Response{}, err
	}
	if _, staged := blobstore.Staged(tx, r.account.Name, r.container, r.name, c.Now); !found && (!staged || c.Query.Has("snapshot")) {
		return wire.Response{}, wire.Refuse(apierr.StorageBlobNotFound)
	}
	blobstore.DeleteBlob(tx, r.account.Name, r.container, r.name)
	return deleted(c), nil
}

// deleteSnapshots deletes the snapshots of a blob that is there: it has none here.
func deleteSnapshots(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if _, err := writable(c, tx); err != nil {
		return wire.Response{}, err
	}
	return deleted(c), nil
}

func deleted(c *wire.Call) wire.Response {
	r := wire.Response{Status: http.StatusAccepted}
	if c.Version >= "2017-07-29" {
		r = r.With("x-ms-delete-type-permanent", "true")
	}
	return r
}

func getTags(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	b, found, err := target(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	if !found {
		return wire.Response{}, wire.Refuse(apierr.StorageBlobNotFound)
	}
	d := newDocument()
	d.tags(b.Tags)
	return d.response(), nil
}

// tags writes tags in the order of their keys.
func (d *document) tags(tags map[string]string) {
	keys := make([]string, 0, len(tags))
	for key := range tags {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	d.inside("Tags", func() {
		d.inside("TagSet", func() {
			for _, key := range keys {
				d.inside("Tag", func() {
					d.element("Key", key)
					d.element("Value", tags[key])
				})
			}
		})
	})
}

// readTags reads the XML of Set Blob Tags.
func readTags(c *wire.Call) error {
	body, err := bodyOf(c, maxXML)
	if err != nil {
		return err
	}
	c.Input, err = parseTags(flat(body.Content))
	return err
}

func parseTags(data []byte) (map[string]string, error) {
	root, err := parseXML(data, "Tags")
	if err != nil {
		return nil, err
	}
	set, ok := root.child("TagSet")
	if !ok {
		return nil, badXML(root.line, root.column, "TagSet is missing.")
	}
	tags := make(map[string]string, len(set.children))
	for _, n := range set.children {
		key, hasKey := n.child("Key")
		value, hasValue := n.child("Value")
		if n.name != "Tag" || !hasKey || !hasValue {
			return nil, badXML(n.line, n.column, "Key or Value is missing.")
		}
		if _, twice := tags[key.text]; twice {
			return nil, wire.Refuse(apierr.StorageTagTwice)
		}
		tags[key.text] = value.text
	}
	return tags, nil
}

func setTags(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	b, found, err := target(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	if !found {
		return wire.Response{}, wire.Refuse(apierr.StorageBlobNotFound)
	}
	return wire.Response{Status: http.StatusNoContent}, blobstore.SetTags(tx, b, c.Input.(map[string]string))
}
