package storageauth

import "time"

// FailureKind says why a request is not authenticated or not allowed.
type FailureKind string

// Failures of the Authorization header and of what it signs. Value is the offending text.
const (
	// AuthorizationMalformed: the header is not "scheme account:signature".
	AuthorizationMalformed FailureKind = "authorization-malformed"
	// SchemeUnknown: the scheme is not one of this package; Value is the scheme.
	SchemeUnknown FailureKind = "scheme-unknown"
	// AccountMismatch: the header names another account, Value, than the request's.
	AccountMismatch FailureKind = "account-mismatch"
	// HeaderRepeated: the header Field is there more than once and cannot be signed.
	HeaderRepeated FailureKind = "header-repeated"
	// DateMissing: there is neither an x-ms-date nor a Date header.
	DateMissing FailureKind = "date-missing"
	// DateMalformed: the header Field has Value, which is no HTTP date.
	DateMalformed FailureKind = "date-malformed"
	// DateTooOld: Value, of the header Field, lies more than MaxSkew before Now.
	DateTooOld FailureKind = "date-too-old"
	// DateTooNew: Value, of the header Field, lies more than MaxSkew after Now.
	DateTooNew FailureKind = "date-too-new"
	// SignatureMismatch: no key gives the signature Value; StringToSign is what the
	// service signed.
	SignatureMismatch FailureKind = "signature-mismatch"
)

// Failures of a shared access signature as such: the request is not authenticated.
// Version is its sv in each of them.
const (
	// FieldMissing: the parameter Field is mandatory.
	FieldMissing FailureKind = "field-missing"
	// FieldMalformed: the parameter Field has Value, which does not have its form, or is
	// there twice, or is not allowed beside the others.
	FieldMalformed FailureKind = "field-malformed"
	// PolicyUnknown: there is no stored access policy of the name Value.
	PolicyUnknown FailureKind = "policy-unknown"
	// PolicyConflict: the parameter Field is in the policy too.
	PolicyConflict FailureKind = "policy-conflict"
	// ResourceLevel: the sr, Value, does not fit what is asked for.
	ResourceLevel FailureKind = "resource-level"
	// ExpiryNotAfterStart: Expiry is not after Start, which is Now where there is no st.
	ExpiryNotAfterStart FailureKind = "expiry-not-after-start"
	// OutsideWindow: Now is not between Start and Expiry.
	OutsideWindow FailureKind = "outside-window"
	// OutsideKeyWindow: Now is not between the Start and Expiry of the delegation key.
	OutsideKeyWindow FailureKind = "outside-key-window"
	// SASMismatch: no key gives the signature Value; StringToSign is what the service
	// signed.
	SASMismatch FailureKind = "sas-mismatch"
)

// Failures of a good shared access signature that does not allow what is asked for.
// Version is its sv: below 2015-04-05 a missing permission is answered as if there were
// no resource.
const (
	// SourceIPMismatch: the address Value is not within sip.
	SourceIPMismatch FailureKind = "source-ip-mismatch"
	// ProtocolMismatch: spr asks for https.
	ProtocolMismatch FailureKind = "protocol-mismatch"
	// PermissionMismatch: sp, Value, has none of the letters needed.
	PermissionMismatch FailureKind = "permission-mismatch"
	// OverwriteMismatch: sp, Value, may create a blob but not overwrite this one.
	OverwriteMismatch FailureKind = "overwrite-mismatch"
	// ServiceMismatch: ss, Value, lacks the blob service.
	ServiceMismatch FailureKind = "service-mismatch"
	// ResourceTypeMismatch: srt, Value, lacks the type of resource.
	ResourceTypeMismatch FailureKind = "resource-type-mismatch"
	// NotForSAS: no signature of this kind allows the operation.
	NotForSAS FailureKind = "not-for-sas"
)

// Failure is a reason with what a message about it needs; which fields are set stands
// with each kind. Times are in UTC. StringToSign holds no secret, but quotes the request.
type Failure struct {
	Kind         FailureKind
	Field        string
	Value        string
	Version      string
	StringToSign string
	Start        time.Time
	Expiry       time.Time
	Now          time.Time
}

// String is the kind with the field it is about, for logs and tests.
func (f *Failure) String() string {
	if f == nil {
		return "none"
	}
	if f.Field != "" {
		return string(f.Kind) + " " + f.Field
	}
	return string(f.Kind)
}
