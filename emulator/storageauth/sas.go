package storageauth

import (
	"net/netip"
	"strconv"
	"strings"
)

// SASKind is who signs a shared access signature, and for what.
type SASKind int

// The kinds.
const (
	// KindService: an account's key signs, for a container or what is in it.
	KindService SASKind = iota
	// KindAccount: an account's key signs, for services and types of resource.
	KindAccount
	// KindUserDelegation: a key that a user got from the service signs, for a container or
	// what is in it.
	KindUserDelegation
)

// SAS is a shared access signature: its parameters as text, as they are signed. A
// parameter that the kind does not sign at its version is left empty by ParseSAS, as
// anyone may change it.
type SAS struct {
	Kind SASKind
	// Version is sv; empty in service SAS of before 2012-02-12.
	Version string
	// Permissions, Start and Expiry are sp, st and se.
	Permissions, Start, Expiry string
	// Resource is sr: b, bs, bv, c or d; DirectoryDepth is sdd.
	Resource, DirectoryDepth string
	// Identifier is si, the name of a stored access policy.
	Identifier string
	// Services and ResourceTypes are ss and srt of an account SAS.
	Services, ResourceTypes string
	// IP, Protocol and EncryptionScope are sip, spr and ses.
	IP, Protocol, EncryptionScope string
	// Snapshot and VersionID are snapshot and versionid of the request.
	Snapshot, VersionID string
	// The headers of answers to reads: rscc, rscd, rsce, rscl, rsct.
	CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType string
	// Key says which delegation key signs.
	Key DelegationKey
	// AuthorizedObjectID, UnauthorizedObjectID and CorrelationID are saoid, suoid, scid.
	AuthorizedObjectID, UnauthorizedObjectID, CorrelationID string
	// DelegatedObjectID is sduoid: the user whose token must come along.
	DelegatedObjectID string
	// RequestHeaders and RequestQuery are srh and srq, names separated by commas.
	RequestHeaders, RequestQuery string
	// Signature is sig, in base64.
	Signature string

	policy *Policy
}

// DelegationKey names a user delegation key: all of it but its value.
type DelegationKey struct {
	// ObjectID and TenantID are skoid and sktid, who asked for the key.
	ObjectID, TenantID string
	// Start and Expiry are skt and ske, Service and Version sks and skv.
	Start, Expiry, Service, Version string
	// DelegatedTenantID is skdutid.
	DelegatedTenantID string
}

// parameters are all names of parameters, in the order that Encode writes them.
var parameters = []string{
	"sv", "ss", "srt", "sr", "sdd", "si", "st", "se", "sip", "spr", "ses", "sp", "skoid", "sktid", "skt", "ske", "sks", "skv",
	"saoid", "suoid", "scid", "skdutid", "sduoid", "srh", "srq", "rscc", "rscd", "rsce", "rscl", "rsct", "snapshot", "versionid", "sig",
}

// parameter is where the parameter of that name is kept; nil for a name that is none.
func (s *SAS) parameter(name string) *string {
	switch name {
	case "sv":
		return &s.Version
	case "sp":
		return &s.Permissions
	case "st":
		return &s.Start
	case "se":
		return &s.Expiry
	case "sr":
		return &s.Resource
	case "sdd":
		return &s.DirectoryDepth
	case "si":
		return &s.Identifier
	case "ss":
		return &s.Services
	case "srt":
		return &s.ResourceTypes
	case "sip":
		return &s.IP
	case "spr":
		return &s.Protocol
	case "ses":
		return &s.EncryptionScope
	case "snapshot":
		return &s.Snapshot
	case "versionid":
		return &s.VersionID
	case "rscc":
		return &s.CacheControl
	case "rscd":
		return &s.ContentDisposition
	case "rsce":
		return &s.ContentEncoding
	case "rscl":
		return &s.ContentLanguage
	case "rsct":
		return &s.ContentType
	case "sig":
		return &s.Signature
	default:
		return s.delegationParameter(name)
	}
}

func (s *SAS) delegationParameter(name string) *string {
	switch name {
	case "skoid":
		return &s.Key.ObjectID
	case "sktid":
		return &s.Key.TenantID
	case "skt":
		return &s.Key.Start
	case "ske":
		return &s.Key.Expiry
	case "sks":
		return &s.Key.Service
	case "skv":
		return &s.Key.Version
	case "skdutid":
		return &s.Key.DelegatedTenantID
	case "saoid":
		return &s.AuthorizedObjectID
	case "suoid":
		return &s.UnauthorizedObjectID
	case "scid":
		return &s.CorrelationID
	case "sduoid":
		return &s.DelegatedObjectID
	case "srh":
		return &s.RequestHeaders
	case "srq":
		return &s.RequestQuery
	default:
		return nil
	}
}

// HasSAS tells whether a query carries a shared access signature.
func HasSAS(q Query) bool {
	_, n := q.Get("sig")
	return n > 0
}

