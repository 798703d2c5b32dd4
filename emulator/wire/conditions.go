package wire

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/sabotage"
)

// Conditions are the conditional headers of a request to Storage. The zero Conditions
// are always met.
//
// Source: "Specifying conditional headers for Blob service operations"; where it departs
// from RFC 9110, as it does for pairs of conditions, Storage is right.
type Conditions struct {
	// Match and NoneMatch are entity tags without quotes, or "*".
	Match, NoneMatch []string
	// ModifiedSince and UnmodifiedSince are zero where they were not sent.
	ModifiedSince, UnmodifiedSince time.Time
}

// ParseConditions reads the conditional headers.
func ParseConditions(h http.Header) (c Conditions, err error) {
	c.Match, c.NoneMatch = tags(h["If-Match"]), tags(h["If-None-Match"])
	if c.ModifiedSince, err = conditionDate(h, "If-Modified-Since"); err != nil {
		return c, err
	}
	c.UnmodifiedSince, err = conditionDate(h, "If-Unmodified-Since")
	return c, err
}

// tags splits a list of entity tags and takes the quotes off (BLOB-COND-009).
func tags(values []string) (out []string) {
	for _, value := range values {
		for tag := range strings.SplitSeq(value, ",") {
			if tag = strings.Trim(strings.TrimSpace(tag), `"`); tag != "" {
				out = append(out, tag)
			}
		}
	}
	return out
}

// conditionDate reads a date of a conditional header (BLOB-COND-011).
func conditionDate(h http.Header, name string) (time.Time, error) {
	value := h.Get(name)
	if value == "" {
		return time.Time{}, nil
	}
	t, err := http.ParseTime(value)
	if err != nil {
		return t, HeaderValue(name, value)
	}
	return t, nil
}

// HeaderValue refuses a header's value, naming both.
func HeaderValue(name, value string) error {
	return apierr.New(apierr.StorageHeaderValue).WithField("HeaderName", name).WithField("HeaderValue", value)
}

// Entity is what conditions are about: its tag without quotes, and its last modification.
// The zero Entity is not there.
type Entity struct {
	Tag      string
	Modified time.Time
}

func (e Entity) matches(tags []string) bool {
	return e.Tag != "" && (slices.Contains(tags, "*") || slices.Contains(tags, e.Tag))
}

// newer and notNewer compare by whole seconds (BLOB-COND-010).
func (e Entity) newer(since time.Time) bool { return e.Modified.Truncate(time.Second).After(since) }

// Read judges a read (BLOB-COND-001 to BLOB-COND-004).
func (c Conditions) Read(e Entity, version string) error {
	c.sabotage()
	if slices.Contains(c.NoneMatch, "*") && version >= "2016-05-31" {
		return Refuse(apierr.StorageConditionUnsatisfied)
	}
	if c.Match != nil && !e.matches(c.Match) {
		return Refuse(apierr.StorageConditionNotMet)
	}
	if e.Tag == "" {
		return nil // the operation says that it is not there
	}
	if !c.UnmodifiedSince.IsZero() && e.newer(c.UnmodifiedSince) {
		return Refuse(apierr.StorageConditionNotMet)
	}
	noneMatch := c.NoneMatch != nil && !e.matches(c.NoneMatch)
	modified := !c.ModifiedSince.IsZero() && e.newer(c.ModifiedSince)
	if (c.NoneMatch != nil || !c.ModifiedSince.IsZero()) && !noneMatch && !modified {
		return Refuse(apierr.StorageNotModified)
	}
	return nil
}

// Write judges a write. create tells that the operation makes what is not there, so that
// If-None-Match: * is about that (BLOB-PUT-008, BLOB-COND-005 to BLOB-COND-008).
func (c Conditions) Write(e Entity, create bool) error {
	c.sabotage()
	byTag := c.Match != nil || c.NoneMatch != nil
	switch {
	case c.Match != nil && (c.NoneMatch != nil || !c.ModifiedSince.IsZero()),
		c.NoneMatch != nil && !c.UnmodifiedSince.IsZero(),
		!byTag && !c.ModifiedSince.IsZero() && !c.UnmodifiedSince.IsZero(),
		len(c.Match) > 1, len(c.NoneMatch) > 1:
		return Refuse(apierr.StorageConditionsMany)
	case c.Match != nil && !e.matches(c.Match):
		return Refuse(apierr.StorageConditionNotMet)
	case e.Tag == "" || c.Match != nil:
		return nil
	case slices.Contains(c.NoneMatch, "*"):
		if create {
			return Refuse(apierr.StorageBlobExists)
		}
		return nil
	case c.NoneMatch != nil && e.matches(c.NoneMatch):
		return Refuse(apierr.StorageConditionNotMet)
	}
	return c.times(e, byTag)
}

// sabotage forgets a condition, in builds that can.
func (c *Conditions) sabotage() {
	if sabotage.On(sabotage.BlobNoneMatch) {
		c.NoneMatch = nil
	}
	if sabotage.On(sabotage.BlobMatch) {
		c.Match = nil
	}
}

// times judges the dates, which count only where there is no tag.
func (c Conditions) times(e Entity, byTag bool) error {
	if byTag {
		return nil
	}
	if !c.ModifiedSince.IsZero() && !e.newer(c.ModifiedSince) || !c.UnmodifiedSince.IsZero() && e.newer(c.UnmodifiedSince) {
		return Refuse(apierr.StorageConditionNotMet)
	}
	return nil
}
