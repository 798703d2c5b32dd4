package storageauth

import (
	"net/netip"
	"testing"
	"time"
)

func TestWindow(t *testing.T) {
	now := time.Date(2024, 4, 18, 12, 36, 13, 0, time.UTC)
	const early, late = "2024-04-18T12:24:00Z", "2024-04-18T13:00:00Z"
	tests := []struct {
		name, st, se string
		want         FailureKind
		start        time.Time
	}{
		{"no start", "-", late, "", time.Time{}},
		{"started", early, late, "", time.Time{}},
		{"starts now", "2024-04-18T12:36:13Z", late, "", time.Time{}},
		{"not yet", "2024-04-18T12:36:14Z", late, OutsideWindow, now.Add(time.Second)},
		{"over", "2024-04-18T12:00Z", early, OutsideWindow, time.Date(2024, 4, 18, 12, 0, 0, 0, time.UTC)},
		{"over, no start", "-", early, ExpiryNotAfterStart, now},
		{"ends now", "-", "2024-04-18T12:36:13Z", ExpiryNotAfterStart, now},
		{"ends now, started", early, "2024-04-18T12:36:13Z", OutsideWindow, time.Date(2024, 4, 18, 12, 24, 0, 0, time.UTC)},
		{"ends before it starts", late, early, ExpiryNotAfterStart, time.Date(2024, 4, 18, 13, 0, 0, 0, time.UTC)},
		{"no time at all", late, late, ExpiryNotAfterStart, time.Date(2024, 4, 18, 13, 0, 0, 0, time.UTC)},
	}
	for _, test := range tests {
		s := parse(t, set(set(serviceBase, "st", test.st), "se", test.se))
		f := s.InWindow(now)
		if kind(f) != test.want || f != nil && (!f.Start.Equal(test.start) || !f.Now.Equal(now) || f.Expiry.IsZero()) {
			t.Errorf("%s: %+v", test.name, f)
		}
	}
}

func TestKeyWindow(t *testing.T) {
	// The signature may outlive its key (Azure/azure-sdk-for-net issue 47245).
	s := parse(t, set(set(delegateBase, "skt", "2024-01-01"), "ske", "2024-01-02"))
	for at, want := range map[string]FailureKind{
		"2023-12-31T23:59:59Z": OutsideKeyWindow, "2024-01-01": "", "2024-01-01T23:59:59Z": "", "2024-01-02": OutsideKeyWindow,
	} {
		now, _ := ParseTime(at)
		if f := s.InKeyWindow(now); kind(f) != want || f != nil && (f.Start.Day() != 1 || f.Expiry.Day() != 2) {
			t.Errorf("%s: %+v", at, f)
		}
	}
	if f := parse(t, serviceBase).InKeyWindow(time.Time{}); f != nil {
		t.Errorf("a service SAS has no such key: %v", f)
	}
}

func TestPolicy(t *testing.T) {
	const named = "sv=2020-12-06&sr=c&si=policy&sig=AAAA"
	now, _ := ParseTime("2024-01-01T12:00Z")
	whole := Policy{"rl", "2024-01-01", "2024-01-02"}
	tests := []struct {
		name, query string
		policy      *Policy
		want        FailureKind
		field       string
	}{
		{"all in the policy", named, &whole, "", ""},
		{"all in the signature", named + "&sp=rl&st=2024-01-01&se=2024-01-02", &Policy{}, "", ""},
		{"shared out", named + "&sp=rl", &Policy{Expiry: "2024-01-02"}, "", ""},
		{"no such policy", named, nil, PolicyUnknown, ""},
		{"sp twice", named + "&sp=rl", &whole, PolicyConflict, "sp"},
		{"st twice", named + "&st=2024-01-01", &whole, PolicyConflict, "st"},
		{"se twice", named + "&se=2024-01-02", &whole, PolicyConflict, "se"},
		{"no sp", named, &Policy{Expiry: "2024-01-02"}, FieldMissing, "sp"},
		{"no se", named, &Policy{Permissions: "r"}, FieldMissing, "se"},
	}
	for _, test := range tests {
		s := parse(t, test.query)
		with, f := s.WithPolicy(test.policy)
		if kind(f) != test.want || f != nil && f.Field != test.field {
			t.Errorf("%s: %+v", test.name, f)
		}
		if f != nil {
			continue
		}
		target := Target{Account: account, Container: "c"}
		if with.StringToSign(target) != s.StringToSign(target) {
			t.Errorf("%s: the policy is signed", test.name)
		}
		if f := with.InWindow(now); f != nil {
			t.Errorf("%s: %+v", test.name, f)
		}
		if f := with.InWindow(now.AddDate(0, 0, 1)); f == nil {
			t.Errorf("%s: never expires", test.name)
		}
		if f := with.Allows(Needs(ListBlobs)); f != nil {
			t.Errorf("%s: %+v", test.name, f)
		}
		if f := with.Allows(Needs(PutBlob)); kind(f) != PermissionMismatch {
			t.Errorf("%s: writes: %+v", test.name, f)
		}
	}
	// Nobody looked for the policy: nothing is allowed.
	s := parse(t, named)
	if kind(s.InWindow(now)) != FieldMissing || kind(s.Allows(Needs(ListBlobs))) != PermissionMismatch {
		t.Error("a signature with a policy does not need it")
	}
	if same, f := parse(t, serviceBase).WithPolicy(nil); f != nil || same.Permissions != "r" {
		t.Errorf("no si: %v", f)
	}
	// A policy of the world may have been written by other rules than ours.
	with, _ := s.WithPolicy(&Policy{Permissions: "r", Start: "x", Expiry: "2024-01-02"})
	if f := with.InWindow(now); kind(f) != FieldMalformed || f.Field != "st" {
		t.Errorf("start of a policy: %v", f)
	}
	with, _ = s.WithPolicy(&Policy{Permissions: "r", Expiry: "x"})
	if f := with.InWindow(now); kind(f) != FieldMalformed || f.Field != "se" {
		t.Errorf("expiry of a policy: %v", f)
	}
}

