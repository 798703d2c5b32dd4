package arm

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/cloud"
)

// Discover asks a Resource Manager for the cloud that it is of: GET /metadata/endpoints of api-version 2022-09-01, or
// 2019-05-01 where that is not known. It sends no token. endpoint is an address that is trusted, such as
// https://management.azure.com: who answers there says where secrets are sent to from then on.
//
// What the document does not say is taken from the cloud of package cloud with the same address, if there is one: its
// Name and Location. Audiences are as the document writes them, but for a slash at the end that is known better.
func Discover(ctx context.Context, endpoint string, o clientlib.Options) (cloud.Cloud, error) {
	base, err := secure(endpoint)
	if err != nil {
		return cloud.Cloud{}, fmt.Errorf("arm: a Resource Manager to ask: %w", err)
	}
	p := clientlib.NewPipeline(o, clientlib.Service{Name: "arm", LongestBody: 1 << 20})
	text, err := ask(ctx, p, base, "2022-09-01")
	if clientlib.HasStatus(err, http.StatusBadRequest, http.StatusNotFound) {
		text, err = ask(ctx, p, base, "2019-05-01")
	}
	if err != nil {
		return cloud.Cloud{}, err
	}
	d, err := documentOf(text, base)
	if err != nil {
		return cloud.Cloud{}, fmt.Errorf("arm: %s/metadata/endpoints: %w", base, err)
	}
	out, err := d.cloud(base)
	if err != nil {
		return cloud.Cloud{}, fmt.Errorf("arm: %s/metadata/endpoints: %w", base, err)
	}
	return out, nil
}

// secure reads an address of a service: https, a host, and no more.
func secure(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", cause(err)
	}
	if u.Scheme != "https" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || strings.ContainsAny(address, "?#") {
		return "", fmt.Errorf("%q is no address: want https:// and a host alone", u.Redacted())
	}
	return "https://" + strings.ToLower(u.Host), nil
}

func ask(ctx context.Context, p *clientlib.Pipeline, base, version string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/metadata/endpoints?api-version="+version, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	_, text, err := p.Read(req)
	return bytes.TrimPrefix(text, []byte("\ufeff")), err
}

// metadata is a cloud as Resource Manager describes it, as far as is used here.
type metadata struct {
	Name           string
	Authentication struct {
		LoginEndpoint string
		Audiences     []string
	}
	ResourceManager          string
	MicrosoftGraphResourceID string
	Suffixes                 struct{ Storage, KeyVaultDNS string }
}

// documentOf reads the object of 2022-09-01, or from the array of 2019-05-01 the cloud at an address.
func documentOf(text []byte, base string) (d metadata, err error) {
	if !bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("[")) {
		if json.Unmarshal(text, &d) != nil {
			return d, errors.New("the answer is not the JSON that was expected")
		}
		return d, nil
	}
	var all []metadata
	if json.Unmarshal(text, &all) != nil {
		return d, errors.New("the answer is not the JSON that was expected")
	}
	for _, d := range all {
		if at, err := secure(d.ResourceManager); err == nil && at == base {
			return d, nil
		}
	}
	return d, fmt.Errorf("of the %d clouds in the answer, none is at this address", len(all))
}

// cloud checks what a document says.
func (d metadata) cloud(base string) (c cloud.Cloud, err error) {
	for _, known := range cloud.All() {
		if known.ARM == base {
			c = known
		}
	}
	c.Name, c.ARM = cmp.Or(c.Name, d.Name), base
	if c.Login, err = secure(d.Authentication.LoginEndpoint); err != nil {
		return cloud.Cloud{}, fmt.Errorf("loginEndpoint: %w", err)
	}
	if c.ARMAudience, err = d.audience(base, c.ARMAudience); err != nil {
		return cloud.Cloud{}, err
	}
	if d.MicrosoftGraphResourceID != "" {
		if c.Graph, err = secure(d.MicrosoftGraphResourceID); err != nil {
			return cloud.Cloud{}, fmt.Errorf("microsoftGraphResourceId: %w", err)
		}
	}
	storage, err := suffix(d.Suffixes.Storage)
	if err != nil {
		return cloud.Cloud{}, fmt.Errorf("suffixes.storage: %w", err)
	}
	vault, err := suffix(d.Suffixes.KeyVaultDNS)
	if err != nil {
		return cloud.Cloud{}, fmt.Errorf("suffixes.keyVaultDns: %w", err)
	}
	c.BlobSuffix, c.VaultSuffix = "blob."+storage, vault
	c.StorageAudience, c.VaultAudience = cloud.Public().StorageAudience, "https://"+vault
	return c, nil
}

// audience is whom tokens for Resource Manager are for: the audience of its own address, else the first; known is how
// it is written.
func (d metadata) audience(base, known string) (string, error) {
	said := d.Authentication.Audiences
	if len(said) == 0 || strings.Trim(said[0], "/ ") == "" {
		return "", errors.New("audiences: there is none")
	}
	for _, a := range said {
		switch strings.TrimSuffix(a, "/") {
		case "": // no audience, and so not the one that an unknown cloud has, which is "" too
		case strings.TrimSuffix(known, "/"):
			return known, nil
		case base:
			return a, nil
		}
	}
	return said[0], nil
}

// suffix is what follows the names of accounts and vaults, without a dot in front.
func suffix(text string) (string, error) {
	text = strings.ToLower(strings.TrimPrefix(text, "."))
	for label := range strings.SplitSeq(text, ".") {
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return "", fmt.Errorf("%q is no name of a domain", text)
		}
	}
	if !strings.Contains(text, ".") {
		return "", fmt.Errorf("%q is no domain that accounts are under", text)
	}
	return text, nil
}
