package storageauth

import (
	"strings"
	"testing"
)

// Each operation is allowed by each of its letters alone, and by no other.
func TestEachLetterCounts(t *testing.T) {
	for operation, need := range needs {
		for letter := range serviceLetters {
			has := strings.IndexByte(need.Letters, letter) >= 0 || need.Letters == ""
			for _, resource := range []string{"b", "c", "d", "bs", "bv"} {
				s := &SAS{Kind: KindService, Version: "2026-12-06", Resource: resource, Permissions: string(letter)}
				container := resource == "c" || resource == "d"
				want := FailureKind("")
				switch {
				case need.Level == LevelNever:
					want = NotForSAS
				case need.Level == LevelContainer && !container:
					want = ResourceLevel
				case need.Level == LevelBase && strings.HasPrefix(resource, "b") && resource != "b":
					want = ResourceLevel
				case !has && need.Overwrite && letter == 'c':
					want = OverwriteMismatch
				case !has:
					want = PermissionMismatch
				}
				if f := s.Allows(need); kind(f) != want || f != nil && f.Version != s.Version {
					t.Errorf("%s, sr=%s, sp=%c: %+v, want %q", operation, resource, letter, f, want)
				}
				s.Kind = KindUserDelegation
				if f := s.Allows(need); kind(f) != want {
					t.Errorf("%s, delegation, sr=%s, sp=%c: %+v, want %q", operation, resource, letter, f, want)
				}
			}
		}
		for letter := range accountLetters {
			has := strings.IndexByte(need.Letters, letter) >= 0 || need.Letters == ""
			for _, types := range []string{"s", "c", "o"} {
				s := &SAS{Kind: KindAccount, Version: "2026-12-06", Services: "b", ResourceTypes: types, Permissions: string(letter)}
				want := FailureKind("")
				switch {
				case need.Types == "":
					want = NotForSAS
				case !strings.Contains(need.Types, types):
					want = ResourceTypeMismatch
				case !has && need.Overwrite && letter == 'c':
					want = OverwriteMismatch
				case !has:
					want = PermissionMismatch
				}
				if f := s.Allows(need); kind(f) != want {
					t.Errorf("%s, srt=%s, sp=%c: %+v, want %q", operation, types, letter, f, want)
				}
				s.Services = "qtf"
				if want != NotForSAS {
					want = ServiceMismatch
				}
				if f := s.Allows(need); kind(f) != want {
					t.Errorf("%s, ss=qtf: %+v, want %q", operation, f, want)
				}
			}
		}
	}
}

// The rows of the documented tables, one by one: the letters of a service SAS and the
// types and letters of an account SAS.
func TestNeeds(t *testing.T) {
	tests := []struct {
		operations             string
		level                  Level
		types, letters, exists string
	}{
		{"ListContainers", LevelNever, "s", "l", ""},
		{"GetServiceProperties GetServiceStats", LevelNever, "s", "r", ""},
		{"SetServiceProperties", LevelNever, "s", "w", ""},
		{"FindBlobsByTags", LevelNever, "s", "f", ""},
		{"GetUserDelegationKey GetContainerACL SetContainerACL", LevelNever, "", "", ""},
		{"GetAccountInformation", LevelBlob, "sco", "", ""},
		{"CreateContainer", LevelNever, "c", "cw", ""},
		{"GetContainer", LevelNever, "c", "r", ""},
		{"SetContainerMetadata LeaseContainer RestoreContainer", LevelNever, "c", "w", ""},
		{"BreakContainerLease", LevelNever, "c", "wd", ""},
		{"DeleteContainer", LevelNever, "c", "d", ""},
		{"ListBlobs", LevelContainer, "c", "l", ""},
		{"FindBlobsInContainer", LevelContainer, "c", "f", ""},
		{"SubmitBatch", LevelContainer, "co", "", ""},
		{"ReadBlob", LevelBlob, "o", "r", ""},
		{"PutBlob CopyBlob PutBlockOfNewBlob SnapshotBlob", LevelBase, "o", "cw", ""},
		{"OverwriteBlob OverwriteByCopy PutBlock WriteBlob LeaseBlob UndeleteBlob SetBlobExpiry", LevelBase, "o", "w", ""},
		{"AppendBlock", LevelBase, "o", "aw", ""},
		{"BreakBlobLease", LevelBase, "o", "wd", ""},
		{"GetBlobTags SetBlobTags", LevelBlob, "o", "t", ""},
		{"DeleteBlob", LevelBlob, "o", "d", ""},
		{"DeleteVersion", LevelBlob, "o", "x", ""},
		{"DeletePermanently", LevelBlob, "o", "y", ""},
		{"SetImmutabilityOrHold", LevelBlob, "o", "i", ""},
	}
	seen := map[Operation]bool{}
	for _, test := range tests {
		for operation := range strings.FieldsSeq(test.operations) {
			seen[Operation(operation)] = true
			need, there := needs[Operation(operation)]
			if !there || need.Level != test.level || need.Types != test.types || need.Letters != test.letters {
				t.Errorf("%s: %+v", operation, need)
			}
		}
	}
	for operation := range needs {
		if !seen[operation] {
			t.Errorf("%s is in no row", operation)
		}
	}
	for _, s := range []*SAS{
		{Kind: KindService, Resource: "c", Permissions: "racwdxltf"},
		{Kind: KindAccount, Services: "bqtf", ResourceTypes: "sco", Permissions: "rwdlacup"},
	} {
		if f := s.Allows(Needs("NoSuchOperation")); kind(f) != NotForSAS {
			t.Errorf("an unknown operation: %v", f)
		}
	}
}

func TestFailureString(t *testing.T) {
	var none *Failure
	for want, f := range map[string]*Failure{
		"none": none, "not-for-sas": {Kind: NotForSAS}, "field-missing se": {Kind: FieldMissing, Field: "se"},
	} {
		if got := f.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
