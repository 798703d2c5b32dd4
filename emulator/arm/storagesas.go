package arm

import (
	"regexp"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/storageauth"
	"github.com/linarite/linarite/emulator/wire"
)

// serviceSASBody is what ListServiceSas reads.
type serviceSASBody struct {
	Resource    string `json:"canonicalizedResource"`
	Kind        string `json:"signedResource"`
	Permissions string `json:"signedPermission"`
	Expiry      string `json:"signedExpiry"`
	Start       string `json:"signedStart"`
	IP          string `json:"signedIp"`
	Protocol    string `json:"signedProtocol"`
	Identifier  string `json:"signedIdentifier"`
	KeyName     string `json:"keyToSign"`

	CacheControl       string `json:"rscc"`
	ContentDisposition string `json:"rscd"`
	ContentEncoding    string `json:"rsce"`
	ContentLanguage    string `json:"rscl"`
	ContentType        string `json:"rsct"`
}

// accountSASBody is what ListAccountSas reads.
type accountSASBody struct {
	Services      string `json:"signedServices"`
	ResourceTypes string `json:"signedResourceTypes"`
	Permissions   string `json:"signedPermission"`
	Expiry        string `json:"signedExpiry"`
	Start         string `json:"signedStart"`
	IP            string `json:"signedIp"`
	Protocol      string `json:"signedProtocol"`
	KeyName       string `json:"keyToSign"`
}

func readSAS[T any](c *wire.Call) error {
	body, err := looseJSON[T](c)
	c.Input = body
	return err
}

// badValues collects the names of values that are missing or bad: the refusal names all.
type badValues []string

func (b *badValues) check(name string, ok bool) {
	if !ok {
		*b = append(*b, name)
	}
}

func (b *badValues) refusal() error {
	if len(*b) == 0 {
		return nil
	}
	return wire.Refuse(apierr.StorageParameters, strings.Join(*b, ","))
}

var (
	serviceLetters = regexp.MustCompile(`^[rdwlacup]+$`)
	serviceSet     = regexp.MustCompile(`^[bqtf]+$`)
	typeSet        = regexp.MustCompile(`^[sco]+$`)
	blobResource   = regexp.MustCompile(`^/(blob|file)/[^/]+/.+$`)
)

// sasTime reads a time of a body and writes it as tokens carry it: whole seconds.
func sasTime(given string) (text string, at time.Time, ok bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04Z", "2006-01-02"} {
		if t, err := time.Parse(layout, given); err == nil {
			return t.UTC().Format("2006-01-02T15:04:05Z"), t, true
		}
	}
	return "", time.Time{}, false
}

// protocolOf accepts https, or https,http in either order.
func protocolOf(given string) (string, bool) {
	switch strings.ToLower(given) {
	case "", "https":
		return strings.ToLower(given), true
	case "https,http", "http,https":
		return "https,http", true
	}
	return "", false
}

// signingKey is the account's key that a body names, key1 by default.
func signingKey(a state.StorageAccount, name string) ([]byte, bool) {
	if name == "" {
		name = "key1"
	}
	for _, k := range a.Keys {
		if strings.EqualFold(k.Name, name) {
			return k.Value, true
		}
	}
	return nil, false
}

// listServiceSAS makes a token that reads as the recorded ones: sv 2015-04-05, signed
// with the resource as the caller wrote it, letters in the caller's order.
func listServiceSAS(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	a, err := findAccount(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	body := c.Input.(serviceSASBody)
	var bad badValues
	expiry, until, ok := sasTime(body.Expiry)
	bad.check("signedExpiry", (ok && until.After(c.Now)) || (body.Expiry == "" && body.Identifier != ""))
	begin, _, ok := sasTime(body.Start)
	bad.check("signedStart", ok || body.Start == "")
	bad.check("signedPermission", serviceLetters.MatchString(body.Permissions) || (body.Permissions == "" && body.Identifier != ""))
	bad.check("canonicalizedResource", blobResource.MatchString(body.Resource))
	bad.check("signedResource", regexp.MustCompile(`^[bcfs]$`).MatchString(body.Kind))
	protocol, ok := protocolOf(body.Protocol)
	bad.check("signedProtocol", ok)
	bad.check("signedIdentifier", len(body.Identifier) <= 64)
	key, ok := signingKey(a, body.KeyName)
	bad.check("keyToSign", ok)
	if err := bad.refusal(); err != nil {
		return wire.Response{}, err
	}
	token := storageauth.ServiceSAS{
		CanonicalizedResource: body.Resource, Resource: body.Kind, Permissions: body.Permissions, Start: begin, Expiry: expiry, IP: body.IP, Protocol: protocol,
		Identifier: body.Identifier, CacheControl: body.CacheControl, ContentDisposition: body.ContentDisposition,
		ContentEncoding: body.ContentEncoding, ContentLanguage: body.ContentLanguage, ContentType: body.ContentType,
	}
	return storageOK(struct {
		Token string `json:"serviceSasToken"`
	}{token.Encode2015(key)}), nil
}

func listAccountSAS(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	a, err := findAccount(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	body := c.Input.(accountSASBody)
	var bad badValues
	expiry, until, ok := sasTime(body.Expiry)
	bad.check("signedExpiry", ok && until.After(c.Now))
	begin, _, ok := sasTime(body.Start)
	bad.check("signedStart", ok || body.Start == "")
	bad.check("signedPermission", serviceLetters.MatchString(body.Permissions))
	bad.check("signedServices", serviceSet.MatchString(body.Services))
	bad.check("signedResourceTypes", typeSet.MatchString(body.ResourceTypes))
	protocol, ok := protocolOf(body.Protocol)
	bad.check("signedProtocol", ok)
	key, ok := signingKey(a, body.KeyName)
	bad.check("keyToSign", ok)
	if err := bad.refusal(); err != nil {
		return wire.Response{}, err
	}
	token := storageauth.AccountSAS{
		Account: a.Name, Services: body.Services, ResourceTypes: body.ResourceTypes, Permissions: body.Permissions,
		Start: begin, Expiry: expiry, IP: body.IP, Protocol: protocol,
	}
	return storageOK(struct {
		Token string `json:"accountSasToken"`
	}{token.Encode2015(key)}), nil
}
