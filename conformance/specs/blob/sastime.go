package blob

import (
	"context"
	"time"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/suite"
)

// sasTimeSpecs are about when a signature is good, and about what is said of a wrong one.
func sasTimeSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-SAS-022/forms", Title: "takes times as dates, and with hours, minutes, seconds and decimals", Run: timeForms},
		{ID: "BLOB-SAS-028/ended", Title: "refuses a signature that does not end after it starts", Covers: []string{"BLOB-SAS-029"}, Run: ended},
		{
			ID: "BLOB-AUTH-024/not-yet-and-not-so", Title: "refuses a signature before its time, and a wrong one",
			Covers: []string{"BLOB-SAS-030", "BLOB-SAS-046"}, Run: failsAuthentication,
		},
	}
}

func timeForms(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	later := t.Now().Add(48 * hour)
	for _, layout := range []string{
		"2006-01-02", "2006-01-02T15:04Z", "2006-01-02T15:04:05Z", "2006-01-02T15:04:05.0Z", "2006-01-02T15:04:05.0000000Z",
		"2006-01-02T15:04", "2006-01-02T15:04:05",
	} {
		at := later.UTC().Format(layout)
		s.opens(ctx, "BLOB-SAS-022", s.service(func(v *sign.SAS) { v.Expiry = at }), "se="+at)
	}
	at := later.In(time.FixedZone("", 2*60*60)).Format("2006-01-02T15:04:05-07:00")
	s.opens(ctx, "BLOB-SAS-022", s.service(func(v *sign.SAS) { v.Expiry = at }), "se="+at)
	// An offset counts: one hour from now as it reads is one hour ago where clocks are two hours ahead.
	past := t.Now().Add(hour).UTC().Format("2006-01-02T15:04:05") + "+02:00"
	s.closed(ctx, "BLOB-SAS-022", s.service(func(v *sign.SAS) { v.Expiry = past }), "se="+past)
}

func ended(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	s.works(ctx, s.service(unchanged), "before its end")
	s.works(ctx, s.service(func(v *sign.SAS) { v.Start = s.until(-hour) }), "between start and end")
	detail := "Signed expiry time \\[" + rfc1123 + "\\] must be after signed start time \\[" + rfc1123 + "\\]"
	a := s.closed(ctx, "BLOB-SAS-028", s.service(func(v *sign.SAS) { v.Expiry = s.until(-hour) }), "ended, without st")
	detailed(t, "BLOB-SAS-029", a, like(detail), "ended, without st")
	a = s.closed(ctx, "BLOB-SAS-028", s.service(func(v *sign.SAS) { v.Start, v.Expiry = s.until(2*hour), s.until(hour) }), "st after se")
	detailed(t, "BLOB-SAS-029", a, like(detail), "st after se")
	a = s.closed(ctx, "BLOB-SAS-028", s.all(func(v *sign.AccountSAS) { v.Expiry = s.until(-hour) }), "an account SAS that ended")
	detailed(t, "BLOB-SAS-029", a, like(detail), "an account SAS that ended")
}

func failsAuthentication(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	s.works(ctx, s.service(func(v *sign.SAS) { v.Start = s.until(-hour) }), "within its time")
	detail := `Signature not valid in the specified time frame: Start \[` + rfc1123 + `\] - Expiry \[` + rfc1123 + `\] - Current \[` + rfc1123 + `\]`
	for about, query := range map[string]string{
		"not yet":              s.service(func(v *sign.SAS) { v.Start, v.Expiry = s.until(hour), s.until(2*hour) }),
		"no longer":            s.service(func(v *sign.SAS) { v.Start, v.Expiry = s.until(-2*hour), s.until(-hour) }),
		"an account SAS later": s.all(func(v *sign.AccountSAS) { v.Start, v.Expiry = s.until(hour), s.until(2*hour) }),
	} {
		a := s.failed(ctx, "BLOB-AUTH-024", query, about)
		detailed(t, "BLOB-AUTH-024", a, gomega.Not(gomega.BeEmpty()), about)
		detailed(t, "BLOB-SAS-030", a, like(detail), about)
	}
	v := s.toRead()
	text := v.StringToSign(v.Version)
	a := s.failed(ctx, "BLOB-AUTH-024", v.Params().With("sig", sign.Sign([]byte("another key"), text)).Encode(), "another key")
	detailed(t, "BLOB-AUTH-024", a, gomega.Not(gomega.BeEmpty()), "another key")
	detailed(t, "BLOB-SAS-046", a, "Signature did not match. String to sign used was "+text, "another key")
}
