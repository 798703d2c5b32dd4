package storageauth

import "strings"

// version2015 is the sv of the tokens that Azure Resource Manager makes, whatever version
// of its API is asked (BLOB-SAS-048).
const version2015 = "2015-04-05"

// ServiceSAS is what the operation ListServiceSas of Microsoft.Storage makes a token of.
// Texts go into the token as they are; times that are to be cut were cut before.
type ServiceSAS struct {
	// CanonicalizedResource is signed as the caller gave it, so a wrong account name makes
	// a token that never works: "/blob/{account}/{container}[/{blob}]".
	CanonicalizedResource string
	// Resource to Protocol are sr, sp, st, se, si, sip and spr.
	Resource, Permissions, Start, Expiry, Identifier, IP, Protocol string
	// CacheControl to ContentType are rscc, rscd, rsce, rscl and rsct.
	CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType string
}

// Encode2015 is the token, signed by the decoded key: sv, sr, spr, st, se, sp, sig in this
// order (BLOB-SAS-050). Where si, sip and the overrides stand nobody has seen.
func (s ServiceSAS) Encode2015(key []byte) string {
	toSign := strings.Join([]string{
		s.Permissions, s.Start, s.Expiry, s.CanonicalizedResource, s.Identifier, s.IP, s.Protocol, version2015,
		s.CacheControl, s.ContentDisposition, s.ContentEncoding, s.ContentLanguage, s.ContentType,
	}, "\n")
	return encode2015([]Param{
		{"sv", version2015}, {"sr", s.Resource}, {"si", s.Identifier}, {"sip", s.IP}, {"spr", s.Protocol},
		{"st", s.Start}, {"se", s.Expiry}, {"sp", s.Permissions},
		{"rscc", s.CacheControl}, {"rscd", s.ContentDisposition}, {"rsce", s.ContentEncoding},
		{"rscl", s.ContentLanguage}, {"rsct", s.ContentType}, {"sig", Sign(key, toSign)},
	})
}

// AccountSAS is what the operation ListAccountSas of Microsoft.Storage makes a token of.
// Texts go into the token as they are.
type AccountSAS struct {
	Account string
	// Services to Protocol are ss, srt, sp, st, se, sip and spr.
	Services, ResourceTypes, Permissions, Start, Expiry, IP, Protocol string
}

// Encode2015 is the token, signed by the decoded key: sv, ss, srt, sp, st, se, sip, spr,
// sig in this order (BLOB-SAS-049); where sip stands nobody has seen.
func (s AccountSAS) Encode2015(key []byte) string {
	toSign := strings.Join([]string{
		s.Account, s.Permissions, s.Services, s.ResourceTypes, s.Start, s.Expiry, s.IP, s.Protocol, version2015, "",
	}, "\n")
	return encode2015([]Param{
		{"sv", version2015}, {"ss", s.Services}, {"srt", s.ResourceTypes}, {"sp", s.Permissions},
		{"st", s.Start}, {"se", s.Expiry}, {"sip", s.IP}, {"spr", s.Protocol}, {"sig", Sign(key, toSign)},
	})
}

func encode2015(params []Param) string {
	var b strings.Builder
	for _, p := range params {
		if p.Value == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.Name)
		b.WriteByte('=')
		escape2015(&b, p.Value)
	}
	return b.String()
}

// escape2015 encodes ":", "+", "/" and "=" and leaves "," alone, as the recorded tokens do
// (BLOB-SAS-051), and encodes whatever else would end or break the value.
func escape2015(b *strings.Builder, value string) {
	const hex = "0123456789ABCDEF"
	for i := range len(value) {
		c := value[i]
		plain := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~,", c) >= 0
		if plain {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
}