func TestWithin(t *testing.T) {
	root, container, blob := Target{Account: account}, Target{Account: account, Container: "c"}, Target{Account: account, Container: "c", Blob: "b"}
	tests := []struct {
		query string
		want  [3]bool
	}{
		{accountBase, [3]bool{true, true, true}},
		{set(serviceBase, "sr", "c"), [3]bool{false, true, true}},
		{serviceBase, [3]bool{false, false, true}},
		{set(serviceBase, "sr", "bs"), [3]bool{false, false, false}},
		{set(serviceBase, "sr", "bv"), [3]bool{false, false, false}},
		{set(set(serviceBase, "sr", "bs"), "snapshot", "2024-01-01T00:00:00.0000000Z"), [3]bool{false, false, true}},
		{set(set(serviceBase, "sr", "bv"), "versionid", "2024-01-01T00:00:00.0000000Z"), [3]bool{false, false, true}},
		{set(set(serviceBase, "sr", "d"), "sdd", "1"), [3]bool{false, false, true}},
		{set(delegateBase, "sr", "c"), [3]bool{false, true, true}},
	}
	for _, test := range tests {
		s := parse(t, test.query)
		for i, target := range []Target{root, container, blob} {
			f := s.Within(target)
			if (f == nil) != test.want[i] || f != nil && (f.Kind != ResourceLevel || f.Value != s.Resource) {
				t.Errorf("%s: %+v: %+v", test.query, target, f)
			}
		}
	}
}

func TestDirectory(t *testing.T) {
	for _, test := range []struct{ depth, name, want string }{
		{"0", "a/b", ""}, {"1", "a/b", "a"}, {"2", "a/b/c", "a/b"}, {"2", "a/b", "a/b"}, {"2", "a/b/", "a/b"}, {"3", "a/b", "a/b"}, {"1", "a", "a"}, {"1", "/a", ""}, {"2", "a//b", "a/"},
	} {
		if got := (&SAS{DirectoryDepth: test.depth}).directory(test.name); got != test.want {
			t.Errorf("%s of %s: %q, want %q", test.depth, test.name, got, test.want)
		}
	}
}

func TestSourceIP(t *testing.T) {
	tests := []struct {
		sip, caller string
		want        bool
	}{
		{"-", "10.0.0.1", true},
		{"-", "::1", true},
		{"10.0.0.1", "10.0.0.1", true},
		{"10.0.0.1", "::ffff:10.0.0.1", true},
		{"10.0.0.1", "10.0.0.2", false},
		{"10.0.0.2-10.0.0.4", "10.0.0.1", false},
		{"10.0.0.2-10.0.0.4", "10.0.0.2", true},
		{"10.0.0.2-10.0.0.4", "10.0.0.4", true},
		{"10.0.0.2-10.0.0.4", "10.0.0.5", false},
		{"0.0.0.0-255.255.255.255", "::1", false},
	}
	for _, test := range tests {
		f := parse(t, set(serviceBase, "sip", test.sip)).AllowsIP(netip.MustParseAddr(test.caller))
		if (f == nil) != test.want || f != nil && (f.Kind != SourceIPMismatch || f.Value != test.caller) {
			t.Errorf("%s from %s: %+v", test.sip, test.caller, f)
		}
	}
	if f := parse(t, set(serviceBase, "sip", "10.0.0.1")).AllowsIP(netip.Addr{}); f == nil {
		t.Error("an unknown caller is within a range")
	}
	// Not signed before 2015-04-05, so of no effect.
	if f := parse(t, set(set(serviceBase, "sip", "10.0.0.1"), "sv", "2014-02-14")).AllowsIP(netip.MustParseAddr("10.0.0.2")); f != nil {
		t.Errorf("%+v", f)
	}
}

func TestProtocol(t *testing.T) {
	for _, test := range []struct {
		spr   string
		plain bool
	}{{"-", true}, {"https,http", true}, {"https", false}} {
		s := parse(t, set(serviceBase, "spr", test.spr))
		if f := s.AllowsProtocol(true); f != nil {
			t.Errorf("%s with TLS: %v", test.spr, f)
		}
		if f := s.AllowsProtocol(false); (f == nil) != test.plain || f != nil && f.Kind != ProtocolMismatch {
			t.Errorf("%s without: %v", test.spr, f)
		}
	}
}
