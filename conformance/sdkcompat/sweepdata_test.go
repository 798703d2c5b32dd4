package sdkcompat

import (
	"bytes"
	"encoding/base64"
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
)

func (s sweep) secrets() {
	c, options := s.Context(), s.options
	options.APIVersion = s.versions.secrets
	secrets := must(azsecrets.NewClient(s.emu.Vault("swept-vault").URL(), s.cred, &azsecrets.ClientOptions{ClientOptions: options}))
	must(secrets.SetSecret(c, "one", azsecrets.SetSecretParameters{Value: to.Ptr("1"), ContentType: to.Ptr("text/plain")}, nil))
	second := must(secrets.SetSecret(c, "one", azsecrets.SetSecretParameters{Value: to.Ptr("2")}, nil))
	must(secrets.GetSecret(c, "one", "", nil))
	if got := must(secrets.GetSecret(c, "one", second.ID.Version(), nil)); *got.Value != "2" {
		s.Errorf("value %s", *got.Value)
	}
	must(secrets.UpdateSecretProperties(c, "one", second.ID.Version(), azsecrets.UpdateSecretPropertiesParameters{Tags: map[string]*string{"a": to.Ptr("b")}}, nil))
	each(s, secrets.NewListSecretPropertiesPager(nil))
	each(s, secrets.NewListSecretPropertiesVersionsPager("one", nil))
	backup := must(secrets.BackupSecret(c, "one", nil))
	must(secrets.DeleteSecret(c, "one", nil))
	must(secrets.GetDeletedSecret(c, "one", nil))
	each(s, secrets.NewListDeletedSecretPropertiesPager(nil))
	must(secrets.RecoverDeletedSecret(c, "one", nil))
	must(secrets.DeleteSecret(c, "one", nil))
	must(secrets.PurgeDeletedSecret(c, "one", nil))
	must(secrets.RestoreSecret(c, azsecrets.RestoreSecretParameters{SecretBackup: backup.Value}, nil))
	_, err := secrets.GetSecret(c, "none", "", nil)
	refused(s.T, "no such secret", err, 404, "SecretNotFound")
}

// service is a client of Blob storage.
func (s sweep) service() *service.Client {
	options := s.options
	options.PerCallPolicies = []policy.Policy{version(s.versions.blobs)}
	return must(azblob.NewClient(s.emu.StorageAccount("tutorialstore").URL(), s.cred, &azblob.ClientOptions{ClientOptions: options})).ServiceClient()
}

func (s sweep) containers() {
	c, account := s.Context(), s.service()
	must(account.GetProperties(c, nil))
	must(account.SetProperties(c, &service.SetPropertiesOptions{CORS: []*service.CORSRule{{
		AllowedOrigins: to.Ptr("https://example.com"), AllowedMethods: to.Ptr("GET"), AllowedHeaders: to.Ptr("*"), ExposedHeaders: to.Ptr("*"), MaxAgeInSeconds: to.Ptr[int32](60),
	}}}))
	must(account.GetAccountInfo(c, nil))
	each(s, account.NewListContainersPager(&service.ListContainersOptions{Include: service.ListContainersInclude{Metadata: true}}))
	swept := account.NewContainerClient("swept")
	must(swept.Create(c, &container.CreateOptions{Metadata: map[string]*string{"a": to.Ptr("b")}}))
	_, err := swept.Create(c, nil)
	refused(s.T, "a container twice", err, 409, "ContainerAlreadyExists")
	must(swept.GetProperties(c, nil))
	must(swept.SetMetadata(c, &container.SetMetadataOptions{Metadata: map[string]*string{"c": to.Ptr("d")}}))
	must(swept.SetAccessPolicy(c, &container.SetAccessPolicyOptions{ContainerACL: []*container.SignedIdentifier{{
		ID: to.Ptr("p"), AccessPolicy: &container.AccessPolicy{Permission: to.Ptr("r"), Start: to.Ptr(s.emu.Clock().Now()), Expiry: to.Ptr(s.emu.Clock().Now().Add(3600e9))},
	}}}))
	if acl := must(swept.GetAccessPolicy(c, nil)); len(acl.SignedIdentifiers) != 1 {
		s.Errorf("%d policies", len(acl.SignedIdentifiers))
	}
	_, err = account.NewContainerClient("none").GetProperties(c, nil)
	refused(s.T, "no such container", err, 404, "ContainerNotFound")
}

func (s sweep) blobs() {
	c, swept := s.Context(), s.service().NewContainerClient("swept")
	one := swept.NewBlockBlobClient("dir/one")
	text := []byte("Hello world! :)")
	must(one.Upload(c, body(text), &blockblob.UploadOptions{Tags: map[string]string{"a": "b"}, Metadata: map[string]*string{"a": to.Ptr("b")}}))
	id := base64.StdEncoding.EncodeToString([]byte("block-1"))
	must(swept.NewBlockBlobClient("two").StageBlock(c, id, body(text), nil))
	must(swept.NewBlockBlobClient("two").CommitBlockList(c, []string{id}, nil))
	must(swept.NewBlockBlobClient("two").GetBlockList(c, blockblob.BlockListTypeAll, nil))
	got := must(one.DownloadStream(c, &blob.DownloadStreamOptions{Range: blob.HTTPRange{Offset: 6, Count: 5}}))
	var read bytes.Buffer
	must(read.ReadFrom(got.Body))
	_ = got.Body.Close()
	if read.String() != "world" {
		s.Errorf("downloaded %q", read.String())
	}
	whole := must(one.DownloadStream(c, nil))
	_ = whole.Body.Close()
	must(one.GetProperties(c, nil))
	must(one.SetMetadata(c, map[string]*string{"c": to.Ptr("d")}, nil))
	must(one.SetHTTPHeaders(c, blob.HTTPHeaders{BlobContentType: to.Ptr("text/plain")}, nil))
	must(one.SetTags(c, map[string]string{"c": "d"}, nil))
	if tags := must(one.GetTags(c, nil)); len(tags.BlobTagSet) != 1 {
		s.Errorf("%d tags", len(tags.BlobTagSet))
	}
	must(one.SetTier(c, blob.AccessTierCool, nil))
	each(s, swept.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Include: container.ListBlobsInclude{Metadata: true, Tags: true}}))
	each(s, swept.NewListBlobsHierarchyPager("/", nil))
	_, err := one.Upload(c, body(text), &blockblob.UploadOptions{AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: to.Ptr(azcore.ETagAny)}}})
	refused(s.T, "a blob twice", err, 409, "BlobAlreadyExists")
	must(one.Delete(c, nil))
	_, err = one.GetProperties(c, nil)
	refused(s.T, "a blob that is gone", err, 404, "BlobNotFound")
	must(swept.Delete(c, nil))
}

func body(text []byte) io.ReadSeekCloser { return streaming.NopCloser(bytes.NewReader(text)) }
