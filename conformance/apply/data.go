package apply

import (
	"context"
	"crypto/md5" //nolint:gosec // the checksum that Blob storage keeps; nothing is kept secret by it
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/clientlib/blob"
	"github.com/linarite/linarite/clientlib/vault"
	"github.com/linarite/linarite/fixtures/world"
)

// containerTag is Tag as the name of metadata, which has no hyphens.
const containerTag = "linarite_apply"

// store is the way into an account's data.
type store struct{ client *blob.Client }

// store opens an account by its key, or with the deployer's token where the account takes no keys.
func (r *run) store(ctx context.Context, at world.Place, account string) (*blob.Client, error) {
	c, err := r.client(at.Subscription)
	if err != nil {
		return nil, err
	}
	return r.storeOf(ctx, c, at.Group.Name, account)
}

func (r *run) storeOf(ctx context.Context, c *arm.Client, group, account string) (*blob.Client, error) {
	id := strings.ToLower(c.AccountID(group, account))
	if s := r.stores[id]; s != nil {
		return s.client, nil
	}
	is, err := c.Account(ctx, group, account)
	if err != nil {
		return nil, err
	}
	endpoint := r.o.Cloud.Blob(account)
	if e := is.Properties.PrimaryEndpoints; e != nil && e.Blob != "" {
		endpoint = strings.TrimSuffix(e.Blob, "/")
	}
	var client *blob.Client
	if shared := is.Properties.AllowSharedKey; shared == nil || *shared {
		var keys []arm.Key
		if keys, err = c.Keys(ctx, group, account); err == nil && len(keys) == 0 {
			err = errors.New("the account has no keys")
		}
		if err == nil {
			client, err = blob.NewWithKey(endpoint, account, keys[0].Value, r.o.Options)
		}
	} else {
		client, err = blob.New(endpoint, r.o.Credential, r.o.Options)
	}
	if err != nil {
		return nil, err
	}
	r.stores[id] = &store{client}
	return client, nil
}

func (r *run) container(ctx context.Context, at world.Place, a *world.StorageAccount, want *world.Container) (Outcome, error) {
	account := r.plan.global(a.Name)
	client, err := r.store(ctx, at, account)
	if err != nil {
		return "", err
	}
	accountID := r.resource(at, "Microsoft.Storage/storageAccounts", account)
	id := accountID + arm.ID("blobServices", "default", "containers", want.Name)
	public := ""
	if want.Public != world.PublicNone {
		public = string(want.Public)
	}
	container := client.Container(want.Name)
	is, err := container.Properties(ctx)
	switch {
	case missing(err):
		r.oursBy[strings.ToLower(id)] = true
		return Made, r.making("container", id, func() error {
			_, err := container.Create(ctx, &blob.CreateOptions{Public: public, Metadata: map[string]string{containerTag: r.plan.Name}})
			return err
		})
	case err != nil:
		return "", err
	}
	r.oursBy[strings.ToLower(id)] = is.Metadata[containerTag] == r.plan.Name || r.oursBy[strings.ToLower(accountID)]
	if is.Public != public {
		return "", differs("anybody may read %q of it, and not %q: az storage container set-permission changes that", is.Public, public)
	}
	return There, nil
}

func (r *run) blob(ctx context.Context, at world.Place, a *world.StorageAccount, c *world.Container, want *world.Blob) (Outcome, error) {
	account := r.plan.global(a.Name)
	client, err := r.store(ctx, at, account)
	if err != nil {
		return "", err
	}
	parent := r.resource(at, "Microsoft.Storage/storageAccounts", account) + arm.ID("blobServices", "default", "containers", c.Name)
	id := parent + arm.ID("blobs", want.Name)
	b := client.Container(c.Name).Blob(want.Name)
	is, err := b.Properties(ctx, nil)
	if err != nil && !missing(err) {
		return "", err
	}
	upload := func() error { return r.upload(ctx, b, want) }
	if err != nil {
		return Made, r.making("blob", id, upload)
	}
	difference, err := r.blobDiffers(ctx, b, is, want)
	switch {
	case err != nil:
		return "", err
	case difference == "":
		return There, nil
	case !r.oursBy[strings.ToLower(parent)] && !r.held[strings.ToLower(id)]:
		return "", differs("%s", difference)
	}
	return Changed, upload()
}

func (r *run) upload(ctx context.Context, b *blob.Blob, want *world.Blob) error {
	content, err := want.Open(r.o.Files)
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = b.Upload(ctx, content, &blob.UploadOptions{
		Headers: blob.Headers{ContentType: want.ContentType}, Metadata: want.Metadata, Tags: want.Tags, MD5: true,
	})
	return err
}

// blobDiffers says what of a blob is not as the world says.
func (r *run) blobDiffers(ctx context.Context, b *blob.Blob, is blob.Properties, want *world.Blob) (string, error) {
	content, err := want.Open(r.o.Files)
	if err != nil {
		return "", err
	}
	defer content.Close()
	sum := md5.New() //nolint:gosec // see the import
	size, err := io.Copy(sum, content)
	if err != nil {
		return "", err
	}
	metadata := map[string]string{}
	for name, value := range want.Metadata {
		metadata[strings.ToLower(name)] = value
	}
	kind := want.ContentType
	if kind == "" {
		kind = "application/octet-stream"
	}
	switch {
	case is.Size != size || is.MD5 != base64.StdEncoding.EncodeToString(sum.Sum(nil)):
		return "its content is another", nil
	case is.ContentType != kind:
		return fmt.Sprintf("its content type is %s, and not %s", is.ContentType, kind), nil
	case !maps.Equal(is.Metadata, metadata) && len(is.Metadata)+len(metadata) > 0:
		return fmt.Sprintf("its metadata are %q, and not %q", is.Metadata, metadata), nil
	}
	tags, err := b.Tags(ctx, nil)
	if clientlib.HasStatus(err, 403) && len(want.Tags) == 0 {
		return "", nil // reading tags is a right of its own, and none are wanted
	}
	if err == nil && len(tags)+len(want.Tags) > 0 && !maps.Equal(tags, want.Tags) {
		return fmt.Sprintf("its tags are %q, and not %q", tags, want.Tags), nil
	}
	return "", err
}

func (r *run) secret(ctx context.Context, at world.Place, v *world.Vault, want *world.Secret) (Outcome, error) {
	name := r.plan.global(v.Name)
	c, err := vault.New(r.o.Cloud.Vault(name), r.o.Credential, r.o.Options)
	if err != nil {
		return "", err
	}
	vaultID := r.resource(at, "Microsoft.KeyVault/vaults", name)
	id := vaultID + arm.ID("secrets", want.Name)
	var is vault.Secret
	err = r.allowed(ctx, at, name, func() error {
		is, err = c.Get(ctx, want.Name, "")
		return err
	})
	set := func() error {
		return r.allowed(ctx, at, name, func() error {
			_, err := c.Set(ctx, want.Name, want.Value, &vault.Changes{Tags: map[string]string{Tag: r.plan.Name}})
			return err
		})
	}
	switch {
	case missing(err):
		return Made, r.making("secret", id, set)
	case clientlib.HasCode(err, "SecretDisabled"):
		return "", differs("it is disabled")
	case err != nil:
		return "", err
	case is.Value == want.Value:
		return There, nil
	case !r.oursBy[strings.ToLower(vaultID)] && !r.ours(is.Tags):
		return "", differs("its value is another")
	}
	return Changed, set()
}
