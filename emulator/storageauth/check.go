package storageauth

import (
	"cmp"
	"net/netip"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/sabotage"
)

// Policy is a stored access policy: what it leaves out stands in the signature.
type Policy struct {
	// Permissions, Start and Expiry have the text of the policy.
	Permissions, Start, Expiry string
}

// WithPolicy is the signature with what its policy adds (BLOB-SAS-069); nil is a policy that the
// container does not have. What is signed stays as it is. A signature without si is
// returned unchanged.
func (s *SAS) WithPolicy(p *Policy) (*SAS, *Failure) {
	if s.Identifier == "" {
		return s, nil
	}
	if p == nil {
		return nil, &Failure{Kind: PolicyUnknown, Value: s.Identifier, Version: s.Version}
	}
	for _, field := range []struct {
		name, here, there string
		mandatory         bool
	}{
		{"sp", s.Permissions, p.Permissions, true},
		{"st", s.Start, p.Start, false},
		{"se", s.Expiry, p.Expiry, true},
	} {
		switch {
		case field.here != "" && field.there != "":
			return nil, &Failure{Kind: PolicyConflict, Field: field.name, Version: s.Version} // BLOB-SAS-042
		case field.mandatory && field.here == "" && field.there == "":
			return nil, s.missing(field.name)
		}
	}
	with := *s
	if with.policy = p; sabotage.On(sabotage.BlobSASPolicy) {
		with.policy = &Policy{Permissions: "racwdl", Expiry: "9999-01-01T00:00:00Z"}
	}
	return &with, nil
}

func (s *SAS) effective() Policy {
	p := Policy{s.Permissions, s.Start, s.Expiry}
	if s.policy != nil {
		p.Permissions += s.policy.Permissions
		p.Start += s.policy.Start
		p.Expiry += s.policy.Expiry
	}
	return p
}

// Within tells whether sr fits the level of what is asked for: a container, or something
// in it (BLOB-SAS-031). Whether it is the one that was signed for, the signature tells.
func (s *SAS) Within(t Target) *Failure {
	fits := true
	switch {
	case s.Kind == KindAccount:
	case t.Container == "":
		fits = false
	case s.Resource == "bs" || s.Resource == "bv":
		fits = t.Blob != "" && s.object() != "" // never the base blob
	case s.Resource != "c":
		fits = t.Blob != ""
	}
	if fits || sabotage.On(sabotage.BlobSASLevel) {
		return nil
	}
	return &Failure{Kind: ResourceLevel, Field: "sr", Value: s.Resource, Version: s.Version}
}

// InWindow checks the times of the signature, and of its policy, against the world's
// clock. It must end after it starts, and without a start it starts now (BLOB-SAS-028).
func (s *SAS) InWindow(now time.Time) *Failure {
	p := s.effective()
	if p.Expiry == "" {
		return s.missing("se")
	}
	f := Failure{Version: s.Version, Start: now.UTC(), Now: now.UTC()}
	var ok bool
	if f.Expiry, ok = ParseTime(p.Expiry); !ok {
		return s.malformed("se", p.Expiry)
	}
	if p.Start != "" {
		if f.Start, ok = ParseTime(p.Start); !ok {
			return s.malformed("st", p.Start)
		}
	}
	switch {
	case !f.Expiry.After(f.Start):
		f.Kind = ExpiryNotAfterStart
	case now.Before(f.Start) && !sabotage.On(sabotage.BlobSASStart), !now.Before(f.Expiry) && !sabotage.On(sabotage.BlobSASExpiry):
		f.Kind = OutsideWindow
	default:
		return nil
	}
	return &f
}

// InKeyWindow checks the times of the delegation key against the world's clock. The
// signature may say a later expiry: it ends with its key all the same (BLOB-SAS-045).
func (s *SAS) InKeyWindow(now time.Time) *Failure {
	if s.Kind != KindUserDelegation {
		return nil
	}
	f := Failure{Kind: OutsideKeyWindow, Version: s.Version, Now: now.UTC()}
	var ok bool
	if f.Start, ok = ParseTime(s.Key.Start); !ok {
		return s.malformed("skt", s.Key.Start)
	}
	if f.Expiry, ok = ParseTime(s.Key.Expiry); !ok {
		return s.malformed("ske", s.Key.Expiry)
	}
	if now.Before(f.Start) || !now.Before(f.Expiry) {
		return &f
	}
	return nil
}

// AllowsIP checks the caller's address. One that is not known, the zero Addr, is within no
// range.
func (s *SAS) AllowsIP(caller netip.Addr) *Failure {
	if s.IP == "" || sabotage.On(sabotage.BlobSASAddress) {
		return nil
	}
	from, to, ok := parseIPRange(s.IP)
	caller = caller.Unmap()
	if ok && caller.Is4() && !caller.Less(from) && !to.Less(caller) {
		return nil
	}
	return &Failure{Kind: SourceIPMismatch, Field: "sip", Value: caller.String(), Version: s.Version} // BLOB-SAS-032
}

// AllowsProtocol checks whether the request may come without TLS.
func (s *SAS) AllowsProtocol(tls bool) *Failure {
	if tls || s.Protocol == "" || s.Protocol == "https,http" {
		return nil
	}
	return &Failure{Kind: ProtocolMismatch, Field: "spr", Value: s.Protocol, Version: s.Version} // BLOB-SAS-033
}

// Allows checks whether the signature is of the right level and has the letter for an
// operation.
func (s *SAS) Allows(n Need) *Failure {
	refuse := func(kind FailureKind, field, value string) *Failure {
		return &Failure{Kind: kind, Field: field, Value: value, Version: s.Version}
	}
	switch {
	case s.Kind == KindAccount && n.Types == "", s.Kind != KindAccount && n.Level == LevelNever:
		return refuse(NotForSAS, "", "") // BLOB-SAS-037
	case s.Kind == KindAccount && !strings.Contains(s.Services, cmp.Or(n.Service, "b")):
		return refuse(ServiceMismatch, "ss", s.Services) // BLOB-SAS-035
	case s.Kind == KindAccount && !strings.ContainsAny(s.ResourceTypes, n.Types):
		return refuse(ResourceTypeMismatch, "srt", s.ResourceTypes) // BLOB-SAS-036
	case s.Kind != KindAccount && n.Level == LevelContainer && s.Resource != "c" && s.Resource != "d":
		return refuse(ResourceLevel, "sr", s.Resource)
	case n.Level == LevelBase && (s.Resource == "bs" || s.Resource == "bv"):
		return refuse(ResourceLevel, "sr", s.Resource)
	}
	has := s.effective().Permissions
	switch {
	case n.Letters == "" || strings.ContainsAny(has, n.Letters) || sabotage.On(sabotage.BlobSASLetters):
		return nil
	case n.Overwrite && strings.Contains(has, "c"):
		return refuse(OverwriteMismatch, "sp", has) // BLOB-SAS-039
	default:
		return refuse(PermissionMismatch, "sp", has) // BLOB-SAS-034, BLOB-SAS-052
	}
}
