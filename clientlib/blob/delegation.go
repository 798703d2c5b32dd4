package blob

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/linarite/linarite/clientlib/wire/sign"
)

// DelegationKey is a key that signs in the name of the identity that asked for it, and allows no more than its roles.
type DelegationKey struct {
	// Start and Expiry are when it can be used.
	Start, Expiry time.Time
	// ObjectID and TenantID are of the identity.
	ObjectID, TenantID string

	signed sign.DelegationKey
}

// String tells about a key without showing it.
func (k DelegationKey) String() string {
	return fmt.Sprintf("delegation key of %s until %s", k.ObjectID, sasTime(k.Expiry))
}

// GoString is String.
func (k DelegationKey) GoString() string { return k.String() }

// LogValue is String.
func (k DelegationKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// longestDelegation is the service's limit.
const longestDelegation = 7 * 24 * time.Hour

// DelegationKey asks for a key that signs SAS in the name of the client's identity ("Get User Delegation Key"), which
// needs the action generateUserDelegationKey on the account. The client is one of a credential. A Start that is zero is
// now; the key lasts for 7 days at most.
func (c *Client) DelegationKey(ctx context.Context, start, expiry time.Time) (*DelegationKey, error) {
	if start.IsZero() {
		start = c.pipeline.Options().Clock.Now()
	}
	if !start.Before(expiry) || expiry.Sub(start) > longestDelegation {
		return nil, fmt.Errorf("blob: a delegation key from %s to %s: it ends after it begins, and lasts for 7 days at most", sasTime(start), sasTime(expiry))
	}
	req, err := c.request(ctx, http.MethodPost, "", "", query{{"restype", "service"}, {"comp", "userdelegationkey"}})
	if err != nil {
		return nil, err
	}
	body := &content{data: []byte(`<?xml version="1.0" encoding="utf-8"?><KeyInfo><Start>` + sasTime(start) + `</Start><Expiry>` + sasTime(expiry) + `</Expiry></KeyInfo>`)}
	req.Header["Content-Type"] = []string{"application/xml"}
	withBody(req, int64(len(body.data)), body.open)
	_, answer, err := c.pipeline.Read(req)
	if err != nil {
		return nil, err
	}
	k, err := parseDelegationKey(answer)
	if err != nil {
		return nil, fmt.Errorf("blob: the delegation key that came, which is not shown: %w", err)
	}
	return k, nil
}

func parseDelegationKey(answer []byte) (*DelegationKey, error) {
	k := &DelegationKey{}
	fields := map[string]*string{
		"SignedOid": &k.signed.ObjectID, "SignedTid": &k.signed.TenantID, "SignedStart": &k.signed.Start, "SignedExpiry": &k.signed.Expiry,
		"SignedService": &k.signed.Service, "SignedVersion": &k.signed.Version, "SignedDelegatedUserTid": &k.signed.DelegatedTenant, "Value": &k.signed.Value,
	}
	s := scanner{rest: answer}
	for s.next() {
		if s.closing && len(s.path) == 2 {
			if to := fields[s.name()]; to != nil {
				*to = s.text()
			}
		}
	}
	if err := s.failed("UserDelegationKey"); err != nil {
		return nil, err
	}
	var err1, err2 error
	k.ObjectID, k.TenantID = k.signed.ObjectID, k.signed.TenantID
	k.Start, err1 = time.Parse(time.RFC3339, k.signed.Start)
	k.Expiry, err2 = time.Parse(time.RFC3339, k.signed.Expiry)
	_, err3 := sign.DecodeKey(k.signed.Value)
	if k.ObjectID == "" || k.TenantID == "" || k.signed.Service == "" || k.signed.Version == "" {
		return nil, errors.New("it does not say whose it is, and what for")
	}
	return k, errors.Join(err1, err2, err3)
}
