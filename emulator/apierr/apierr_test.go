package apierr

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestEveryRowIsWhole(t *testing.T) {
	for _, kind := range Kinds() {
		r, _ := table(kind)
		if r.status < 400 && kind != StorageNotModified || r.status > 599 {
			t.Errorf("%s: status %d", kind, r.status)
		}
		if r.code == "" && plane(kind) != "appservice" {
			t.Errorf("%s has no code", kind)
		}
		if (r.number == 0) != (plane(kind) != "entra") {
			t.Errorf("%s: AADSTS number %d", kind, r.number)
		}
		if (r.rule == "") != (plane(kind) == "front" || kind == StorageNotEmulated || kind == StorageSibling || kind == StorageNotKept) {
			t.Errorf("%s: rule %q: what Azure says has one, what Linarite says has none", kind, r.rule)
		}
	}
}

// The blanks of a text are filled by whoever refuses: as many as there are.
func TestNew(t *testing.T) {
	e := New(ARMGroupNotFound, "rg1")
	if e.Status != 404 || e.Code != "ResourceGroupNotFound" || e.Message != "Resource group 'rg1' could not be found." || !e.Gateway || e.Rule == "" {
		t.Fatalf("%+v", e)
	}
	if e := New("no.Such"); e.Kind != Internal || e.Status != 500 {
		t.Fatalf("%+v", e)
	}
	if e := New(IMDSIdentityNotFound); e.Gateway || e.Error() != "invalid_request: Identity not found" {
		t.Fatalf("%+v", e)
	}
}

// A row that nobody refuses with is a rule that nobody keeps. Read from the source, as
// the rooms that refuse are to the right of this one.
func TestEveryKindIsUsed(t *testing.T) {
	declared := regexp.MustCompile(`(?m)^\t([A-Z]\w+)\s+Kind = "`)
	var names []string
	var code strings.Builder
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		data, err := os.ReadFile(path)
		if filepath.Base(filepath.Dir(path)) == "apierr" {
			for _, m := range declared.FindAllStringSubmatch(string(data), -1) {
				names = append(names, m[1])
			}
		} else {
			code.Write(data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(names) < 60 {
		t.Fatalf("found only %d kinds", len(names))
	}
	for _, name := range names {
		if !regexp.MustCompile(`apierr\.` + name + `\b`).MatchString(code.String()) {
			t.Errorf("nobody refuses with %s", name)
		}
	}
}

// What has blanks is not found: nobody is there to fill them.
func TestFind(t *testing.T) {
	if e := Find("entra", 401, "invalid_client"); e == nil || e.Kind != EntraCredentialMissing {
		t.Errorf("invalid_client is %+v", e)
	}
	if e := Find("storage", 404, "blobnotfound"); e == nil || e.Kind != StorageBlobNotFound || e.Message != "The specified blob does not exist." {
		t.Errorf("%+v", e)
	}
	for _, row := range []struct {
		plane  string
		status int
		code   string
	}{{"storage", 409, "BlobNotFound"}, {"vault", 404, "BlobNotFound"}, {"arm", 404, "ResourceGroupNotFound"}} {
		if e := Find(row.plane, row.status, row.code); e != nil {
			t.Errorf("%+v: %+v", row, e)
		}
	}
}
