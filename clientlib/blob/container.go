package blob

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/linarite/linarite/clientlib"
)

// again tells whether a refusal came to a request that was sent more than once: an earlier try may have done what was
// asked, and its answer was lost.
func again(err error) bool {
	var e *clientlib.Error
	return errors.As(err, &e) && e.Tries > 1
}

// ContainerProperties is what the service says of a container.
type ContainerProperties struct {
	// ETag is of the container's own properties: what happens to its blobs does not change it.
	ETag string
	// Modified is by the second.
	Modified time.Time
	// Public is what anybody may read: "" nothing, blob each blob, container the list of them too.
	Public string
	// LeaseState is available, leased, expired, breaking or broken.
	LeaseState string
	// Metadata has the names in lower case where they came as headers, and as they were written in lists.
	Metadata map[string]string
}

// CreateOptions are of Container.Create.
type CreateOptions struct {
	// Public is what anybody may read: "" nothing, blob each blob, container the list of them too.
	Public string
	// Metadata is kept with the container.
	Metadata map[string]string
}

// Create makes the container ("Create Container"). One that is there already is refused with ContainerAlreadyExists,
// one that is just being deleted with ContainerBeingDeleted. Where it was tried again, the container that is there may
// have been made by the try before. Nil options are none.
func (c *Container) Create(ctx context.Context, o *CreateOptions) (Written, error) {
	req, err := c.request(ctx, http.MethodPut, nil)
	if err != nil {
		return Written{}, err
	}
	if o != nil {
		set(req.Header, "X-Ms-Blob-Public-Access", o.Public)
		if err := putMetadata(req.Header, o.Metadata); err != nil {
			return Written{}, err
		}
	}
	h, err := c.client.do(req)
	if err != nil {
		return Written{}, err
	}
	return writtenOf(h), nil
}

// Delete deletes the container and all in it ("Delete Container"). Where it was tried again, and the container was not
// there by then or is being deleted, a try before is taken to have deleted it. Conditions are those of times and the
// lease; nil is none.
func (c *Container) Delete(ctx context.Context, conditions *Conditions) error {
	req, err := c.request(ctx, http.MethodDelete, nil)
	if err != nil {
		return err
	}
	if conditions != nil {
		conditions.put(req.Header)
	}
	if _, err = c.client.do(req); again(err) && clientlib.HasCode(err, "ContainerNotFound", "ContainerBeingDeleted") {
		return nil
	}
	return err
}

// Properties asks what the service knows of the container ("Get Container Properties").
func (c *Container) Properties(ctx context.Context) (ContainerProperties, error) {
	req, err := c.request(ctx, http.MethodHead, nil)
	if err != nil {
		return ContainerProperties{}, err
	}
	h, err := c.client.do(req)
	if err != nil {
		return ContainerProperties{}, err
	}
	return ContainerProperties{
		ETag: h.Get("Etag"), Modified: parseTime(h.Get("Last-Modified")), Public: h.Get("X-Ms-Blob-Public-Access"),
		LeaseState: h.Get("X-Ms-Lease-State"), Metadata: metadataOf(h),
	}, nil
}

// Exists tells whether the container is there.
func (c *Container) Exists(ctx context.Context) (bool, error) {
	_, err := c.Properties(ctx)
	if missing(err) {
		return false, nil
	}
	return err == nil, err
}
