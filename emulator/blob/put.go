package blob

import (
	"net/http"
	"strconv"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/blobstore"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// missingHeader refuses a request without a header, naming it.
func missingHeader(name string) error {
	return apierr.New(apierr.StorageHeaderMissing).WithField("HeaderName", name)
}

// readBlob reads the content of Put Blob.
func readBlob(c *wire.Call) error {
	switch kind := c.Request.Header.Get("x-ms-blob-type"); kind {
	case "BlockBlob":
	case "":
		return missingHeader("x-ms-blob-type")
	default:
		return wire.HeaderValue("x-ms-blob-type", kind)
	}
	if err := notHere(c.Request.Header); err != nil {
		return err
	}
	h := c.Request.Header
	body, err := bodyWith(c, maxPut(c.Version), orDefault(h.Get("x-ms-blob-content-md5"), h.Get("Content-MD5"))) // BLOB-PUT-025
	c.Input = body
	return err
}

// newBlob is a blob with what the headers of a request say about it.
func newBlob(c *wire.Call, plain bool) (state.Blob, error) {
	r := of(c)
	b := state.Blob{
		Account: r.account.Name, Container: r.container, Name: r.name,
		ContentHeaders: contentHeadersOf(c.Request.Header, plain), Metadata: metadataOf(c),
	}
	var err error
	if b.Tags, err = tagsOf(c.Request.Header); err != nil {
		return b, err
	}
	b.Tier, err = tierOf(c.Request.Header)
	return b, err
}

func putBlob(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if _, _, err := conditional(c, tx, true); err != nil {
		return wire.Response{}, err
	}
	b, err := newBlob(c, true)
	if err != nil {
		return wire.Response{}, err
	}
	body := c.Input.(blobstore.Body)
	b.Content = body.Content
	if b.MD5 == "" {
		b.MD5 = body.MD5
	}
	if b, err = blobstore.PutBlob(tx, b, c.Now); err != nil {
		return wire.Response{}, err
	}
	h := modified(b.Modified)
	h["Content-MD5"] = []string{body.MD5}
	if c.Version >= "2019-02-02" {
		h["x-ms-content-crc64"] = []string{body.CRC64}
	}
	addEncrypted(c, h)
	return wire.Response{Status: http.StatusCreated, Header: h}, nil
}

// readBlock reads the content of Put Block.
func readBlock(c *wire.Call) error {
	id := c.Query.Get("blockid")
	if id == "" {
		return apierr.New(apierr.StorageQueryMissing).WithField("QueryParameterName", "blockid")
	}
	if err := blobstore.CheckBlockID(id); err != nil {
		return err
	}
	if err := notHere(c.Request.Header); err != nil {
		return err
	}
	body, err := bodyOf(c, maxBlock(c.Version))
	if err == nil && body.Content.Size == 0 {
		err = wire.HeaderValue("Content-Length", "0")
	}
	c.Input = body
	return err
}

func putBlock(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if _, _, err := target(c, tx); err != nil {
		return wire.Response{}, err
	}
	r, body := of(c), c.Input.(blobstore.Body)
	err := blobstore.StageBlock(tx, state.StagedBlock{
		Account: r.account.Name, Container: r.container, Name: r.name, ID: c.Query.Get("blockid"), Content: body.Content,
	}, c.Now)
	if err != nil {
		return wire.Response{}, err
	}
	h := http.Header{}
	addChecksum(c, h, body)
	return wire.Response{Status: http.StatusCreated, Header: h}, nil
}

// blockList is the input of Put Block List.
type blockList struct {
	body blobstore.Body
	refs []blobstore.BlockRef
}

func readBlockList(c *wire.Call) error {
	body, err := bodyOf(c, maxXML)
	if err != nil {
		return err
	}
	refs, err := parseBlockList(flat(body.Content))
	c.Input = blockList{body, refs}
	return err
}

// flat is content in one piece: for XML.
func flat(content state.Content) []byte {
	out := make([]byte, 0, content.Size)
	for _, chunk := range content.Chunks {
		out = append(out, chunk...)
	}
	return out
}

// parseBlockList reads the XML of Put Block List.
func parseBlockList(data []byte) ([]blobstore.BlockRef, error) {
	root, err := parseXML(data, "BlockList")
	if err != nil {
		return nil, err
	}
	refs := make([]blobstore.BlockRef, 0, len(root.children))
	for _, n := range root.children {
		ref := blobstore.BlockRef{ID: n.value()}
		switch n.name {
		case "Latest":
			ref.From = blobstore.Latest
		case "Committed":
			ref.From = blobstore.Committed
		case "Uncommitted":
			ref.From = blobstore.Uncommitted
		default:
			return nil, badXML(n.line, n.column, "Unexpected element '"+n.name+"'.")
		}
		refs = append(refs, ref)
	}
	return refs, nil
}

func putBlockList(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if _, _, err := conditional(c, tx, true); err != nil {
		return wire.Response{}, err
	}
	b, err := newBlob(c, false)
	if err != nil {
		return wire.Response{}, err
	}
	list := c.Input.(blockList)
	if b, err = blobstore.CommitBlocks(tx, b, list.refs, c.Now); err != nil {
		return wire.Response{}, err
	}
	h := modified(b.Modified)
	addChecksum(c, h, list.body)
	return wire.Response{Status: http.StatusCreated, Header: h}, nil
}

func getBlockList(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	b, found, err := target(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	r := of(c)
	staged := blobstore.StagedBlocks(tx, r.account.Name, r.container, r.name, c.Now)
	if !found && len(staged) == 0 {
		return wire.Response{}, wire.Refuse(apierr.StorageBlobNotFound)
	}
	kind := orDefault(c.Query.Get("blocklisttype"), "committed")
	if kind != "committed" && kind != "uncommitted" && kind != "all" {
		return wire.Response{}, queryValue("blocklisttype", kind)
	}
	if !r.key && r.sas == nil && c.Caller.IsZero() {
		kind = "committed" // what is not committed is not public
	}
	d := newDocument()
	d.inside("BlockList", func() {
		if kind != "uncommitted" {
			d.inside("CommittedBlocks", func() { d.blocks(b.Blocks) })
		}
		if kind != "committed" {
			d.inside("UncommittedBlocks", func() { d.blocks(staged) })
		}
	})
	answer := d.response()
	if found {
		answer.Header = modified(b.Modified)
		answer.Header["x-ms-blob-content-length"] = []string{strconv.FormatInt(b.Content.Size, 10)}
	}
	return answer, nil
}

func (d *document) blocks(list []state.Block) {
	for _, block := range list {
		d.inside("Block", func() {
			d.element("Name", block.ID)
			d.element("Size", strconv.FormatInt(block.Content.Size, 10))
		})
	}
}
