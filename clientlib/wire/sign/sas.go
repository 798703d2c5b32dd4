package sign

import (
	"slices"
	"strings"
)

// SAS is the values of a service SAS or, with a Key, of a user-delegation SAS. They are texts,
// signed and written as they are; "" is left out of the query.
type SAS struct {
	// Version to Protocol are sv, sr, sp, st, se, si, sip and spr.
	Version, Resource, Permissions, Start, Expiry, Identifier, IP, Protocol string
	// Account, Container and Blob are what is signed for; with sr=d Blob is the directory, and
	// Depth (sdd) the number of its segments.
	Account, Container, Blob, Depth string
	// CanonicalResource is signed in place of what those three make.
	CanonicalResource string
	// Snapshot is the snapshot, or with sr=bv the version, that is signed for.
	Snapshot string
	// EncryptionScope is ses.
	EncryptionScope string
	// CacheControl to ContentType are rscc, rscd, rsce, rscl and rsct.
	CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType string

	// Key makes it a user-delegation SAS; the fields below are of those alone.
	Key *DelegationKey
	// AuthorizedObject to DelegatedUser are saoid, suoid, scid and sduoid.
	AuthorizedObject, UnauthorizedObject, Correlation, DelegatedUser string
	// SignedHeaders and SignedQuery are what a request must have, in the order of srh and srq.
	SignedHeaders, SignedQuery Params
}

// DelegationKey is what the operation Get User Delegation Key answers, as it was written.
type DelegationKey struct {
	// ObjectID to Version are skoid, sktid, skt, ske, sks and skv.
	ObjectID, TenantID, Start, Expiry, Service, Version string
	// DelegatedTenant is skdutid.
	DelegatedTenant string
	// Value is the key itself, base64.
	Value string
}

// AccountSAS is the values of an account SAS, as those of SAS are.
type AccountSAS struct {
	Account string
	// Version to EncryptionScope are sv, ss, srt, sp, st, se, sip, spr and ses.
	Version, Services, ResourceTypes, Permissions, Start, Expiry, IP, Protocol, EncryptionScope string
}

// Param is a parameter of a query, not escaped.
type Param struct{ Name, Value string }

// Params is the parameters of a query in their order.
type Params []Param

// Get returns the value of the first parameter of a name, "" where there is none.
func (p Params) Get(name string) string {
	for _, param := range p {
		if param.Name == name {
			return param.Value
		}
	}
	return ""
}

// With is a copy in which a parameter has a value, at its place or else at the end.
func (p Params) With(name, value string) Params {
	out := slices.Clone(p)
	for i := range out {
		if out[i].Name == name {
			out[i].Value = value
			return out
		}
	}
	return append(out, Param{name, value})
}

// Without is a copy that lacks the parameters of a name.
func (p Params) Without(name string) Params {
	return slices.DeleteFunc(slices.Clone(p), func(param Param) bool { return param.Name == name })
}

// Encode is the parameters as a query, with all escaped that could mean something there.
func (p Params) Encode() string {
	parts := make([]string, len(p))
	for i, param := range p {
		parts[i] = escape(param.Name) + "=" + escape(param.Value)
	}
	return strings.Join(parts, "&")
}

func (p Params) names() string {
	names := make([]string, len(p))
	for i, param := range p {
		names[i] = param.Name
	}
	return strings.Join(names, ",")
}

func (p Params) present() Params {
	return slices.DeleteFunc(p, func(param Param) bool { return param.Value == "" })
}

func escape(text string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(text) {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteString(string([]byte{'%', hex[c>>4], hex[c&15]}))
	}
	return b.String()
}

// Params is what the query says, but for the signature. Any order is as good.
func (s *SAS) Params() Params {
	p := Params{
		{"sv", s.Version}, {"sr", s.Resource}, {"sp", s.Permissions}, {"st", s.Start}, {"se", s.Expiry}, {"si", s.Identifier},
		{"sip", s.IP}, {"spr", s.Protocol}, {"sdd", s.Depth}, {"ses", s.EncryptionScope}, {"rscc", s.CacheControl},
		{"rscd", s.ContentDisposition}, {"rsce", s.ContentEncoding}, {"rscl", s.ContentLanguage}, {"rsct", s.ContentType},
	}
	if k := s.Key; k != nil {
		p = append(p, Params{
			{"skoid", k.ObjectID}, {"sktid", k.TenantID}, {"skt", k.Start}, {"ske", k.Expiry}, {"sks", k.Service}, {"skv", k.Version},
			{"saoid", s.AuthorizedObject}, {"suoid", s.UnauthorizedObject}, {"scid", s.Correlation}, {"skdutid", k.DelegatedTenant},
			{"sduoid", s.DelegatedUser}, {"srh", s.SignedHeaders.names()}, {"srq", s.SignedQuery.names()},
		}...)
	}
	if s.Resource == "bv" {
		p = append(p, Param{"versionid", s.Snapshot})
	} else {
		p = append(p, Param{"snapshot", s.Snapshot})
	}
	return p.present()
}

