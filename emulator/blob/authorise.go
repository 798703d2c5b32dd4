package blob

import (
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/storageauth"
	"github.com/linarite/linarite/emulator/wire"
)

// authorise asks whether whoever it is may do this, before anybody looks whether the thing
// is there: a caller without the right does not learn that (BLOB-AUTH-013).
func (p *plane) authorise(c *wire.Call) error {
	if c.Operation.Anonymous {
		return nil // not emulated: the operation refuses
	}
	r, o := of(c), p.operations[c.Operation.Name]
	var refused error
	c.World.State.View(func(tx *state.Tx) {
		switch {
		case r.key:
		case r.sas != nil:
			refused = signed(c, tx, r, o)
		case !c.Caller.IsZero():
			refused = assigned(c, tx, r, o)
		default:
			refused = public(c, tx, r, o)
		}
	})
	return refused
}

// exists tells whether the blob asked for is there.
func (r *request) exists(tx *state.Tx) bool {
	return tx.Blobs.Has(state.BlobKey(r.account.Name, r.container, r.name))
}

// assigned decides by the caller's role assignments. Tags beside the operation proper need
// rights of their own.
func assigned(c *wire.Call, tx *state.Tx, r *request, o operation) error {
	h := c.Request.Header
	allowed := allow(c, tx, r, o.Action)
	if !allowed && o.need == storageauth.PutBlob && !r.exists(tx) {
		allowed = allow(c, tx, r, onBlobs+"add/action")
	}
	if allowed && h.Get("x-ms-tags") != "" {
		allowed = allow(c, tx, r, onBlobs+"tags/write")
	}
	if allowed && h.Get("x-ms-if-tags") != "" {
		allowed = allow(c, tx, r, onBlobs+"tags/read")
	}
	if !allowed {
		return wire.Refuse(apierr.StoragePermission)
	}
	return nil
}

// allow decides and records. Actions on blobs are data actions; the scope is the container,
// or the account (BLOB-AUTH-014, BLOB-AUTH-015).
func allow(c *wire.Call, tx *state.Tx, r *request, action string) bool {
	scope := r.account.ID
	if r.container != "" {
		scope += "/blobServices/default/containers/" + r.container
	}
	d := rbac.Decide(c.Facts(tx), rbac.Query{
		PrincipalID: c.Caller.ObjectID(), Action: action, Data: strings.HasPrefix(action, onBlobs), Scope: scope, Now: c.Now,
	})
	c.Decided(d)
	return d.Allowed
}

// signed decides by the letters of a shared access signature.
func signed(c *wire.Call, tx *state.Tx, r *request, o operation) error {
	need := o.need
	switch {
	case need == storageauth.PutBlob && r.exists(tx):
		need = storageauth.OverwriteBlob
	case need == storageauth.PutBlock && !r.exists(tx) && r.sas.Version >= "2026-04-06" && c.Version >= "2026-04-06":
		need = storageauth.PutBlockOfNewBlob
	}
	if failure := r.sas.Allows(storageauth.Needs(need)); failure != nil {
		return sasFailure(failure)
	}
	if c.Request.Header.Get("x-ms-tags") != "" && need != storageauth.SetBlobTags {
		if failure := r.sas.Allows(storageauth.Needs(storageauth.SetBlobTags)); failure != nil {
			return sasFailure(failure)
		}
	}
	return nil
}

// public decides for callers who say nothing about themselves (BLOB-AUTH-019 to
// BLOB-AUTH-023).
func public(c *wire.Call, tx *state.Tx, r *request, o operation) error {
	container, _ := tx.Containers.Get(state.ContainerKey(r.account.Name, r.container))
	open := o.public != "" && container.Public != "" && (container.Public == o.public || container.Public == "container")
	switch {
	case open && r.account.AllowBlobPublicAccess:
		return nil
	case c.Version >= challengeVersion:
		return apierr.New(apierr.StorageNoAuthentication).WithChallenge(challenge(c, r))
	case !r.account.AllowBlobPublicAccess:
		return wire.Refuse(apierr.StoragePublicAccess)
	}
	return wire.Refuse(apierr.StorageResourceNotFound)
}
