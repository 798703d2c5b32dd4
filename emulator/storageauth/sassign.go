package storageauth

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Target is what a request with a shared access signature asks for.
type Target struct {
	// Account is without "-secondary". Container and Blob are decoded, and empty for an
	// operation of the account or of the container; a blob of the root container has the
	// container "$root".
	Account, Container, Blob string
	// Header and Query are the request's: a signature may cover some of them. The names
	// of headers may be of any case.
	Header map[string][]string
	Query  Query
}

// A layout is the list of what a kind of signature signs from a version on: names of
// parameters, and account, resource (the canonicalized one), object (the snapshot or
// version), headers, query.
type layout struct {
	kind   SASKind
	since  string
	fields []string
}

// layouts are sorted by version within a kind. BLOB-SAS-002 to BLOB-SAS-016.
var layouts = []layout{
	{KindService, "", []string{"sp", "st", "se", "resource", "si"}},
	{KindService, "2012-02-12", []string{"sp", "st", "se", "resource", "si", "sv"}},
	{KindService, "2013-08-15", []string{"sp", "st", "se", "resource", "si", "sv", "rscc", "rscd", "rsce", "rscl", "rsct"}},
	{KindService, "2015-04-05", []string{"sp", "st", "se", "resource", "si", "sip", "spr", "sv", "rscc", "rscd", "rsce", "rscl", "rsct"}},
	{KindService, "2018-11-09", []string{"sp", "st", "se", "resource", "si", "sip", "spr", "sv", "sr", "object", "rscc", "rscd", "rsce", "rscl", "rsct"}},
	{KindService, "2020-12-06", []string{"sp", "st", "se", "resource", "si", "sip", "spr", "sv", "sr", "object", "ses", "rscc", "rscd", "rsce", "rscl", "rsct"}},

	{KindAccount, "2015-04-05", []string{"account", "sp", "ss", "srt", "st", "se", "sip", "spr", "sv"}},
	{KindAccount, "2020-12-06", []string{"account", "sp", "ss", "srt", "st", "se", "sip", "spr", "sv", "ses"}},

	{KindUserDelegation, "2018-11-09", []string{"sp", "st", "se", "resource", "skoid", "sktid", "skt", "ske", "sks", "skv",
		"sip", "spr", "sv", "sr", "object", "rscc", "rscd", "rsce", "rscl", "rsct"}},
	{KindUserDelegation, "2020-02-10", []string{"sp", "st", "se", "resource", "skoid", "sktid", "skt", "ske", "sks", "skv", "saoid", "suoid", "scid",
		"sip", "spr", "sv", "sr", "object", "rscc", "rscd", "rsce", "rscl", "rsct"}},
	{KindUserDelegation, "2020-12-06", []string{"sp", "st", "se", "resource", "skoid", "sktid", "skt", "ske", "sks", "skv", "saoid", "suoid", "scid",
		"sip", "spr", "sv", "sr", "object", "ses", "rscc", "rscd", "rsce", "rscl", "rsct"}},
	{KindUserDelegation, "2025-07-05", []string{"sp", "st", "se", "resource", "skoid", "sktid", "skt", "ske", "sks", "skv", "saoid", "suoid", "scid", "skdutid", "sduoid",
		"sip", "spr", "sv", "sr", "object", "ses", "rscc", "rscd", "rsce", "rscl", "rsct"}},
	{KindUserDelegation, "2026-04-06", []string{"sp", "st", "se", "resource", "skoid", "sktid", "skt", "ske", "sks", "skv", "saoid", "suoid", "scid", "skdutid", "sduoid",
		"sip", "spr", "sv", "sr", "object", "ses", "headers", "query", "rscc", "rscd", "rsce", "rscl", "rsct"}},
}

// layout is the one of the kind and version; without fields where the kind does not go
// back so far.
func (s *SAS) layout() layout {
	for _, l := range slices.Backward(layouts) {
		if l.kind == s.Kind && l.since <= s.Version {
			return l
		}
	}
	return layout{}
}

// reads tells whether a signature of this layout takes notice of a parameter: those that
// it signs, those that say what is signed, and the signature.
func (l layout) reads(name string) bool {
	switch name {
	case "sig":
		return true
	case "sr", "sdd", "snapshot", "versionid":
		return l.kind != KindAccount
	case "srh":
		name = "headers"
	case "srq":
		name = "query"
	}
	return slices.Contains(l.fields, name)
}

