package blob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/linarite/linarite/clientlib"
)

// CopyOptions are of Blob.CopyFromURL. The zero value copies metadata with the blob.
type CopyOptions struct {
	// Metadata, if there is any, is kept with the copy in place of the source's.
	Metadata map[string]string
	// Tier is of the copy; "" is the account's own.
	Tier string
	// Conditions are on what is there, Source on what is copied.
	Conditions, Source Conditions
}

// CopyFromURL asks the service to copy a blob to this one ("Copy Blob"). The source is a URL that the service can read:
// of the same account, with a SAS, or public. It answers once the copy has begun; within one account that is mostly once
// it is done. Status is pending or success: WaitCopy waits. Nil options are none.
//
// Where the answer is lost, the copy is asked for again: the second one replaces the first, or is refused with
// PendingCopyOperation while the first goes on; Properties tells about that one then.
func (b *Blob) CopyFromURL(ctx context.Context, source string, o *CopyOptions) (Copy, error) {
	req, err := b.request(ctx, http.MethodPut, nil)
	if err != nil {
		return Copy{}, err
	}
	if source == "" {
		return Copy{}, errors.New("blob: a copy needs the URL of its source")
	}
	req.Header["X-Ms-Copy-Source"] = []string{source}
	if o != nil {
		o.Conditions.put(req.Header)
		from := http.Header{}
		o.Source.put(from)
		for name, values := range from {
			if name == "X-Ms-Lease-Id" {
				name = "X-Ms-Source-Lease-Id"
			} else {
				name = "X-Ms-Source-" + name
			}
			req.Header[name] = values
		}
		set(req.Header, "X-Ms-Access-Tier", o.Tier)
		if err := putMetadata(req.Header, o.Metadata); err != nil {
			return Copy{}, err
		}
	}
	h, err := b.client().do(req)
	if err != nil {
		return Copy{}, err
	}
	return copyOf(h), nil
}

// ErrCopyEnded tells that a copy was aborted, or has failed.
var ErrCopyEnded = errors.New("the copy has ended without success")

// WaitCopy waits until a copy to the blob has succeeded, and asks every so often: at first each second, later every
// half minute. Where it has ended otherwise, the error is ErrCopyEnded; where another copy has taken its place, and where
// the blob has been written since, too.
func (b *Blob) WaitCopy(ctx context.Context, id string) (Copy, error) {
	for wait := time.Second; ; wait = min(2*wait, 30*time.Second) {
		p, err := b.Properties(ctx, nil)
		if err != nil {
			return Copy{}, err
		}
		c := p.Copy
		switch {
		case c.ID != id:
			return c, fmt.Errorf("blob: copy %s to %s: %w: the blob has been written since", id, b.URL(), ErrCopyEnded)
		case c.Status == "success":
			return c, nil
		case c.Status != "pending":
			return c, fmt.Errorf("blob: copy %s to %s: %w: %s %s", id, b.URL(), ErrCopyEnded, c.Status, c.Description)
		}
		if err := clientlib.Sleep(ctx, b.client().pipeline.Options().Clock, wait); err != nil {
			return c, fmt.Errorf("blob: copy %s to %s is %s: %w", id, b.URL(), c.Status, err)
		}
	}
}

// AbortCopy ends a copy that is pending, and leaves an empty blob ("Abort Copy Blob"). One that is not pending any more is
// refused with NoPendingCopyOperation. lease is the id of the lease on the blob, "" where there is none.
func (b *Blob) AbortCopy(ctx context.Context, id, lease string) error {
	req, err := b.request(ctx, http.MethodPut, query{{"comp", "copy"}, {"copyid", id}})
	if err != nil {
		return err
	}
	req.Header["X-Ms-Copy-Action"] = []string{"abort"}
	set(req.Header, "X-Ms-Lease-Id", lease)
	_, err = b.client().do(req)
	return err
}