// ParseSAS reads the shared access signature of a query and checks the form of each
// parameter (BLOB-SAS-001). What it cannot know from the query alone is left to the other
// functions.
func ParseSAS(q Query) (*SAS, *Failure) {
	s := &SAS{Kind: kindOf(q)}
	s.Version, _ = q.Get("sv")
	if f := s.checkVersion(); f != nil {
		return nil, f
	}
	l := s.layout()
	for _, p := range q {
		into := s.parameter(p.Name)
		if into == nil || !l.reads(p.Name) {
			continue
		}
		if _, n := q.Get(p.Name); n > 1 {
			return nil, s.malformed(p.Name, p.Value) // BLOB-SAS-025
		}
		*into = p.Value
	}
	if s.Kind == KindUserDelegation {
		if si, n := q.Get("si"); n > 0 {
			return nil, s.malformed("si", si) // BLOB-SAS-044
		}
	}
	if f := s.checkPresence(); f != nil {
		return nil, f
	}
	if f := s.checkForm(); f != nil {
		return nil, f
	}
	return s, nil
}

// kindOf tells the kinds apart by the parameters that only one of them has.
func kindOf(q Query) SASKind {
	has := func(name string) bool { _, n := q.Get(name); return n > 0 }
	switch {
	case has("skoid"):
		return KindUserDelegation
	case has("ss") || has("srt"):
		return KindAccount
	default:
		return KindService
	}
}

func (s *SAS) missing(name string) *Failure {
	return &Failure{Kind: FieldMissing, Field: name, Version: s.Version}
}

func (s *SAS) malformed(name, value string) *Failure {
	return &Failure{Kind: FieldMalformed, Field: name, Value: value, Version: s.Version}
}

func (s *SAS) checkVersion() *Failure {
	switch {
	case s.Version == "" && s.Kind == KindService:
		return nil
	case s.Version == "":
		return s.missing("sv")
	case !isVersion(s.Version) || s.layout().fields == nil || s.Version < "2012-02-12":
		return s.malformed("sv", s.Version)
	}
	return nil
}

// checkPresence says which mandatory parameter is absent (BLOB-SAS-020). A stored access
// policy may have sp and se instead.
func (s *SAS) checkPresence() *Failure {
	var mandatory []string
	switch {
	case s.Kind == KindAccount:
		mandatory = []string{"ss", "srt", "sp", "se", "sig"}
	case s.Kind == KindUserDelegation:
		mandatory = []string{"sr", "sp", "se", "skoid", "sktid", "skt", "ske", "sks", "skv", "sig"}
	case s.Identifier != "":
		mandatory = []string{"sr", "sig"}
	default:
		mandatory = []string{"sr", "sp", "se", "sig"}
	}
	for _, name := range mandatory {
		if *s.parameter(name) == "" {
			return s.missing(name)
		}
	}
	return nil
}

// checkForm says which parameter does not have its form (BLOB-SAS-021).
func (s *SAS) checkForm() *Failure {
	for _, name := range []string{"sp", "st", "se", "sr", "sdd", "si", "ss", "srt", "sip", "spr", "skt", "ske", "sks", "skv", "sig"} {
		value := *s.parameter(name)
		if value != "" && !s.wellFormed(name, value) {
			return s.malformed(name, value)
		}
	}
	if s.Resource == "d" && s.DirectoryDepth == "" {
		return s.missing("sdd")
	}
	return nil
}

func (s *SAS) wellFormed(name, value string) bool {
	switch name {
	case "sp":
		return s.knowsLetters(value)
	case "st", "se", "skt", "ske":
		_, ok := ParseTime(value)
		return ok
	case "sr":
		return s.knowsResource(value)
	case "sdd":
		_, err := strconv.ParseUint(value, 10, 8)
		return err == nil
	case "si":
		return len(value) <= 64
	case "ss":
		return isSet(value, "bqtf")
	case "srt":
		return isSet(value, "sco")
	case "sip":
		_, _, ok := parseIPRange(value)
		return ok
	case "spr":
		return value == "https" || value == "https,http"
	case "sks":
		return value == "b"
	case "skv":
		return isVersion(value)
	case "sig":
		return isSignature(value)
	default:
		return true
	}
}

// knowsResource tells whether sr has one of its values at the version (BLOB-SAS-019).
func (s *SAS) knowsResource(value string) bool {
	switch value {
	case "b", "c":
		return true
	case "bs", "bv":
		return s.Version >= "2018-11-09"
	case "d":
		return s.Version >= "2020-02-10"
	default:
		return false
	}
}

// isSet tells whether value has letters of the alphabet, each at most once.
func isSet(value, alphabet string) bool {
	for i := range len(value) {
		if strings.IndexByte(alphabet, value[i]) < 0 || strings.IndexByte(value[:i], value[i]) >= 0 {
			return false
		}
	}
	return true
}

// parseIPRange reads an IPv4 address or two of them, the lower first, with "-" between.
func parseIPRange(value string) (from, to netip.Addr, ok bool) {
	low, high, isRange := strings.Cut(value, "-")
	if !isRange {
		high = low
	}
	from, err := netip.ParseAddr(low)
	if err != nil || !from.Is4() {
		return from, to, false
	}
	to, err = netip.ParseAddr(high)
	return from, to, err == nil && to.Is4() && !to.Less(from)
}