// StringToSign is what is signed for a target: the text of the parameters as sent, in the
// layout of the kind and version (BLOB-SAS-002 to BLOB-SAS-016). It is empty for a kind
// that does not go back to the version.
func (s *SAS) StringToSign(t Target) string {
	fields := s.layout().fields
	if fields == nil {
		return ""
	}
	var b strings.Builder
	b.Grow(256)
	for i, name := range fields {
		if i > 0 {
			b.WriteByte('\n')
		}
		switch name {
		case "account":
			b.WriteString(t.Account)
		case "resource":
			s.resource(&b, t)
		case "object":
			b.WriteString(s.object())
		case "headers":
			s.headers(&b, t)
		case "query":
			s.query(&b, t)
		default:
			b.WriteString(*s.parameter(name))
		}
	}
	if s.Kind == KindAccount {
		b.WriteByte('\n')
	}
	return b.String()
}

// resource appends the canonicalized resource (BLOB-SAS-017, BLOB-SAS-018).
func (s *SAS) resource(b *strings.Builder, t Target) {
	if s.Version >= "2015-02-21" {
		b.WriteString("/blob")
	}
	b.WriteByte('/')
	b.WriteString(t.Account)
	b.WriteByte('/')
	b.WriteString(t.Container)
	switch s.Resource {
	case "b", "bs", "bv":
		b.WriteByte('/')
		b.WriteString(t.Blob)
	case "d":
		if directory := s.directory(t.Blob); directory != "" {
			b.WriteByte('/')
			b.WriteString(directory)
		}
	}
}

// directory is the leading segments of a name, as many as sdd says.
func (s *SAS) directory(name string) string {
	depth, _ := strconv.Atoi(s.DirectoryDepth)
	end := 0
	for range depth {
		next := strings.IndexByte(name[end:], '/')
		if next < 0 {
			return name
		}
		end += next + 1
	}
	return strings.TrimSuffix(name[:end], "/")
}

// object is the snapshot or version that the signature is for.
func (s *SAS) object() string {
	switch s.Resource {
	case "bs":
		return s.Snapshot
	case "bv":
		return s.VersionID
	default:
		return ""
	}
}

// headers appends "name:value\n" for each name of srh, in its order.
func (s *SAS) headers(b *strings.Builder, t Target) {
	if s.RequestHeaders == "" {
		return
	}
	for name := range strings.SplitSeq(s.RequestHeaders, ",") {
		b.WriteString(name)
		b.WriteByte(':')
		for key, values := range t.Header {
			if strings.EqualFold(key, name) && len(values) > 0 {
				b.WriteString(values[0])
				break
			}
		}
		b.WriteByte('\n')
	}
}

// query appends "\nname:value" for each name of srq, in its order.
func (s *SAS) query(b *strings.Builder, t Target) {
	if s.RequestQuery == "" {
		return
	}
	for name := range strings.SplitSeq(s.RequestQuery, ",") {
		value, _ := t.Query.Get(strings.ToLower(name))
		b.WriteByte('\n')
		b.WriteString(name)
		b.WriteByte(':')
		b.WriteString(value)
	}
}

// Verify finds the key that signed for the target: its index in keys, which are the
// account's or, for user delegation, the delegation key's value, decoded.
func (s *SAS) Verify(t Target, keys ...[]byte) (int, *Failure) {
	stringToSign := s.StringToSign(t)
	if stringToSign != "" {
		if key := signedBy(s.Signature, stringToSign, keys); key >= 0 {
			return key, nil
		}
	}
	return -1, &Failure{Kind: SASMismatch, Value: s.Signature, Version: s.Version, StringToSign: stringToSign}
}

// Signed is the signature with sig made by the key, which is decoded, for the target.
func (s SAS) Signed(t Target, key []byte) *SAS {
	s.Signature = Sign(key, s.StringToSign(t))
	return &s
}

// Encode is the signature as a query, without "?".
func (s *SAS) Encode() string {
	var b strings.Builder
	for _, name := range parameters {
		value := *s.parameter(name)
		if value == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(name)
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(value))
	}
	return b.String()
}
