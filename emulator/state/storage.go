package state

import (
	"io"
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
	// DeleteRetentionDays is how long the blob service says it keeps deleted blobs; zero
	// deletes at once.
	DeleteRetentionDays  int
	AllowPermanentDelete bool
	// Logging, HourMetrics, MinuteMetrics, CORS and Website are the other properties of
	// the blob service.
	Logging       ServiceLogging
	HourMetrics   ServiceMetrics
	MinuteMetrics ServiceMetrics
	CORS          []CORSRule
	Website       StaticWebsite
	// Queue, Table and File are what the other services of the account keep: their
	// properties, and nothing else.
	Queue, Table, File ServiceProperties
}

// ServiceProperties are the properties that all storage services have.
type ServiceProperties struct {
	Logging                    ServiceLogging
	HourMetrics, MinuteMetrics ServiceMetrics
	CORS                       []CORSRule
}

// ServiceLogging says which requests a storage service writes to $logs.
type ServiceLogging struct {
	// Version is the form of the log, 1.0 or 2.0; empty means 1.0.
	Version             string
	Read, Write, Delete bool
	// RetentionDays is zero where logs are kept for ever.
	RetentionDays int
}

// ServiceMetrics says which metrics a storage service collects.
type ServiceMetrics struct {
	// Version is the form of the metrics; empty means 1.0.
	Version              string
	Enabled, IncludeAPIs bool
	// RetentionDays is zero where metrics are kept for ever.
	RetentionDays int
}

// CORSRule lets web pages of other origins use a storage service; lists are as given,
// separated by commas.
type CORSRule struct {
	AllowedOrigins, AllowedMethods, AllowedHeaders, ExposedHeaders string
	// MaxAgeInSeconds is how long browsers may keep the answer to a preflight request.
	MaxAgeInSeconds int
}

// StaticWebsite is what the static website of an account shows.
type StaticWebsite struct {
	Enabled                                                   bool
	IndexDocument, DefaultIndexDocumentPath, ErrorDocument404 string
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
	// Blocks are the committed blocks; nil for a blob that Put Blob wrote whole. Like
	// Content it is shared: nobody may write to it once it is stored.
	Blocks []Block
	ContentHeaders
	Metadata []MetadataItem
	Tags     map[string]string
	// Tier is the access tier set on the blob; empty where it follows the account.
	Tier string
	// TierChanged is when Tier was set, zero where it follows the account.
	TierChanged time.Time
	Created     time.Time
	// Modified is the instant that Last-Modified and ETag are made of.
	Modified time.Time
}

// ContentHeaders are the headers that a blob's content is served with.
type ContentHeaders struct {
	ContentType, ContentEncoding, ContentLanguage, ContentDisposition, CacheControl string
	// MD5 is Content-MD5 as stored, in base64; empty where there is none.
	MD5 string
}

// Block is a committed block of a block blob. ID is the base64 text that the client gave.
type Block struct {
	ID      string
	Content Content
}

// Uncommitted tells that blocks were put for a blob and not committed yet.
type Uncommitted struct {
	Account   string
	Container string
	Name      string
	// Blocks counts the blocks; IDLength is the length that all their ids have.
	Blocks   int
	IDLength int
	// Created is the time of the first Put Block, Touched of the last: what stays
	// uncommitted for a week goes.
	Created, Touched time.Time
}

// StagedBlock is one uncommitted block. ID is the base64 text that the client gave.
type StagedBlock struct {
	Account   string
	Container string
	Name      string
	ID        string
	Content   Content
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

// WriteTo writes the data to w, chunk by chunk.
func (c Content) WriteTo(w io.Writer) (n int64, err error) {
	for _, chunk := range c.Chunks {
		m, err := w.Write(chunk)
		n += int64(m)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// Slice is the part of n bytes at an offset, without copying data; both must lie inside.
func (c Content) Slice(offset, n int64) Content {
	out := Content{Size: n}
	for _, chunk := range c.Chunks {
		size := int64(len(chunk))
		if n > 0 && offset < size {
			part := chunk[offset:min(size, offset+n)]
			out.Chunks = append(out.Chunks, part)
			n -= int64(len(part))
		}
		offset = max(0, offset-size)
	}
	return out
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
		a.CORS = slices.Clone(a.CORS)
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

// What a blob's Content and Blocks refer to is immutable, so it is shared, not cloned.
var blobs = &definition[Blob]{
	name: "blobs",
	key:  func(b Blob) string { return BlobKey(b.Account, b.Container, b.Name) },
	clone: func(b Blob) Blob {
		b.Metadata = slices.Clone(b.Metadata)
		b.Tags = maps.Clone(b.Tags)
		return b
	},
}

var uncommitted = &definition[Uncommitted]{
	name: "uncommittedBlobs",
	key:  func(u Uncommitted) string { return BlobKey(u.Account, u.Container, u.Name) },
}

// StagedKey is the key of an uncommitted block: the blocks of a blob lie together, in the
// order of their ids.
func StagedKey(account, container, blob, id string) string {
	return BlobKey(account, container, blob) + "\x00" + id
}

var staged = &definition[StagedBlock]{
	name: "stagedBlocks",
	key:  func(b StagedBlock) string { return StagedKey(b.Account, b.Container, b.Name, b.ID) },
}
