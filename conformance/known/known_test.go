package known

import (
	"io/fs"
	"strings"
	"testing"
	"time"
)

const one = `[{"id":"a-1","rule":"R-1","want":"fail","got":"409","why":"w","ref":"r","checked":"2026-11-28"}]`

func TestEmbeddedListsParse(t *testing.T) {
	names, err := fs.Glob(files, "*.json")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if _, err := For(strings.TrimSuffix(name, ".json")); err != nil {
			t.Error(err)
		}
	}
	if list, err := For("no-such-target"); err != nil || list != nil {
		t.Error(list, err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, row := range []struct{ old, by, want string }{
		{`"id":"a-1"`, `"id":""`, "empty or there twice"},
		{`"rule":"R-1"`, `"rule":"R-*"`, "not one rule"},
		{`"want":"fail"`, `"want":"pass"`, "want is fail"},
		{`"why":"w"`, `"why":""`, "want is fail"},
		{`"2026-11-28"`, `"soon"`, "no day"},
		{`"why":"w"`, `"because":"w"`, "unknown field"},
		{`}]`, `}] x`, "text after"},
		{`}]`, `},{"id":"a-1","rule":"R-2"}]`, "there twice"},
	} {
		if _, err := Parse([]byte(strings.Replace(one, row.old, row.by, 1))); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %q", row.by, err, row.want)
		}
	}
}

func TestJudge(t *testing.T) {
	list, err := Parse([]byte(one))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		rule           string
		failed, passed bool
		got, id        string
		stale          bool
	}{
		{"R-1", true, false, "the status: 409", "a-1", false},
		{"R-1", true, false, "the status: 500", "", false}, // it fails, and another way
		{"R-1", false, true, "", "a-1", true},
		{"R-1", false, false, "", "", false},
		{"R-2", true, false, "409", "", false},
	} {
		if id, stale := list.Judge(row.rule, "", row.failed, row.passed, row.got); id != row.id || stale != row.stale {
			t.Errorf("%+v: %q, %v", row, id, stale)
		}
	}
	day := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	if len(list.Old(day.AddDate(0, 0, 180))) != 0 || len(list.Old(day.AddDate(0, 0, 181))) != 1 {
		t.Error("180 days are not 180 days")
	}
}
