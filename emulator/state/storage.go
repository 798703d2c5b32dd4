package state

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// StorageAccount is a storage account. Its name is its key: names are unique in all of
// Azure, and so in a world.
type StorageAccount struct {
	// ID is the ARM id, in the spelling of its creation.
	ID             string
	Name           string
	SubscriptionID string
	ResourceGroup  string
	Location       string
	// Kind is StorageV2, Storage, BlobStorage, BlockBlobStorage or FileStorage.
	Kind string
	// SKU is the name of the replication, such as Standard_LRS.
	SKU  string
	Tags map[string]string
	// Keys are key1 and key2.
	Keys [2]AccountKey
	// HTTPSOnly refuses plain HTTP.
	HTTPSOnly bool
	// AllowSharedKeyAccess is nil where it was never set, which means allowed.
	AllowSharedKeyAccess *bool
	// AllowBlobPublicAccess lets containers be public.
	AllowBlobPublicAccess bool
	// MinimumTLSVersion is TLS1_0, TLS1_1, TLS1_2 or TLS1_3.
	MinimumTLSVersion string
	// AccessTier is Hot, Cool or Cold; empty for kinds without.
	AccessTier string
	CreatedAt  time.Time
	// DefaultServiceVersion is the blob service's x-ms-version for requests without one.
	DefaultServiceVersion string
	// DeleteRetentionDays keeps deleted blobs for so long; zero deletes at once.
	DeleteRetentionDays int
}

// SharedKeyAllowed tells whether requests signed with an account key are admitted.
func (a StorageAccount) SharedKeyAllowed() bool {
	return a.AllowSharedKeyAccess == nil || *a.AllowSharedKeyAccess
}

// AccountKey is one of an account's two keys.
type AccountKey struct {
	// Name is key1 or key2.
	Name string
	// Value is the key itself, 64 bytes: a secret.
	Value     []byte
	CreatedAt time.Time
}

// Container is a blob container.
type Container struct {
	Account string
	Name    string
	// Public is empty, "blob" or "container".
	Public string
	// Metadata keeps order and the case of names.
	Metadata []MetadataItem
	// Modified is the instant that Last-Modified and ETag are made of.
	Modified time.Time
	Created  time.Time
	// Policies are the stored access policies, five at most.
	Policies []StoredAccessPolicy
}

// MetadataItem is one x-ms-meta- header, its name in the case it was sent.
type MetadataItem struct{ Name, Value string }

// StoredAccessPolicy is a container's named SAS policy; times are as they were given.
type StoredAccessPolicy struct{ ID, Start, Expiry, Permissions string }

// Blob is a block blob's current version.
type Blob struct {
	Account   string
	Container string
	Name      string
	// Content is the committed data.
	Content Content
	// Blocks are the committed blocks; nil for a blob that Put Blob wrote whole.
	Blocks []Block
	// MD5 is the content's Content-MD5 as stored, nil where there is none.
	MD5                []byte
	ContentType        string
	ContentEncoding    string
	ContentLanguage    string
	ContentDisposition string
	CacheControl       string
	Metadata           []MetadataItem
	Tags               map[string]string
	// Tier is the access tier set on the blob; empty where it follows the account.
	Tier    string
	Created time.Time
	// Modified is the instant that Last-Modified and ETag are made of.
	Modified time.Time
}

// Block is a block of a block blob. ID is decoded from base64.
type Block struct {
	ID      string
	Content Content
}

// Uncommitted holds the blocks put for a blob and not committed yet, in the order put.
type Uncommitted struct {
	Account   string
	Container string
	Name      string
	Blocks    []Block
	// Touched is the time of the last Put Block: what stays uncommitted for a week goes.
	Touched time.Time
}

// Content is immutable data: a list of chunks that blobs, blocks, snapshots and forks
// share. Nobody may write to a chunk once it is in a Content.
type Content struct {
	Chunks [][]byte
	// Size is the number of bytes in all chunks.
	Size int64
}

// NewContent makes a Content of chunks that the caller gives away.
func NewContent(chunks ...[]byte) Content {
	c := Content{Chunks: chunks}
	for _, chunk := range chunks {
		c.Size += int64(len(chunk))
	}
	return c
}

// Concat joins contents without copying data.
func Concat(parts ...Content) Content {
	var c Content
	for _, p := range parts {
		c.Chunks = append(c.Chunks, p.Chunks...)
		c.Size += p.Size
	}
	return c
}

var accounts = &definition[StorageAccount]{
	name: "storageAccounts",
	key:  func(a StorageAccount) string { return strings.ToLower(a.Name) },
	clone: func(a StorageAccount) StorageAccount {
		a.Tags = maps.Clone(a.Tags)
		for i := range a.Keys {
			a.Keys[i].Value = slices.Clone(a.Keys[i].Value)
		}
		if a.AllowSharedKeyAccess != nil {
			allow := *a.AllowSharedKeyAccess
			a.AllowSharedKeyAccess = &allow
		}
		return a
	},
	indexes: []func(StorageAccount) string{func(a StorageAccount) string { return GroupKey(a.SubscriptionID, a.ResourceGroup) }},
}

// ContainerKey is the key of a container. Names of containers are lower case.
func ContainerKey(account, container string) string { return account + "\x00" + container }

// BlobKey is the key of a blob: the blobs of a container lie together, in the byte
// order of their names.
func BlobKey(account, container, blob string) string {
	return account + "\x00" + container + "\x00" + blob
}

var containers = &definition[Container]{
	name: "containers",
	key:  func(c Container) string { return ContainerKey(c.Account, c.Name) },
	clone: func(c Container) Container {
		c.Metadata = slices.Clone(c.Metadata)
		c.Policies = slices.Clone(c.Policies)
		return c
	},
}

// What a blob's Content refers to is immutable, so it is shared, not cloned.
var blobs = &definition[Blob]{
	name: "blobs",
	key:  func(b Blob) string { return BlobKey(b.Account, b.Container, b.Name) },
	clone: func(b Blob) Blob {
		b.Metadata = slices.Clone(b.Metadata)
		b.Tags = maps.Clone(b.Tags)
		b.Blocks = slices.Clone(b.Blocks)
		b.MD5 = slices.Clone(b.MD5)
		return b
	},
}

var uncommitted = &definition[Uncommitted]{
	name: "uncommittedBlocks",
	key:  func(u Uncommitted) string { return BlobKey(u.Account, u.Container, u.Name) },
	clone: func(u Uncommitted) Uncommitted {
		u.Blocks = slices.Clone(u.Blocks)
		return u
	},
}