// Query is the whole token, signed by an account's decoded key or, where that is nil, by the
// delegation key's value.
func (s *SAS) Query(key []byte) string {
	if key == nil && s.Key != nil {
		key, _ = DecodeKey(s.Key.Value) // a value that is no key signs, wrongly, as an empty one
	}
	return s.Params().With("sig", Sign(key, s.StringToSign(s.Version))).Encode()
}

// StringToSign is what is signed, in the layout of a version of the service: that of the SAS, or
// for a wrong one another.
func (s *SAS) StringToSign(layout string) string {
	lines := []string{s.Permissions, s.Start, s.Expiry, s.resource(layout)}
	overrides := []string{s.CacheControl, s.ContentDisposition, s.ContentEncoding, s.ContentLanguage, s.ContentType}
	if s.Key != nil {
		lines = append(append(lines, s.delegation(layout)...), overrides...)
		return strings.Join(lines, "\n")
	}
	lines = append(lines, s.Identifier)
	if layout >= "2015-04-05" {
		lines = append(lines, s.IP, s.Protocol)
	}
	if layout >= "2012-02-12" {
		lines = append(lines, s.Version)
	}
	if layout >= "2018-11-09" {
		lines = append(lines, s.Resource, s.Snapshot)
	}
	if layout >= "2020-12-06" {
		lines = append(lines, s.EncryptionScope)
	}
	if layout >= "2013-08-15" {
		lines = append(lines, overrides...)
	}
	return strings.Join(lines, "\n")
}

// delegation is the lines of a user-delegation SAS between the resource and the overrides.
func (s *SAS) delegation(layout string) []string {
	k := s.Key
	lines := []string{k.ObjectID, k.TenantID, k.Start, k.Expiry, k.Service, k.Version}
	if layout >= "2020-02-10" {
		lines = append(lines, s.AuthorizedObject, s.UnauthorizedObject, s.Correlation)
	}
	if layout >= "2025-07-05" {
		lines = append(lines, k.DelegatedTenant, s.DelegatedUser)
	}
	lines = append(lines, s.IP, s.Protocol, s.Version, s.Resource, s.Snapshot)
	if layout >= "2020-12-06" {
		lines = append(lines, s.EncryptionScope)
	}
	if layout >= "2026-04-06" {
		var headers, query string
		for _, h := range s.SignedHeaders {
			headers += h.Name + ":" + h.Value + "\n"
		}
		for _, q := range s.SignedQuery {
			query += "\n" + q.Name + ":" + q.Value
		}
		lines = append(lines, headers, query)
	}
	return lines
}

// resource is the canonical resource: with the service in front from 2015-02-21 on.
func (s *SAS) resource(layout string) string {
	if s.CanonicalResource != "" {
		return s.CanonicalResource
	}
	resource := "/" + s.Account + "/" + s.Container
	if layout >= "2015-02-21" {
		resource = "/blob" + resource
	}
	if s.Blob != "" && s.Resource != "c" {
		resource += "/" + s.Blob
	}
	return resource
}

// Params is what the query says, but for the signature. Any order is as good.
func (s *AccountSAS) Params() Params {
	return Params{
		{"sv", s.Version}, {"ss", s.Services}, {"srt", s.ResourceTypes}, {"sp", s.Permissions}, {"st", s.Start}, {"se", s.Expiry},
		{"sip", s.IP}, {"spr", s.Protocol}, {"ses", s.EncryptionScope},
	}.present()
}

// StringToSign is what is signed, in the layout of a version of the service: that of the SAS, or
// for a wrong one another.
func (s *AccountSAS) StringToSign(layout string) string {
	lines := []string{s.Account, s.Permissions, s.Services, s.ResourceTypes, s.Start, s.Expiry, s.IP, s.Protocol, s.Version}
	if layout >= "2020-12-06" {
		lines = append(lines, s.EncryptionScope)
	}
	return strings.Join(lines, "\n") + "\n"
}

// Query is the whole token, signed by the account's decoded key.
func (s *AccountSAS) Query(key []byte) string {
	return s.Params().With("sig", Sign(key, s.StringToSign(s.Version))).Encode()
}
